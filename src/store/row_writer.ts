/** Writes rows of `records`, several with one statement: the way into SQLite costs as much as a row. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { NUMBER_COLUMNS, ROW_NUMBERS } from "./row.ts";
import type { SqlValue } from "./shape.ts";

/** Rows of one statement. */
const TOGETHER = 12;

const COLUMNS = [
  "id",
  "shape",
  "side",
  "path",
  "query",
  "url",
  ...ROW_NUMBERS.map((key) => NUMBER_COLUMNS[key]),
];

/** Rows on their way into a history. */
export class RowWriter {
  readonly #one: StatementSync;
  readonly #several: StatementSync;
  #values: SqlValue[] = [];

  /** None is on its way. */
  constructor(db: DatabaseSync) {
    const row = `(${COLUMNS.map(() => "?").join()})`;
    const insert = `INSERT INTO records(${COLUMNS.join()}) VALUES `;
    this.#one = db.prepare(insert + row);
    this.#several = db.prepare(insert + Array(TOGETHER).fill(row).join());
  }

  /**
   * Adds a row.
   *
   * @param place Path, query and target.
   * @param numbers As ROW_NUMBERS has them.
   */
  add(
    id: number,
    shape: number,
    side: number | null,
    place: readonly SqlValue[],
    numbers: readonly (number | null)[],
  ): void {
    this.#values.push(id, shape, side, place[0], place[1], place[2]);
    for (let i = 0; i < numbers.length; i++) this.#values.push(numbers[i]);
    if (this.#values.length < TOGETHER * COLUMNS.length) return;
    this.#several.run(...this.#values);
    this.#values.length = 0;
  }

  /** Writes the rows that are left. */
  flush(): void {
    for (let at = 0; at < this.#values.length; at += COLUMNS.length) {
      this.#one.run(...this.#values.slice(at, at + COLUMNS.length));
    }
    this.clear();
  }

  /** Forgets them. */
  clear(): void {
    this.#values = [];
  }
}
