/**
 * Encoders for the single- and two-byte charsets of the WHATWG Encoding Standard, made by decoding every one and two
 * bytes with `TextDecoder` once, when a charset is first met.
 *
 * A table has at most some 24,000 entries and there are fewer than 40 charsets, so what hostile labels can make grow is
 * a few megabytes.
 */

/** Charsets in which some characters take two bytes. Longer sequences (GB 18030, JIS X 0212) are not in the tables. */
const TWO_BYTE = new Set(["shift_jis", "euc-jp", "euc-kr", "gbk", "gb18030", "big5"]);
/** Encodings that no table of this kind can hold: they have states, more bytes, or no text at all. */
const WITHOUT_TABLE = new Set(["utf-8", "utf-16le", "utf-16be", "iso-2022-jp", "replacement"]);

/** Encodes text in one charset. */
export interface CharsetTable {
  /** Whether no two byte sequences stand for the same text, so that decoded text always encodes back. */
  readonly unique: boolean;
  /** The bytes of a text, or `undefined` where a character has none. */
  encode(text: string): Uint8Array | undefined;
}

const tables = new Map<string, CharsetTable>();

/**
 * The table of an encoding.
 *
 * @param encoding Name as `TextDecoder.encoding` gives it.
 * @returns `undefined` for an encoding without one (UTF-8, UTF-16, ISO-2022-JP).
 */
export function charsetTable(encoding: string): CharsetTable | undefined {
  if (WITHOUT_TABLE.has(encoding)) return undefined;
  let table = tables.get(encoding);
  if (table === undefined) {
    table = buildTable(encoding);
    tables.set(encoding, table);
  }
  return table;
}

/** Decodes all bytes and pairs. A line feed after each keeps a wrong one from reaching into the next. */
function buildTable(encoding: string): CharsetTable {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  const codes = new Map<number, number>();
  const leads: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const text = decoder.decode(Uint8Array.of(byte, 10));
    if (text.length === 2 && text[0] !== "\ufffd") add(codes, text.charCodeAt(0), byte);
    else leads.push(byte);
  }
  const twoByte = TWO_BYTE.has(encoding);
  if (twoByte) {
    for (const lead of leads) {
      const pairs: number[] = [];
      for (let trail = 0x40; trail < 0xff; trail++) pairs.push(lead, trail, 10);
      const texts = decoder.decode(Uint8Array.from(pairs)).split("\n");
      for (let i = 0; i < texts.length; i++) {
        const code = onlyCodePoint(texts[i]);
        if (code !== undefined) add(codes, code, lead * 256 + 0x40 + i);
      }
    }
  }
  return { unique: !twoByte, encode: (text) => encode(text, codes) };
}

/** Keeps the first bytes found for a character; the few that have several are then told apart by encoding back. */
function add(codes: Map<number, number>, codePoint: number, bytes: number): void {
  if (!codes.has(codePoint)) codes.set(codePoint, bytes);
}

/** The code point of a text of just one, unless it stands for bytes that could not be decoded. */
function onlyCodePoint(text: string): number | undefined {
  const code = text.codePointAt(0);
  if (code === undefined || code === 0xfffd) return undefined;
  return text.length === (code > 0xffff ? 2 : 1) ? code : undefined;
}

function encode(text: string, codes: ReadonlyMap<number, number>): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length * 2);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const codePoint = text.codePointAt(i)!;
    if (codePoint > 0xffff) i++;
    const code = codes.get(codePoint);
    if (code === undefined) return undefined;
    if (code > 255) bytes[length++] = code >> 8;
    bytes[length++] = code & 255;
  }
  return bytes.slice(0, length);
}
