/** Reads the values of a filter's terms: text with `*`, numbers with comparisons and ranges, `name=value`. */
import type { FieldValue, NumberValue, Operator, TextValue } from "./expression.ts";
import type { KeyInfo, NumberKeyInfo, TextKeyInfo } from "./keys.ts";
import { readQuantity, suffixOf, WANTED } from "./quantity.ts";
import type { Piece, Word } from "./scanner.ts";
import { nearest, quoted } from "./syntax_error.ts";

/** Throws a syntax error about a word. */
export type Fail = (message: string) => never;

/** Reads a bare word: what to look for anywhere, or `undefined` where that is anything at all. */
export function readSearch(word: Word): TextValue | undefined {
  const parts = partsOf(word.pieces).filter((part) => part !== "");
  if (parts.length < 2) return parts.length === 0 ? undefined : { kind: "contains", text: parts[0] };
  return { kind: "glob", parts: ["", ...parts, ""] };
}

/** Reads the value of a text key. A `=` before it asks for the whole text. */
export function readText(word: Word, key: TextKeyInfo, fail: Fail): TextValue {
  const { pieces } = word;
  const exactly = pieces[0].text.startsWith("=") && !pieces[0].quoted;
  const rest = exactly ? withoutFirst(pieces, 1) : pieces;
  if (rest.length === 0) fail(`found nothing after "=", wanted a text: write ="" for an empty one`);
  const value = asText(partsOf(rest), exactly || key.match !== "contains" ? "exact" : "contains");
  if (value.kind !== "exact" || key.words === undefined) return value;
  const text = value.text.toLowerCase();
  if (!key.words.includes(text)) {
    const near = nearest(text, key.words);
    const mend = near === undefined ? `wanted one of ${key.words.join(", ")}` : `did you mean "${near}"?`;
    fail(`unknown ${key.name} ${quoted(value.text)}: ${mend}`);
  }
  return { kind: "exact", text };
}

/**
 * Reads one value of a field key: `name`, or `name=value`.
 *
 * @param word What was written.
 * @param earlier The value before it in the list: what has no `=` of its own, after one that has, is a value of its name.
 * @param fail Says that it cannot be read.
 */
export function readField(word: Word, earlier: FieldValue | undefined, fail: Fail): FieldValue {
  const { pieces } = word;
  const index = pieces.findIndex((piece) => !piece.quoted && piece.text.includes("="));
  if (index < 0) {
    const value = asText(partsOf(pieces), "exact");
    return earlier?.value === undefined ? { name: value } : { name: earlier.name, value };
  }
  const { text } = pieces[index];
  const split = text.indexOf("=");
  const before = [...pieces.slice(0, index), { text: text.slice(0, split), quoted: false }];
  const name = asText(partsOf(before), "exact");
  if (name.kind === "exact" && name.text === "") {
    fail(`found "=" without a name before it, wanted name=value`);
  }
  return { name, value: asText(partsOf(withoutFirst(pieces.slice(index), split + 1)), "exact") };
}

/**
 * Reads one value of a number key: a number, one with an operator before it, or a range.
 *
 * @param word What was written.
 * @param key The key it is for.
 * @param given The operator that the key's name implies, if it does.
 * @param fail Says that it cannot be read.
 */
export function readNumber(
  word: Word,
  key: NumberKeyInfo,
  given: Operator | undefined,
  fail: Fail,
): NumberValue {
  const source = word.pieces.map((piece) => piece.text).join("");
  const written = /^[<>]?=?/.exec(source)![0] as Operator | "";
  const range = source.indexOf("..");
  if (given !== undefined && (written !== "" || range >= 0)) {
    fail(`found ${quoted(source)}, wanted a number alone: for comparisons write ${key.name}:`);
  }
  const one = (text: string, suffix?: string) =>
    readQuantity(text, key.unit, suffix) ??
      fail(`found ${quoted(text)}, wanted ${WANTED[key.unit]}, for example ${key.example}`);
  if (range < 0) {
    const operator = given ?? written;
    const { from, to } = one(source.slice(written.length));
    if (operator === "<" || operator === ">=") return compare(operator, from);
    if (operator === ">" || operator === "<=") return compare(operator, to);
    return between(from, to);
  }
  const [first, last] = [source.slice(0, range), source.slice(range + 2)];
  if (first === "") return compare("<=", one(last).to);
  if (last === "") return compare(">=", one(first).from);
  // 1..2s is one to two seconds; without a unit after it, the default would make the first one ms.
  const from = one(first, suffixOf(last)).from;
  const to = one(last).to;
  if (from > to) {
    fail(`found a range from ${quoted(first)} down to ${quoted(last)}: write the smaller one first`);
  }
  return between(from, to);
}

/** What to write in place of a missing value, in words. */
export function missingValue(key: KeyInfo): string {
  return `wanted a value right after "${key.name}:", for example ${key.example}`;
}

/** Texts between the wildcards of a word: `a*b` gives two, a word without one gives one. */
function partsOf(pieces: readonly Piece[]): string[] {
  const parts: string[] = [];
  let current: string[] = [];
  for (const piece of pieces) {
    const [first, ...others] = piece.quoted ? [piece.text] : piece.text.split("*");
    current.push(first);
    for (const other of others) {
      parts.push(current.join(""));
      current = [other];
    }
  }
  parts.push(current.join(""));
  return parts;
}

/** The pieces without their first characters, which stand in the first piece. */
function withoutFirst(pieces: readonly Piece[], count: number): readonly Piece[] {
  const [{ text }, ...rest] = pieces;
  return text.length === count ? rest : [{ text: text.slice(count), quoted: false }, ...rest];
}

function asText(parts: readonly string[], plain: "exact" | "contains"): TextValue {
  if (parts.length === 1) return { kind: plain, text: parts[0] };
  const inner = parts.slice(1, -1).filter((part) => part !== "");
  const [first, last] = [parts[0], parts[parts.length - 1]];
  if (first === "" && last === "" && inner.length === 1) return { kind: "contains", text: inner[0] };
  return { kind: "glob", parts: [first, ...inner, last] };
}

function compare(operator: Operator, number: number): NumberValue {
  return { kind: "compare", operator, number };
}

function between(from: number, to: number): NumberValue {
  return from === to ? compare("=", from) : { kind: "between", from, to };
}
