/** gzip (RFC 1952) and zlib (RFC 1950): the wrappings of DEFLATE that content codings name. */
import { crc32 } from "node:zlib";
import { Inflater } from "./inflate.ts";
import { type CappedOutput, CodingError, CUT_SHORT } from "./output.ts";

/** Flags of a member header (RFC 1952 §2.3.1). */
const HAS_HEADER_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED_FLAGS = 0xe0;

/** Checksum and length at the end of a member, in bytes. */
export const TRAILER_BYTES = 8;

/**
 * Decodes gzip, one member or several, checking each member's checksum and length.
 *
 * @throws {CodingError} Where the input is corrupt, cut short, or goes on after the last member.
 */
export function gunzip(input: Uint8Array, output: CappedOutput): void {
  let at = 0;
  do {
    const from = output.length;
    at = inflateFrom(input, memberData(input, at), output);
    if (output.full) return;
    if (at + TRAILER_BYTES > input.length) throw new CodingError(CUT_SHORT);
    const data = output.buffer.subarray(from, output.length);
    if (uint32(input, at) !== crc32(data)) throw new CodingError("corrupt: the checksum does not match");
    if (uint32(input, at + 4) !== data.length >>> 0) {
      throw new CodingError("corrupt: the length does not match");
    }
    at += TRAILER_BYTES;
  } while (input[at] === 0x1f && (input[at + 1] === 0x8b || at + 1 === input.length));
  rejectRest(input, at);
}

/**
 * Decodes what is sent as `deflate`: zlib as RFC 9110 §8.4.1.2 says, or bare DEFLATE as many senders do.
 *
 * @throws {CodingError} Where the input is corrupt, cut short, or goes on after its end.
 */
export function inflateEither(input: Uint8Array, output: CappedOutput): void {
  if (!isZlib(input)) return rejectRest(input, inflateFrom(input, 0, output));
  if ((input[1] & 0x20) !== 0) throw new CodingError("the data needs a preset dictionary");
  const at = inflateFrom(input, Math.min(2, input.length), output);
  if (output.full) return;
  if (at + 4 > input.length) throw new CodingError(CUT_SHORT);
  const sum = ((input[at] << 24) | (input[at + 1] << 16) | (input[at + 2] << 8) | input[at + 3]) >>> 0;
  if (sum !== adler32(output.buffer, output.length)) {
    throw new CodingError("corrupt: the checksum does not match");
  }
  rejectRest(input, at + 4);
}

/** Whether what is sent as `deflate` is zlib. */
export function isZlib(input: Uint8Array): boolean {
  // A bare stream cannot begin like this: it would be a stored block whose padding is not zero.
  return (input[0] & 15) === 8 && (input.length < 2 || ((input[0] << 8) | input[1]) % 31 === 0);
}

/** Decodes one DEFLATE stream that begins at `from`; the offset of what follows it. */
function inflateFrom(input: Uint8Array, from: number, output: CappedOutput): number {
  const inflater = new Inflater(output);
  const state = inflater.push(input.subarray(from));
  if (state === "broken") throw new CodingError(inflater.error);
  if (state === "input") throw new CodingError(CUT_SHORT);
  return state === "done" ? input.length - inflater.unusedBytes : input.length;
}

/**
 * Reads a member header that begins at `start`; the offset of the compressed data.
 *
 * @throws {CodingError} Where it is none, or the input ends before the data.
 */
export function memberData(input: Uint8Array, start: number): number {
  const magic = Uint8Array.of(0x1f, 0x8b, 8);
  for (let i = 0; i < magic.length && start + i < input.length; i++) {
    if (input[start + i] !== magic[i]) throw new CodingError("not gzip data");
  }
  const flags = input[start + 3];
  if ((flags & RESERVED_FLAGS) !== 0) throw new CodingError("corrupt: reserved flags in the gzip header");
  let at = start + 10;
  if ((flags & HAS_EXTRA) !== 0) at += 2 + (input[at] | (input[at + 1] << 8));
  if ((flags & HAS_NAME) !== 0) at = afterNul(input, at);
  if ((flags & HAS_COMMENT) !== 0) at = afterNul(input, at);
  if ((flags & HAS_HEADER_CRC) !== 0) at += 2;
  if (!(at < input.length)) throw new CodingError(CUT_SHORT);
  return at;
}

function afterNul(input: Uint8Array, from: number): number {
  const nul = input.indexOf(0, from);
  return nul < 0 ? input.length : nul + 1;
}

function rejectRest(input: Uint8Array, at: number): void {
  const rest = input.length - at;
  if (rest > 0) throw new CodingError(`${rest} ${rest === 1 ? "byte" : "bytes"} after the end`);
}

function uint32(input: Uint8Array, at: number): number {
  return (input[at] | (input[at + 1] << 8) | (input[at + 2] << 16) | (input[at + 3] << 24)) >>> 0;
}

/** The checksum of zlib (RFC 1950 §8.2). */
function adler32(bytes: Uint8Array, length: number): number {
  let a = 1, b = 0;
  for (let at = 0; at < length;) {
    // As many as can be summed before 32 bits overflow.
    for (const end = Math.min(at + 3800, length); at < end; at++) b += a += bytes[at];
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}
