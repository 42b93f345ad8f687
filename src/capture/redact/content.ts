/**
 * Secrets in the content of a message: which scanner reads it, by its Content-Type and by its first character.
 *
 * JSON, XML and HTML, forms, multipart and event streams are read. Other content is left alone, with secrets and
 * userinfo that may stand in it: without a syntax, a secret cannot be told from other text.
 */
import { eventData, redactEventLines } from "./events.ts";
import { scanJson } from "./json.ts";
import { scanMultipart } from "./multipart.ts";
import { scanForm } from "./pairs.ts";
import { type Rules, Scan } from "./scan.ts";
import { fromUtf16, toUtf16, utf16Of } from "./utf16.ts";
import { scanXml } from "./xml.ts";
import { isSpace } from "./xml_text.ts";

/** How content is scanned. */
export type ContentKind = "json" | "xml" | "form" | "multipart" | "events";

/** Types whose content is never looked into: it is large, and its first byte tells nothing. */
const OPAQUE = /^(?:image|audio|video|font)\//;

const BRACKET_OPEN = 0x5b;
const BRACE_OPEN = 0x7b;
const LESS = 0x3c;

/** What a Content-Type says; `unknown` where only the first character can tell. */
export function kindOfType(contentType: string | undefined): ContentKind | "opaque" | "unknown" {
  if (contentType === undefined) return "unknown";
  const semicolon = contentType.indexOf(";");
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  if (type.endsWith("+xml") || type.endsWith("/xml") || type === "text/html") return "xml";
  if (type.startsWith("multipart/")) return "multipart";
  if (type === "application/x-www-form-urlencoded") return "form";
  if (type === "text/event-stream") return "events";
  if (OPAQUE.test(type)) return "opaque";
  // Besides "/json" and "+json": x-ndjson, json-seq, jsonl, x-amz-json-1.1, graphql-response+json.
  return type.includes("json") ? "json" : "unknown";
}

/** What the first character that is no space says, a UTF-8 byte order mark left out. */
function kindOfStart(bytes: Uint8Array, from: number, to: number): "json" | "xml" | undefined {
  let at = from;
  if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  while (at < to && isSpace(bytes[at])) at++;
  if (at >= to) return undefined;
  if (bytes[at] === BRACE_OPEN || bytes[at] === BRACKET_OPEN) return "json";
  return bytes[at] === LESS ? "xml" : undefined;
}

/** Whether content of this type, beginning so, is scanned. */
export function isScanned(content: Uint8Array, contentType: string | undefined): boolean {
  const kind = kindOfType(contentType);
  if (kind !== "unknown") return kind !== "opaque";
  return utf16Of(content) !== undefined || kindOfStart(content, 0, content.length) !== undefined;
}

/**
 * Content with its secrets replaced; the same array where none was found.
 *
 * @param content What the message carries, content coding undone; its end may be missing.
 */
export function redactContent(
  content: Uint8Array,
  contentType: string | undefined,
  rules: Rules,
): Uint8Array {
  const kind = kindOfType(contentType);
  if (kind === "opaque") return content;
  const encoding = utf16Of(content);
  if (encoding !== undefined) {
    const text = fromUtf16(content, encoding);
    const redacted = redactBytes(text, kind, contentType, rules);
    return redacted === text ? content : toUtf16(redacted, encoding);
  }
  return redactBytes(content, kind, contentType, rules);
}

/**
 * The first character goes before the type: curl sends JSON as a form unless told otherwise. The type is tried where
 * nothing was found.
 */
function redactBytes(
  bytes: Uint8Array,
  kind: ContentKind | "unknown",
  contentType: string | undefined,
  rules: Rules,
): Uint8Array {
  const begins = kindOfStart(bytes, 0, bytes.length);
  if (begins !== undefined) {
    const redacted = redactAs(bytes, begins, contentType, rules);
    if (redacted !== bytes) return redacted;
  }
  return kind === "unknown" || kind === begins ? bytes : redactAs(bytes, kind, contentType, rules);
}

function redactAs(
  bytes: Uint8Array,
  kind: ContentKind,
  contentType: string | undefined,
  rules: Rules,
): Uint8Array {
  if (kind === "events") {
    const named = redactEventLines(bytes, rules);
    const { blanked, events } = eventData(named);
    const scan = new Scan(blanked, rules);
    for (const [from, to] of events) scanText(scan, from, to);
    return scan.result(named);
  }
  const scan = new Scan(bytes, rules);
  if (kind === "multipart") scanMultipart(scan, 0, bytes.length, contentType ?? "", scanPart);
  else scanAs(scan, 0, bytes.length, kind);
  return scan.result();
}

/** Scans text of no declared type: as XML if it begins so, else as JSON, which may have a few characters before it. */
export function scanText(scan: Scan, from: number, to: number): void {
  scanAs(scan, from, to, kindOfStart(scan.bytes, from, to) ?? "json");
}

/** Scans a part of a multipart body. A multipart body in it is searched for parts of its own, no deeper. */
function scanPart(scan: Scan, from: number, to: number, contentType: string | undefined): void {
  const kind = kindOfType(contentType);
  if (kind === "opaque" || kind === "events") return;
  if (kind === "multipart") return scanMultipart(scan, from, to, contentType ?? "", scanLeaf);
  scanLeaf(scan, from, to, contentType);
}

function scanLeaf(scan: Scan, from: number, to: number, contentType: string | undefined): void {
  const kind = kindOfType(contentType);
  const begins = kindOfStart(scan.bytes, from, to);
  if (begins !== undefined && kind !== "opaque") scanAs(scan, from, to, begins);
  else if (kind === "json" || kind === "xml" || kind === "form") scanAs(scan, from, to, kind);
}

function scanAs(scan: Scan, from: number, to: number, kind: "json" | "xml" | "form"): void {
  if (kind === "json") scanJson(scan, from, to);
  else if (kind === "xml") scanXml(scan, from, to);
  else scanForm(scan, from, to);
}
