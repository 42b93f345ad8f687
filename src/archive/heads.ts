/** Heads as a log tells them. A connection that repeats a head gets the same object again, as from the parser. */
import type { Flag } from "../http/flags.ts";
import { composeRequestHead, composeResponseHead } from "../http/compose_head.ts";
import { findHeadEnd } from "../http/grammar.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import {
  parseCutRequestHead,
  parseCutResponseHead,
  parseRequestHead,
  parseResponseHead,
} from "../http/head_parser.ts";
import { decodeBase64 } from "./body.ts";
import { base64, count, type Fields, refuse, text } from "./shape.ts";

/** The largest status that three digits can say. */
const LAST_STATUS = 999;

const NO_FLAGS: readonly Flag[] = [];
const ONE_HEAD = "the bytes of one head in base64, up to its empty line";

/** Flags that do not come from a head: an exchange with these alone has heads without flags. */
const NOT_OF_HEADS: ReadonlySet<Flag> = new Set<Flag>([
  "host-rewritten",
  "early-response",
  "body-left-out",
  "not-rewritten",
  "unrequested-response",
  "bytes-after-end",
  "over-limit",
  "not-http",
  "odd-chunk-size",
  "chunk-extension",
]);

/** Whether an exchange with these flags may have a head with flags. */
export function haveHeadFlags(flags: readonly Flag[]): boolean {
  return flags.length > 0 && !flags.every((flag) => NOT_OF_HEADS.has(flag));
}

/** A request head whose bytes are composed when somebody first asks for them. */
class ArchivedRequestHead implements RequestHead {
  readonly kind = "request";
  readonly exact = true;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: readonly Field[];
  readonly flags: readonly Flag[];
  #raw: Uint8Array | undefined;

  constructor(method: string, target: string, version: string, fields: readonly Field[], flagged: boolean) {
    this.method = method;
    this.target = target;
    this.version = version;
    this.fields = fields;
    this.flags = flagged ? flagsOf(parseRequestHead(this.raw)) : NO_FLAGS;
  }

  get raw(): Uint8Array {
    return this.#raw ??= composeRequestHead(this).raw;
  }
}

/** A response head whose bytes are composed when somebody first asks for them. */
class ArchivedResponseHead implements ResponseHead {
  readonly kind = "response";
  readonly exact = true;
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly Field[];
  readonly flags: readonly Flag[];
  #raw: Uint8Array | undefined;

  constructor(version: string, status: number, reason: string, fields: readonly Field[], flagged: boolean) {
    this.version = version;
    this.status = status;
    this.reason = reason;
    this.fields = fields;
    this.flags = flagged ? flagsOf(parseResponseHead(this.raw)) : NO_FLAGS;
  }

  get raw(): Uint8Array {
    return this.#raw ??= composeResponseHead(this).raw;
  }
}

function flagsOf(head: RequestHead | ResponseHead | string): readonly Flag[] {
  return typeof head === "string" ? NO_FLAGS : head.flags;
}

/**
 * Reads a request's head.
 *
 * @param flagged Whether it may have flags; they are found by reading its bytes.
 * @param previous The head before it on its connection, given back where the two are equal.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readRequestHead(source: Fields, flagged: boolean, previous?: RequestHead): RequestHead {
  const method = line(source.method, "request.method");
  const target = line(source.target, "request.target");
  const version = line(source.version, "request.version");
  if (source.head === undefined) {
    if (
      previous !== undefined && previous.exact && previous.target === target && previous.method === method &&
      previous.version === version && isSame(source.headers, previous.fields)
    ) {
      return previous;
    }
    const fields = readFields(source.headers, "request.headers");
    return new ArchivedRequestHead(method, target, version, fields, flagged);
  }
  const { raw, isCut } = oneHead(source.head, "request.head", flagged);
  const fields = readFields(source.headers, "request.headers");
  const parsed = isCut ? parseCutRequestHead(raw) : parseRequestHead(raw);
  if (isCut && typeof parsed === "string") refuse(source.head, "request.head", ONE_HEAD);
  const isOther = typeof parsed !== "string" &&
    (parsed.method !== method || parsed.target !== target || !isSame(fields, parsed.fields));
  // Its bytes are sent again, and it is told, filtered and chosen by the rest.
  if (isOther) refuse(source.head, "request.head", "the head that method, target and headers tell of");
  const flags = flagsOf(parsed);
  return { kind: "request", method, target, version, fields, raw, exact: false, flags };
}

/**
 * Reads a response's head.
 *
 * @param name Where it stands, for messages.
 * @param flagged Whether it may have flags; they are found by reading its bytes.
 * @param previous The head before it on its connection, given back where the two are equal.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readResponseHead(
  source: Fields,
  name: string,
  flagged: boolean,
  previous?: ResponseHead,
): ResponseHead {
  const version = line(source.version, `${name}.version`);
  const status = readStatus(source.status, `${name}.status`);
  const reason = line(source.reason, `${name}.reason`);
  if (source.head === undefined) {
    if (
      previous !== undefined && previous.exact && previous.status === status && previous.reason === reason &&
      previous.version === version && isSame(source.headers, previous.fields)
    ) {
      return previous;
    }
    const fields = readFields(source.headers, `${name}.headers`);
    return new ArchivedResponseHead(version, status, reason, fields, flagged);
  }
  const { raw, isCut } = oneHead(source.head, `${name}.head`, flagged);
  const fields = readFields(source.headers, `${name}.headers`);
  const parsed = isCut ? parseCutResponseHead(raw) : parseResponseHead(raw);
  if (isCut && typeof parsed === "string") refuse(source.head, `${name}.head`, ONE_HEAD);
  const flags = flagsOf(parsed);
  return { kind: "response", version, status, reason, fields, raw, exact: false, flags };
}

/**
 * The bytes of one head and nothing behind it: what came behind would be sent again without anybody's knowledge. Without
 * its empty line it is one that was cut, which an exchange that may have flags can have.
 */
function oneHead(value: unknown, name: string, flagged: boolean): { raw: Uint8Array; isCut: boolean } {
  const raw = decodeBase64(base64(value, name));
  const end = findHeadEnd(raw, 0, 0, raw.length);
  return end === raw.length || (end < 0 && flagged) ? { raw, isCut: end < 0 } : refuse(value, name, ONE_HEAD);
}

/** A status code, 0 to 999. */
export function readStatus(value: unknown, name: string): number {
  return count(value, name, LAST_STATUS);
}

/**
 * Reads pairs of name and value.
 *
 * @throws {Wrong} where one is no pair, or has a line feed, which would make two lines of it.
 */
export function readFields(value: unknown, name: string): readonly Field[] {
  if (!Array.isArray(value)) return refuse(value, name, 'pairs [["Name","value"], …]');
  for (let i = 0; i < value.length; i++) {
    const field: unknown = value[i];
    if (!Array.isArray(field) || field.length !== 2) {
      return refuse(field, `${name}[${i}]`, 'a pair ["Name","value"]');
    }
    line(field[0], `${name}[${i}]`);
    line(field[1], `${name}[${i}]`);
  }
  return value;
}

/** Whether a value is pairs that equal these. */
export function isSame(value: unknown, fields: readonly Field[]): boolean {
  if (!Array.isArray(value) || value.length !== fields.length) return false;
  // What differs between two heads of a connection stands most often in the last fields.
  for (let i = value.length - 1; i >= 0; i--) {
    const found: unknown = value[i];
    const [name, content] = fields[i];
    if (!Array.isArray(found) || found.length !== 2 || found[1] !== content || found[0] !== name) {
      return false;
    }
  }
  return true;
}

/** A text of one line: with a line feed, it would say more in a head than it does here. */
function line(value: unknown, name: string): string {
  const found = text(value, name);
  return found.includes("\n") ? refuse(value, name, "a text without line feeds") : found;
}
