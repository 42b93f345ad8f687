/**
 * One TCP segment in its IP packet in an Enhanced Packet Block: RFC 9293 §3.1, RFC 791 §3.1, RFC 8200 §3,
 * draft-ietf-opsawg-pcapng §4.3. Checksums are valid (RFC 1071), so that readers can be told to verify them.
 *
 * A packet is put together in a buffer of its own, where all headers and the payload stand on multiples of four: the sum
 * over the payload, which is what costs, then goes by words.
 */
import type { ByteWriter } from "../log/byte_writer.ts";

/** Most payload of a segment: with the longest headers the packet has 65,535 bytes, as on a loopback interface. */
export const SEGMENT_BYTES = 65_475;

/** Flags of a segment. */
export const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;

/** One direction of a conversation. */
export interface Flow {
  /** Address of the sender: 4 bytes of IPv4 or 16 of IPv6. */
  readonly source: Uint8Array;
  /** Address of the receiver, of the same kind. */
  readonly destination: Uint8Array;
  /** Port of the sender. */
  readonly sourcePort: number;
  /** Port of the receiver. */
  readonly destinationPort: number;
}

/** What a segment says, beside its payload. */
export interface SegmentHead {
  /** When it passed, ms since the epoch. */
  readonly at: number;
  /** {@link FIN}, {@link SYN}, … */
  readonly flags: number;
  /** Number of its first byte, 0 to 2^32 - 1. */
  readonly sequence: number;
  /** Number of the byte that is expected next from the other side. */
  readonly acknowledged: number;
  /** Shown with the packet. */
  readonly comment?: string;
}

const ENHANCED_PACKET = 6;
const BLOCK_HEAD_BYTES = 28, BLOCK_END_BYTES = 4;
const IPV4_BYTES = 20, IPV6_BYTES = 40, TCP_BYTES = 20;
const TCP_PROTOCOL = 6, HOPS = 64, DO_NOT_FRAGMENT = 0x4000;
const OPTION_COMMENT = 1;
/** Longest comment, in bytes: error messages fit. */
const MAX_COMMENT_BYTES = 1024;

/** Largest window, and the largest scale for it (RFC 7323 §2.3): 1 GiB may be under way without an acknowledgement. */
const WINDOW = 65_535, WINDOW_SCALE = 14;

/** Where the payload stands in the buffer: behind the longest headers. */
const PAYLOAD_AT = BLOCK_HEAD_BYTES + IPV6_BYTES + TCP_BYTES;
const BUFFER_BYTES = PAYLOAD_AT + SEGMENT_BYTES + 1 + 8 + MAX_COMMENT_BYTES + 4 + BLOCK_END_BYTES;

const encoder = new TextEncoder();

/** Options of a SYN: the segment size, nothing, and the window scale. */
const SYN_OPTIONS = Uint8Array.of(2, 4, SEGMENT_BYTES >> 8, SEGMENT_BYTES & 255, 1, 3, 3, WINDOW_SCALE);

/** Puts segments together, one at a time: {@link put} its payload, then {@link write} it. */
export class SegmentWriter {
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  // Sums do not depend on the order of bytes in a word (RFC 1071 §2), as long as it is the same on the way back.
  readonly #words = new Uint32Array(this.#bytes.buffer);
  readonly #halves = new Uint16Array(this.#bytes.buffer);
  readonly #view = new DataView(this.#bytes.buffer);
  #payload = 0;
  #missing = 0;

  /** How much more payload the segment at hand can take. */
  get room(): number {
    return this.#missing > 0 ? 0 : SEGMENT_BYTES - this.#payload;
  }

  /** How much payload it has, with what is missing. */
  get payload(): number {
    return this.#payload + this.#missing;
  }

  /** Adds `source[from, to)` to the payload. There must be {@link room} for it. */
  put(source: Uint8Array, from: number, to: number): void {
    const part = from === 0 && to === source.length ? source : source.subarray(from, to);
    this.#bytes.set(part, PAYLOAD_AT + this.#payload);
    this.#payload += to - from;
  }

  /** Says that so many bytes follow that are not there, and ends the payload. There must be {@link room} for them. */
  miss(bytes: number): void {
    this.#missing = bytes;
  }

  /** Writes the segment, and begins the next. */
  write(out: ByteWriter, flow: Flow, head: SegmentHead): void {
    // Options of TCP stand where the payload of other segments stands: a SYN has none.
    const optionBytes = (head.flags & SYN) === 0 ? 0 : SYN_OPTIONS.length;
    if (optionBytes > 0) this.#bytes.set(SYN_OPTIONS, PAYLOAD_AT);
    const bodyBytes = optionBytes + this.#payload;
    const missing = this.#missing;
    this.#payload = this.#missing = 0;
    const end = PAYLOAD_AT + bodyBytes;
    const padded = (end + 3) & ~3;
    this.#bytes.fill(0, end, padded);
    const tcpAt = PAYLOAD_AT - TCP_BYTES;
    const ipAt = tcpAt - (flow.source.length === 4 ? IPV4_BYTES : IPV6_BYTES);
    const blockAt = ipAt - BLOCK_HEAD_BYTES;
    const tcpBytes = TCP_BYTES + bodyBytes + missing;
    this.#writeTcp(tcpAt, flow, head, optionBytes);
    // The addresses are summed where they stand: before the TCP header.
    if (flow.source.length === 4) this.#writeIpv4(ipAt, flow, tcpBytes);
    else this.#writeIpv6(ipAt, flow, tcpBytes);
    const addressesAt = tcpAt - 2 * flow.source.length;
    const pseudo = this.#sum(addressesAt, tcpAt) + swapped(TCP_PROTOCOL) + swapped(tcpBytes);
    this.#halves[(tcpAt + 16) >> 1] = checksum(pseudo + this.#sum(tcpAt, padded));
    this.#view.setUint32(blockAt + 20, end - ipAt, true);
    this.#view.setUint32(blockAt + 24, end - ipAt + missing, true);
    this.#writeBlock(out, blockAt, padded, head);
  }

  #writeTcp(
    at: number,
    flow: Flow,
    { flags, sequence, acknowledged }: SegmentHead,
    optionBytes: number,
  ): void {
    const view = this.#view;
    view.setUint16(at, flow.sourcePort);
    view.setUint16(at + 2, flow.destinationPort);
    view.setUint32(at + 4, sequence);
    view.setUint32(at + 8, (flags & ACK) === 0 ? 0 : acknowledged);
    view.setUint16(at + 12, (((TCP_BYTES + optionBytes) >> 2) << 12) | flags);
    view.setUint16(at + 14, WINDOW);
    view.setUint32(at + 16, 0);
  }

  #writeIpv4(at: number, { source, destination }: Flow, tcpBytes: number): void {
    const view = this.#view;
    view.setUint32(at, 0x45000000 | (IPV4_BYTES + tcpBytes));
    view.setUint32(at + 4, DO_NOT_FRAGMENT);
    view.setUint32(at + 8, (HOPS << 24) | (TCP_PROTOCOL << 16));
    this.#bytes.set(source, at + 12);
    this.#bytes.set(destination, at + 16);
    this.#halves[(at + 10) >> 1] = checksum(this.#sum(at, at + IPV4_BYTES));
  }

  #writeIpv6(at: number, { source, destination }: Flow, tcpBytes: number): void {
    const view = this.#view;
    view.setUint32(at, 0x60000000);
    view.setUint32(at + 4, (tcpBytes << 16) | (TCP_PROTOCOL << 8) | HOPS);
    this.#bytes.set(source, at + 8);
    this.#bytes.set(destination, at + 24);
  }

  #writeBlock(out: ByteWriter, at: number, padded: number, head: SegmentHead): void {
    const view = this.#view;
    const end = head.comment === undefined ? padded : this.#writeComment(padded, head.comment);
    const blockBytes = end + BLOCK_END_BYTES - at;
    const micros = Math.max(0, Math.round(head.at * 1000));
    view.setUint32(at, ENHANCED_PACKET, true);
    view.setUint32(at + 4, blockBytes, true);
    view.setUint32(at + 8, 0, true);
    view.setUint32(at + 12, Math.floor(micros / 0x100000000), true);
    view.setUint32(at + 16, micros % 0x100000000, true);
    view.setUint32(end, blockBytes, true);
    out.bytes(this.#bytes.subarray(at, end + BLOCK_END_BYTES));
  }

  /** @returns Where the options end. */
  #writeComment(at: number, comment: string): number {
    const room = this.#bytes.subarray(at + 4, at + 4 + MAX_COMMENT_BYTES);
    const { written } = encoder.encodeInto(comment, room);
    this.#view.setUint16(at, OPTION_COMMENT, true);
    this.#view.setUint16(at + 2, written, true);
    const end = (at + 4 + written + 3) & ~3;
    this.#bytes.fill(0, at + 4 + written, end + 4);
    return end + 4;
  }

  /** The sum of the words from `from` to `to`, both multiples of four: exact, as there are fewer than 2^21 of them. */
  #sum(from: number, to: number): number {
    const words = this.#words;
    let sum = 0;
    for (let i = from >> 2; i < to >> 2; i++) sum += words[i];
    return sum;
  }
}

/** A number of two bytes as the processor reads it where it stands in the order of the network. */
function swapped(value: number): number {
  return ((value & 255) << 8) | (value >>> 8);
}

/** The complement of a sum, folded to 16 bits with its carries (RFC 1071 §1). */
function checksum(sum: number): number {
  const low = sum >>> 0;
  const high = Math.floor(sum / 0x100000000);
  let folded = (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return 0xffff ^ folded;
}
