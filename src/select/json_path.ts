/**
 * JSONPath (RFC 9535) over JSON texts: which values a path selects, and where in the text they stand.
 *
 * Filters compare numbers as doubles; the text of what is selected is exact.
 */
import {
  JSONPathEnvironment,
  JSONPathError,
  type JSONPathQuery,
  JSONPathRecursionLimitError,
  type JSONValue,
} from "json-p3";
import { type JsonDocument, type JsonNode, memberOf, valueOf } from "./json_tree.ts";
import { placeOf, plain, quote, SelectError } from "./select_error.ts";

/** A value that a path selects. */
export interface JsonMatch {
  /** Where it stands in the text. */
  readonly node: JsonNode;
  /** What it is. */
  readonly value: unknown;
  /** Names and indexes that lead to it. */
  readonly location: readonly (string | number)[];
}

/** How deep `..` goes: the library recurses, and its limit must come before that of the stack. */
const MAX_DEPTH = 500;

const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH });

/** A JSONPath, ready to be applied. */
export class JsonPath {
  /** The path as it was written. */
  readonly source: string;
  readonly #query: JSONPathQuery;

  /**
   * Reads a path.
   *
   * @throws {SelectError} where it is not RFC 9535, with the column.
   */
  constructor(source: string) {
    this.source = source;
    try {
      this.#query = environment.compile(source);
    } catch (error) {
      throw new SelectError(`cannot read the JSONPath ${quote(source)}: ${pathFault(error, source)}`);
    }
  }

  /**
   * What the path selects, in the order of RFC 9535.
   *
   * @throws {SelectError} where the document is nested too deeply for `..`.
   */
  find({ text, root }: JsonDocument): JsonMatch[] {
    try {
      return this.#query.query(valueOf(text) as JSONValue).nodes.map((found) => ({
        node: walk(root, found.location) as JsonNode,
        value: found.value,
        location: found.location,
      }));
    } catch (error) {
      if (!(error instanceof JSONPathRecursionLimitError) && !(error instanceof RangeError)) throw error;
      throw new SelectError(
        `cannot apply ${quote(this.source)}: found more than ${MAX_DEPTH} levels, wanted a path without ..`,
      );
    }
  }

  /**
   * Where a member would stand that the document has not: the path is names and indexes only, ends in a name, and all
   * before it leads to an object.
   */
  newMember({ root }: JsonDocument): { readonly parent: JsonNode; readonly name: string } | undefined {
    if (!this.#query.singularQuery()) return undefined;
    const steps = this.#query.segments.map(({ selectors: [selector] }) => selector as Step);
    const name = steps.pop()?.name;
    if (name === undefined) return undefined;
    const parent = walk(root, steps.map((step) => step.name ?? step.index ?? 0));
    return parent?.kind === "object" && memberOf(parent, name) === undefined ? { parent, name } : undefined;
  }
}

/** What a selector of a singular query is: a name, or an index. */
interface Step {
  readonly name?: string;
  readonly index?: number;
}

function walk(root: JsonNode, location: readonly (string | number)[]): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of location) {
    if (node === undefined) return undefined;
    if (typeof step === "string") node = memberOf(node, step);
    else node = node.kind === "array" ? node.items.at(step) : undefined;
  }
  return node;
}

/** A place as a normalised path (RFC 9535 §2.7), but with the short form for plain names: `$.items[0]['a b']`. */
export function jsonPathText(location: readonly (string | number)[]): string {
  let text = "$";
  for (const step of location) text += jsonStep(step);
  return text;
}

/** One step of a path: `.name`, `['a b']` or `[0]`. */
export function jsonStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) return `.${step}`;
  const escaped = JSON.stringify(step).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `['${escaped}']`;
}

/** The library's complaint, on one line, with the column. */
function pathFault(error: unknown, source: string): string {
  if (!(error instanceof Error)) throw error;
  const message = error.message.replace(/ \('[\s\S]*':\d+\)$/, "");
  const text = plain(message);
  return error instanceof JSONPathError
    ? `${text} at ${placeOf(source, error.token.index).replace("line 1, ", "")}`
    : text;
}
