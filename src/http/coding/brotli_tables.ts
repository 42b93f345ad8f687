/** The constants of Brotli's commands and contexts (RFC 7932 §5–7). */

/** Extra bits of insert length codes 0–23 (§5). */
export const INSERT_EXTRA: Uint8Array = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24],
);
/** Lowest insert length of each of them. */
export const INSERT_BASE: Uint32Array = bases(INSERT_EXTRA, 0);

/** Extra bits of copy length codes 0–23 (§5). */
export const COPY_EXTRA: Uint8Array = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24],
);
/** Lowest copy length of each of them. */
export const COPY_BASE: Uint32Array = bases(COPY_EXTRA, 2);

/** By the upper bits of an insert-and-copy symbol: the first insert length code of its cell (§5). */
export const INSERT_CELL: Uint8Array = Uint8Array.of(0, 0, 0, 0, 8, 8, 0, 16, 8, 16, 16);
/** The first copy length code of each of those cells. */
export const COPY_CELL: Uint8Array = Uint8Array.of(0, 8, 0, 8, 0, 8, 16, 0, 16, 8, 16);

/** Extra bits of block count codes 0–25 (§6). */
export const BLOCK_EXTRA: Uint8Array = Uint8Array.of(
  ...[2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24],
);
/** Lowest block count of each of them. */
export const BLOCK_BASE: Uint32Array = bases(BLOCK_EXTRA, 1);

/** By short distance code 0–15 (§4): which of the last four distances it means, counted from the last one. */
export const SHORT_WHICH: Uint8Array = Uint8Array.of(0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1);
/** What each of those codes adds to that distance. */
export const SHORT_ADD: Int8Array = Int8Array.of(0, 0, 0, 0, -1, 1, -2, 2, -3, 3, -1, 1, -2, 2, -3, 3);

function bases(extra: Uint8Array, first: number): Uint32Array {
  const base = new Uint32Array(extra.length);
  for (let i = 0, value = first; i < extra.length; value += 1 << extra[i++]) base[i] = value;
  return base;
}

/**
 * What the last byte adds to the context of a literal (§7.1), by mode (256 entries each) and byte. The context is this
 * or-ed with {@link CONTEXT_BEFORE}. The modes: low bits, high bits, UTF-8, signed numbers.
 */
export const CONTEXT_LAST: Uint8Array = new Uint8Array(4 * 256);
/** What the byte before the last one adds to the context of a literal. */
export const CONTEXT_BEFORE: Uint8Array = new Uint8Array(4 * 256);

for (let byte = 0; byte < 256; byte++) {
  CONTEXT_LAST[byte] = byte & 63;
  CONTEXT_LAST[256 + byte] = byte >> 2;
  CONTEXT_LAST[512 + byte] = byte < 128 ? 4 * textClass(byte) : byte < 192 ? byte & 1 : 2 + (byte & 1);
  CONTEXT_BEFORE[512 + byte] = textClassBefore(byte);
  const magnitude = magnitudeClass(byte);
  CONTEXT_LAST[768 + byte] = magnitude << 3;
  CONTEXT_BEFORE[768 + byte] = magnitude;
}

/** What kind of ASCII character a byte is: the classes of the UTF-8 mode's first table. */
function textClass(byte: number): number {
  const char = String.fromCharCode(byte);
  if (byte < 32 || byte === 127) return "\t\n\r".includes(char) ? 1 : 0;
  const marks = [" ", "", "\"'", "%", "(<[{", ")>]}", ",:;", ".", "="];
  const mark = marks.findIndex((some) => some.includes(char) && some !== "");
  if (mark >= 0) return mark + 2;
  if (char >= "0" && char <= "9") return 11;
  if (char >= "A" && char <= "Z") return "AEIOU".includes(char) ? 12 : 13;
  if (char >= "a" && char <= "z") return "aeiou".includes(char) ? 14 : 15;
  return 3;
}

/** The classes of the UTF-8 mode's second table. */
function textClassBefore(byte: number): number {
  if (byte <= 32 || byte === 127) return 0;
  if (byte >= 128) return byte < 224 ? 0 : 2;
  const char = String.fromCharCode(byte);
  if (char >= "a" && char <= "z") return 3;
  return (char >= "0" && char <= "9") || (char >= "A" && char <= "Z") ? 2 : 1;
}

/** How far a byte, read as a signed number, is from 0. */
function magnitudeClass(byte: number): number {
  if (byte === 0) return 0;
  if (byte < 16) return 1;
  if (byte < 64) return 2;
  if (byte < 128) return 3;
  if (byte < 192) return 4;
  if (byte < 240) return 5;
  return byte < 255 ? 6 : 7;
}
