/** What the blocks of a history tell of themselves, read once and kept: a search looks at all of it. */
import type { DatabaseSync } from "node:sqlite";
import type { Summary } from "./block.ts";

/** A block, without its lines. */
export interface Block {
  /** Id of its first record. */
  readonly first: number;
  /** Id of its last record. */
  readonly last: number;
  /** What its records have among them. */
  readonly summary: Summary;
}

/** The blocks of a history. */
export class BlockList {
  readonly #db: DatabaseSync;
  /** Those that do not change any more, in rising order. */
  #sealed: Block[] = [];

  /** Nothing is read yet. */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** All blocks as they are now, in rising order. */
  refresh(): Block[] {
    const oldest = Number(
      this.#db.prepare("SELECT min(first) AS first FROM blocks").get()?.first ?? Infinity,
    );
    if (this.#sealed.length > 0 && this.#sealed[0].first < oldest) {
      this.#sealed = this.#sealed.filter(({ first }) => first >= oldest);
    }
    const read = this.#db.prepare(
      "SELECT first, last, sealed, summary FROM blocks WHERE first > ? ORDER BY first",
    );
    const all = this.#sealed.slice();
    let isSealed = true;
    for (const { first, last, sealed, summary } of read.all(this.#sealed.at(-1)?.first ?? -1)) {
      const block: Block = { first: Number(first), last: Number(last), summary: JSON.parse(String(summary)) };
      all.push(block);
      isSealed &&= sealed === 1;
      if (isSealed) this.#sealed.push(block);
    }
    return all;
  }
}
