/**
 * Secrets in multipart bodies (RFC 2046 §5.1; form-data: RFC 7578): the content of each part whose name is listed. Other
 * parts are handed on, to be scanned by their own type (SOAP with attachments, JSON parts).
 */
import type { Scan } from "./scan.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DASH = 0x2d;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Scans the content of one part by its own Content-Type, `undefined` where it has none. */
export type ScanPart = (scan: Scan, from: number, to: number, contentType: string | undefined) => void;

/**
 * Hides the content of listed parts and hands on the others.
 *
 * @param contentType The field value that names the boundary; without one, the first line that can be a delimiter does.
 */
export function scanMultipart(
  scan: Scan,
  from: number,
  to: number,
  contentType: string,
  other: ScanPart,
): void {
  const { bytes } = scan;
  const boundary = parameter(contentType, "boundary");
  let delimiter = boundary === undefined ? undefined : encoder.encode(`--${boundary}`);
  let part = -1;
  for (let line = from; line < to && !scan.full;) {
    const next = lineEnd(bytes, line, to);
    if (delimiter === undefined && bytes[line] === DASH && bytes[line + 1] === DASH) {
      delimiter = bytes.slice(line, trimmedEnd(bytes, line, next));
    }
    const kind = delimiter === undefined ? undefined : delimiterKind(bytes, line, next, delimiter);
    if (kind !== undefined) {
      if (part >= 0) readPart(scan, part, beforeLine(bytes, part, line), other);
      part = kind === "last" ? -1 : next;
    }
    line = next;
  }
  if (part >= 0) readPart(scan, part, to, other);
}

/** Reads the fields of a part, then hides its content or hands it on. */
function readPart(scan: Scan, from: number, to: number, other: ScanPart): void {
  const { bytes } = scan;
  let line = from;
  let next = lineEnd(bytes, line, to);
  let blank = false;
  while (line < to && !blank) {
    blank = trimmedEnd(bytes, line, next) === line;
    if (!blank) {
      line = next;
      next = lineEnd(bytes, line, to);
    }
  }
  if (!blank) return;
  const fields = partFields(decoder.decode(bytes.subarray(from, line)));
  const disposition = fields.get("content-disposition");
  const name = disposition === undefined ? undefined : parameter(disposition, "name");
  const nameBytes = encoder.encode(name ?? "");
  if (scan.isListed(nameBytes)) scan.hide(next, to, nameBytes, bytes.subarray(next, to));
  else other(scan, next, to, fields.get("content-type"));
}

/** Field lines of a part, by lower-case name; the last of a name counts, continued lines are joined. */
function partFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of text.split("\n")) {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      fields.set(last, `${fields.get(last) ?? ""} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    last = line.slice(0, colon).trim().toLowerCase();
    fields.set(last, line.slice(colon + 1).trim());
  }
  return fields;
}

/**
 * The value of a parameter of a field such as Content-Type or Content-Disposition (RFC 9110 §5.6.6), quotes removed, or
 * `undefined`. In quotes, a backslash escapes a quote or a backslash only: some clients send Windows paths as they are.
 *
 * @param wanted Its name in lower case.
 */
function parameter(field: string, wanted: string): string | undefined {
  for (let at = field.indexOf(";"); at >= 0 && at < field.length;) {
    const end = parameterEnd(field, at + 1);
    const equals = field.indexOf("=", at + 1);
    if (equals >= 0 && equals < end && field.slice(at + 1, equals).trim().toLowerCase() === wanted) {
      return unquoted(field.slice(equals + 1, end).trim());
    }
    at = end;
  }
  return undefined;
}

/** Where the `;` after a parameter stands, or the end. */
function parameterEnd(field: string, from: number): number {
  let quoted = false;
  let at = from;
  for (; at < field.length && (quoted || field[at] !== ";"); at++) {
    if (quoted && isEscape(field, at)) at++;
    else if (field[at] === '"') quoted = !quoted;
  }
  return Math.min(at, field.length);
}

/** What stands in quotes, or the value itself where it has none. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  let text = "";
  for (let at = 1; at < value.length && value[at] !== '"'; at++) {
    if (isEscape(value, at)) at++;
    text += value[at];
  }
  return text;
}

/** Whether a backslash escapes what follows it. */
function isEscape(text: string, at: number): boolean {
  return text[at] === "\\" && (text[at + 1] === '"' || text[at + 1] === "\\");
}

/** Whether a line is the delimiter of a part, or the last one (RFC 2046 §5.1.1). */
function delimiterKind(
  bytes: Uint8Array,
  from: number,
  next: number,
  delimiter: Uint8Array,
): "part" | "last" | undefined {
  const end = trimmedEnd(bytes, from, next);
  const extra = end - from - delimiter.length;
  if (extra !== 0 && extra !== 2) return undefined;
  for (let i = 0; i < delimiter.length; i++) if (bytes[from + i] !== delimiter[i]) return undefined;
  if (extra === 0) return "part";
  return bytes[end - 2] === DASH && bytes[end - 1] === DASH ? "last" : undefined;
}

/** Where the line after the one at `from` begins. */
function lineEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== LF) at++;
  return Math.min(at + 1, to);
}

/** Where a line ends without its line break and the white space before it. */
function trimmedEnd(bytes: Uint8Array, from: number, next: number): number {
  let end = next;
  while (end > from && isBlank(bytes[end - 1])) end--;
  return end;
}

/** Where the content before a delimiter line ends: its line break belongs to the delimiter. */
function beforeLine(bytes: Uint8Array, from: number, line: number): number {
  let end = line;
  if (end > from && bytes[end - 1] === LF) end--;
  if (end > from && bytes[end - 1] === CR) end--;
  return end;
}

function isBlank(byte: number): boolean {
  return byte === LF || byte === CR || byte === SPACE || byte === TAB;
}
