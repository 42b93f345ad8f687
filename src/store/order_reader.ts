/**
 * Reads what rows are to be ordered by, newest first, as bytes: many rows to one value, since an object for each row
 * costs several times as much.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type OrderColumn, sqlOf } from "./order_column.ts";
import type { Condition, FilterSql } from "./filter_sql.ts";
import { RANKED_BYTES, TextKeys } from "./text_ranks.ts";

const PLUS = 0x2b, ZERO = 0x30, NINE = 0x39;
/** It ends a row: no byte of UTF-8. */
const END = 0xff;

/** What was read. */
export class OrderReader {
  readonly #column: OrderColumn;
  readonly #statement: StatementSync;
  readonly #sure: Condition;
  readonly #may: Condition;
  #ids = new Float64Array(1024);
  #values = new Float64Array(1024);
  #count = 0;
  /** The texts, where the column has texts. */
  readonly texts = new TextKeys();

  /** Reads `column` of the rows that pass `filter`. */
  constructor(db: DatabaseSync, column: OrderColumn, { may, sure }: FilterSql) {
    this.#column = column;
    // A row that passes for sure is asked no more.
    this.#sure = may === sure ? { sql: "1", parameters: [] } : sure;
    this.#may = may;
    this.#statement = db.prepare(
      `SELECT CAST(group_concat(id || iif(sure, '+', '-') || value || CAST(x'ff' AS TEXT), '') AS BLOB) AS rows FROM ` +
        `(SELECT id, ${this.#sure.sql} AS sure, ifnull(substr(${
          sqlOf(column)
        }, 1, ${RANKED_BYTES}), '') AS value ` +
        `FROM records WHERE id BETWEEN ? AND ? AND ${may.sql} ORDER BY id DESC)`,
    );
  }

  /** Ids of the rows, newest first. */
  get ids(): Float64Array {
    return this.#ids.subarray(0, this.#count);
  }

  /** Their numbers, or the ids of their shapes or sides; NaN: there is none. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#count);
  }

  /**
   * Reads the rows of a range of ids, below those that were read before.
   *
   * @param passes Asked of those that the filter leaves open, and of all whether they are shown at all.
   */
  read(first: number, last: number, passes: (id: number, isSure: boolean) => boolean): void {
    const row = this.#statement.get(...this.#sure.parameters, first, last, ...this.#may.parameters);
    const bytes = row?.rows as Uint8Array | null | undefined;
    if (bytes === null || bytes === undefined) return;
    for (let at = 0; at < bytes.length;) {
      let id = 0;
      for (; bytes[at] >= ZERO && bytes[at] <= NINE; at++) id = id * 10 + bytes[at] - ZERO;
      const isSure = bytes[at++] === PLUS;
      const from = at;
      at = bytes.indexOf(END, at) + 1;
      if (passes(id, isSure)) this.#add(id, bytes, from, at - 1);
    }
  }

  #add(id: number, bytes: Uint8Array, from: number, to: number): void {
    if (this.#count === this.#ids.length) {
      this.#ids = grown(this.#ids);
      this.#values = grown(this.#values);
    }
    this.#ids[this.#count] = id;
    if (this.#column.kind === "text") this.texts.add(bytes, from, to);
    else this.#values[this.#count] = numberIn(bytes, from, to);
    this.#count++;
  }
}

function grown(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return new Float64Array(values.buffer.transfer(values.byteLength * 2));
}

function numberIn(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return NaN;
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + bytes[at] - ZERO;
  return number;
}
