/**
 * Secrets in short texts that have no syntax of their own: close reasons, names and ids of events, odd field lines.
 *
 * Found are listed keys in JSON, `token=s3cret` as a word, whatever follows `token:` as a word, and what URLs carry. Other
 * secrets cannot be told from other text.
 */
import { scanJson } from "./json.ts";
import { scanForm, scanUrls } from "./pairs.ts";
import { type Rules, Scan } from "./scan.ts";
import { isSpace } from "./xml_text.ts";

const COLON = 0x3a;
/** What may stand before a name: quotes, brackets, a comma. */
const OPENERS: ReadonlySet<number> = new Set(Array.from("\"'`([{<,", (char) => char.charCodeAt(0)));

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes of a text with its secrets replaced; the same array where none was found. */
export function redactShortBytes(bytes: Uint8Array, rules: Rules): Uint8Array {
  // Each pass reads what the one before it left: what is replaced twice is a tag, which has nothing to hide.
  return [scanJson, scanWords, scanTextUrls].reduce((text, look) => {
    const scan = new Scan(text, rules);
    look(scan, 0, text.length);
    return scan.result();
  }, bytes);
}

/** A text with its secrets replaced; the same text where none was found. */
export function redactShortText(text: string, rules: Rules): string {
  // None can be there without one of these.
  if (!/[=:@]/.test(text)) return text;
  const bytes = encoder.encode(text);
  const redacted = redactShortBytes(bytes, rules);
  return redacted === bytes ? text : decoder.decode(redacted);
}

/** Hides `secret` in the words `token=secret`, and everything after a word `token:`. */
function scanWords(scan: Scan, from: number, to: number): void {
  const { bytes } = scan;
  for (let at = from; at < to && !scan.full;) {
    while (at < to && (isSpace(bytes[at]) || OPENERS.has(bytes[at]))) at++;
    const word = at;
    while (at < to && !isSpace(bytes[at])) at++;
    const name = bytes.subarray(word, at - 1);
    if (bytes[at - 1] === COLON && scan.isListed(name)) {
      while (at < to && isSpace(bytes[at])) at++;
      return scan.hide(at, to, name, bytes.subarray(at, to));
    }
    scanForm(scan, word, at);
  }
}

function scanTextUrls(scan: Scan, from: number, to: number): void {
  scanUrls(scan, from, to, "text");
}
