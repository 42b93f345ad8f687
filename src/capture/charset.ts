/**
 * Charsets of bodies: bytes to text and back, exactly, by the `charset` parameter of Content-Type (RFC 9110 §8.3.2),
 * with the labels and decoders of the WHATWG Encoding Standard.
 *
 * Decoding is `TextDecoder`'s. Encoding, which the platform offers for UTF-8 only, goes through tables that are built
 * from `TextDecoder` when a charset is first met ({@link ./charset_table.ts}).
 */
import { type CharsetTable, charsetTable } from "./charset_table.ts";

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Labels come from the wire: past this many different ones they are resolved anew each time. */
const MAX_REMEMBERED_LABELS = 512;
/** The longest label of the Encoding Standard has 19 characters; longer ones are no charset. */
const MAX_LABEL_LENGTH = 40;
/** How much of a text is looked at to tell it from binary. */
const SNIFFED_CHARACTERS = 4096;

const encodingOfLabel = new Map<string, string | undefined>();
const exactDecoders = new Map<string, TextDecoder>();
const displayDecoders = new Map<string, TextDecoder>();

/** The value of the `charset` parameter in lower case, quotes removed; `utf-8` where there is none. */
export function charsetOf(contentType: string | undefined): string {
  if (contentType === undefined) return "utf-8";
  for (let at = contentType.indexOf(";"); at >= 0 && at < contentType.length;) {
    const equals = contentType.indexOf("=", at + 1);
    if (equals < 0) break;
    const name = contentType.slice(at + 1, equals);
    // A parameter without a value hides no later one: its name is what follows the last semicolon.
    const isCharset = name.slice(name.lastIndexOf(";") + 1).trim().toLowerCase() === "charset";
    let start = equals + 1;
    while (contentType[start] === " " || contentType[start] === "\t") start++;
    let value: string;
    if (contentType[start] === '"') {
      const end = closingQuote(contentType, start + 1);
      if (isCharset) value = contentType.slice(start + 1, end).replaceAll("\\", "");
      else value = "";
      at = contentType.indexOf(";", end);
    } else {
      at = contentType.indexOf(";", start);
      value = isCharset ? contentType.slice(start, at < 0 ? undefined : at) : "";
    }
    if (isCharset) return value.trim().toLowerCase() || "utf-8";
  }
  return "utf-8";
}

/** Where the quoted string that begins at `start` ends: at its quote, or at the end of the value. */
function closingQuote(value: string, start: number): number {
  let at = start;
  while (at < value.length && value[at] !== '"') at += value[at] === "\\" ? 2 : 1;
  return Math.min(at, value.length);
}

/**
 * The Encoding Standard's name of the declared charset, for example `windows-1252` for `charset=latin1`.
 *
 * @returns `undefined` for a label that is no charset.
 */
export function encodingOf(contentType: string | undefined): string | undefined {
  const label = charsetOf(contentType);
  if (label === "utf-8") return label;
  if (label.length > MAX_LABEL_LENGTH) return undefined;
  const known = encodingOfLabel.get(label);
  if (known !== undefined || encodingOfLabel.has(label)) return known;
  let encoding: string | undefined;
  try {
    encoding = new TextDecoder(label).encoding;
  } catch {
    // Not a label of the Encoding Standard.
  }
  if (encodingOfLabel.size < MAX_REMEMBERED_LABELS) encodingOfLabel.set(label, encoding);
  return encoding;
}

/**
 * The text of a body, where it is exact: the bytes are valid in their charset, and {@link encodeText} gives the same
 * bytes again. A byte order mark is part of the text.
 *
 * @returns `undefined` where no text stands for exactly these bytes.
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): string | undefined {
  const encoding = encodingOf(contentType);
  if (encoding === undefined) return undefined;
  try {
    if (encoding === "utf-8") return utf8.decode(bytes);
    // RFC 2781 §4.3: "utf-16" with a big-endian mark is big-endian, and text alone could not say so.
    if (encoding === "utf-16le" && bytes[0] === 0xfe && bytes[1] === 0xff) return undefined;
    const text = remembered(exactDecoders, encoding, true).decode(bytes);
    if (encoding === "utf-16le" || encoding === "utf-16be") return text;
    const table = charsetTable(encoding);
    if (table === undefined) return undefined;
    return table.unique || sameBytes(table.encode(text), bytes) ? text : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a text in the declared charset.
 *
 * @returns `undefined` where the charset is unknown or has no bytes for a character of the text.
 */
export function encodeText(text: string, contentType: string | undefined): Uint8Array | undefined {
  const encoding = encodingOf(contentType);
  if (encoding === undefined) return undefined;
  if (encoding === "utf-8") return text.isWellFormed() ? encoder.encode(text) : undefined;
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    if (!text.isWellFormed()) return undefined;
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), encoding === "utf-16le");
    return bytes;
  }
  const table: CharsetTable | undefined = charsetTable(encoding);
  return table?.encode(text);
}

/**
 * A body as people best read it: in its declared charset, or in the one its byte order mark names; where the declared
 * one is not known, as UTF-8. The byte order mark is left out.
 *
 * @param cut Whether the bytes end early, so that the last character may be incomplete; it is then left out.
 * @returns `undefined` for what is not text: bytes that are not valid, a NUL, or one control character in ten.
 */
export function displayText(
  bytes: Uint8Array,
  contentType: string | undefined,
  cut = false,
): string | undefined {
  const encoding = markedEncoding(bytes) ?? encodingOf(contentType) ?? "utf-8";
  if (!encoding.startsWith("utf-16") && bytes.includes(0)) return undefined;
  let text: string;
  try {
    // A decoder that is told of more to come keeps the incomplete character: it is not used again.
    const decoder = cut
      ? new TextDecoder(encoding, { fatal: true })
      : remembered(displayDecoders, encoding, false);
    text = decoder.decode(bytes, { stream: cut });
  } catch {
    return undefined;
  }
  return looksBinary(text) ? undefined : text;
}

/** The encoding that a byte order mark names (Encoding Standard, "BOM sniff"). */
function markedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return undefined;
}

/** Whether a decoded body holds a NUL or, in its first part, more than one control character in ten. */
function looksBinary(text: string): boolean {
  if (text.includes("\0")) return true;
  const length = Math.min(text.length, SNIFFED_CHARACTERS);
  let controls = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 ? code < 9 || code > 13 : code >= 127 && code < 160) controls++;
  }
  return controls * 10 > length;
}

function remembered(decoders: Map<string, TextDecoder>, encoding: string, ignoreBOM: boolean): TextDecoder {
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM });
    decoders.set(encoding, decoder);
  }
  return decoder;
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  if (a === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
