/** Heads of a HAR entry: HTTP/1.1 for all, since what HTTP/2 and HTTP/3 put in frames has no bytes to give back. */
import type { Field } from "../http/head.ts";
import type { Remarks } from "./reading.ts";
import { isFields, list, refuse, shown, text, Wrong } from "./shape.ts";

const HTTP_1 = /^HTTP\/1\.\d$/;
const NEWER = /^(?:h[23]|http\/[23]|quic)/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Scheme, host, port, path with query. User information is left out, as browsers do it. */
const URL_PARTS =
  /^(https?|wss?):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.%]+\]|[^/?#:[\]]+)(?::(\d{1,5})?)?([/?][^#]*)?(?:#.*)?$/is;

// deno-lint-ignore no-control-regex -- control characters are what it looks for
const UNWRITTEN = /[\u0000-\u0020\u007f]/;
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Where a request went. */
export interface HarUrl {
  /** Whether over TLS. */
  readonly isTls: boolean;
  /** The host, an IPv6 address in brackets. */
  readonly host: string;
  /** Host and port, as a target is written. */
  readonly target: string;
  /** Host, and port where it is not the usual one, as in a Host field. */
  readonly authority: string;
  /** Path and query: the request target in origin form. */
  readonly path: string;
}

/**
 * Reads a URL.
 *
 * @returns Nothing for one that is not of HTTP: `data:`, `blob:`, `chrome-extension:`.
 * @throws {Wrong} where it is no URL.
 */
export function readUrl(value: unknown): HarUrl | undefined {
  const url = text(value, "request.url");
  const match = URL_PARTS.exec(url);
  if (match === null) {
    if (/^(?!https?:|wss?:)[a-z][a-z0-9+.-]*:/i.test(url)) return undefined;
    return refuse(value, "request.url", "a URL such as https://host/path");
  }
  const [, scheme, host, port, path = "/"] = match;
  if (UNWRITTEN.test(host)) refuse(value, "request.url", "a host without spaces");
  const isTls = /^(?:https|wss)$/i.test(scheme);
  const usual = isTls ? "443" : "80";
  return {
    isTls,
    host,
    target: `${host}:${port ?? usual}`,
    authority: port === undefined || port === usual ? host : `${host}:${port}`,
    path: (path.startsWith("?") ? `/${path}` : path).replace(new RegExp(UNWRITTEN, "g"), encodeURIComponent),
  };
}

/**
 * Reads a method.
 *
 * @throws {Wrong} where it is no token (RFC 9110 §9.1).
 */
export function readMethod(value: unknown): string {
  const method = text(value, "request.method");
  return TOKEN.test(method) ? method : refuse(value, "request.method", "a method such as GET");
}

/** The protocol, HTTP/1.1 for whatever is not HTTP/1; whether it is a newer one. */
export function readVersion(value: unknown): { readonly version: string; readonly isNewer: boolean } {
  const version = typeof value === "string" ? value.toUpperCase() : "";
  return { version: HTTP_1.test(version) ? version : "HTTP/1.1", isNewer: NEWER.test(version) };
}

/** A reason phrase, on one line. */
export function readReason(value: unknown): string {
  return typeof value === "string" ? value.replaceAll("\n", " ").replace(CONTROLS, "") : "";
}

/**
 * Reads fields. What HTTP/2 says in pseudo-header fields is left out, except that `:authority` becomes Host.
 *
 * @param name Where they stand, for messages.
 * @throws {Wrong} where one is not `{"name":…,"value":…}`.
 */
export function readHarFields(value: unknown, name: string, remarks: Remarks): Field[] {
  if (value === undefined || value === null) return [];
  const fields: Field[] = [];
  let authority: string | undefined;
  list(value, name).forEach((field, i) => {
    if (!isFields(field)) {
      throw new Wrong(`found "${name}[${i}]" ${shown(field)}, wanted {"name":…,"value":…}`);
    }
    const fieldName = text(field.name, `${name}[${i}].name`);
    const content = text(field.value ?? "", `${name}[${i}].value`);
    if (fieldName.startsWith(":")) {
      if (fieldName === ":authority") authority = content.replace(CONTROLS, "").replaceAll("\n", "");
      return;
    }
    if (!TOKEN.test(fieldName)) return remarks.add("field whose name is none: left out");
    // Chrome writes fields of one name, such as Set-Cookie, as one with several lines.
    for (const line of content.split(/\r?\n/)) {
      const written = line.replace(CONTROLS, "");
      if (written !== line) remarks.add("field with control characters: they were left out");
      fields.push([fieldName, written]);
    }
  });
  if (authority !== undefined && !has(fields, "host")) fields.unshift(["Host", authority]);
  return fields;
}

/** Whether there is a field of that name, given in lower case. */
export function has(fields: readonly Field[], name: string): boolean {
  return fields.some(([found]) => found.toLowerCase() === name);
}

/** Fields without those of that name, given in lower case. */
export function without(fields: readonly Field[], name: string): Field[] {
  return fields.filter(([found]) => found.toLowerCase() !== name);
}
