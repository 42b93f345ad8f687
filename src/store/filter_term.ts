/**
 * A filter, sorted by who can answer each of its terms: shapes, sides, the row, the signature of a block,
 * or only the record.
 */
import type { Expression, NumberValue, TextValue } from "../capture/filter/expression.ts";
import type { Dictionary } from "./dictionary.ts";
import { NUMBER_COLUMNS, type RowNumber } from "./row.ts";
import { SHAPE_KEYS, SIDE_KEYS } from "./shape.ts";
import { gramsOf } from "./signature.ts";

/** The text keys that a row has itself. */
export type RowText = "path" | "query" | "url";

/** A filter without negated groups: a negation stands at a term. */
export type FilterTerm =
  | { readonly kind: "and" | "or"; readonly terms: readonly FilterTerm[] }
  /** Passes all (`all`), or none. */
  | { readonly kind: "constant"; readonly passes: boolean }
  /** Passes where the record's shape, or side, is one of these. */
  | {
    readonly kind: "ids";
    readonly column: "shape" | "side";
    readonly ids: ReadonlySet<number>;
    readonly not: boolean;
  }
  | {
    readonly kind: "number";
    readonly key: RowNumber;
    readonly values: readonly NumberValue[];
    readonly not: boolean;
  }
  | {
    readonly kind: "text";
    readonly key: RowText;
    readonly values: readonly TextValue[];
    readonly grams: Alternatives;
    readonly not: boolean;
  }
  /** Only the record itself tells. */
  | { readonly kind: "record"; readonly grams: Alternatives };

/** For each alternative the sequences that a block has which holds it; undefined: any block may. */
export type Alternatives = readonly (readonly number[])[] | undefined;

/** The keys whose values stand in the line as they are. */
const IN_LINE = new Set<string>(["body", "request-body", "response-body"]);

/**
 * Sorts a filter.
 *
 * @param not Whether it is negated.
 */
export function sortFilter(expression: Expression, dictionary: Dictionary, not = false): FilterTerm {
  switch (expression.kind) {
    case "all":
      return { kind: "constant", passes: !not };
    case "and":
    case "or": {
      const terms = expression.terms.map((term) => sortFilter(term, dictionary, not));
      // What needs no look at a signature is asked first.
      terms.sort((a, b) => dearness(a) - dearness(b));
      return { kind: (expression.kind === "and") === !not ? "and" : "or", terms };
    }
    case "not":
      return sortFilter(expression.term, dictionary, !not);
    case "search":
      return { kind: "record", grams: not ? undefined : alternatives([expression.value]) };
    case "field": {
      if (not) return { kind: "record", grams: undefined };
      const values = expression.values.map(({ name, value }) => [
        ...gramsOfValue(name),
        ...value === undefined ? [] : gramsOfValue(value),
      ]);
      return { kind: "record", grams: values.some((grams) => grams.length === 0) ? undefined : values };
    }
    case "number": {
      const { key, values } = expression;
      if (key === "status") {
        return { kind: "ids", column: "shape", ids: dictionary.shapesPassing(expression), not };
      }
      if (key === "connection") {
        return { kind: "ids", column: "side", ids: dictionary.sidesPassing(expression), not };
      }
      if (isRowNumber(key)) return { kind: "number", key, values, not };
      return { kind: "record", grams: undefined };
    }
    case "text": {
      const { key, values } = expression;
      if (SHAPE_KEYS.has(key)) {
        return { kind: "ids", column: "shape", ids: dictionary.shapesPassing(expression), not };
      }
      if (SIDE_KEYS.has(key)) {
        return { kind: "ids", column: "side", ids: dictionary.sidesPassing(expression), not };
      }
      const grams = not ? undefined : alternatives(values);
      if (key === "path" || key === "query" || key === "url") {
        return { kind: "text", key, values, grams, not };
      }
      return { kind: "record", grams: IN_LINE.has(key) ? grams : undefined };
    }
  }
}

function isRowNumber(key: string): key is RowNumber {
  return Object.hasOwn(NUMBER_COLUMNS, key);
}

function dearness(term: FilterTerm): number {
  return term.kind === "record" ? 2 : term.kind === "text" ? 1 : 0;
}

function alternatives(values: readonly TextValue[]): Alternatives {
  const grams = values.map(gramsOfValue);
  return grams.some((one) => one.length === 0) ? undefined : grams;
}

function gramsOfValue(value: TextValue): readonly number[] {
  return value.kind === "glob" ? value.parts.flatMap((part) => gramsOf(part)) : gramsOf(value.text);
}
