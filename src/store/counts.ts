/**
 * How many records pass a filter. Rows that tell are counted by SQLite, and only the others are asked for their records.
 * Of the filter whose total is asked for again and again, what each block has is kept: blocks hardly change.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Matching } from "./matching.ts";
import type { Query } from "./query.ts";
import type { HiddenSpans, Span } from "./removals.ts";
import { statement } from "./statements.ts";

/** A number of records. */
export interface Count {
  /** How many pass, as far as they were looked at. */
  readonly count: number;
  /** Whether the time ran out before all were looked at. */
  readonly isPartial: boolean;
}

/** Whether the time has run out. */
export type IsLate = () => boolean;

/** What a block has of a filter. */
interface Known {
  readonly last: number;
  /** What of the block was not hidden; `undefined`: all of it. */
  readonly visible: string | undefined;
  /** How many pass of that. */
  readonly count: number;
  /** How many pass of all of it, where that is known. */
  readonly whole: number | undefined;
}

/** Counts. */
export class Counts {
  readonly #db: DatabaseSync;
  readonly #matching: Matching;
  #filter = "";
  /** By the id of a block's first record. */
  #known = new Map<number, Known>();

  /** Counts in a history. */
  constructor(db: DatabaseSync, matching: Matching) {
    this.#db = db;
    this.#matching = matching;
  }

  /** How many pass, step by step. */
  *count(query: Query, hidden: HiddenSpans, isLate: IsLate): Generator<void, Count> {
    const countIn = this.#counterOf(query, isLate);
    let count = 0;
    for (const span of this.#matching.candidates(query, true, undefined)) {
      for (const visible of hidden.visible(span)) {
        count += yield* countIn(visible);
        if (isLate()) return { count, isPartial: true };
        yield;
      }
    }
    return { count, isPartial: false };
  }

  /**
   * How many pass, where that is asked again and again. Where the time ran out, asking again goes on from there.
   *
   * @param filter The filter that `query` was made of.
   * @param blocks Those that are looked at: all that there are.
   */
  total(
    filter: string,
    query: Query,
    blocks: readonly Span[],
    hidden: HiddenSpans,
    isLate: IsLate,
  ): Count {
    if (filter !== this.#filter) this.#known = new Map();
    this.#filter = filter;
    const countIn = this.#counterOf(query, () => false);
    const known = new Map<number, Known>();
    let count = 0;
    let isPartial = false;
    for (const { first, last } of blocks) {
      const all = { first, last };
      const spans = hidden.visible(all);
      const visible = spans[0] === all ? undefined : JSON.stringify(spans);
      let block = this.#known.get(first);
      if (block === undefined || block.last !== last || block.visible !== visible) {
        const whole = block?.last === last ? this.#stillWhole(block, all) : undefined;
        if (spans.length === 0) block = { last, visible, count: 0, whole };
        else if (visible === undefined && whole !== undefined) block = { last, visible, count: whole, whole };
        else if (isLate()) {
          isPartial = true;
          continue;
        } else {
          const passing = spans.reduce((sum, span) => sum + finished(countIn(span)), 0);
          block = { last, visible, count: passing, whole: visible === undefined ? passing : undefined };
        }
      }
      known.set(first, block);
      count += block.count;
    }
    this.#known = known;
    return { count, isPartial };
  }

  /** What a block has in all, as far as that holds: what was removed from it may have gone for good since. */
  #stillWhole({ whole, visible }: Known, { first, last }: Span): number | undefined {
    if (whole === undefined || visible === undefined) return whole;
    const isThere = statement(this.#db, "SELECT 1 FROM blocks WHERE first = ? AND last = ?").get(first, last);
    return isThere === undefined ? undefined : whole;
  }

  /** Counts in ranges of ids, of which nothing is hidden. */
  #counterOf(query: Query, isLate: IsLate): (span: Span) => Generator<void, number> {
    const { may, sure } = query.sql;
    const matching = this.#matching;
    const counted = this.#db.prepare(
      `SELECT count(*) AS n FROM records WHERE id BETWEEN ? AND ? AND ${sure.sql}`,
    );
    const left = may === sure ? undefined : this.#db.prepare(
      `SELECT id FROM records WHERE id BETWEEN ? AND ? AND ${may.sql} AND NOT ${sure.sql} ORDER BY id`,
    );
    return function* ({ first, last }) {
      let count = Number(counted.get(first, last, ...sure.parameters)?.n);
      for (const { id } of left?.all(first, last, ...may.parameters, ...sure.parameters) ?? []) {
        if (isLate()) break;
        if (matching.passes(id as number, query)) count++;
        yield;
      }
      return count;
    };
  }
}

/** Does all steps at once. @returns What comes of them. */
export function finished<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
