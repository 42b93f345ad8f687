/** Reads pcapng as strictly as it can: every length, every checksum; written apart from what writes it. */
import { strict as assert } from "node:assert";

/** One TCP segment as a reader finds it. */
export interface Packet {
  /** Time, µs since the epoch. */
  readonly micros: number;
  /** `address:port` of the sender, and of the receiver. */
  readonly from: string;
  readonly to: string;
  /** `S`, `F`, `R`, `P` and `A`, as far as they are set, in this order. */
  readonly flags: string;
  readonly sequence: number;
  readonly acknowledged: number;
  /** What was captured of the payload. */
  readonly payload: Uint8Array;
  /** Bytes of the payload that were not. */
  readonly missing: number;
  readonly comment: string | undefined;
}

/** What a file holds. */
export interface Capture {
  readonly packets: readonly Packet[];
  /** `address name`, as the name resolution blocks have it. */
  readonly names: readonly string[];
}

/** Reads a file. Throws where something in it is not as it must be. */
export function readPcapng(bytes: Uint8Array): Capture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packets: Packet[] = [];
  const names: string[] = [];
  const types: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = view.getUint32(at, true), length = view.getUint32(at + 4, true);
    assert.ok(length >= 12 && length % 4 === 0 && at + length <= bytes.length, `length ${length} at ${at}`);
    assert.equal(view.getUint32(at + length - 4, true), length, `length behind the block at ${at}`);
    const body = bytes.subarray(at + 8, at + length - 4);
    types.push(type);
    if (type === 0x0a0d0d0a) assert.equal(view.getUint32(at + 8, true), 0x1a2b3c4d);
    else if (type === 1) readInterface(body);
    else if (type === 4) names.push(...readNames(body));
    else if (type === 6) packets.push(readPacket(body));
    else assert.fail(`block type ${type}`);
    at += length;
  }
  assert.deepEqual(types.slice(0, 2), [0x0a0d0d0a, 1], "a section, then its interface");
  return { packets, names };
}

function readInterface(body: Uint8Array): void {
  const view = viewOf(body);
  assert.equal(view.getUint16(0, true), 101, "raw IP");
  const options = readOptions(body.subarray(8));
  assert.deepEqual([...options.get(9) ?? []], [6], "times in µs");
  assert.equal(new TextDecoder().decode(options.get(2)), "tcpmon");
}

function readOptions(bytes: Uint8Array): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length;) {
    const code = view.getUint16(at, true), length = view.getUint16(at + 2, true);
    if (code === 0) {
      assert.equal(at + 4, bytes.length, "nothing behind the end of options");
      break;
    }
    options.set(code, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + padded(length);
  }
  return options;
}

function readNames(body: Uint8Array): string[] {
  const view = viewOf(body);
  const names: string[] = [];
  let at = 0;
  for (; view.getUint16(at, true) !== 0;) {
    const type = view.getUint16(at, true), length = view.getUint16(at + 2, true);
    const addressBytes = type === 1 ? 4 : 16;
    const value = body.subarray(at + 4, at + 4 + length);
    assert.equal(value[length - 1], 0, "names end with NUL");
    const name = new TextDecoder("utf-8", { fatal: true }).decode(value.subarray(addressBytes, -1));
    names.push(`${addressText(value.subarray(0, addressBytes))} ${name}`);
    at += 4 + padded(length);
  }
  assert.equal(at + 4, body.length, "nothing behind the end of records");
  return names;
}

function readPacket(body: Uint8Array): Packet {
  const view = viewOf(body);
  assert.equal(view.getUint32(0, true), 0, "the one interface");
  const micros = view.getUint32(4, true) * 2 ** 32 + view.getUint32(8, true);
  const captured = view.getUint32(12, true), original = view.getUint32(16, true);
  assert.ok(captured <= original && original <= 65_535, `captured ${captured} of ${original}`);
  const options = readOptions(body.subarray(20 + padded(captured)));
  const comment = options.get(1);
  return {
    micros,
    comment: comment && new TextDecoder("utf-8", { fatal: true }).decode(comment),
    ...readIp(body.subarray(20, 20 + captured), original),
  };
}

function readIp(packet: Uint8Array, original: number): Omit<Packet, "micros" | "comment"> {
  const view = viewOf(packet);
  const isV4 = packet[0] >> 4 === 4;
  const headBytes = isV4 ? 20 : 40;
  const addressBytes = isV4 ? 4 : 16;
  const addressesAt = headBytes - 2 * addressBytes;
  if (isV4) {
    assert.equal(packet[0], 0x45);
    assert.equal(view.getUint16(2), original);
    assert.equal(packet[9], 6);
    assert.equal(onesSum([packet.subarray(0, 20)]), 0xffff, "checksum of IPv4");
  } else {
    assert.equal(view.getUint32(0), 0x60000000);
    assert.equal(view.getUint16(4), original - 40);
    assert.equal(packet[6], 6);
  }
  const tcp = packet.subarray(headBytes);
  const tcpView = viewOf(tcp);
  const addresses = packet.subarray(addressesAt, headBytes);
  if (packet.length === original) {
    const pseudo = Uint8Array.of(0, 6, tcp.length >> 8, tcp.length & 255);
    assert.equal(onesSum([addresses, pseudo, tcp]), 0xffff, "checksum of TCP");
  }
  const bits = tcpView.getUint16(12);
  const payload = tcp.subarray((bits >> 12) * 4);
  return {
    from: `${addressText(addresses.subarray(0, addressBytes))}:${tcpView.getUint16(0)}`,
    to: `${addressText(addresses.subarray(addressBytes))}:${tcpView.getUint16(2)}`,
    flags: [["S", 2], ["F", 1], ["R", 4], ["P", 8], ["A", 16]].map(([name, bit]) =>
      bits & Number(bit) ? name : ""
    )
      .join(""),
    sequence: tcpView.getUint32(4),
    acknowledged: tcpView.getUint32(8),
    payload,
    missing: original - packet.length,
  };
}

/** The one's complement sum of 16-bit words, byte by byte. */
function onesSum(pieces: readonly Uint8Array[]): number {
  let sum = 0;
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i++) sum += i % 2 === 0 ? piece[i] * 256 : piece[i];
  }
  while (sum > 0xffff) sum = Math.floor(sum / 65536) + sum % 65536;
  return sum;
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] * 256 + bytes[2 * i + 1]).toString(16));
  return `[${groups.join(":")}]`;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** One direction of a conversation, put together. */
export interface Stream {
  readonly bytes: Uint8Array;
  /** Bytes in all that were not captured. */
  readonly missing: number;
}

/** One TCP conversation. */
export interface Flowing {
  readonly client: string;
  readonly server: string;
  readonly packets: readonly Packet[];
  readonly up: Stream;
  readonly down: Stream;
}

/** The conversations of a file, after a check of each: handshake, numbers, acknowledgements, times, and the end. */
export function conversationsOf({ packets }: Capture): Flowing[] {
  const conversations: Packet[][] = [];
  const open = new Map<string, Packet[]>();
  for (const packet of packets) {
    const key = [packet.from, packet.to].sort().join(" ");
    if (packet.flags === "S") {
      const list: Packet[] = [];
      open.set(key, list);
      conversations.push(list);
    }
    const list = open.get(key);
    assert.ok(list !== undefined, `${key} has no SYN`);
    list.push(packet);
  }
  return conversations.map(check);
}

function check(packets: readonly Packet[]): Flowing {
  const [syn, agreed] = packets;
  const next = { up: syn.sequence, down: agreed?.sequence ?? 0 };
  const acknowledged = { up: -1, down: -1 };
  const pieces: { up: Uint8Array[]; down: Uint8Array[] } = { up: [], down: [] };
  const missing = { up: 0, down: 0 };
  const isOver = { up: false, down: false };
  let micros = 0;
  for (const packet of packets) {
    const direction = packet.from === syn.from ? "up" : "down";
    const peer = direction === "up" ? "down" : "up";
    assert.ok(packet.micros >= micros, "times go on");
    micros = packet.micros;
    if (packet.flags === "RA" && packets.length === 2) break;
    assert.equal(packet.sequence, next[direction], `number of a packet that goes ${direction}`);
    if (packet.flags !== "S") assert.equal(packet.acknowledged, next[peer], "all is acknowledged that came");
    const bytes = packet.flags.startsWith("S") ? 0 : packet.payload.length + packet.missing;
    if (packet.flags === "A" && bytes === 0) {
      assert.notEqual(packet.acknowledged, acknowledged[direction], "no acknowledgement twice");
    }
    acknowledged[direction] = packet.acknowledged;
    if (bytes > 0) {
      assert.ok(!isOver[direction], "nothing comes behind the end");
      pieces[direction].push(packet.payload);
      missing[direction] += packet.missing;
    }
    const counts = bytes + (/[SF]/.test(packet.flags) ? 1 : 0);
    next[direction] = (next[direction] + counts) % 2 ** 32;
    if (/[FR]/.test(packet.flags)) isOver[direction] = true;
  }
  const streamOf = (direction: "up" | "down") => ({
    bytes: Uint8Array.from(pieces[direction].flatMap((piece) => [...piece])),
    missing: missing[direction],
  });
  return { client: syn.from, server: syn.to, packets, up: streamOf("up"), down: streamOf("down") };
}
