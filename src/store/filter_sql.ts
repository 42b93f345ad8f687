/** The filter language as SQL over the rows of a history. */
import type { NumberValue, TextValue } from "../capture/filter/expression.ts";
import type { FilterTerm } from "./filter_term.ts";
import { NUMBER_COLUMNS } from "./row.ts";

/** A condition of SQL over `records`. It is never NULL. */
export interface Condition {
  /** The condition, with `?` for each parameter. */
  readonly sql: string;
  /** The parameters, in their order. */
  readonly parameters: readonly (string | number)[];
}

/**
 * A filter as far as rows tell. What {@link may} lets through and {@link sure} does not has to be asked of the record
 * itself.
 */
export interface FilterSql {
  /** Lets through at least what passes the filter. */
  readonly may: Condition;
  /** Lets through at most what passes the filter; the same object as {@link may} where that is exactly the filter. */
  readonly sure: Condition;
}

/** Up to so many ids stand in the statement itself. */
const INLINE_IDS = 100;

/** SQLite takes conditions up to a depth of 1000: those that are so long are left to the records. */
const LONGEST_SQL = 10_000;

const ALL: Condition = { sql: "1", parameters: [] };
const NONE: Condition = { sql: "0", parameters: [] };

/** The conditions of a filter. `lost` records, which pass every filter, are the caller's matter. */
export function filterSql(term: FilterTerm): FilterSql {
  const { may, sure } = conditionsOf(term);
  const isLong = may.sql.length > LONGEST_SQL || sure.sql.length > LONGEST_SQL;
  return isLong ? { may: ALL, sure: NONE } : { may, sure };
}

function conditionsOf(term: FilterTerm): FilterSql {
  switch (term.kind) {
    case "constant":
      return exactly(term.passes ? ALL : NONE);
    case "and":
    case "or":
      return joined(term.terms.map(conditionsOf), term.kind === "and" ? "AND" : "OR");
    case "ids":
      return negated(exactly(idsSql(term.column, [...term.ids])), term.not);
    case "number":
      return negated(
        joined(term.values.map((value) => exactly(numberSql(NUMBER_COLUMNS[term.key], value))), "OR"),
        term.not,
      );
    case "text": {
      if (term.key !== "url") {
        return negated(joined(term.values.map((value) => textSql(term.key, value)), "OR"), term.not);
      }
      // Where the target is no path with a query, it is in a form that no column has in lower case.
      const origin = "(path || ifnull('?' || query, ''))";
      const found = negated(joined(term.values.map((value) => textSql(origin, value)), "OR"), term.not);
      return {
        may: join([{ sql: "url IS NOT NULL", parameters: [] }, found.may], "OR"),
        sure: join([{ sql: "url IS NULL", parameters: [] }, found.sure], "AND"),
      };
    }
    case "record":
      return { may: ALL, sure: NONE };
  }
}

function exactly(condition: Condition): FilterSql {
  return { may: condition, sure: condition };
}

function joined(parts: readonly FilterSql[], word: "AND" | "OR"): FilterSql {
  const may = join(parts.map(({ may }) => may), word);
  return parts.every(({ may, sure }) => may === sure)
    ? exactly(may)
    : { may, sure: join(parts.map(({ sure }) => sure), word) };
}

function join(parts: readonly Condition[], word: "AND" | "OR"): Condition {
  // What is always true or false would hide from SQLite which rows it need not look at.
  const [nothing, all] = word === "AND" ? [ALL, NONE] : [NONE, ALL];
  if (parts.includes(all)) return all;
  const rest = parts.filter((part) => part !== nothing);
  if (rest.length < 2) return rest[0] ?? nothing;
  return {
    sql: `(${rest.map(({ sql }) => sql).join(` ${word} `)})`,
    parameters: rest.flatMap(({ parameters }) => parameters),
  };
}

function negated({ may, sure }: FilterSql, not: boolean): FilterSql {
  if (!not) return { may, sure };
  return may === sure ? exactly(opposite(may)) : { may: opposite(sure), sure: opposite(may) };
}

function opposite(condition: Condition): Condition {
  if (condition === ALL) return NONE;
  return condition === NONE ? ALL : { ...condition, sql: `NOT ${condition.sql}` };
}

function condition(sql: string, ...parameters: readonly (string | number)[]): Condition {
  return { sql, parameters };
}

function idsSql(column: string, ids: readonly number[]): Condition {
  if (ids.length === 0) return NONE;
  if (ids.length <= INLINE_IDS) return condition(`(ifnull(${column}, 0) IN (${ids.join()}))`);
  return condition(`(ifnull(${column}, 0) IN (SELECT value FROM json_each(?)))`, JSON.stringify(ids));
}

function numberSql(column: string, value: NumberValue): Condition {
  if (value.kind === "between") {
    return condition(`ifnull(${column} BETWEEN ? AND ?, 0)`, value.from, value.to);
  }
  return condition(`ifnull(${column} ${value.operator} ?, 0)`, value.number);
}

function textSql(column: string, value: TextValue): FilterSql {
  if (value.kind === "exact") return exactly(condition(`ifnull(${column} = ?, 0)`, value.text.toLowerCase()));
  if (value.kind === "contains") {
    return exactly(condition(`ifnull(instr(${column}, ?) > 0, 0)`, value.text.toLowerCase()));
  }
  const parts = value.parts.map((part) => part.toLowerCase());
  const [first, last] = [parts[0], parts[parts.length - 1]];
  const conditions: string[] = [];
  const parameters: string[] = [];
  if (first !== "") {
    conditions.push(`substr(${column}, 1, length(?)) = ?`);
    parameters.push(first, first);
  }
  for (const part of parts.slice(1, -1)) {
    conditions.push(`instr(${column}, ?) > 0`);
    parameters.push(part);
  }
  if (last !== "") {
    conditions.push(`substr(${column}, -length(?)) = ?`);
    parameters.push(last, last);
  }
  // Which of several parts comes first is left to the record.
  const sql = conditions.length === 0 ? `${column} IS NOT NULL` : conditions.join(" AND ");
  const may = condition(`ifnull(${sql}, 0)`, ...parameters);
  return conditions.length < 2 ? exactly(may) : { may, sure: NONE };
}
