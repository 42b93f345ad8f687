/**
 * Text in UTF-16 (RFC 2781) ↔ UTF-8, so that the scanners, which read bytes, find secrets in it too.
 *
 * SOAP stacks send XML in UTF-16. It is recognized by its byte order mark or by its first character.
 */

/** Which byte of a unit comes first. */
export type Utf16 = "utf-16le" | "utf-16be";

/** What JSON and XML texts begin with. */
const FIRST_CHARACTERS = new Set([0x3c, 0x5b, 0x7b, 0x20, 0x09, 0x0a, 0x0d]);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The encoding of a text that is in UTF-16, else `undefined`. */
export function utf16Of(bytes: Uint8Array): Utf16 | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe || second === 0 && FIRST_CHARACTERS.has(first)) return "utf-16le";
  if (first === 0xfe && second === 0xff || first === 0 && FIRST_CHARACTERS.has(second)) return "utf-16be";
  return undefined;
}

/** UTF-16 → UTF-8. What is not valid becomes U+FFFD. A byte order mark is kept. */
export function fromUtf16(bytes: Uint8Array, encoding: Utf16): Uint8Array {
  return encoder.encode(new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes));
}

/** UTF-8 → UTF-16. */
export function toUtf16(bytes: Uint8Array, encoding: Utf16): Uint8Array {
  const text = decoder.decode(bytes);
  const out = new Uint8Array(text.length * 2);
  const low = encoding === "utf-16le" ? 0 : 1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    out[i * 2 + low] = unit & 0xff;
    out[i * 2 + 1 - low] = unit >> 8;
  }
  return out;
}
