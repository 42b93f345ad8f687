/** Text in XML: character references, the five entities, CDATA sections and comments undone (XML 1.0 §2.4–2.7, §4.6). */
import { joined } from "../../http/joined.ts";
import { indexOf } from "./runs.ts";
import { hexDigit } from "./pairs.ts";
import { writeUtf8 } from "./json.ts";

const HASH = 0x23;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const LETTER_X = 0x78;

/** Longest reference that is undone, from `&` to before `;`: no code point needs more digits, a few zeros included. */
const REFERENCE_LIMIT = 12;
/** The largest code point. */
const LAST_CODE_POINT = 0x10ffff;

const ENTITIES = new Map([["lt", 0x3c], ["gt", 0x3e], ["amp", 0x26], ["quot", 0x22], ["apos", 0x27]]);

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const CDATA_OPEN = ascii("<![CDATA[");
const CDATA_CLOSE = ascii("]]>");
const COMMENT_CLOSE = ascii("-->");
/** The third character of a comment and of a CDATA section. */
const DASH = 0x2d;
const BRACKET = 0x5b;

/** Whether a byte is white space in XML, or in HTML (form feed). */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte >= 9 && byte <= 13;
}

/** The text of an attribute value, or of content without markup, as UTF-8. */
export function unescapeXml(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(AMPERSAND)) return bytes;
  // No reference stands for more bytes than it has.
  const out = new Uint8Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; at++) {
    const end = bytes[at] === AMPERSAND ? referenceEnd(bytes, at) : -1;
    const point = end < 0 ? -1 : referencedPoint(bytes.subarray(at + 1, end));
    if (point < 0) out[size++] = bytes[at];
    else {
      size = writeUtf8(out, size, point);
      at = end;
    }
  }
  return out.subarray(0, size);
}

/** The text of the content of an element without children: comments and instructions left out, CDATA taken as it is. */
export function textOfXml(content: Uint8Array): Uint8Array {
  if (!content.includes(LESS)) return unescapeXml(content);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < content.length) {
    const open = content.indexOf(LESS, at);
    if (open !== at) parts.push(unescapeXml(content.subarray(at, open < 0 ? content.length : open)));
    if (open < 0) break;
    const third = content[open + 2];
    const cdata = third === BRACKET;
    const start = cdata ? open + CDATA_OPEN.length : open + 1;
    const close = cdata ? CDATA_CLOSE : third === DASH ? COMMENT_CLOSE : COMMENT_CLOSE.subarray(2);
    const found = indexOf(content, close, start, content.length);
    const end = found < 0 ? content.length : found;
    if (cdata) parts.push(content.subarray(start, end));
    at = end + close.length;
  }
  return joined(parts);
}

/** Where the `;` of the reference that begins at `at` stands, or -1. */
function referenceEnd(bytes: Uint8Array, at: number): number {
  for (let end = at + 1; end < bytes.length && end - at <= REFERENCE_LIMIT; end++) {
    if (bytes[end] === SEMICOLON) return end;
  }
  return -1;
}

/** The code point that a reference, without `&` and `;`, stands for, or -1. */
function referencedPoint(reference: Uint8Array): number {
  if (reference[0] !== HASH) return ENTITIES.get(String.fromCharCode(...reference)) ?? -1;
  const base = (reference[1] | 0x20) === LETTER_X ? 16 : 10;
  const first = base === 16 ? 2 : 1;
  if (reference.length === first) return -1;
  let point = 0;
  for (let i = first; i < reference.length; i++) {
    const digit = hexDigit(reference[i]);
    if (digit < 0 || digit >= base) return -1;
    point = point * base + digit;
  }
  return point <= LAST_CODE_POINT ? point : -1;
}
