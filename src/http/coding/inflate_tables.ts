/** The constants of DEFLATE (RFC 1951 §3.2.5–3.2.7). */
import { PrefixCode } from "./prefix_code.ts";

/** The order in which the lengths of the code for code lengths are written (§3.2.7). */
export const LENGTH_ORDER: Uint8Array = Uint8Array.of(
  16,
  17,
  18,
  0,
  8,
  7,
  9,
  6,
  10,
  5,
  11,
  4,
  12,
  3,
  13,
  2,
  14,
  1,
  15,
);

/** Extra bits of length symbols 257–285 (§3.2.5). */
export const SIZE_EXTRA: Uint8Array = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
/** Lowest copy length of each of them. */
export const SIZE_BASE: Uint16Array = bases(SIZE_EXTRA, 3);
SIZE_BASE[28] = 258;

/** Extra bits of distance symbols 0–29 (§3.2.5). */
export const DISTANCE_EXTRA: Uint8Array = Uint8Array.from({ length: 30 }, (_, i) => i < 2 ? 0 : (i >> 1) - 1);
/** Lowest distance of each of them. */
export const DISTANCE_BASE: Uint16Array = bases(DISTANCE_EXTRA, 1);

function bases(extra: Uint8Array, first: number): Uint16Array {
  const base = new Uint16Array(extra.length);
  for (let i = 0, value = first; i < extra.length; value += 1 << extra[i++]) base[i] = value;
  return base;
}

/** The literals and lengths of blocks that name no codes (§3.2.6). */
export const FIXED_LITERALS: PrefixCode = new PrefixCode();
FIXED_LITERALS.build(
  Uint8Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8),
  0,
  288,
);
/** The distances of blocks that name no codes. */
export const FIXED_DISTANCES: PrefixCode = new PrefixCode();
FIXED_DISTANCES.build(new Uint8Array(32).fill(5), 0, 32);
