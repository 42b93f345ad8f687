/**
 * Secrets in JSON text (RFC 8259), found token by token: the value of each listed key, whatever its type.
 *
 * Nothing is parsed: a key is a quoted run followed by a colon, looked for from every quote on. So text around the
 * JSON, several values in a row, broken syntax and a cut anywhere hide no more than what they break, and the time
 * depends on the length alone. `null` and empty strings are left alone. JSON text inside a JSON string is not read.
 */
import { hexDigit } from "./pairs.ts";
import type { Scan } from "./scan.ts";

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const LETTER_U = 0x75;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/** What `\b`, `\f`, `\n`, `\r`, `\t` stand for; any other escaped character stands for itself. */
const SHORT_ESCAPES = new Map([[0x62, 8], [0x66, 12], [0x6e, LF], [0x72, CR], [0x74, 9]]);

/** Hides the values of listed keys. */
export function scanJson(scan: Scan, from: number, to: number): void {
  const { bytes } = scan;
  // The quote that may open a key: any, since in broken text nobody knows which quotes open and which close.
  let open = -1;
  for (let at = from; at < to && !scan.full; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    if (byte !== QUOTE) continue;
    const colon = skipSpace(bytes, at + 1, to);
    if (open >= 0 && colon < to && bytes[colon] === COLON) {
      const name = unescapeJson(bytes.subarray(open + 1, at));
      if (scan.isListed(name)) {
        const end = hideValue(scan, skipSpace(bytes, colon + 1, to), to, name);
        at = end - 1;
        open = -1;
        continue;
      }
    }
    open = at;
  }
}

/** Hides the value that begins at `from`; gives where it ends. */
function hideValue(scan: Scan, from: number, to: number, name: Uint8Array): number {
  const { bytes } = scan;
  const first = from < to ? bytes[from] : COMMA;
  if (first === QUOTE) {
    const end = stringEnd(bytes, from + 1, to);
    scan.hide(from + 1, end, name, unescapeJson(bytes.subarray(from + 1, end)));
    return Math.min(end + 1, to);
  }
  const end = first === BRACE_OPEN || first === BRACKET_OPEN
    ? nestedEnd(bytes, from, to)
    : scalarEnd(bytes, from, to);
  const secret = bytes.subarray(from, end);
  if (!isNull(secret)) scan.hide(from, end, name, secret, '"', '"');
  return end;
}

/** Where the closing quote of a string stands, or `to`. */
function stringEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at < to && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
  return Math.min(at, to);
}

/** Where the object or array that begins at `from` ends, or `to`. */
function nestedEnd(bytes: Uint8Array, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at + 1, to);
    else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) depth++;
    else if ((byte === BRACE_CLOSE || byte === BRACKET_CLOSE) && --depth === 0) return at + 1;
  }
  return to;
}

/** Where a number, a literal, or what stands in the place of one, ends: at what can follow it, spaces not included. */
function scalarEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = from;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === COMMA || byte === BRACE_CLOSE || byte === BRACKET_CLOSE || byte === LF || byte === CR) break;
    if (!isSpace(byte)) end = at + 1;
  }
  return end;
}

function isNull(bytes: Uint8Array): boolean {
  return bytes.length === 4 && bytes[0] === 0x6e && bytes[1] === LETTER_U && bytes[2] === 0x6c &&
    bytes[3] === 0x6c;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LF || byte === CR || byte === 9;
}

function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(bytes[at])) at++;
  return at;
}

/** The content of a JSON string with its escapes undone, as UTF-8; a lone surrogate as three bytes, so that none is lost. */
function unescapeJson(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(BACKSLASH)) return bytes;
  // No escape stands for more bytes than it has.
  const out = new Uint8Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== BACKSLASH || at + 1 === bytes.length) {
      out[size++] = bytes[at];
      continue;
    }
    const escaped = bytes[++at];
    let point = escaped === LETTER_U ? fourDigits(bytes, at + 1) : -1;
    if (point < 0) {
      out[size++] = SHORT_ESCAPES.get(escaped) ?? escaped;
      continue;
    }
    at += 4;
    if (point >= 0xd800 && point < 0xdc00 && bytes[at + 1] === BACKSLASH && bytes[at + 2] === LETTER_U) {
      const low = fourDigits(bytes, at + 3);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + (point - 0xd800) * 0x400 + (low - 0xdc00);
        at += 6;
      }
    }
    size = writeUtf8(out, size, point);
  }
  return out.subarray(0, size);
}

/** The number that four hex digits are, or -1 where they are not. */
function fourDigits(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + 4; at++) {
    const digit = at < bytes.length ? hexDigit(bytes[at]) : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Writes a code point as UTF-8, surrogates included; gives where the next one goes. */
export function writeUtf8(out: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    out[at++] = point;
    return at;
  }
  if (point < 0x800) out[at++] = 0xc0 | point >> 6;
  else {
    if (point < 0x10000) out[at++] = 0xe0 | point >> 12;
    else {
      out[at++] = 0xf0 | point >> 18;
      out[at++] = 0x80 | point >> 12 & 0x3f;
    }
    out[at++] = 0x80 | point >> 6 & 0x3f;
  }
  out[at++] = 0x80 | point & 0x3f;
  return at;
}
