/**
 * Secrets in XML (and HTML): the content of each listed element, the values of listed attributes.
 *
 * Names are compared without their prefix. The content of a listed element is one secret, whatever stands in it; white
 * space around it stays. Comments and CDATA sections are read like what surrounds them, since both are used to carry
 * markup along. Broken or cut markup is read as far as it goes. Escaped markup in text (`&lt;password&gt;`) is not read.
 */
import type { Scan } from "./scan.ts";
import { indexOf, startsWith } from "./runs.ts";
import { isSpace, textOfXml, unescapeXml } from "./xml_text.ts";

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const XMLNS = [0x78, 0x6d, 0x6c, 0x6e, 0x73];

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
/** What opens a section that can carry markup along, and what closes it. */
const SECTIONS = [[ascii("<!--"), ascii("-->")], [ascii("<![CDATA["), ascii("]]>")]] as const;

/** Hides the content of listed elements and the values of listed attributes. */
export function scanXml(scan: Scan, from: number, to: number): void {
  // Cut, so that no search goes past the range.
  const bytes = scan.bytes.subarray(0, to);
  // Inside of a section, nothing is read past its end.
  let limit = to;
  let inSection = false;
  let at = bytes.indexOf(LESS, from);
  while (at >= 0 && at < to && !scan.full) {
    if (inSection && at >= limit) {
      inSection = false;
      limit = to;
    }
    const section = inSection ? undefined : sectionAt(bytes, at, to);
    if (section !== undefined) {
      inSection = true;
      limit = section.end;
      at += section.opening;
    } else if (at + 1 < limit && isNameStart(bytes[at + 1])) at = readTag(scan, at + 1, limit);
    else at++;
    at = bytes.indexOf(LESS, at);
  }
}

/** The comment or CDATA section that begins at `at`: the length of its opening, and where its content ends. */
function sectionAt(bytes: Uint8Array, at: number, to: number): { opening: number; end: number } | undefined {
  for (const [open, close] of SECTIONS) {
    if (!startsWith(bytes, at, to, open)) continue;
    const end = indexOf(bytes, close, at + open.length, to);
    return { opening: open.length, end: end < 0 ? to : end };
  }
  return undefined;
}

/** Reads a start tag from its name on, and the content if its element is listed; gives where to go on. */
function readTag(scan: Scan, from: number, to: number): number {
  const { bytes } = scan;
  const nameEnd = tokenEnd(bytes, from, to);
  const name = bytes.subarray(from, nameEnd);
  const listed = scan.isListed(localName(name));
  // Where a broken tag ends nobody knows: better too much is hidden than too little.
  if (listed && tagEnd(bytes, nameEnd, to) < 0) return hideContent(scan, nameEnd, to, name);
  let at = nameEnd;
  for (;;) {
    while (at < to && (isSpace(bytes[at]) || bytes[at] === SLASH || isQuote(bytes[at]))) at++;
    if (at >= to || bytes[at] === LESS) return at;
    if (bytes[at] === GREATER) break;
    at = readAttribute(scan, at, to);
    if (scan.full) return to;
  }
  return listed && bytes[at - 1] !== SLASH ? hideContent(scan, at + 1, to, name) : at;
}

/** Reads one attribute, with or without a value; gives where it ends, always past where it began. */
function readAttribute(scan: Scan, from: number, to: number): number {
  const { bytes } = scan;
  const nameEnd = bytes[from] === EQUALS ? from + 1 : tokenEnd(bytes, from, to);
  let at = skipSpace(bytes, nameEnd, to);
  if (at >= to || bytes[at] !== EQUALS) return nameEnd;
  at = skipSpace(bytes, at + 1, to);
  const quote = at < to && isQuote(bytes[at]) ? bytes[at++] : 0;
  const local = localName(bytes.subarray(from, nameEnd));
  const listed = scan.isListed(local);
  let end = at;
  // No value may hold "<": where one does, its quote was never closed, and going on there finds the next tag. But a
  // secret is hidden up to its quote.
  while (end < to && !(quote === 0 ? isUnquotedEnd(bytes[end]) : bytes[end] === quote)) {
    if (bytes[end] === LESS && !listed) return end;
    end++;
  }
  if (listed) scan.hide(at, end, local, unescapeXml(bytes.subarray(at, end)));
  return quote === 0 || end >= to ? end : end + 1;
}

/** Hides the content that begins at `from`, up to the end tag of the element; gives where that begins, or `to`. */
function hideContent(scan: Scan, from: number, to: number, name: Uint8Array): number {
  const bytes = scan.bytes.subarray(0, to);
  let depth = 1;
  let children = false;
  let end = to;
  for (let at = bytes.indexOf(LESS, from); at >= 0 && at < to; at = bytes.indexOf(LESS, at + 1)) {
    const section = sectionAt(bytes, at, to);
    if (section !== undefined) {
      at = section.end;
      continue;
    }
    if (bytes[at + 1] === SLASH) {
      if (isName(bytes, at + 2, to, name) && --depth === 0) {
        end = at;
        break;
      }
      children = true;
    } else if (isNameStart(bytes[at + 1])) {
      children = true;
      if (isName(bytes, at + 1, to, name) && !isEmptyTag(bytes, at + 1, to)) depth++;
    }
  }
  let start = from;
  let last = end;
  while (start < last && isSpace(bytes[start])) start++;
  while (last > start && isSpace(bytes[last - 1])) last--;
  const content = bytes.subarray(start, last);
  scan.hide(start, last, localName(name), children ? content : textOfXml(content));
  return end;
}

/** Where the ">" of the start tag that goes on at `from` stands, or -1. Its values may hold ">", not "<". */
function tagEnd(bytes: Uint8Array, from: number, to: number): number {
  let quote = 0;
  for (let at = from; at < to && bytes[at] !== LESS; at++) {
    const byte = bytes[at];
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (isQuote(byte)) quote = byte;
    else if (byte === GREATER) return at;
  }
  return -1;
}

/** Whether the start tag that goes on at `from` is a whole one that closes itself. */
function isEmptyTag(bytes: Uint8Array, from: number, to: number): boolean {
  const end = tagEnd(bytes, from, to);
  return end > from && bytes[end - 1] === SLASH;
}

/** Whether exactly this name stands at `at`. */
function isName(bytes: Uint8Array, at: number, to: number, name: Uint8Array): boolean {
  return startsWith(bytes, at, to, name) && tokenEnd(bytes, at + name.length, to) === at + name.length;
}

/** What follows the prefix of a name; nothing for a namespace declaration, which is no secret whatever its prefix. */
function localName(name: Uint8Array): Uint8Array {
  const colon = name.lastIndexOf(COLON);
  if (colon === XMLNS.length && XMLNS.every((byte, i) => name[i] === byte)) return name.subarray(0, 0);
  return name.subarray(colon + 1);
}

/** Where an element or attribute name ends. */
function tokenEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && !isTokenEnd(bytes[at])) at++;
  return at;
}

function isTokenEnd(byte: number): boolean {
  return isSpace(byte) || byte === SLASH || byte === GREATER || byte === LESS || byte === EQUALS ||
    isQuote(byte);
}

function isUnquotedEnd(byte: number): boolean {
  return isSpace(byte) || byte === GREATER || byte === LESS;
}

function isQuote(byte: number): boolean {
  return byte === QUOTE || byte === APOSTROPHE;
}

/** Letters, `_`, `:` and everything beyond ASCII. */
function isNameStart(byte: number): boolean {
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x7a || byte === 0x5f || byte === COLON || byte >= 0x80;
}

function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(bytes[at])) at++;
  return at;
}
