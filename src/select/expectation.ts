/**
 * What a body is expected to hold (`--expect`): `PATH = value`, `PATH != value`, `PATH ~ regexp`, or a bare `PATH`.
 *
 * The operator is the first one outside quotes, brackets and parentheses: an XPath with an `=` of its own is put into
 * parentheses. Everything that the path selects must be as expected, and it must select something: what is not there is
 * neither equal nor different. A bare XPath holds where `boolean()` of it is true, as `count(//item) > 3` may be.
 */
import { isSameJson } from "./json_identity.ts";
import { type JsonDocument, readJson } from "./json_tree.ts";
import { plain, quote, SelectError } from "./select_error.ts";
import { parseSelector, type Selected, type Selector } from "./selector.ts";

/** An expectation, ready to be checked. */
export interface Expectation {
  /** As it was written. */
  readonly source: string;
  /**
   * Checks a body. Never throws.
   *
   * @returns Whether it is as expected, and what was found, on one line: JSON values as JSON, texts in quotes.
   */
  check(document: string): { readonly ok: boolean; readonly found: string };
}

type Operator = "=" | "!=" | "~" | "exists";

/** How many of the values that were found are shown. */
const SHOWN = 5;

/**
 * Reads an expectation.
 *
 * A value is JSON for a JSONPath where it can be read as such (`5` is the number, `"5"` the string), else text; texts may
 * be quoted. With an XPath numbers are compared as such: `34.5` is `34.50`.
 *
 * @throws {SelectError} where path or regular expression cannot be read.
 */
export function parseExpectation(text: string): Expectation {
  const source = text.trim();
  const { path, operator, value } = splitExpectation(source);
  const selector = parseSelector(path);
  const test = operator === "exists"
    ? isTrue
    : operator === "~"
    ? matching(value)
    : equality(selector, value);
  return {
    source,
    check(document) {
      let found: readonly Selected[];
      try {
        found = selector.select(document);
      } catch (error) {
        if (!(error instanceof SelectError)) throw error;
        return { ok: false, found: error.message };
      }
      const ok = found.length > 0 && found.every((one) => test(one) !== (operator === "!="));
      return { ok, found: shown(found) };
    },
  };
}

/** Splits at the first operator that stands outside quotes, brackets and parentheses. */
function splitExpectation(source: string): { path: string; operator: Operator; value: string } {
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const char = source[at];
    if (char === '"' || char === "'") {
      const end = closingQuote(source, at, source.startsWith("$"));
      if (end < 0) break;
      at = end;
    } else if (char === "[" || char === "(") depth++;
    else if (char === "]" || char === ")") depth--;
    else if (depth === 0 && (char === "=" || char === "~" || source.startsWith("!=", at))) {
      // <= and >= are XPath's own.
      if (char === "=" && (source[at - 1] === "<" || source[at - 1] === ">")) continue;
      const operator = char === "!" ? "!=" : char as Operator;
      const path = source.slice(0, at).trim();
      const value = source.slice(at + operator.length).trim();
      if (path !== "") return { path, operator, value };
      throw new SelectError(
        `cannot read the expectation ${quote(source)}: found no path, wanted PATH ${operator} …`,
      );
    }
  }
  return { path: source, operator: "exists", value: "" };
}

/** Where a quoted text ends; JSONPath knows escapes, XPath does not. */
function closingQuote(source: string, start: number, hasEscapes: boolean): number {
  for (let at = start + 1; at < source.length; at++) {
    if (hasEscapes && source[at] === "\\") at++;
    else if (source[at] === source[start]) return at;
  }
  return -1;
}

type Test = (found: Selected) => boolean;

/** A node or a JSON value is enough; an XPath that gives neither must be true. */
function isTrue({ value, range }: Selected): boolean {
  return range !== undefined || Boolean(value);
}

function matching(pattern: string): Test {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch {
    throw new SelectError(`cannot read the regular expression ${quote(pattern)}: wanted JavaScript's syntax`);
  }
  return ({ text }) => expression.test(text);
}

function equality(selector: Selector, value: string): Test {
  if (selector.kind === "jsonpath") {
    const wanted = jsonValue(value);
    return (found) => isSameJson(readJson(jsonOf(found)), wanted);
  }
  const wanted = unquoted(value);
  return ({ text }) => text === wanted || text.trim() === wanted || sameNumber(text, wanted);
}

/** A wanted value: JSON where it can be read as such, else a string. */
function jsonValue(value: string): JsonDocument {
  try {
    return readJson(value);
  } catch (error) {
    if (!(error instanceof SelectError)) throw error;
    return readJson(JSON.stringify(unquoted(value)));
  }
}

/** A selected JSON value as JSON. */
function jsonOf({ text, value }: Selected): string {
  return typeof value === "string" ? JSON.stringify(text) : text;
}

/** A text without the quotes around it. */
function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function sameNumber(a: string, b: string): boolean {
  const plain = /^\s*-?(\d+(\.\d*)?|\.\d+)\s*$/;
  return plain.test(a) && plain.test(b) && Number(a) === Number(b);
}

function shown(found: readonly Selected[]): string {
  if (found.length === 0) return "nothing";
  const texts = found.slice(0, SHOWN).map(({ text, value }) =>
    value === undefined || typeof value === "string" ? quote(text) : plain(text)
  );
  const more = found.length - SHOWN;
  return texts.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
