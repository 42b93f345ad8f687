/**
 * The parts of a multipart body (RFC 2046 §5.1), as MTOM (XOP 1.0 §4.1), SOAP with Attachments and forms send
 * them.
 *
 * One pass over the bytes. The end may be missing: the last part then goes as far as the bytes do.
 */
import { startsWith } from "./redact/runs.ts";

/** One part. */
export interface Part {
  /** Content-ID without its angle brackets. Absent: it has none. */
  readonly contentId?: string;
  /** Content-Type as it is written. Absent: it has none. */
  readonly contentType?: string;
  /** File name, or else field name, of Content-Disposition. Absent: it has none. */
  readonly name?: string;
  /** What it holds; Content-Transfer-Encoding is left on. */
  readonly bytes: Uint8Array;
}

/** How many parts are told apart; what follows belongs to the last one. */
const MAX_PARTS = 1000;
/** How long the fields of a part may be, in bytes. */
const FIELDS_LIMIT_BYTES = 16 * 1024;

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const DASH = 45;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A parameter: its name, and its value in quotes or without. */
const PARAMETER = /;\s*([^\s;="]*)\s*(?:=\s*(?:"((?:[^"\\]|\\[^])*)"?|([^;]*)))?[^;]*/y;

/**
 * The parameters of a field such as Content-Type (RFC 9110 §5.6.6), by their names in lower case; the first
 * of a name counts.
 *
 * @param field The field's value.
 */
export function parametersOf(field: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const first = field.indexOf(";");
  PARAMETER.lastIndex = first < 0 ? field.length : first;
  for (let found = PARAMETER.exec(field); found !== null; found = PARAMETER.exec(field)) {
    const [, name, quoted, plain = ""] = found;
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(["\\])/g, "$1") ?? plain.trim());
  }
  return parameters;
}

/**
 * The parts of a multipart body.
 *
 * @param bytes The body, content coding undone.
 * @param contentType Value of Content-Type.
 * @returns `undefined` where it is no multipart, names no boundary, or none of its parts begins.
 */
export function partsOf(bytes: Uint8Array, contentType: string | undefined): readonly Part[] | undefined {
  if (contentType === undefined || !/^\s*multipart\//i.test(contentType)) return undefined;
  const boundary = parametersOf(contentType).get("boundary");
  if (boundary === undefined || boundary === "") return undefined;
  const delimiter = encoder.encode(`--${boundary}`);
  const parts: Part[] = [];
  let part = -1;
  for (let line = 0; line < bytes.length;) {
    const end = delimiterEnd(bytes, line, delimiter);
    if (end >= 0) {
      if (part >= 0) parts.push(partAt(bytes.subarray(part, beforeLine(bytes, part, line))));
      const isLast = bytes[line + delimiter.length] === DASH;
      part = isLast ? -1 : end;
      if (isLast || parts.length >= MAX_PARTS - 1) break;
    }
    const next = bytes.indexOf(LF, line);
    line = next < 0 ? bytes.length : next + 1;
  }
  if (part >= 0) parts.push(partAt(bytes.subarray(part)));
  return parts.length === 0 ? undefined : parts;
}

/**
 * Where the line of a delimiter that stands at `at` has ended, or -1: `--boundary`, or `--boundary--`, and
 * blanks.
 */
function delimiterEnd(bytes: Uint8Array, at: number, delimiter: Uint8Array): number {
  if (!startsWith(bytes, at, bytes.length, delimiter)) return -1;
  let end = at + delimiter.length;
  if (bytes[end] === DASH && bytes[end + 1] === DASH) end += 2;
  while (bytes[end] === SPACE || bytes[end] === TAB || bytes[end] === CR) end++;
  if (end >= bytes.length) return bytes.length;
  return bytes[end] === LF ? end + 1 : -1;
}

/** Where the content before a delimiter's line ends: its line break belongs to the delimiter. */
function beforeLine(bytes: Uint8Array, from: number, line: number): number {
  let end = line;
  if (end > from && bytes[end - 1] === LF) end--;
  if (end > from && bytes[end - 1] === CR) end--;
  return end;
}

/** Reads the fields of a part, up to their empty line. */
function partAt(bytes: Uint8Array): Part {
  let line = 0;
  let content = bytes.length;
  while (line < bytes.length && line <= FIELDS_LIMIT_BYTES) {
    const found = bytes.indexOf(LF, line);
    const next = found < 0 ? bytes.length : found + 1;
    if (bytes[line] === LF || (bytes[line] === CR && bytes[line + 1] === LF)) {
      content = next;
      break;
    }
    line = next;
  }
  const fields = fieldsOf(decoder.decode(bytes.subarray(0, Math.min(line, FIELDS_LIMIT_BYTES))));
  const id = fields.get("content-id");
  const type = fields.get("content-type");
  const disposition = parametersOf(fields.get("content-disposition") ?? "");
  const name = disposition.get("filename") ?? disposition.get("name");
  return {
    ...id !== undefined && { contentId: withoutBrackets(id) },
    ...type !== undefined && { contentType: type },
    ...name !== undefined && { name },
    bytes: bytes.subarray(content),
  };
}

/** `x` for `<x>`. */
export function withoutBrackets(id: string): string {
  return id.startsWith("<") && id.endsWith(">") ? id.slice(1, -1) : id;
}

/** Fields by their names in lower case, the first of a name; folded lines are joined (RFC 5322 §2.2.3). */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\r?\n[ \t]+/g, " ").split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
