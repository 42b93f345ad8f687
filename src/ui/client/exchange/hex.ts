/** Bytes in rows of sixteen, in the manner of `hexdump -C`: offset, bytes in two groups, the printable ASCII. */

/** How many bytes a row shows. */
export const HEX_ROW_BYTES = 16;

/** Up to here offsets have eight digits; longer bodies get twelve. */
const MAX_SHORT_OFFSET = 0xffffffff;

/** One row. */
export interface HexRow {
  /** Where its first byte stands, in hexadecimal digits. */
  readonly offset: string;
  /** The bytes in hexadecimal digits, padded to the width of a whole row. */
  readonly hex: string;
  /** The bytes as ASCII, a dot for each that is not printable. */
  readonly text: string;
}

/**
 * The rows of some bytes.
 *
 * @param bytes What to show, all of it.
 * @param offset Where the first byte stands in its body.
 */
export function hexRows(bytes: Uint8Array, offset: number): readonly HexRow[] {
  const rows: HexRow[] = [];
  const digits = offset + bytes.length > MAX_SHORT_OFFSET ? 12 : 8;
  for (let from = 0; from < bytes.length; from += HEX_ROW_BYTES) {
    const row = bytes.subarray(from, from + HEX_ROW_BYTES);
    let hex = "";
    let text = "";
    for (let i = 0; i < HEX_ROW_BYTES; i++) {
      if (i === HEX_ROW_BYTES / 2) hex += " ";
      hex += i < row.length ? `${row[i].toString(16).padStart(2, "0")} ` : "   ";
      if (i < row.length) text += row[i] >= 32 && row[i] < 127 ? String.fromCharCode(row[i]) : ".";
    }
    rows.push({ offset: (offset + from).toString(16).padStart(digits, "0"), hex: hex.slice(0, -1), text });
  }
  return rows;
}

/** An offset as a person writes it: decimal, or hexadecimal after `0x`. Undefined: it is none. */
export function readOffset(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(?:0x[0-9a-f]+|[0-9]+)$/i.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isSafeInteger(value) ? value : undefined;
}
