/**
 * Secrets in header and trailer fields: the values of listed names, with the scheme of an Authorization and the names of
 * cookies (RFC 6265) kept, and what URLs carry in any other field, since any can hold one (Link, Refresh, User-Agent).
 * A Host (RFC 9110 §7.2) has no userinfo, but broken clients send one there.
 */
import { isListed } from "./names.ts";
import { percentDecode, scanUrls, type UrlPlace } from "./pairs.ts";
import { type Rules, Scan } from "./scan.ts";
import { redactShortText } from "./short_text.ts";
import type { Field } from "../../http/head.ts";

/** Fields that hold one URL, relative or absolute, and nothing else. */
const URL_FIELDS = new Set(
  ("referer referrer location content-location origin destination x-original-url x-original-uri x-rewrite-url " +
    "x-forwarded-uri x-forwarded-url").split(" "),
);

/** Fields that hold the host and the port of a URL. */
const HOST_FIELDS = new Set("host x-forwarded-host x-original-host x-forwarded-server x-host".split(" "));

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Most field names of which the reading is remembered; names come from the wire, and anyone can make up new ones. */
const REMEMBERED_LIMIT = 1000;

/** How the value of a field is read. */
interface Reading {
  readonly kind: "cookie" | "set-cookie" | "url" | "host" | "text";
  readonly listed: boolean;
}

/** Redacts fields. */
export class FieldRedactor {
  readonly #rules: Rules;
  readonly #readings = new Map<string, Reading>();

  /** Makes one that has read no field yet. */
  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** The fields with their secrets replaced; the same array where none was found. */
  redact(fields: readonly Field[]): readonly Field[] {
    let out: Field[] | undefined;
    for (let i = 0; i < fields.length; i++) {
      const redacted = this.#field(fields[i]);
      if (redacted === fields[i]) continue;
      out ??= fields.slice();
      out[i] = redacted;
    }
    return out ?? fields;
  }

  #field(field: Field): Field {
    const [name, value] = field;
    if (value === "") return redactLine(field, this.#rules);
    const redacted = redactValue(name, value, this.#reading(name), this.#rules);
    return redacted === value ? field : [name, redacted];
  }

  #reading(name: string): Reading {
    let reading = this.#readings.get(name);
    if (reading === undefined) {
      reading = readingOf(name.trim(), this.#rules);
      if (this.#readings.size >= REMEMBERED_LIMIT) this.#readings.clear();
      this.#readings.set(name, reading);
    }
    return reading;
  }
}

function readingOf(name: string, rules: Rules): Reading {
  const key = name.toLowerCase();
  const listed = isListed(rules.names, name);
  if (key === "cookie" || key === "cookie2") return { kind: "cookie", listed };
  if (key === "set-cookie" || key === "set-cookie2") return { kind: "set-cookie", listed };
  if (HOST_FIELDS.has(key)) return { kind: "host", listed };
  return { kind: URL_FIELDS.has(key) ? "url" : "text", listed };
}

function redactValue(name: string, value: string, { kind, listed }: Reading, rules: Rules): string {
  if (kind === "cookie") return redactCookies(value, listed, rules);
  if (kind === "set-cookie") return redactSetCookie(value, listed, rules);
  if (listed) return rules.tagger.value(name.trim(), encoder.encode(value)) ?? value;
  if (kind === "url") return redactUrls(value, "field", rules);
  const text = value.includes("://") || value.includes("?") ? redactUrls(value, "text", rules) : value;
  return kind === "host" ? redactHost(text, rules) : text;
}

/** `x:80`; what stands before an `@` has no business there, and is userinfo whatever it looks like. */
function redactHost(value: string, rules: Rules): string {
  const end = value.lastIndexOf("@");
  if (end < 0) return value;
  const slashes = value.lastIndexOf("//", end);
  const start = slashes < 0 ? 0 : slashes + 2;
  const tag = rules.tagger.tag(percentDecode(encoder.encode(value.slice(start, end)), false));
  return tag === undefined ? value : value.slice(0, start) + tag + value.slice(end);
}

/**
 * A line without a colon, which counts as a name: a listed name at its beginning has lost its colon, and gets one. Other
 * such lines are read as text.
 */
function redactLine(field: Field, rules: Rules): Field {
  const line = field[0].trim();
  const nameEnd = line.search(/[\s=]/);
  if (nameEnd > 0 && isListed(rules.names, line.slice(0, nameEnd))) {
    const name = line.slice(0, nameEnd);
    const tag = rules.tagger.value(name, encoder.encode(line.slice(nameEnd).replace(/^[\s=]+/, "")));
    return tag === undefined ? field : [name, tag];
  }
  const redacted = redactShortText(field[0], rules);
  return redacted === field[0] ? field : [redacted, ""];
}

/** `a=1; b=2` (RFC 6265 §4.2.1) with the value of each cookie, or of each listed one, replaced. */
function redactCookies(value: string, all: boolean, rules: Rules): string {
  return value.split(";").map((pair) => redactCookie(pair, all, rules)).join(";");
}

/** `a=1; Path=/` (RFC 6265 §4.1.1) with the value of the cookie replaced. */
function redactSetCookie(value: string, all: boolean, rules: Rules): string {
  const semicolon = value.indexOf(";");
  if (semicolon < 0) return redactCookie(value, all, rules);
  return redactCookie(value.slice(0, semicolon), all, rules) + value.slice(semicolon);
}

/** One cookie, with the white space and the quotes around its value kept. A cookie without a name is all value. */
function redactCookie(pair: string, all: boolean, rules: Rules): string {
  const equals = pair.indexOf("=");
  if (!all && (equals < 0 || !isListed(rules.names, pair.slice(0, equals).trim()))) return pair;
  let start = equals + 1;
  let end = pair.length;
  while (start < end && isBlank(pair, start)) start++;
  while (end > start && isBlank(pair, end - 1)) end--;
  if (end - start >= 2 && pair[start] === '"' && pair[end - 1] === '"') {
    start++;
    end--;
  }
  const tag = rules.tagger.text(pair.slice(start, end));
  return tag === undefined ? pair : pair.slice(0, start) + tag + pair.slice(end);
}

function isBlank(text: string, at: number): boolean {
  return text[at] === " " || text[at] === "\t";
}

/** Text with the secrets of the URLs in it replaced: userinfo, listed parameters. */
export function redactUrls(text: string, place: UrlPlace, rules: Rules): string {
  // Neither can be there without one of these.
  if (!text.includes("=") && !text.includes("@")) return text;
  const bytes = encoder.encode(text);
  const scan = new Scan(bytes, rules);
  scanUrls(scan, 0, bytes.length, place);
  const redacted = scan.result();
  return redacted === bytes ? text : decoder.decode(redacted);
}
