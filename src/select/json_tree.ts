/**
 * A JSON text (RFC 8259) as a tree that knows where each value stands, without recursion: ten thousand levels are as
 * good as one. The tokens are jsonc-parser's; what is not strict JSON is refused by the runtime's parser before.
 */
import { createScanner } from "jsonc-parser";
import { placeOf, quote, SelectError, TooLargeError } from "./select_error.ts";

/** One value. What a string, number or literal is, {@link scalarOf} tells. */
export interface JsonNode {
  /** What it is; `literal` is true, false or null. */
  readonly kind: "object" | "array" | "string" | "number" | "literal";
  /** Where its text begins, in UTF-16 code units. */
  readonly from: number;
  /** Where its text ends. */
  to: number;
  /** Names of an object's members, in order, escapes undone; repeated names stand repeatedly. */
  readonly names: readonly string[];
  /** Values of an object's members, or an array's elements, in order. */
  readonly items: readonly JsonNode[];
  /** What `JsonIdentities` makes of it; 0 before. */
  identity: number;
}

/** A JSON text that was read. */
export interface JsonDocument {
  /** The text. */
  readonly text: string;
  /** The outermost value. */
  readonly root: JsonNode;
  /** Every value, each after what it holds. */
  readonly nodes: readonly JsonNode[];
}

/** How many values a text may have: each takes some 150 bytes, and again as much to be compared. */
const MAX_VALUES = 1_000_000;

const NONE: readonly never[] = [];

interface OpenNode extends JsonNode {
  readonly names: string[];
  readonly items: JsonNode[];
}

/**
 * Reads a JSON text. A byte order mark before it is passed over.
 *
 * @throws {SelectError} where it is not JSON, with line and column.
 * @throws {TooLargeError} where it has more than a million values.
 */
export function readJson(text: string): JsonDocument {
  valueOf(text);
  const nodes: JsonNode[] = [];
  return { text, root: build(text, nodes), nodes };
}

/**
 * What the runtime makes of a JSON text: of members with equal names the last one, numbers as doubles.
 *
 * @throws {SelectError} where it is not JSON.
 */
export function valueOf(text: string): unknown {
  const source = text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text;
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new SelectError(`cannot read the document as JSON: ${faultOf(source, error)}`);
  }
}

/** A string, escapes undone; any other value as it is written. Numbers stay exact: a double is not 9007199254740993. */
export function scalarOf({ kind, from, to }: JsonNode, text: string): string {
  if (kind !== "string") return text.slice(from, to);
  const inner = text.slice(from + 1, to - 1);
  return inner.includes("\\") ? JSON.parse(text.slice(from, to)) : inner;
}

/** The tree of a text that is known to be JSON: the first character of a token tells what it is. */
function build(source: string, nodes: JsonNode[]): JsonNode {
  const scanner = createScanner(source, true);
  const open: OpenNode[] = [];
  if (source.startsWith("\ufeff")) scanner.setPosition(1);
  for (;;) {
    scanner.scan();
    const from = scanner.getTokenOffset();
    const to = from + scanner.getTokenLength();
    const first = source[from];
    if (first === "," || first === ":") continue;
    const parent = open.at(-1);
    if (first === "{" || first === "[") {
      if (open.length + nodes.length >= MAX_VALUES) throw tooLarge();
      const opened: OpenNode = {
        kind: first === "{" ? "object" : "array",
        from,
        to,
        names: [],
        items: [],
        identity: 0,
      };
      parent?.items.push(opened);
      open.push(opened);
      continue;
    }
    let node: JsonNode;
    if (first === "}" || first === "]") {
      node = open.pop() as OpenNode;
      node.to = to;
    } else {
      if (first === '"' && parent?.kind === "object" && parent.names.length === parent.items.length) {
        parent.names.push(scanner.getTokenValue());
        continue;
      }
      node = { kind: scalarKind(first), from, to, names: NONE, items: NONE, identity: 0 };
      parent?.items.push(node);
    }
    if (nodes.push(node) > MAX_VALUES) throw tooLarge();
    if (open.length === 0) return node;
  }
}

function scalarKind(first: string): JsonNode["kind"] {
  if (first === '"') return "string";
  return first === "t" || first === "f" || first === "n" ? "literal" : "number";
}

function tooLarge(): TooLargeError {
  return new TooLargeError(`cannot read the document: found more than ${MAX_VALUES} JSON values`);
}

/** What is wrong with a text, from the runtime's complaint, which may quote the text. */
function faultOf(source: string, error: unknown): string {
  const text = source.trim();
  if (text === "") return "found nothing, wanted a value";
  const complaint = String(error);
  const offset = / JSON at position (\d+)/.exec(complaint)?.[1];
  if (offset !== undefined) return `unexpected text at ${placeOf(source, Number(offset))}`;
  if (/Unexpected end|Unterminated/.test(complaint)) return "it ends too early";
  return `found ${quote(text.slice(0, 20))}, wanted a value and nothing else`;
}

/** The member of that name, of several the last one, as the runtime has it; `undefined` where there is none. */
export function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  if (node.kind !== "object") return undefined;
  if (node.names.length <= FEW_MEMBERS) return node.items[node.names.lastIndexOf(name)];
  let index = indexes.get(node);
  if (index === undefined) {
    index = new Map(node.names.map((known, i) => [known, i]));
    indexes.set(node, index);
  }
  const at = index.get(name);
  return at === undefined ? undefined : node.items[at];
}

const FEW_MEMBERS = 16;
const indexes = new WeakMap<JsonNode, Map<string, number>>();
