/**
 * The packets of a capture file: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng §4), whole or cut
 * anywhere, in either byte order, with times in µs, ns or what an interface says.
 */

/** A packet as it was captured. */
export interface CapturedPacket {
  /** LINKTYPE_ of the interface: how the packet begins. */
  readonly linkType: number;
  /** When it passed, ms since the epoch. */
  readonly at: number;
  /** What was captured of it: a view, valid until the next call. */
  readonly bytes: Uint8Array;
  /** How many bytes it had. */
  readonly originalBytes: number;
}

/** What a file cannot be. */
export class PcapError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "PcapError";
}

const PCAP_MICROSECONDS = 0xa1b2c3d4, PCAP_NANOSECONDS = 0xa1b23c4d;
const SECTION_HEADER = 0x0a0d0d0a, BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE = 1, SIMPLE_PACKET = 3, ENHANCED_PACKET = 6;
const IF_TIME_RESOLUTION = 9, IF_TIME_OFFSET = 14;

/** Longer than any packet that is captured: what says so is no capture file, or broken. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
/** Interfaces of a section; a file that has more is none. */
const MAX_INTERFACES = 10_000;

interface Interface {
  readonly linkType: number;
  /** How many of its units are a ms. */
  readonly unitsPerMs: number;
  readonly offsetMs: number;
}

/** Cuts a file into packets. It keeps no piece without copying it. */
export class PcapBlocks {
  #rest = new Uint8Array(0);
  #kind: "unknown" | "pcap" | "pcapng" = "unknown";
  #isLittle = true;
  #interfaces: Interface[] = [];

  /** Whether the file ends within a packet. */
  get isCut(): boolean {
    return this.#rest.length > 0;
  }

  /**
   * Reads the next piece.
   *
   * @throws {PcapError} where it cannot go on; its message says what was found.
   */
  *push(piece: Uint8Array): Generator<CapturedPacket> {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    while (true) {
      const length = this.#lengthOf(view, at);
      if (length === undefined || at + length > bytes.length) break;
      const packet = this.#kind === "pcap" ? this.#pcap(view, at) : this.#pcapng(view, at, length);
      if (packet !== undefined) yield packet;
      at += length;
    }
    this.#rest = bytes.slice(at);
  }

  /** Length of the block at `at`; `undefined` where too little of it is here. */
  #lengthOf(view: DataView, at: number): number | undefined {
    const here = view.byteLength - at;
    if (this.#kind === "unknown") {
      if (here < 4) return undefined;
      this.#kind = view.getUint32(at) === SECTION_HEADER ? "pcapng" : "pcap";
    }
    const isFirst = this.#interfaces.length === 0 && this.#kind === "pcap";
    if (isFirst) return here < 24 ? undefined : 24;
    if (here < (this.#kind === "pcap" ? 16 : 12)) return undefined;
    // The byte order of a section stands within its first block.
    if (this.#kind === "pcapng" && view.getUint32(at) === SECTION_HEADER) {
      const magic = view.getUint32(at + 8, true);
      this.#isLittle = magic === BYTE_ORDER_MAGIC;
      if (!this.#isLittle && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) {
        throw new PcapError("a section without byte order");
      }
    }
    const length = this.#kind === "pcap"
      ? 16 + view.getUint32(at + 8, this.#isLittle)
      : view.getUint32(at + 4, this.#isLittle);
    const isWrong = this.#kind === "pcapng" && (length < 12 || length % 4 !== 0);
    if (isWrong || length > MAX_BLOCK_BYTES) throw new PcapError(`a block of ${length} bytes`);
    return length;
  }

  #pcap(view: DataView, at: number): CapturedPacket | undefined {
    const first = this.#interfaces[0];
    if (first === undefined) {
      this.#pcapHead(view, at);
      return undefined;
    }
    const isLittle = this.#isLittle;
    const seconds = view.getUint32(at, isLittle), fraction = view.getUint32(at + 4, isLittle);
    return {
      linkType: first.linkType,
      at: seconds * 1000 + fraction / first.unitsPerMs,
      bytes: bytesOf(view, at + 16, view.getUint32(at + 8, isLittle)),
      originalBytes: view.getUint32(at + 12, isLittle),
    };
  }

  #pcapHead(view: DataView, at: number): void {
    const magics = [PCAP_MICROSECONDS, PCAP_NANOSECONDS];
    this.#isLittle = magics.includes(view.getUint32(at, true));
    const magic = view.getUint32(at, this.#isLittle);
    if (!magics.includes(magic)) throw new PcapError("no magic number of pcap or pcapng");
    // The upper bits tell of frame check sequences.
    const linkType = view.getUint32(at + 20, this.#isLittle) & 0xffff;
    this.#interfaces.push({ linkType, unitsPerMs: magic === PCAP_NANOSECONDS ? 1e6 : 1e3, offsetMs: 0 });
  }

  #pcapng(view: DataView, at: number, length: number): CapturedPacket | undefined {
    const isLittle = this.#isLittle;
    const type = view.getUint32(at, isLittle);
    const end = at + length - 4;
    if (type === SECTION_HEADER) this.#interfaces = [];
    else if (type === INTERFACE && length >= 20) this.#addInterface(view, at, end);
    else if (type === ENHANCED_PACKET && length >= 32) return this.#enhanced(view, at, end);
    else if (type === SIMPLE_PACKET && length >= 16 && this.#interfaces.length > 0) {
      const originalBytes = view.getUint32(at + 8, isLittle);
      const bytes = bytesOf(view, at + 12, Math.min(originalBytes, end - at - 12));
      return { linkType: this.#interfaces[0].linkType, at: 0, bytes, originalBytes };
    }
    return undefined;
  }

  #enhanced(view: DataView, at: number, end: number): CapturedPacket {
    const isLittle = this.#isLittle;
    const number = view.getUint32(at + 8, isLittle);
    const { linkType, unitsPerMs, offsetMs } = this.#interfaces[number] ??
      wrong(`a packet of interface ${number}`);
    const units = view.getUint32(at + 12, isLittle) * 2 ** 32 + view.getUint32(at + 16, isLittle);
    const captured = view.getUint32(at + 20, isLittle);
    if (at + 28 + captured > end) wrong(`a packet of ${captured} bytes in a shorter block`);
    return {
      linkType,
      at: units / unitsPerMs + offsetMs,
      bytes: bytesOf(view, at + 28, captured),
      originalBytes: view.getUint32(at + 24, isLittle),
    };
  }

  #addInterface(view: DataView, at: number, end: number): void {
    const isLittle = this.#isLittle;
    let unitsPerMs = 1000, offsetMs = 0;
    for (let option = at + 16; option + 4 <= end;) {
      const code = view.getUint16(option, isLittle), length = view.getUint16(option + 2, isLittle);
      if (code === 0 || option + 4 + length > end) break;
      if (code === IF_TIME_RESOLUTION && length >= 1) {
        unitsPerMs = resolution(view.getUint8(option + 4)) / 1000;
      }
      if (code === IF_TIME_OFFSET && length >= 8) {
        offsetMs = Number(view.getBigInt64(option + 4, isLittle)) * 1000;
      }
      option += 4 + ((length + 3) & ~3);
    }
    if (this.#interfaces.length >= MAX_INTERFACES) wrong(`more than ${MAX_INTERFACES} interfaces`);
    this.#interfaces.push({ linkType: view.getUint16(at + 8, isLittle), unitsPerMs, offsetMs });
  }
}

/** Units a second: a negative power of 10, or with the highest bit of 2. */
function resolution(value: number): number {
  return value < 128 ? 10 ** value : 2 ** (value - 128);
}

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, at, length);
}

function wrong(found: string): never {
  throw new PcapError(found);
}
