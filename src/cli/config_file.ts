/**
 * The config file: JSON with comments and trailing commas. Its keys are the names of the options, `relays`
 * and `proxies`:
 *
 *     { "format": "json", "relays": [{ "listen": "8081", "target": "localhost:8080" }], "proxies": ["8888"] }
 *
 * A relay and a proxy may be text, as on the command line; written as an object they may have some options of their own
 * beside their addresses.
 *
 * Every complaint names file, line and column.
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { escaped, quoted } from "../net/address.ts";
import type { Option, OptionName } from "./option.ts";
import { findOption, OPTIONS } from "./options.ts";
import { mayBeNone, OWN_OPTIONS } from "./own_options.ts";
import {
  type AddressText,
  type HostRule,
  isTls,
  type ProxySpec,
  readListen,
  readRelay,
  type RelaySpec,
  relaySpec,
} from "./relay_spec.ts";
import { didYouMean } from "./suggest.ts";
import { UsageError } from "./usage_error.ts";
import { type Given, type GivenOptions, readValue } from "./values.ts";

/** What a config file gives. */
export interface ConfigFile {
  /** The options, under their names. */
  readonly options: GivenOptions;
  /** The relays, in order. */
  readonly relays: readonly RelaySpec[];
  /** The proxies, in order. */
  readonly proxies: readonly ProxySpec[];
}

const OPTION_KEYS: readonly string[] = OPTIONS.filter((option) => option.only === undefined).map(({ name }) =>
  name
);
const KEYS: readonly string[] = ["relays", "proxies", ...OPTION_KEYS];
const RELAY_KEYS: readonly string[] = ["listen", "target", "host", "insecure", ...OWN_OPTIONS];
const PROXY_KEYS: readonly string[] = ["listen", ...OWN_OPTIONS];
const HOST_RULES: readonly string[] = ["keep", "target"];

/**
 * Reads a config file.
 *
 * @param path Its name, for messages.
 * @param text What it holds.
 * @throws {UsageError} for a syntax error, an unknown or repeated key, and a value of the wrong type or that cannot be
 * read.
 */
export function readConfigFile(path: string, text: string): ConfigFile {
  const at = (offset: number) => `${escaped(path)}:${lineAndColumn(text, offset)}`;
  const source = text.replace(/^\ufeff/, " ");
  const errors: ParseError[] = [];
  const root = parseTree(source, errors, { allowTrailingComma: true });
  if (errors.length > 0) throw syntaxError(at, source, errors[0]);
  if (root === undefined || root.type !== "object") {
    throw new UsageError(`cannot read ${at(root?.offset ?? 0)}: found ${kindOf(root)}, wanted { … }`);
  }
  const options = new Map<OptionName, Given>();
  const relays: RelaySpec[] = [];
  const proxies: ProxySpec[] = [];
  /** Where a key of the demo stands, which has a relay of its own. */
  let ofDemo: { readonly key: string; readonly place: string } | undefined;
  for (const [key, value] of members(root, KEYS, at)) {
    const option = findOption(key);
    if (option?.commands.every((command) => command === "demo")) ofDemo ??= { key, place: at(value.offset) };
    if (option !== undefined) options.set(option.name, readMember(option, value, at));
    else if (key === "relays") relays.push(...readRelays(value, at));
    else proxies.push(...readProxies(value, at));
  }
  if (ofDemo !== undefined && relays.length + proxies.length > 0) {
    const { key, place } = ofDemo;
    throw new UsageError(
      `cannot read ${place}: ${key} is for the demo, which has a relay of its own: found others, wanted ${key} ` +
        "in a file without relays and proxies",
    );
  }
  return { options, relays, proxies };
}

/** Says where an offset of the file is. */
type Place = (offset: number) => string;

/** Line and column, both from 1, of an offset; columns count UTF-16 code units. */
function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `${before.length}:${before[before.length - 1].length + 1}`;
}

function syntaxError(at: Place, source: string, { error, offset, length }: ParseError): UsageError {
  const text = source.slice(offset, offset + length).replace(/^"(.*)"$/s, "$1");
  const found = length > 0 ? quoted(text) : "the end of the file";
  const what = printParseErrorCode(error).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  return new UsageError(`cannot read ${at(offset)}: ${what}, found ${found}`);
}

/** Keys and values of an object; each key must be known and stand once. */
function* members(object: Node, known: readonly string[], at: Place): Generator<readonly [string, Node]> {
  const seen = new Set<string>();
  for (const { children } of object.children ?? []) {
    if (children === undefined || children.length !== 2) continue;
    const key = String(children[0].value);
    const place = at(children[0].offset);
    if (!known.includes(key)) {
      throw new UsageError(`cannot read ${place}: unknown key ${quoted(key)}${hintFor(key, known)}`);
    }
    if (seen.has(key)) {
      throw new UsageError(`cannot read ${place}: found the key ${quoted(key)} twice, wanted it once`);
    }
    seen.add(key);
    yield [key, children[1]];
  }
}

/** What was meant by an unknown key, or where all are listed. */
function hintFor(key: string, known: readonly string[]): string {
  if (known === KEYS && key === "proxy") return "; did you mean proxies?";
  const all = known === KEYS
    ? "; tcpmon help relay and tcpmon help proxy list all"
    : `; wanted one of ${known.join(", ")}`;
  return didYouMean(key, known) || all;
}

function readMember(option: Option, node: Node, at: Place): Given {
  const origin = `${option.name} at ${at(node.offset)}`;
  const { value } = node;
  const isNumber = typeof value === "number";
  switch (option.kind) {
    case "flag":
      return { value: flagOf(node, origin), origin };
    case "optional-text":
      if (typeof value === "boolean") return { value: value ? "" : undefined, origin };
      if (value === "") refuse(origin, node, `${option.value}, true or false`);
      break;
    case "text":
      if (isNumber && option.numeric) return { value: readValue(option, String(value), origin), origin };
      break;
    case "integer":
      if (!isNumber) refuse(origin, node, "a number");
      return { value: readValue(option, String(value), origin), origin };
    case "size":
      if (isNumber) return { value: readValue(option, String(value), origin), origin };
      break;
    case "duration":
      if (value === 0) return { value, origin };
      if (isNumber) {
        refuse(origin, node, 'a duration with its unit, such as "150ms", "2s" or "1m"');
      }
      break;
  }
  if (option.repeatable && node.type === "array") return { value: listOf(option, node, at), origin };
  if (typeof value !== "string") {
    return refuse(origin, node, `text, such as ${JSON.stringify(sample(option))}`);
  }
  return { value: readValue(option, value, origin), origin };
}

function flagOf(node: Node, origin: string): boolean {
  return typeof node.value === "boolean" ? node.value : refuse(origin, node, "true or false");
}

/** Texts of an option that may be given several times, joined as if they had been arguments. */
function listOf(option: Option, node: Node, at: Place): string | undefined {
  const texts = (node.children ?? []).map((child) =>
    child.value === ""
      ? refuse(`${option.name} at ${at(child.offset)}`, child, "some text")
      : textOf(child, option.name, "text", at)
  );
  return texts.length === 0 ? undefined : texts.join(",");
}

function sample(option: Option): string {
  return option.kind === "choice" ? option.choices[0] : option.default ?? option.value ?? "";
}

function readRelays(node: Node, at: Place): RelaySpec[] {
  const wanted = '[{ "listen": "8081", "target": "localhost:8080" }, "8082=localhost:8080"]';
  if (node.type !== "array") refuse(`relays at ${at(node.offset)}`, node, wanted);
  return (node.children ?? []).map((child) => {
    const origin = `relays at ${at(child.offset)}`;
    if (child.type === "string") {
      const text: string = child.value;
      return readRelay({ text, origin: `relay ${quoted(text)} at ${at(child.offset)}` });
    }
    if (child.type !== "object") refuse(origin, child, `objects, or text, as in ${wanted}`);
    const found = new Map(members(child, RELAY_KEYS, at));
    const target = found.get("target");
    const addresses = relaySpec(
      listenOf(found.get("listen") ?? missing("listen", origin), "listen", at),
      {
        text: textOf(target ?? missing("target", origin), "target", 'TARGET, such as "localhost:8080"', at),
        origin: `target at ${at(target?.offset ?? 0)}`,
      },
    );
    const host = found.get("host");
    const insecure = found.get("insecure");
    return {
      ...addresses,
      ...host && { host: hostRule(host, at) },
      ...insecure && { insecure: insecureRule(insecure, addresses, at) },
      ...ownOf(found, at),
    };
  });
}

function readProxies(node: Node, at: Place): ProxySpec[] {
  if (node.type !== "array") refuse(`proxies at ${at(node.offset)}`, node, '["8888"]');
  return (node.children ?? []).map((child) => {
    if (child.type !== "object") return { listen: readListen(listenOf(child, "proxies", at)) };
    const found = new Map(members(child, PROXY_KEYS, at));
    const listen = found.get("listen");
    if (listen !== undefined) {
      return { listen: readListen(listenOf(listen, "listen", at)), ...ownOf(found, at) };
    }
    throw new UsageError(
      `cannot read proxies at ${at(child.offset)}: found no "listen", wanted { "listen": … }`,
    );
  });
}

/** The options of its own that a relay or a proxy has. */
function ownOf(found: ReadonlyMap<string, Node>, at: Place): { readonly own?: GivenOptions } {
  const own = new Map<OptionName, Given>();
  for (const name of OWN_OPTIONS) {
    const node = found.get(name);
    if (node === undefined) continue;
    const isNone = node.value === "" && mayBeNone(name);
    const none: Given = { value: "", origin: `${name} at ${at(node.offset)}` };
    own.set(name, isNone ? none : readMember(findOption(name)!, node, at));
  }
  return own.size === 0 ? {} : { own };
}

/** LISTEN as text, or a port as number. */
function listenOf(node: Node, key: string, at: Place): AddressText {
  const origin = `${key} at ${at(node.offset)}`;
  if (typeof node.value === "number") return { text: String(node.value), origin };
  return { text: textOf(node, key, 'LISTEN, such as "8081"', at), origin };
}

function insecureRule(node: Node, { target }: RelaySpec, at: Place): boolean {
  const origin = `insecure at ${at(node.offset)}`;
  const value = flagOf(node, origin);
  if (value && !isTls(target)) {
    throw new UsageError(
      `cannot read ${origin}: found a target without TLS, wanted https:// or tls:// there`,
    );
  }
  return value;
}

function hostRule(node: Node, at: Place): HostRule {
  const wanted = "one of keep, target";
  const text = textOf(node, "host", wanted, at);
  return HOST_RULES.includes(text) ? text as HostRule : refuse(`host at ${at(node.offset)}`, node, wanted);
}

function textOf(node: Node, key: string, wanted: string, at: Place): string {
  return typeof node.value === "string" ? node.value : refuse(`${key} at ${at(node.offset)}`, node, wanted);
}

function missing(key: string, origin: string): never {
  throw new UsageError(`cannot read ${origin}: found no "${key}", wanted { "listen": …, "target": … }`);
}

function refuse(origin: string, node: Node, wanted: string): never {
  throw new UsageError(`cannot read ${origin}: found ${kindOf(node)}, wanted ${wanted}`);
}

/** What a node is, for a message: short values as they are, others by their type. */
function kindOf(node: Node | undefined): string {
  if (node === undefined) return "an empty file";
  if (node.type === "array") return "[ … ]";
  if (node.type === "object") return "{ … }";
  return typeof node.value === "string" ? quoted(node.value) : String(node.value);
}
