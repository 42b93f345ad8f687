/** What users removed: hidden at once, in the file for some minutes more, so that it can be had back. */
import type { DatabaseSync } from "node:sqlite";

/** Ids that are hidden. */
export interface HiddenSpans {
  /** Whether an id is among them. */
  has(id: number): boolean;
}

/** The removals of a history. */
export class Removals {
  readonly #db: DatabaseSync;
  readonly #epochNow: () => number;

  /** Knows the history. */
  constructor(db: DatabaseSync, epochNow: () => number) {
    this.#db = db;
    this.#epochNow = epochNow;
  }

  /** Hides records. @returns The number of the removal. */
  remove(ids: readonly number[] | "all"): number {
    const spans = ids === "all" ? this.#all() : spansOf(ids);
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const removal = Number(
        this.#db.prepare("INSERT INTO removals(at) VALUES(?)").run(this.#epochNow()).lastInsertRowid,
      );
      const insert = this.#db.prepare("INSERT INTO removed VALUES(?, ?, ?)");
      for (const [first, last] of spans) insert.run(removal, first, last);
      this.#db.exec("COMMIT");
      return removal;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Shows them again. */
  undo(removal: number): void {
    this.#db.prepare("DELETE FROM removed WHERE removal = ?").run(removal);
  }

  /** Whether an id is hidden. */
  has(id: number): boolean {
    return this.#db.prepare("SELECT 1 FROM removed WHERE first <= ? AND last >= ? LIMIT 1").get(id, id) !==
      undefined;
  }

  /** Whether nothing is hidden. */
  get isEmpty(): boolean {
    return this.#db.prepare("SELECT 1 FROM removed LIMIT 1").get() === undefined;
  }

  /** All that is hidden now. */
  spans(): HiddenSpans {
    const starts: number[] = [];
    const ends: number[] = [];
    for (const { first, last } of this.#db.prepare("SELECT first, last FROM removed ORDER BY first").all()) {
      const [from, to] = [first as number, last as number];
      const end = ends.length - 1;
      if (end >= 0 && from <= ends[end] + 1) {
        ends[end] = Math.max(ends[end], to);
      } else {
        starts.push(from);
        ends.push(to);
      }
    }
    return {
      has(id) {
        let [low, high] = [0, starts.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (ends[middle] < id) low = middle + 1;
          else high = middle;
        }
        return low < starts.length && starts[low] <= id;
      },
    };
  }

  #all(): readonly (readonly [number, number])[] {
    const { first, last } = this.#db.prepare("SELECT min(id) AS first, max(id) AS last FROM records").get()!;
    return first === null ? [] : [[first as number, last as number]];
  }
}

/** Ids as runs of neighbours. */
function spansOf(ids: readonly number[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && id <= last[1] + 1) last[1] = id;
    else spans.push([id, id]);
  }
  return spans;
}
