/** Rows that many records share: found by their values, added where they are not there yet. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqlValue } from "./shape.ts";

/**
 * How many are remembered; past it all are forgotten, and what comes again gets a second row, which does no
 * harm.
 */
const REMEMBERED = 8192;

/** The ids of one table's rows, by their values. */
export class Interned {
  readonly #insert: StatementSync;
  readonly #ids = new Map<string, number>();
  #added = 0;

  /** Begins to remember. */
  constructor(db: DatabaseSync, table: string, columns: readonly string[]) {
    const marks = columns.map(() => "?").join();
    this.#insert = db.prepare(`INSERT INTO ${table}(${columns.join()}) VALUES(${marks})`);
  }

  /** How many rows were added since {@link forget} was told to. */
  get added(): number {
    return this.#added;
  }

  /** The id of the row with these values. */
  id(values: SqlValue[]): number {
    const key = values.join("\x1f");
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = Number(this.#insert.run(...values).lastInsertRowid);
      if (this.#ids.size >= REMEMBERED) this.#ids.clear();
      this.#ids.set(key, id);
      this.#added++;
    }
    return id;
  }

  /** Forgets all: rows may have gone. */
  forget(): void {
    this.#ids.clear();
    this.#added = 0;
  }
}
