/**
 * What a comparison leaves out (`--ignore`).
 *
 * Left out unless told otherwise: Date and Age, which tell when a response was made; Connection and Keep-Alive, which
 * are about one hop (RFC 9110 §7.6.1). Content-Length, Transfer-Encoding and Content-Encoding are left out where the
 * bodies are the same: they tell how a body was carried, not what it is. Nothing else.
 */
import { JsonPath } from "../select/json_path.ts";
import { quote, SelectError } from "../select/select_error.ts";
import { XPath } from "../select/xpath.ts";

/** One thing to leave out. */
export type IgnoreRule =
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "json"; readonly path: JsonPath }
  | { readonly kind: "xml"; readonly path: XPath }
  | { readonly kind: "pattern"; readonly pattern: RegExp }
  | { readonly kind: "status" | "reason" | "body" | "timing" };

/** Everything that a comparison is to leave out, ready for use. */
export interface DiffRules {
  /** Which messages of the exchanges are compared. */
  readonly parts: readonly ("request" | "response")[];
  /** Names of fields that are left out, in lower case; trailers as well. */
  readonly fields: ReadonlySet<string>;
  /** Names of fields that are left out where the bodies are the same, in lower case. */
  readonly carrierFields: ReadonlySet<string>;
  /** Kinds of thing that are left out altogether. */
  readonly kinds: ReadonlySet<IgnoreRule["kind"]>;
  /** Values that are left out of JSON bodies. */
  readonly jsonPaths: readonly JsonPath[];
  /** Elements, attributes and texts that are left out of XML bodies. */
  readonly xpaths: readonly XPath[];
  /** What counts as equal to whatever it matches in field values, lines, JSON strings and numbers, XML texts. */
  readonly patterns: readonly RegExp[];
  /** How much of a coded body is decoded, in bytes. */
  readonly decodedLimitBytes: number;
}

/** What {@link diffRules} can be told besides the rules. */
export interface DiffRuleOptions {
  /** Which messages are compared; both unless told otherwise. */
  readonly parts?: DiffRules["parts"];
  /** Whether what is left out by default is; `true` unless told otherwise. */
  readonly defaults?: boolean;
  /** How much of a coded body is decoded, in bytes; 16 MiB unless told otherwise. */
  readonly decodedLimitBytes?: number;
}

const DEFAULT_FIELDS = ["date", "age", "connection", "keep-alive"];
const CARRIER_FIELDS = ["content-length", "transfer-encoding", "content-encoding"];
const DECODED_LIMIT_BYTES = 16 * 1024 * 1024;

/** A field name (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads one rule: `header:Name` or a bare field name, `$…` (JSONPath), `/…` (XPath), `re:…` (a regular expression),
 * `status`, `reason`, `body`, `timing`.
 *
 * @throws {SelectError} where it is none of them, on one line.
 */
export function parseIgnore(text: string): IgnoreRule {
  const source = text.trim();
  if (source.startsWith("$")) return { kind: "json", path: new JsonPath(source) };
  if (source.startsWith("/")) return { kind: "xml", path: new XPath(source) };
  if (source.startsWith("re:")) return { kind: "pattern", pattern: patternOf(source.slice(3)) };
  if (source === "status" || source === "reason" || source === "body" || source === "timing") {
    return { kind: source };
  }
  const name = source.startsWith("header:") ? source.slice("header:".length).trim() : source;
  if (TOKEN.test(name)) return { kind: "header", name: name.toLowerCase() };
  throw new SelectError(
    `cannot read what to ignore: found ${
      quote(text)
    }, wanted a field name, header:NAME, a JSONPath ($.id), an XPath ` +
      "(//id), re:REGEXP, status, reason, body or timing",
  );
}

function patternOf(source: string): RegExp {
  try {
    if (source !== "") return new RegExp(source, "gu");
  } catch {
    // Said below.
  }
  throw new SelectError(
    `cannot read what to ignore: found re:${quote(source)}, wanted a regular expression as JavaScript has it`,
  );
}

/** Puts rules together. */
export function diffRules(
  rules: readonly IgnoreRule[],
  { parts = ["request", "response"], defaults = true, decodedLimitBytes = DECODED_LIMIT_BYTES }:
    DiffRuleOptions = {},
): DiffRules {
  const fields = new Set(defaults ? DEFAULT_FIELDS : []);
  const jsonPaths: JsonPath[] = [];
  const xpaths: XPath[] = [];
  const patterns: RegExp[] = [];
  for (const rule of rules) {
    if (rule.kind === "header") fields.add(rule.name);
    else if (rule.kind === "json") jsonPaths.push(rule.path);
    else if (rule.kind === "xml") xpaths.push(rule.path);
    else if (rule.kind === "pattern") patterns.push(rule.pattern);
  }
  return {
    parts,
    fields,
    carrierFields: new Set(defaults ? CARRIER_FIELDS : []),
    kinds: new Set(rules.map(({ kind }) => kind)),
    jsonPaths,
    xpaths,
    patterns,
    decodedLimitBytes,
  };
}

/** What stands for all that a pattern matches. */
const MASK = "\ufffc";

/** A text with all that the patterns match made the same; without patterns, the text. */
export function masked(text: string, patterns: readonly RegExp[]): string {
  for (const pattern of patterns) text = text.replace(pattern, MASK);
  return text;
}
