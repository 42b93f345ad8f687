/**
 * Statements that are run often, prepared once: their memory is not JavaScript's, and would be given back
 * late.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/**
 * The statement; for SQL of which there are few different ones, since it is kept as long as the database is
 * open.
 */
export function statement(db: DatabaseSync, sql: string): StatementSync {
  let statements = prepared.get(db);
  if (statements === undefined) prepared.set(db, statements = new Map());
  let found = statements.get(sql);
  if (found === undefined) statements.set(sql, found = db.prepare(sql));
  return found;
}

/** The one number that a statement gives; 0 where it gives none. */
export function numberOf(db: DatabaseSync, sql: string, ...parameters: readonly number[]): number {
  const row = statement(db, sql).get(...parameters);
  return row === undefined ? 0 : Number(Object.values(row)[0] ?? 0);
}
