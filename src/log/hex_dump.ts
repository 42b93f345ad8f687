/**
 * Hex dumps in the manner of `hexdump -C`: offset, sixteen bytes in two groups, the printable ASCII among them.
 */
import type { ByteWriter } from "./byte_writer.ts";
import { HEX_DIGITS } from "./steering.ts";

/** How many bytes a line shows. */
export const HEX_LINE_BYTES = 16;

const SPACE = 32;
const LF = 10;
const BAR = 124;
const DOT = 46;
/** Up to here offsets have eight digits; longer streams get twelve. */
const MAX_SHORT_OFFSET = 0xffffffff;
/** Room for one line: indentation is at most 16, offset 12, bytes 52, text 18, line feed. */
const LINE_CAPACITY = 112;

/**
 * Appends the lines of a hex dump.
 *
 * @param bytes What to show, all of it.
 * @param offset Where the first byte stands in its stream.
 * @param indent How many spaces to put before each line, at most 16.
 */
export function writeHexDump(bytes: Uint8Array, offset: number, indent: number, out: ByteWriter): void {
  for (let from = 0; from < bytes.length; from += HEX_LINE_BYTES) {
    const buffer = out.reserve(LINE_CAPACITY);
    const start = out.length;
    let at = start;
    for (let i = 0; i < indent; i++) buffer[at++] = SPACE;
    const place = offset + from;
    for (let digit = (place > MAX_SHORT_OFFSET ? 12 : 8) - 1; digit >= 0; digit--) {
      buffer[at++] = HEX_DIGITS[Math.floor(place / 16 ** digit) % 16];
    }
    const to = Math.min(from + HEX_LINE_BYTES, bytes.length);
    for (let i = from; i < from + HEX_LINE_BYTES; i++) {
      buffer[at++] = SPACE;
      if (i - from === 0 || i - from === HEX_LINE_BYTES / 2) buffer[at++] = SPACE;
      buffer[at++] = i < to ? HEX_DIGITS[bytes[i] >> 4] : SPACE;
      buffer[at++] = i < to ? HEX_DIGITS[bytes[i] & 15] : SPACE;
    }
    buffer[at++] = SPACE;
    buffer[at++] = SPACE;
    buffer[at++] = BAR;
    for (let i = from; i < to; i++) buffer[at++] = bytes[i] >= 32 && bytes[i] < 127 ? bytes[i] : DOT;
    buffer[at++] = BAR;
    buffer[at++] = LF;
    out.advance(at - start);
  }
}
