/**
 * Bytes of a message head → {@link RequestHead} or {@link ResponseHead} (RFC 9112 §2–5), tolerant as a monitor must be.
 *
 * Whatever real clients and servers send is read as far as it has one meaning, and each departure from the grammar is
 * flagged. `RTSP/x.y` (RFC 2326) and `ICE/1.0` (Icecast) start lines are read too, since HTTP parsers in the field do.
 */
import type { Flag } from "./flags.ts";
import { bodyFlags, trimSpace } from "./framing.ts";
import type { Field, RequestHead, ResponseHead } from "./head.ts";
import { BLANK_LINE_LIMIT_BYTES, FIELD_LIMIT, METHOD_LIMIT } from "./limits.ts";

const VERSION = /^(?:HTTP\/1\.\d|RTSP\/\d\.\d|ICE\/1\.\d)$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const STATUS_LINE = /^(\S+)([ \t]+)(\d{3})(?:([ \t])(.*))?$/s;

const ascii = new TextDecoder("utf-8", { ignoreBOM: true });
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Each byte as the character of the same number (ISO 8859-1; TextDecoder's "latin1" is windows-1252). */
function oneCharPerByte(bytes: Uint8Array): string {
  const text = ascii.decode(bytes);
  if (text.length === bytes.length && !text.includes("\ufffd")) return text;
  let out = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    out += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return out;
}

const LF = 10;

/** What is found while a head is read: its text, one character per byte, and the oddities so far. */
class Reading {
  readonly text: string;
  readonly flags: Flag[] = [];
  /** Whether the ordinary way of writing gives the same bytes. */
  exact = true;
  /** Where the next line begins. */
  #at = 0;

  constructor(raw: Uint8Array) {
    this.text = oneCharPerByte(raw);
  }

  /** Notes an oddity once. `exact` tells whether it leaves the head writable in the ordinary way. */
  flag(flag: Flag, exact: boolean): void {
    if (!this.flags.includes(flag)) this.flags.push(flag);
    if (!exact) this.exact = false;
  }

  /** The next line without its end, or `undefined` after the last. */
  line(): string | undefined {
    if (this.#at >= this.text.length) return undefined;
    const start = this.#at;
    let end = this.text.indexOf("\n", start);
    if (end < 0) end = this.text.length;
    this.#at = end + 1;
    if (end > start && this.text.charCodeAt(end - 1) === 13) end--;
    else this.flag("bare-lf", false);
    return this.text.slice(start, end);
  }

  /** The first line that is not empty; nothing where too many empty ones come before it. */
  startLine(): string {
    let start = 0;
    let line = this.line();
    while (line === "") {
      this.flag("leading-blank-line", false);
      start = this.#at;
      line = this.line();
    }
    return start > BLANK_LINE_LIMIT_BYTES ? "" : line ?? "";
  }

  /** A part of the head as text: UTF-8 where it is valid, else ISO 8859-1, which cannot be told apart later. */
  decode(part: string): string {
    for (let i = 0; i < part.length; i++) {
      if (part.charCodeAt(i) < 0x80) continue;
      try {
        return strictUtf8.decode(Uint8Array.from(part, (char) => char.charCodeAt(0)));
      } catch {
        this.exact = false;
        return part;
      }
    }
    return part;
  }

  /** The field lines up to the empty line (RFC 9112 §5), or `undefined` where there are too many. */
  fields(): Field[] | undefined {
    const fields: Field[] = [];
    // The parts of the last value, joined when it is whole: a value folded ten thousand times is read in linear time.
    let parts: string[] | undefined;
    const unfold = () => {
      if (parts === undefined) return;
      fields.push([fields.pop()![0], parts.filter((part) => part !== "").join(" ")]);
      parts = undefined;
    };
    for (let line = this.line(); line !== undefined && line !== ""; line = this.line()) {
      const first = line.charCodeAt(0);
      if (first === 32 || first === 9) {
        if (fields.length > 0) {
          this.flag("obs-fold", false);
          (parts ??= [fields[fields.length - 1][1]]).push(this.decode(trimSpace(line)));
          continue;
        }
        this.flag("space-before-fields", false);
        line = trimSpace(line);
      }
      unfold();
      if (fields.length === FIELD_LIMIT) return undefined;
      fields.push(this.#field(line));
    }
    unfold();
    return fields;
  }

  #field(line: string): Field {
    const colon = line.indexOf(":");
    if (colon < 0) {
      this.flag("no-colon", false);
      return [this.decode(line), ""];
    }
    let name = line.slice(0, colon);
    if (name.endsWith(" ") || name.endsWith("\t")) {
      this.flag("space-before-colon", false);
      name = trimSpace(name);
    }
    if (!TOKEN.test(name)) this.flag("bad-field-name", true);
    const value = trimSpace(line.slice(colon + 1));
    if (line.length !== name.length + 2 + value.length || line.charCodeAt(colon + 1) !== 32) {
      this.exact = false;
    }
    return [this.decode(name), this.decode(value)];
  }

  /** Oddities that are looked for in the head as a whole. */
  lookForControls(): void {
    if (CONTROL.test(this.text)) this.flag("control-in-field", true);
    const cr = this.text.indexOf("\r");
    for (let at = cr; at >= 0; at = this.text.indexOf("\r", at + 1)) {
      if (this.text.charCodeAt(at + 1) !== 10) return this.flag("bare-cr", true);
    }
  }
}

/** Method, target and version of a request line (RFC 9112 §3), or `undefined` where it is none. */
function splitRequestLine(line: string): [method: string, target: string, version: string] | undefined {
  const trimmed = trimSpace(line);
  const first = trimmed.search(/[ \t]/);
  const last = Math.max(trimmed.lastIndexOf(" "), trimmed.lastIndexOf("\t"));
  if (first <= 0 || first > METHOD_LIMIT || last <= first || !TOKEN.test(trimmed.slice(0, first))) {
    return undefined;
  }
  const version = trimmed.slice(last + 1);
  const target = trimSpace(trimmed.slice(first, last));
  if (!VERSION.test(version) || target === "" || line.charCodeAt(0) <= 32) return undefined;
  return [trimmed.slice(0, first), target, version];
}

/** Whether a line can be the start line of a request. */
export function isRequestLine(line: Uint8Array): boolean {
  return splitRequestLine(oneCharPerByte(line)) !== undefined;
}

/** Whether a line is the start line of a request to the letter: `method SP target SP HTTP/1.x`. */
export function isPlainRequestLine(line: Uint8Array): boolean {
  const text = oneCharPerByte(line);
  const parts = splitRequestLine(text);
  return parts !== undefined && parts.join(" ") === text && !/[ \t]/.test(parts[1]) &&
    parts[2].startsWith("HTTP/");
}

/** Whether a line can be the start line of a response. */
export function isStatusLine(line: Uint8Array): boolean {
  const match = STATUS_LINE.exec(oneCharPerByte(line));
  return match !== null && VERSION.test(match[1]);
}

/** Why bytes are no head: they are not HTTP, or there is more than tcpmon reads. */
export type HeadFailure = "not-http" | "over-limit";

/**
 * Reads the head of a request.
 *
 * @param raw The head's bytes, from blank lines before it to its empty line. Kept by the result: pass a copy.
 */
export function parseRequestHead(raw: Uint8Array): RequestHead | HeadFailure {
  return readRequestHead(raw, new Reading(raw));
}

/**
 * Reads what there is of a request's head inside which the direction ended: the fields whose lines are whole.
 *
 * @param raw The bytes, from blank lines before it, without the empty line that would end it. Kept by the result.
 */
export function parseCutRequestHead(raw: Uint8Array): RequestHead | HeadFailure {
  const head = readRequestHead(raw, new Reading(wholeLines(raw)));
  return typeof head === "string" ? head : cut(head);
}

function readRequestHead(raw: Uint8Array, reading: Reading): RequestHead | HeadFailure {
  const line = reading.startLine();
  const parts = splitRequestLine(line);
  if (parts === undefined) return "not-http";
  const [method, target, version] = parts;
  if (line !== `${method} ${target} ${version}`) reading.flag("odd-start-line", false);
  else if (/[ \t]/.test(target)) reading.flag("odd-start-line", true);
  const fields = reading.fields();
  if (fields === undefined) return "over-limit";
  reading.lookForControls();
  let hosts = 0;
  for (const [name] of fields) if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  if (hosts > 1) reading.flag("duplicate-host", true);
  if (hosts === 0 && version === "HTTP/1.1") reading.flag("no-host", true);
  for (const flag of bodyFlags(version, fields)) reading.flag(flag, true);
  const decodedTarget = reading.decode(target);
  return {
    kind: "request",
    method,
    target: decodedTarget,
    version,
    fields,
    raw,
    exact: reading.exact,
    flags: reading.flags,
  };
}

/**
 * Reads the head of a response.
 *
 * @param raw The head's bytes, from blank lines before it to its empty line. Kept by the result: pass a copy.
 */
export function parseResponseHead(raw: Uint8Array): ResponseHead | HeadFailure {
  return readResponseHead(raw, new Reading(raw));
}

/**
 * Reads what there is of a response's head inside which the direction ended: the fields whose lines are whole.
 *
 * @param raw As for {@link parseCutRequestHead}.
 */
export function parseCutResponseHead(raw: Uint8Array): ResponseHead | HeadFailure {
  const head = readResponseHead(raw, new Reading(wholeLines(raw)));
  return typeof head === "string" ? head : cut(head);
}

function readResponseHead(raw: Uint8Array, reading: Reading): ResponseHead | HeadFailure {
  const match = STATUS_LINE.exec(reading.startLine());
  if (match === null || !VERSION.test(match[1])) return "not-http";
  const [, version, space, status, before, reason] = match;
  if (space !== " ") reading.flag("odd-start-line", false);
  // Writing puts a space after the status, as the grammar wants, even where the reason is empty.
  // A status is a number: leading zeros are lost.
  if (before !== " " || status.charCodeAt(0) === 48) reading.exact = false;
  const fields = reading.fields();
  if (fields === undefined) return "over-limit";
  reading.lookForControls();
  for (const flag of bodyFlags(version, fields, Number(status))) reading.flag(flag, true);
  const decodedReason = reading.decode(reason ?? "");
  return {
    kind: "response",
    version,
    status: Number(status),
    reason: decodedReason,
    fields,
    raw,
    exact: reading.exact,
    flags: reading.flags,
  };
}

/** Bytes up to the end of the last line that is whole. */
function wholeLines(raw: Uint8Array): Uint8Array {
  return raw.subarray(0, raw.lastIndexOf(LF) + 1);
}

/** Marks a head as cut. A Host that is not there may have been due in the part that is missing. */
function cut<H extends RequestHead | ResponseHead>(head: H): H {
  return { ...head, exact: false, flags: [...head.flags.filter((flag) => flag !== "no-host"), "cut-head"] };
}

/**
 * Reads a trailer section (RFC 9112 §7.1.2): field lines and the empty line.
 *
 * @returns The fields and what is odd about them, or `undefined` where there are too many.
 */
export function parseTrailers(raw: Uint8Array): { fields: Field[]; flags: readonly Flag[] } | undefined {
  const reading = new Reading(raw);
  const fields = reading.fields();
  reading.lookForControls();
  return fields && { fields, flags: reading.flags };
}
