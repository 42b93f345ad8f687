/** What HAR wants spelled out of fields and URLs: headers, cookies (RFC 6265 §4), query and form parameters. */
import type { Field } from "../http/head.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { writeJsonString } from "../log/json_string.ts";

/** A name and its value. */
export type Pair = readonly [name: string, value: string];

const NONE: Pair[] = [];

const encoder = new TextEncoder();
const NAME = encoder.encode('{"name":');
const VALUE = encoder.encode(',"value":');
const COMMA = 0x2c;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/** Appends pairs as an array of objects with `name` and `value`. */
export function writePairs(out: ByteWriter, pairs: readonly Pair[]): void {
  out.byte(BRACKET_OPEN);
  for (let i = 0; i < pairs.length; i++) {
    if (i > 0) out.byte(COMMA);
    openPair(out, pairs[i][0], pairs[i][1]);
    out.byte(BRACE_CLOSE);
  }
  out.byte(BRACKET_CLOSE);
}

function openPair(out: ByteWriter, name: string, value: string): void {
  out.bytes(NAME);
  writeJsonString(out, name);
  out.bytes(VALUE);
  writeJsonString(out, value);
}

/** Appends the cookies that a request sends. */
export function writeRequestCookies(out: ByteWriter, fields: readonly Field[]): void {
  let cookies: Pair[] = NONE;
  for (const [name, value] of fields) {
    if (name.length !== 6 || name.toLowerCase() !== "cookie") continue;
    if (cookies === NONE) cookies = [];
    for (const pair of value.split(";")) if (pair.trim() !== "") cookies.push(split(pair));
  }
  writePairs(out, cookies);
}

/** Appends the cookies that a response sets, with their attributes. */
export function writeResponseCookies(out: ByteWriter, fields: readonly Field[]): void {
  out.byte(BRACKET_OPEN);
  let isFirst = true;
  for (const [name, value] of fields) {
    if (name.length !== 10 || name.toLowerCase() !== "set-cookie") continue;
    if (!isFirst) out.byte(COMMA);
    isFirst = false;
    const [pair, ...attributes] = value.split(";");
    openPair(out, ...split(pair));
    const given = new Map(attributes.map(split).map(([key, text]) => [key.toLowerCase(), text]));
    writeAttribute(out, "path", given.get("path"));
    writeAttribute(out, "domain", given.get("domain"));
    writeAttribute(out, "expires", isoDate(given.get("expires")));
    writeAttribute(out, "sameSite", given.get("samesite"));
    out.text(`,"httpOnly":${given.has("httponly")},"secure":${given.has("secure")}}`);
  }
  out.byte(BRACKET_CLOSE);
}

/** Appends the parameters of a query or a form: decoded, or as they are where they cannot be. */
export function writeParameters(out: ByteWriter, query: string): void {
  if (query === "") return writePairs(out, NONE);
  const parameters = query.split("&").filter((pair) => pair !== "");
  writePairs(out, parameters.map((pair) => split(pair).map(decoded) as unknown as Pair));
}

/** `a=b` in two, white space around both taken off; the value is empty where there is none. */
function split(pair: string): Pair {
  const equals = pair.indexOf("=");
  return equals < 0 ? [pair.trim(), ""] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}

function decoded(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function writeAttribute(out: ByteWriter, name: string, value: string | undefined): void {
  if (value === undefined || value === "") return;
  out.text(`,"${name}":`);
  writeJsonString(out, value);
}

/** A date as HAR wants it; `undefined` for what is none. */
function isoDate(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
