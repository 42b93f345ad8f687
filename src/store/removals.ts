/** What users removed: hidden at once, in the file for some minutes more, so that it can be had back. */
import type { DatabaseSync } from "node:sqlite";

/** A range of ids. */
export interface Span {
  /** The first. */
  readonly first: number;
  /** The last. */
  readonly last: number;
}

/** Ids that are hidden. */
export interface HiddenSpans {
  /** Whether an id is among them. */
  has(id: number): boolean;
  /** What of a range is not hidden, in rising order; the same object alone where nothing is. */
  visible(span: Span): readonly Span[];
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

  /** Hides records, as far as they are there. @returns The number of the removal. */
  remove(ids: readonly number[] | "all"): number {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const spans = this.#spansOf(ids);
      const removal = Number(
        this.#db.prepare("INSERT INTO removals(at) VALUES(?)").run(this.#epochNow()).lastInsertRowid,
      );
      const insert = this.#db.prepare("INSERT INTO removed VALUES(?, ?, ?)");
      for (const { first, last } of spans) insert.run(removal, first, last);
      this.#db.exec("COMMIT");
      return removal;
    } catch (error) {
      try {
        this.#db.exec("ROLLBACK");
      } catch {
        // A full disk has rolled it back already.
      }
      throw error;
    }
  }

  /** Shows them again. */
  undo(removal: number): void {
    this.#db.prepare("DELETE FROM removed WHERE removal = ?").run(removal);
  }

  /** Whether no record is to be seen. */
  hidesAll(): boolean {
    const [all] = this.#spansOf("all");
    return all === undefined || this.spans().visible(all).length === 0;
  }

  /** Whether an id is hidden. */
  has(id: number): boolean {
    return this.#db.prepare("SELECT 1 FROM removed WHERE first <= ? AND last >= ? LIMIT 1").get(id, id) !==
      undefined;
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
    /** The first run that ends at an id, or behind it. */
    const endingFrom = (id: number): number => {
      let [low, high] = [0, starts.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ends[middle] < id) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return {
      has(id) {
        const at = endingFrom(id);
        return at < starts.length && starts[at] <= id;
      },
      visible(span) {
        let at = endingFrom(span.first);
        if (at === starts.length || starts[at] > span.last) return [span];
        const visible: Span[] = [];
        let { first } = span;
        for (; at < starts.length && starts[at] <= span.last; at++) {
          if (first < starts[at]) visible.push({ first, last: starts[at] - 1 });
          first = ends[at] + 1;
        }
        if (first <= span.last) visible.push({ first, last: span.last });
        return visible;
      },
    };
  }

  #spansOf(ids: readonly number[] | "all"): readonly Span[] {
    const { first, last } = this.#db.prepare("SELECT min(id) AS first, max(id) AS last FROM records").get()!;
    if (first === null) return [];
    const all: Span = { first: first as number, last: last as number };
    // Ids that were not given yet are other records' later.
    return ids === "all" ? [all] : spansOf(ids.filter((id) => id >= all.first && id <= all.last));
  }
}

/** Ids as runs of neighbours. */
function spansOf(ids: readonly number[]): readonly Span[] {
  const spans: { first: number; last: number }[] = [];
  for (const id of ids.toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && id <= last.last + 1) last.last = id;
    else spans.push({ first: id, last: id });
  }
  return spans;
}
