/**
 * The filter language as data: what a filter expression means, once read.
 *
 * Plain objects and arrays only, so that an expression can be sent, stored, shown, and translated into another query
 * language. Numbers stand in base units: bytes, ms, ms since the epoch.
 */
import type { FieldKey, NumberKey, TextKey } from "./keys.ts";

/** What a filter asks of a record. Groups are flattened: an `and` holds no `and`, an `or` no `or`. */
export type Expression =
  /** True for every record: the empty filter, or `*`. */
  | { readonly kind: "all" }
  /** True where all terms are: `a b`. Two terms or more. */
  | { readonly kind: "and"; readonly terms: readonly Expression[] }
  /** True where at least one term is: `a | b`. Two terms or more. */
  | { readonly kind: "or"; readonly terms: readonly Expression[] }
  /** True where the term is not: `-a`. */
  | { readonly kind: "not"; readonly term: Expression }
  /** A bare word, looked for in all that a record says. The value is never `exact`, and a glob is open at both ends. */
  | { readonly kind: "search"; readonly value: TextValue }
  /** `key:value,value` on text: one of the record's texts fits one of the values. */
  | { readonly kind: "text"; readonly key: TextKey; readonly values: readonly TextValue[] }
  /** `key:value,value` on a number: the record's number fits one of the values. */
  | { readonly kind: "number"; readonly key: NumberKey; readonly values: readonly NumberValue[] }
  /** `key:name=value,…` on named values: one of the record's fields fits one of the values. */
  | { readonly kind: "field"; readonly key: FieldKey; readonly values: readonly FieldValue[] };

/** What a text has to be. Letter case never matters. */
export type TextValue =
  /** The whole text. */
  | { readonly kind: "exact"; readonly text: string }
  /** A part of the text. */
  | { readonly kind: "contains"; readonly text: string }
  /**
   * The whole text: these parts in this order, anything (or nothing) between them. Two parts or more; the first and
   * the last may be empty, those between are not. Never the same as a `contains`.
   */
  | { readonly kind: "glob"; readonly parts: readonly string[] };

/** How a number is compared. */
export type Operator = "=" | ">" | ">=" | "<" | "<=";

/** What a number has to be. */
export type NumberValue =
  | { readonly kind: "compare"; readonly operator: Operator; readonly number: number }
  /** Both ends included; `from` is less than `to`. */
  | { readonly kind: "between"; readonly from: number; readonly to: number };

/** What a named value (a header field, a cookie) has to be. In a list, those without `value` come first. */
export interface FieldValue {
  /** What the name has to be. */
  readonly name: TextValue;
  /** Absent: any value will do. */
  readonly value?: TextValue;
}
