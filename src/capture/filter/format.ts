/** Writes an expression as a filter again: what {@link parseExpression} reads from it is the same expression. */
import type { Expression, FieldValue, NumberValue, TextValue } from "./expression.ts";
import { type KeyInfo, KEYS, type Unit } from "./keys.ts";
import { writeQuantity, writeStatusClass } from "./quantity.ts";

/** Text that means itself wherever it stands. All else is put in quotes. */
const PLAIN = /^[\p{L}\p{N}_./][\p{L}\p{N}_./+;%&?~-]*$/u;

/** Bare words that are not read as text. */
const NOT_WORDS = /^(?:AND|OR|NOT)$/;

const INFO: ReadonlyMap<string, KeyInfo> = new Map(KEYS.map((key) => [key.name, key]));

/**
 * The filter for an expression, in its shortest ordinary form.
 *
 * @param expression An expression as its type describes it; groups inside groups of their own kind come back flattened.
 */
export function formatExpression(expression: Expression): string {
  return expression.kind === "all" ? "" : formatTerm(expression);
}

function formatTerm(expression: Expression): string {
  switch (expression.kind) {
    case "all":
      return "*";
    case "and":
      return expression.terms.map((term) => term.kind === "or" ? grouped(term) : formatTerm(term)).join(" ");
    case "or":
      return expression.terms.map(formatTerm).join(" | ");
    case "not": {
      const { term } = expression;
      return "-" + (term.kind === "and" || term.kind === "or" ? grouped(term) : formatTerm(term));
    }
    case "search":
      return formatSearch(expression.value);
    case "text": {
      const info = INFO.get(expression.key)!;
      const plain = info.kind === "text" && info.match === "contains" ? "contains" : "exact";
      return `${expression.key}:${expression.values.map((value) => formatText(value, plain)).join(",")}`;
    }
    case "number": {
      const info = INFO.get(expression.key)!;
      const unit = info.kind === "number" ? info.unit : "count";
      return `${expression.key}:${expression.values.map((value) => formatNumber(value, unit)).join(",")}`;
    }
    case "field": {
      const names = expression.values.filter(({ value }) => value === undefined);
      const pairs = expression.values.filter(({ value }) => value !== undefined);
      return `${expression.key}:${[...names, ...pairs].map(formatField).join(",")}`;
    }
  }
}

function grouped(expression: Expression): string {
  return `(${formatTerm(expression)})`;
}

function formatSearch(value: TextValue): string {
  if (value.kind === "glob") return value.parts.slice(1, -1).map(formatPlain).join("*");
  return NOT_WORDS.test(value.text) ? `"${value.text}"` : formatPlain(value.text);
}

/** @param plain What a text without `*` and `=` is for this key. */
function formatText(value: TextValue, plain: "exact" | "contains"): string {
  if (value.kind === "glob") {
    return value.parts.map((part) => part === "" ? "" : formatPlain(part)).join("*");
  }
  const text = formatPlain(value.text);
  if (value.kind === plain) return text;
  return value.kind === "exact" ? `=${text}` : `*${text}*`;
}

function formatField({ name, value }: FieldValue): string {
  return formatText(name, "exact") + (value === undefined ? "" : `=${formatText(value, "exact")}`);
}

function formatNumber(value: NumberValue, unit: Unit): string {
  if (value.kind === "compare") {
    return (value.operator === "=" ? "" : value.operator) + writeQuantity(value.number, unit);
  }
  const { from, to } = value;
  const whole = unit === "status" ? writeStatusClass(from, to) : undefined;
  return whole ?? `${writeQuantity(from, unit)}..${writeQuantity(to, unit)}`;
}

function formatPlain(text: string): string {
  if (PLAIN.test(text)) return text;
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
