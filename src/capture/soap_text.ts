/**
 * An XML text of any charset as UTF-8, for those who read its bytes: by its byte order mark or the shape of
 * UTF-16, else by the `charset` of its Content-Type, else by its XML declaration (RFC 7303 §3; XML 1.0
 * appendix F).
 */
import { encodingOf } from "./charset.ts";
import { fromUtf16, utf16Of } from "./redact/utf16.ts";
import { startsWith } from "./redact/runs.ts";

/** How far into the text an XML declaration is looked for. */
const DECLARATION_LIMIT_BYTES = 200;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const DECLARATION_OPEN = encoder.encode("<?xml");
const ENCODING = /^[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/;

/**
 * The text in UTF-8, without a byte order mark. What is in UTF-8 already is not copied; what is not valid in
 * its charset becomes U+FFFD.
 *
 * @param contentType Value of Content-Type, where there is one.
 */
export function xmlAsUtf8(bytes: Uint8Array, contentType: string | undefined): Uint8Array {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const wide = utf16Of(bytes);
  if (wide !== undefined) {
    const text = fromUtf16(bytes, wide);
    return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
  }
  const encoding = declaredEncoding(bytes, contentType);
  // UTF-16 has its own shape: what calls itself so without it is not.
  if (encoding === undefined || encoding === "utf-8" || encoding.startsWith("utf-16")) return bytes;
  return encoder.encode(new TextDecoder(encoding).decode(bytes));
}

function declaredEncoding(bytes: Uint8Array, contentType: string | undefined): string | undefined {
  if (contentType !== undefined && /charset/i.test(contentType)) return encodingOf(contentType);
  if (!startsWith(bytes, 0, bytes.length, DECLARATION_OPEN)) return undefined;
  const label = ENCODING.exec(decoder.decode(bytes.subarray(0, DECLARATION_LIMIT_BYTES)))?.[1];
  return label === undefined ? undefined : encodingOf(`text/xml; charset="${label}"`);
}
