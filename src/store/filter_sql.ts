/** The filter language as SQL over the rows of a history. */
import type { NumberValue, TextValue } from "../capture/filter/expression.ts";
import type { FilterTerm } from "./filter_term.ts";
import { NUMBER_COLUMNS } from "./row.ts";

/** A condition of SQL over `records`. It is never NULL. */
export interface FilterSql {
  /** The condition, with `?` for each parameter. */
  readonly sql: string;
  /** The parameters, in their order. */
  readonly parameters: readonly (string | number)[];
  /**
   * Whether it is exactly the filter; else it also lets through what has to be asked of the record itself.
   */
  readonly isExact: boolean;
}

/** Up to so many ids stand in the statement itself. */
const INLINE_IDS = 100;

/** SQLite takes conditions up to a depth of 1000: those that are so long are left to the records. */
const LONGEST_SQL = 10_000;

/** The condition of a filter. `lost` records, which pass every filter, are the caller's matter. */
export function filterSql(term: FilterTerm): FilterSql {
  const condition = conditionOf(term);
  return condition.sql.length > LONGEST_SQL ? { sql: "1", parameters: [], isExact: false } : condition;
}

function conditionOf(term: FilterTerm): FilterSql {
  switch (term.kind) {
    case "constant":
      return exactly(term.passes ? "1" : "0");
    case "and":
    case "or": {
      const parts = term.terms.map(conditionOf);
      return {
        sql: `(${parts.map(({ sql }) => sql).join(term.kind === "and" ? " AND " : " OR ")})`,
        parameters: parts.flatMap(({ parameters }) => parameters),
        isExact: parts.every(({ isExact }) => isExact),
      };
    }
    case "ids":
      return negated(idsSql(term.column, [...term.ids]), term.not);
    case "number":
      return negated(anyOf(term.values.map((value) => numberSql(NUMBER_COLUMNS[term.key], value))), term.not);
    case "text": {
      if (term.key !== "url") {
        return negated(anyOf(term.values.map((value) => textSql(term.key, value))), term.not);
      }
      // Where the target is no path with a query, it is in a form that no column has in lower case.
      const origin = "(path || ifnull('?' || query, ''))";
      const { sql, parameters } = negated(
        anyOf(term.values.map((value) => textSql(origin, value))),
        term.not,
      );
      return { sql: `(url IS NOT NULL OR ${sql})`, parameters, isExact: false };
    }
    case "record":
      return { sql: "1", parameters: [], isExact: false };
  }
}

function exactly(sql: string, ...parameters: readonly (string | number)[]): FilterSql {
  return { sql, parameters, isExact: true };
}

function anyOf(parts: readonly FilterSql[]): FilterSql {
  return {
    sql: `(${parts.map(({ sql }) => sql).join(" OR ")})`,
    parameters: parts.flatMap(({ parameters }) => parameters),
    isExact: parts.every(({ isExact }) => isExact),
  };
}

/** What lets too much through would, negated, hold too much back: then nothing is asked at all. */
function negated(part: FilterSql, not: boolean): FilterSql {
  if (!not) return part;
  return part.isExact ? { ...part, sql: `NOT ${part.sql}` } : { sql: "1", parameters: [], isExact: false };
}

function idsSql(column: string, ids: readonly number[]): FilterSql {
  if (ids.length <= INLINE_IDS) return exactly(`(ifnull(${column}, 0) IN (${ids.join()}))`);
  return exactly(`(ifnull(${column}, 0) IN (SELECT value FROM json_each(?)))`, JSON.stringify(ids));
}

function numberSql(column: string, value: NumberValue): FilterSql {
  if (value.kind === "between") return exactly(`ifnull(${column} BETWEEN ? AND ?, 0)`, value.from, value.to);
  return exactly(`ifnull(${column} ${value.operator} ?, 0)`, value.number);
}

function textSql(column: string, value: TextValue): FilterSql {
  if (value.kind === "exact") return exactly(`ifnull(${column} = ?, 0)`, value.text.toLowerCase());
  if (value.kind === "contains") {
    return exactly(`ifnull(instr(${column}, ?) > 0, 0)`, value.text.toLowerCase());
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
  return { sql: `ifnull(${sql}, 0)`, parameters, isExact: conditions.length < 2 };
}
