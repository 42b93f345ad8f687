/** A filter and a text that is looked for, made ready to be asked of shapes, rows, blocks, lines and records. */
import type { Expression } from "../capture/filter/expression.ts";
import { formatExpression } from "../capture/filter/format.ts";
import { recordFilter } from "../capture/filter/record_filter.ts";
import { parseExpression } from "../capture/filter/syntax.ts";
import type { Record } from "../capture/record.ts";
import type { Dictionary } from "./dictionary.ts";
import { type FilterSql, filterSql } from "./filter_sql.ts";
import { type FilterTerm, sortFilter } from "./filter_term.ts";
import { lineFilter } from "./line_filter.ts";

/** What is asked of a history. */
export interface Query {
  /** The filter, by who can answer it; absent: everything passes. */
  readonly term: FilterTerm | undefined;
  /** What rows tell. */
  readonly sql: FilterSql;
  /** Whether a line may be of a record that passes; absent: any may. */
  readonly mayBe?: (lowerLine: string) => boolean;
  /** Whether a record passes. */
  readonly matches: (record: Record) => boolean;
}

/** Whether rows alone tell what passes, so that no record has to be read. */
export function isDecided({ sql: { may, sure } }: Query): boolean {
  return may === sure;
}

const EVERYTHING: Query = (() => {
  const all = { sql: "1", parameters: [] };
  return { term: undefined, sql: { may: all, sure: all }, matches: () => true };
})();

/**
 * Makes a query.
 *
 * @param filter A filter expression; "": all records.
 * @param search A text that is looked for in heads and bodies, as it stands; "": none.
 * @param dictionary Up to date.
 * @param maxBodyBytes How much of a body is decoded where it is asked about.
 * @throws {FilterSyntaxError} Where the filter cannot be read.
 */
export function makeQuery(
  filter: string,
  search: string,
  dictionary: Dictionary,
  maxBodyBytes: number,
): Query {
  let expression: Expression = parseExpression(filter);
  if (search !== "") {
    const wanted: Expression = { kind: "search", value: { kind: "contains", text: search } };
    const terms = expression.kind === "and"
      ? expression.terms
      : expression.kind === "all"
      ? []
      : [expression];
    expression = terms.length === 0 ? wanted : { kind: "and", terms: [...terms, wanted] };
  }
  if (expression.kind === "all") return EVERYTHING;
  const lost: FilterTerm = { kind: "ids", column: "shape", ids: dictionary.lostShapes(), not: false };
  const term: FilterTerm = { kind: "or", terms: [lost, sortFilter(expression, dictionary)] };
  const matches = recordFilter(formatExpression(expression), maxBodyBytes);
  return { term, sql: filterSql(term), mayBe: lineFilter(expression), matches };
}
