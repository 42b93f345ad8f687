/**
 * The grammar of the filter language: source → {@link Expression}.
 *
 *     filter = [ any ]
 *     any    = all *( "|" all )
 *     all    = 1*term                                 ; separated by white space
 *     term   = "-" term / "(" any ")" / key ":" value *( "," value ) / word
 *
 * Words and values may be quoted, in whole or in part.
 */
import type { Expression, FieldValue, Operator } from "./expression.ts";
import { ALIASES, type KeyInfo, KEYS } from "./keys.ts";
import { isSpace, Scanner, type Word } from "./scanner.ts";
import { nearest, quoted } from "./syntax_error.ts";
import { missingValue, readField, readNumber, readSearch, readText } from "./value.ts";

/** How deep groups and negations nest: beyond what people write, and within the stack of all who walk the result. */
const NESTING_LIMIT = 64;

/** What other query languages write, and what it is here. */
const FOREIGN = new Map([
  ["AND", "a space means and"],
  ["&&", "a space means and"],
  ["OR", "| means or"],
  ["NOT", "- before a term means not"],
  ["!", "- before a term means not"],
]);

/** A key under one of its names. */
interface NamedKey {
  readonly key: KeyInfo;
  readonly operator?: Operator;
}

const NAMED: ReadonlyMap<string, NamedKey> = namedKeys();

/**
 * Reads a filter.
 *
 * @param source The filter as it was written.
 * @throws {FilterSyntaxError} Where it cannot be read.
 */
export function parseExpression(source: string): Expression {
  const scanner = new Scanner(source);
  scanner.skipSpace();
  if (scanner.peek() === "") return { kind: "all" };
  const expression = readAny(scanner, 0);
  if (scanner.peek() !== "") {
    scanner.fail(`found ")" without a "(" before it: remove it, or put it in quotes`, scanner.at, 1);
  }
  return expression;
}

/** Alternatives, up to `)` or the end. */
function readAny(scanner: Scanner, depth: number): Expression {
  const terms: Expression[] = [];
  do {
    if (terms.length > 0 && scanner.peek() === "|") {
      scanner.fail(`found "||", wanted "|": one is enough`, scanner.at - 1, 2);
    }
    addFlat(terms, readAll(scanner, depth), "or");
  } while (scanner.skip("|"));
  return terms.length === 1 ? terms[0] : { kind: "or", terms };
}

/** Terms side by side, up to `|`, `)` or the end. */
function readAll(scanner: Scanner, depth: number): Expression {
  const terms: Expression[] = [];
  scanner.skipSpace();
  while (!scanner.atBreak()) {
    addFlat(terms, readTerm(scanner, depth), "and");
    scanner.skipSpace();
  }
  if (terms.length === 0) failTermMissing(scanner);
  return terms.length === 1 ? terms[0] : { kind: "and", terms };
}

function readTerm(scanner: Scanner, depth: number): Expression {
  const from = scanner.at;
  if (depth > NESTING_LIMIT) {
    scanner.fail(
      `more than ${NESTING_LIMIT} groups and negations inside each other: write it flatter`,
      from,
      1,
    );
  }
  if (scanner.skip("-")) {
    if (scanner.atBreak()) {
      scanner.fail(
        `found "-" alone, wanted a term right after it: to search for "-", put it in quotes`,
        from,
        1,
      );
    }
    return { kind: "not", term: readTerm(scanner, depth + 1) };
  }
  if (scanner.skip("(")) {
    const inner = readAny(scanner, depth + 1);
    if (!scanner.skip(")")) scanner.fail(`this "(" is never closed: add a ")"`, from, 1);
    return inner;
  }
  const name = scanner.readKey();
  return name === undefined ? readBareWord(scanner) : readTest(scanner, name, from);
}

function readBareWord(scanner: Scanner): Expression {
  const word = scanner.readWord(false);
  if (word.pieces.length === 1 && !word.pieces[0].quoted) {
    const [{ text }] = word.pieces;
    const meant = FOREIGN.get(text);
    if (meant !== undefined) {
      scanner.fail(
        `found ${text}: ${meant}; to search for ${text}, put it in quotes`,
        word.from,
        text.length,
      );
    }
  }
  const value = readSearch(word);
  return value === undefined ? { kind: "all" } : { kind: "search", value };
}

/** A key's values, its name and colon having been read. */
function readTest(scanner: Scanner, name: string, from: number): Expression {
  const named = NAMED.get(name.toLowerCase());
  if (named === undefined) {
    const near = nearest(name.toLowerCase(), NAMED.keys());
    const mend = near === undefined
      ? "to search for text with a colon in it, put it in quotes"
      : `did you mean "${near}"?`;
    scanner.fail(`unknown key ${quoted(name)}: ${mend}`, from, name.length);
  }
  const { key, operator } = named;
  switch (key.kind) {
    case "text":
      return {
        kind: "text",
        key: key.name,
        values: readList(scanner, key, (word, fail) => readText(word, key, fail)),
      };
    case "number": {
      const values = readList(scanner, key, (word, fail) => readNumber(word, key, operator, fail));
      return { kind: "number", key: key.name, values };
    }
    case "field": {
      let earlier: FieldValue | undefined;
      const values = readList(scanner, key, (word, fail) => earlier = readField(word, earlier, fail));
      return { kind: "field", key: key.name, values };
    }
  }
}

/** One value or more, with commas between them. */
function readList<Value>(
  scanner: Scanner,
  key: KeyInfo,
  read: (word: Word, fail: (message: string) => never) => Value,
): readonly Value[] {
  const values: Value[] = [];
  do {
    const word = scanner.readWord(true);
    if (word.pieces.length === 0) {
      const next = scanner.peek();
      const found = next === "" ? "the end" : isSpace(next) ? "a space" : quoted(next);
      scanner.fail(`found ${found}, ${missingValue(key)}`, scanner.at, next === "" ? 0 : 1);
    }
    values.push(read(word, (message) => scanner.fail(message, word.from, word.to - word.from)));
  } while (scanner.skip(","));
  return values;
}

function failTermMissing(scanner: Scanner): never {
  const next = scanner.peek();
  const found = next === "" ? "the end" : quoted(next);
  const message = `found ${found}, wanted a term such as status:5xx: add one, or remove what joins it`;
  return scanner.fail(message, scanner.at, next === "" ? 0 : 1);
}

/** Adds a term to a group, or, where it is a group of the same kind, its terms. */
function addFlat(terms: Expression[], term: Expression, kind: "and" | "or"): void {
  if (term.kind !== kind) terms.push(term);
  else for (const inner of term.terms) terms.push(inner);
}

function namedKeys(): ReadonlyMap<string, NamedKey> {
  const named = new Map<string, NamedKey>();
  for (const key of KEYS) named.set(key.name, { key });
  for (const { name, key, operator } of ALIASES) named.set(name, { key: named.get(key)!.key, operator });
  return named;
}
