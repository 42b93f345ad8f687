/**
 * Secrets in `name=value` pairs: form bodies (application/x-www-form-urlencoded, WHATWG URL §5) and URLs (RFC 3986:
 * query, fragment, path parameters such as `;jsessionid=`, and userinfo).
 *
 * Unlisted pairs are cut at every separator that any server splits at (`&`, `;`, a second `?`), so that no listed name
 * hides behind another one; the value of a listed name goes on as far as any server would read it.
 */
import type { Scan } from "./scan.ts";

const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const SLASH = 0x2f;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const AT = 0x40;
const BACKSLASH = 0x5c;

const NO_NAME = new Uint8Array();

/**
 * Where URLs stand: alone in a request target (which has no fragment), alone in a field value, or among other text in
 * a field value, where white space, quotes and angle brackets end them.
 */
export type UrlPlace = "target" | "field" | "text";

/** Hides the values of listed names in a form body. */
export function scanForm(scan: Scan, from: number, to: number): void {
  const { bytes } = scan;
  let name = from;
  for (let at = from; at < to && !scan.full; at++) {
    const byte = bytes[at];
    if (byte === AMPERSAND || byte === SEMICOLON) name = at + 1;
    else if (byte === EQUALS && name >= 0) {
      const end = hidePair(
        scan,
        name,
        at,
        () => endOf(bytes, at + 1, to, (next) => next === AMPERSAND),
        true,
      );
      if (end > at) at = end - 1;
      name = -1;
    }
  }
}

/** Hides userinfo and the values of listed names in URLs, absolute or relative. */
export function scanUrls(scan: Scan, from: number, to: number, place: UrlPlace): void {
  const { bytes } = scan;
  let part: "path" | "query" | "fragment" = "path";
  let name = -1;
  const ends = (byte: number): boolean => {
    if (place === "text" && isTextEnd(byte)) return true;
    if (byte === AMPERSAND) return true;
    if (part === "fragment") return false;
    if (byte === HASH) return place !== "target";
    return part === "path" && (byte === SLASH || byte === SEMICOLON || byte === QUESTION);
  };
  for (let at = from; at < to && !scan.full; at++) {
    const byte = bytes[at];
    if (
      byte === SLASH && bytes[at + 1] === SLASH && at + 1 < to && (at === from || bytes[at - 1] === COLON)
    ) {
      at = hideUserinfo(scan, at + 2, to, place) - 1;
      // Among other text, a new URL begins with its path.
      if (place === "text") part = "path";
    } else if (byte === QUESTION || byte === HASH || byte === AMPERSAND || byte === SEMICOLON) {
      if (byte === QUESTION && part === "path") part = "query";
      if (byte === HASH && place !== "target") part = "fragment";
      name = at + 1;
    } else if (byte === EQUALS && name >= 0) {
      const plus = part !== "path";
      const end = hidePair(scan, name, at, () => endOf(bytes, at + 1, to, ends), plus);
      if (end > at) at = end - 1;
      name = -1;
    }
  }
}

/** Hides what stands before the `@` of an authority that begins at `from`. Gives where the authority ends. */
export function hideUserinfo(scan: Scan, from: number, to: number, place: UrlPlace): number {
  const { bytes } = scan;
  let userinfoEnd = -1;
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (byte === SLASH || byte === QUESTION || byte === HASH || byte === BACKSLASH) break;
    if (place === "text" && isTextEnd(byte)) break;
    if (byte === AT) userinfoEnd = at;
  }
  if (userinfoEnd >= 0) {
    scan.hide(from, userinfoEnd, NO_NAME, percentDecode(bytes.subarray(from, userinfoEnd), false));
  }
  return at;
}

/** Hides the value after the `=` at `equals` if the name from `name` on is listed; gives where it ends, else -1. */
function hidePair(scan: Scan, name: number, equals: number, valueEnd: () => number, plus: boolean): number {
  const { bytes } = scan;
  const decodedName = percentDecode(bytes.subarray(name, equals), plus);
  if (!scan.isListed(decodedName)) return -1;
  const end = valueEnd();
  const secret = percentDecode(bytes.subarray(equals + 1, end), plus);
  scan.hide(equals + 1, end, decodedName, secret, "", "", plus ? "+" : "%20");
  return end;
}

/** Where the first byte that `ends` accepts stands, or `to`. */
function endOf(bytes: Uint8Array, from: number, to: number, ends: (byte: number) => boolean): number {
  let at = from;
  while (at < to && !ends(bytes[at])) at++;
  return at;
}

/** Whether a byte ends a URL that stands among other text. */
function isTextEnd(byte: number): boolean {
  return byte <= SPACE || byte === QUOTE || byte === LESS || byte === GREATER;
}

/** `%41` → `A` (RFC 3986 §2.1), and `+` → space where a form is read. What is no escape stays as it is. */
export function percentDecode(bytes: Uint8Array, plus: boolean): Uint8Array {
  if (!bytes.includes(PERCENT) && !(plus && bytes.includes(PLUS))) return bytes;
  const out = new Uint8Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at];
    if (plus && byte === PLUS) byte = SPACE;
    else if (byte === PERCENT && at + 2 < bytes.length) {
      const high = hexDigit(bytes[at + 1]);
      const low = hexDigit(bytes[at + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        at += 2;
      }
    }
    out[size++] = byte;
  }
  return out.subarray(0, size);
}

/** The value of an ASCII hex digit, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
