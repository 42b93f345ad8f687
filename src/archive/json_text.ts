/**
 * JSON from a file, parsed only where its shape is bounded: a few megabytes of brackets or commas would become
 * gigabytes of objects.
 */

/** Text up to this length is parsed at once: whatever it holds becomes some 100 MB at most. */
const CHECKED_FROM = 1024 * 1024;

/** How many objects, arrays and members one record may have: the fields of a head are some thousands at most. */
const MAX_VALUES = 200_000;

/** Half of a surrogate pair, escaped. Many readers of JSON refuse one that stands alone. */
const SURROGATE = /\\u[Dd][89A-Fa-f]/;

const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, BRACKET = 0x5b, BRACE = 0x7b;

/** What a text holds: a value, or why there is none. */
export type Parsed =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "not-json" }
  | { readonly kind: "too-many-values" };

/** Parses a text of JSON. In its strings U+FFFD stands for surrogates without their other half. */
export function parseJson(text: string): Parsed {
  if (text.length > CHECKED_FROM && hasTooManyValues(text)) return { kind: "too-many-values" };
  try {
    return { kind: "value", value: SURROGATE.test(text) ? JSON.parse(text, wellFormed) : JSON.parse(text) };
  } catch {
    return { kind: "not-json" };
  }
}

function wellFormed(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

function hasTooManyValues(text: string): boolean {
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = stringEnd(text, at);
    else if (unit === COMMA || unit === BRACKET || unit === BRACE) values++;
    if (values > MAX_VALUES) return true;
  }
  return false;
}

/** Where the string ends that begins at `start`; the length of the text where it does not end. */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}
