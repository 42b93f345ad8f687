/**
 * JSON strings, written as UTF-8 bytes (RFC 8259 §7).
 *
 * Beyond what JSON demands, everything that could drive a terminal or reorder a line (see steering.ts) is escaped, so
 * that a log can be looked at with `cat`.
 */
import type { ByteWriter } from "./byte_writer.ts";
import { HEX_DIGITS, isControl, isSteering } from "./steering.ts";

/** How much is written between two reservations: it bounds the room asked for ahead of what is needed. */
const PIECE = 4096;

/** Longest form of one UTF-16 code unit, `\u001b`. */
const LONGEST_ESCAPE = 6;

/** In {@link ESCAPES}: the byte stands for itself. */
const PLAIN = 0;

/** In {@link ESCAPES}: no ASCII character, or one that has no short escape. */
const OTHER = 1;

/** What follows the backslash for a byte, or {@link PLAIN}, or {@link OTHER}. */
const ESCAPES = Uint8Array.from(
  { length: 256 },
  (_, byte) => isControl(byte) || byte >= 0x80 ? OTHER : PLAIN,
);
for (const [character, letter] of [['"', '"'], ["\\", "\\"], ["\n", "n"], ["\r", "r"], ["\t", "t"]]) {
  ESCAPES[character.charCodeAt(0)] = letter.charCodeAt(0);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/**
 * Appends ASCII bytes as the content of a JSON string, without its quotes and without making a string of them.
 *
 * @returns Whether that was possible. It is not where a byte is beyond ASCII or a control other than CR, LF and tab;
 * then an unspecified part has been written, and the caller takes it back.
 */
export function writeJsonAscii(out: ByteWriter, bytes: Uint8Array): boolean {
  for (let from = 0; from < bytes.length; from += PIECE) {
    const to = Math.min(from + PIECE, bytes.length);
    const buffer = out.reserve(2 * (to - from));
    const start = out.length;
    let at = start;
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      const escape = ESCAPES[byte];
      if (escape === PLAIN) {
        buffer[at++] = byte;
      } else {
        if (escape === OTHER) return false;
        buffer[at++] = BACKSLASH;
        buffer[at++] = escape;
      }
    }
    out.advance(at - start);
  }
  return true;
}

/** Appends a string as a JSON string, quotes included. Lone surrogates are kept, as `\udXXX`. */
export function writeJsonString(out: ByteWriter, source: string): void {
  out.byte(QUOTE);
  for (let from = 0; from < source.length;) {
    from = writePiece(out, source, from, Math.min(from + PIECE, source.length));
  }
  out.byte(QUOTE);
}

/** Appends the code units from `from` to `to`, and one more where they end inside a surrogate pair; where it ended. */
function writePiece(out: ByteWriter, source: string, from: number, to: number): number {
  const buffer = out.reserve(LONGEST_ESCAPE * (to - from));
  const start = out.length;
  let at = start;
  let i = from;
  while (i < to) {
    const unit = source.charCodeAt(i++);
    if (unit < 0x80) {
      const escape = ESCAPES[unit];
      if (escape === PLAIN) {
        buffer[at++] = unit;
      } else if (escape === OTHER) {
        at = putEscaped(buffer, at, unit);
      } else {
        buffer[at++] = BACKSLASH;
        buffer[at++] = escape;
      }
    } else if (unit < 0x800) {
      if (isSteering(unit)) {
        at = putEscaped(buffer, at, unit);
      } else {
        buffer[at++] = 0xc0 | unit >> 6;
        buffer[at++] = 0x80 | unit & 0x3f;
      }
    } else if (unit < 0xd800 || unit > 0xdfff) {
      if (isSteering(unit)) {
        at = putEscaped(buffer, at, unit);
      } else {
        buffer[at++] = 0xe0 | unit >> 12;
        buffer[at++] = 0x80 | unit >> 6 & 0x3f;
        buffer[at++] = 0x80 | unit & 0x3f;
      }
    } else {
      const low = unit < 0xdc00 && i < source.length ? source.charCodeAt(i) : 0;
      if (low < 0xdc00 || low > 0xdfff) {
        at = putEscaped(buffer, at, unit);
        continue;
      }
      i++;
      const point = 0x10000 + ((unit & 0x3ff) << 10 | low & 0x3ff);
      buffer[at++] = 0xf0 | point >> 18;
      buffer[at++] = 0x80 | point >> 12 & 0x3f;
      buffer[at++] = 0x80 | point >> 6 & 0x3f;
      buffer[at++] = 0x80 | point & 0x3f;
    }
  }
  out.advance(at - start);
  return i;
}

/** Puts `\uXXXX`; where it ended. */
function putEscaped(buffer: Uint8Array, at: number, unit: number): number {
  buffer[at] = BACKSLASH;
  buffer[at + 1] = LETTER_U;
  buffer[at + 2] = HEX_DIGITS[unit >> 12];
  buffer[at + 3] = HEX_DIGITS[unit >> 8 & 0xf];
  buffer[at + 4] = HEX_DIGITS[unit >> 4 & 0xf];
  buffer[at + 5] = HEX_DIGITS[unit & 0xf];
  return at + LONGEST_ESCAPE;
}
