/**
 * Which rows pass a query: blocks that cannot hold one are passed over, rows tell what they know, and only what they
 * leave open is asked of the records.
 */
import type { DatabaseSync } from "node:sqlite";
import type { BlockList } from "./block_list.ts";
import { mayPass } from "./filter_block.ts";
import type { StoredRow } from "./history_row.ts";
import { recordOf } from "./lines.ts";
import type { Query } from "./query.ts";
import type { HiddenSpans, Span } from "./removals.ts";
import { Signatures } from "./signatures.ts";
import { statement } from "./statements.ts";
import type { StoredLines } from "./stored_lines.ts";

/** Neighbouring blocks that may hold something are asked together, up to that many. */
const TOGETHER = 16;
/** How many rows are fetched by one statement. */
const FETCHED = 100;

/** Finds what passes. */
export class Matching {
  readonly #db: DatabaseSync;
  readonly #blocks: BlockList;
  readonly #lines: StoredLines;

  /** Looks into a history. */
  constructor(db: DatabaseSync, blocks: BlockList, lines: StoredLines) {
    this.#db = db;
    this.#blocks = blocks;
    this.#lines = lines;
  }

  /** Whether the record of that id passes; where it cannot be read, it does. */
  passes(id: number, { mayBe, matches }: Query): boolean {
    const line = this.#lines.at(id);
    if (line === undefined || line.length === 0) return false;
    if (mayBe !== undefined && !mayBe(this.#lines.lowerAt(id))) return false;
    try {
      return matches(recordOf(line));
    } catch {
      // The file is damaged there: a table shows the row, whatever is asked of it.
      return true;
    }
  }

  /**
   * The ids of what passes, step by step, each of them short; `at` is the id as far as which it has looked.
   *
   * @param from Where to begin, itself left out; absent: at the end.
   * @param limit How many are wanted; more may come.
   */
  *ids(
    query: Query,
    isUp: boolean,
    from: number | undefined,
    limit: number,
    hidden: HiddenSpans,
  ): Generator<{ readonly ids: readonly number[]; readonly at: number }> {
    const { may, sure } = query.sql;
    const isExact = may === sure;
    const statement = this.#db.prepare(
      `SELECT id, ${isExact ? "1" : sure.sql} AS sure FROM records ` +
        `WHERE id BETWEEN ? AND ? AND ${may.sql} ORDER BY id ${isUp ? "ASC" : "DESC"} LIMIT ?`,
    );
    const parameters = isExact ? [] : sure.parameters;
    for (const span of this.candidates(query, isUp, from)) {
      let { first, last } = span;
      while (first <= last) {
        const found = statement.all(...parameters, first, last, ...may.parameters, limit) as {
          id: number;
          sure: number;
        }[];
        let ids: number[] = [];
        for (const { id, sure } of found) {
          if (hidden.has(id)) continue;
          const isSure = sure === 1;
          if (isSure || this.passes(id, query)) ids.push(id);
          if (isSure) continue;
          // It took reading a record.
          yield { ids, at: id };
          ids = [];
        }
        const end = found.length < limit ? undefined : found[found.length - 1].id;
        yield { ids, at: end ?? (isUp ? last : first) };
        if (end === undefined) break;
        if (isUp) first = end + 1;
        else last = end - 1;
      }
    }
  }

  /** The rows of these ids, in their order, without those that are not there. */
  fetch(ids: readonly number[]): readonly StoredRow[] {
    const select = statement(
      this.#db,
      "SELECT records.* FROM json_each(?) JOIN records ON records.id = value ORDER BY key",
    );
    const rows: StoredRow[] = [];
    for (let from = 0; from < ids.length; from += FETCHED) {
      const some = select.all(JSON.stringify(ids.slice(from, from + FETCHED)));
      rows.push(...some as unknown as StoredRow[]);
    }
    return rows;
  }

  /** Ranges of ids that may hold what passes, in the order that was asked for. */
  *candidates({ term }: Query, isUp: boolean, from: number | undefined): Generator<Span> {
    const lowest = isUp && from !== undefined ? from + 1 : 0;
    const highest = !isUp && from !== undefined ? from - 1 : Number.MAX_SAFE_INTEGER;
    if (term === undefined) return yield { first: lowest, last: highest };
    const blocks = this.#blocks.refresh().filter(({ first, last }) => last >= lowest && first <= highest);
    if (!isUp) blocks.reverse();
    const signatures = new Signatures(this.#db, blocks);
    let open: { first: number; last: number; blocks: number } | undefined;
    for (const [i, { first, last, summary }] of blocks.entries()) {
      if (!mayPass(term, summary, (grams) => signatures.hold(i, grams))) continue;
      const isNext = open !== undefined && (isUp ? first === open.last + 1 : last === open.first - 1);
      if (open !== undefined && isNext && open.blocks < TOGETHER) {
        open = {
          first: Math.min(first, open.first),
          last: Math.max(last, open.last),
          blocks: open.blocks + 1,
        };
        continue;
      }
      if (open !== undefined) {
        yield { first: Math.max(open.first, lowest), last: Math.min(open.last, highest) };
      }
      open = { first, last, blocks: 1 };
    }
    if (open !== undefined) yield { first: Math.max(open.first, lowest), last: Math.min(open.last, highest) };
  }
}
