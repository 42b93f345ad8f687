/**
 * Reads a history: pages, searches, single records, bodies. It has a connection of its own, so that it works
 * while another process writes; and all of it is synchronous, hence meant for a worker, or for a program
 * with nothing else to do.
 */
import type { DatabaseSync } from "node:sqlite";
import { RecordReader } from "../archive/record_reader.ts";
import { recordFilter } from "../capture/filter/record_filter.ts";
import { parseExpression } from "../capture/filter/syntax.ts";
import type { Expression } from "../capture/filter/expression.ts";
import type { Record } from "../capture/record.ts";
import { formatExpression } from "../capture/filter/format.ts";
import { BlockList } from "./block_list.ts";
import { Dictionary } from "./dictionary.ts";
import { mayPass } from "./filter_block.ts";
import { type FilterSql, filterSql } from "./filter_sql.ts";
import { type FilterTerm, sortFilter } from "./filter_term.ts";
import {
  type BodyName,
  bodyOf,
  type BodyPart,
  type Page,
  type PageRequest,
  type ReaderSettings,
} from "./page.ts";
import { type HistoryRow, rowOf, type StoredRow } from "./history_row.ts";
import { Signatures } from "./signatures.ts";
import { linesOf, recordOf, textOfLine } from "./lines.ts";
import { Removals } from "./removals.ts";
import { openToRead } from "./schema.ts";

interface Query {
  readonly term: FilterTerm | undefined;
  readonly sql: FilterSql;
  readonly matches: (record: Record) => boolean;
}

/** Neighbouring blocks that may hold something are asked together, up to that many. */
const TOGETHER = 16;
/** An open history. */
export class HistoryIndex implements Disposable {
  readonly #db: DatabaseSync;
  readonly #settings: ReaderSettings;
  readonly #dictionary = new Dictionary();
  readonly #removals: Removals;
  readonly #blocks: BlockList;
  #lines:
    | { readonly block: number; readonly last: number; readonly lines: readonly Uint8Array[] }
    | undefined;
  #record: { readonly id: number; readonly record: Record } | undefined;

  /**
   * Opens a history.
   *
   * @throws {Error} One line for people, where it cannot be had.
   */
  constructor(path: string, settings: ReaderSettings) {
    this.#db = openToRead(path);
    this.#settings = settings;
    this.#blocks = new BlockList(this.#db);
    this.#removals = new Removals(this.#db, settings.epochNow);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  /**
   * Rows by id.
   *
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   */
  page(request: PageRequest): Page {
    const { limit, after, before, budgetMs = Infinity } = request;
    const query = this.#query(request.filter, request.search);
    const isUp = after !== undefined;
    const deadline = this.#settings.now() + budgetMs;
    const rows: HistoryRow[] = [];
    for (const step of this.#matching(query, isUp, after ?? before, limit)) {
      for (const row of step.rows) rows.push(rowOf(row, this.#dictionary));
      if (rows.length >= limit) {
        return { rows: rows.slice(0, limit), next: rows[limit - 1].id, isPartial: false };
      }
      if (this.#settings.now() > deadline) return { rows, next: step.at, isPartial: true };
    }
    return { rows, isPartial: false };
  }

  /**
   * How many records pass a filter; `isPartial` where the time ran out.
   *
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   */
  count(
    filter = "",
    search?: string,
    budgetMs = Infinity,
  ): { readonly count: number; readonly isPartial: boolean } {
    const deadline = this.#settings.now() + budgetMs;
    const query = this.#query(filter, search);
    let count = 0;
    if (query.sql.isExact && this.#removals.isEmpty) {
      const statement = this.#db.prepare(
        `SELECT count(*) AS n FROM records WHERE id BETWEEN ? AND ? AND ${query.sql.sql}`,
      );
      for (const { first, last } of this.#candidates(query.term, true, undefined)) {
        count += Number(statement.get(first, last, ...query.sql.parameters)?.n);
        if (this.#settings.now() > deadline) return { count, isPartial: true };
      }
      return { count, isPartial: false };
    }
    for (const { rows } of this.#matching(query, true, undefined, 1000)) {
      count += rows.length;
      if (this.#settings.now() > deadline) return { count, isPartial: true };
    }
    return { count, isPartial: false };
  }

  /** The line of a record in the log; `undefined`: there is none with that id, or it was removed. */
  line(id: number): string | undefined {
    if (this.#removals.has(id)) return undefined;
    const line = this.#lineAt(id);
    return line === undefined || line.length === 0 ? undefined : textOfLine(line);
  }

  /** The record as it was; `undefined`: there is none with that id, or it was removed. */
  record(id: number): Record | undefined {
    if (this.#record?.id === id && !this.#removals.has(id)) return this.#record.record;
    const line = this.line(id);
    if (line === undefined) return undefined;
    const record: Record = new RecordReader().read(JSON.parse(line));
    this.#record = { id, record };
    return record;
  }

  /** A part of a body, content codings left on; `undefined`: there is no such record, or no such body. */
  body(id: number, which: BodyName, from: number, length: number): BodyPart | undefined {
    const record = this.record(id);
    const body = record === undefined ? undefined : bodyOf(record, which);
    if (body === undefined) return undefined;
    return { kept: body.kept.length, bytes: body.bytes, part: body.kept.slice(from, from + length) };
  }

  /**
   * Hides records. They go for good some minutes later, or when they become too old.
   *
   * @param ids Which ones; "all": all that are there now.
   * @returns A number to {@link undo} it with.
   */
  remove(ids: readonly number[] | "all"): number {
    this.#record = undefined;
    return this.#removals.remove(ids);
  }

  /** Shows what was removed again, as far as it is still there. */
  undo(removal: number): void {
    this.#removals.undo(removal);
  }

  /** Id of the first and the last record; undefined: there is none. */
  span(): { readonly first: number; readonly last: number } | undefined {
    const row = this.#db.prepare("SELECT min(id) AS first, max(id) AS last FROM records").get()!;
    return row.first === null ? undefined : { first: row.first as number, last: row.last as number };
  }

  /**
   * All records that were not removed, oldest first, in batches; `undefined` in place of one that cannot be
   * read.
   */
  *records(): Generator<readonly { readonly id: number; readonly record: Record | undefined }[]> {
    const reader = new RecordReader();
    const next = this.#db.prepare("SELECT first FROM blocks WHERE first > ? ORDER BY first LIMIT 1");
    for (let last = 0;;) {
      const block = next.get(last);
      if (block === undefined) return;
      last = block.first as number;
      const batch: { id: number; record: Record | undefined }[] = [];
      for (const [i, line] of linesOf(this.#db, last).entries()) {
        if (line.length === 0 || this.#removals.has(last + i)) continue;
        let record: Record | undefined;
        try {
          record = recordOf(line, reader);
        } catch {
          // The file is damaged there.
        }
        batch.push({ id: last + i, record });
      }
      if (batch.length > 0) yield batch;
    }
  }

  #query(filter = "", search = ""): Query {
    this.#dictionary.refresh(this.#db);
    let expression: Expression = parseExpression(filter);
    if (search !== "") {
      const wanted: Expression = { kind: "search", value: { kind: "contains", text: search } };
      const terms = expression.kind === "and"
        ? expression.terms
        : expression.kind === "all"
        ? []
        : [expression];
      expression = terms.length === 0 ? wanted : { kind: "and", terms: [...terms, wanted] };
    }
    if (expression.kind === "all") {
      return { term: undefined, sql: { sql: "1", parameters: [], isExact: true }, matches: () => true };
    }
    const lost: FilterTerm = { kind: "ids", column: "shape", ids: this.#dictionary.lostShapes(), not: false };
    const term: FilterTerm = { kind: "or", terms: [lost, sortFilter(expression, this.#dictionary)] };
    const matches = recordFilter(formatExpression(expression), this.#settings.maxBodyBytes);
    return { term, sql: filterSql(term), matches };
  }

  /** The rows that pass, step by step; `at` is the id as far as which it has looked. */
  *#matching(
    query: Query,
    isUp: boolean,
    from: number | undefined,
    limit: number,
  ): Generator<{ readonly rows: readonly StoredRow[]; readonly at: number }> {
    const order = isUp ? "ASC" : "DESC";
    const statement = this.#db.prepare(
      `SELECT * FROM records WHERE id BETWEEN ? AND ? AND ${query.sql.sql} ORDER BY id ${order} LIMIT ?`,
    );
    const hidden = this.#removals.spans();
    for (const span of this.#candidates(query.term, isUp, from)) {
      let { first, last } = span;
      while (first <= last) {
        const found = statement.all(first, last, ...query.sql.parameters, limit) as unknown as StoredRow[];
        const rows = found.filter((row) =>
          !hidden.has(row.id) && (query.sql.isExact || this.#passes(row.id, query))
        );
        const end = found.length < limit ? undefined : found[found.length - 1].id;
        yield { rows, at: end ?? (isUp ? last : first) };
        if (end === undefined) break;
        if (isUp) first = end + 1;
        else last = end - 1;
      }
    }
  }

  #passes(id: number, { matches }: Query): boolean {
    const line = this.#lineAt(id);
    try {
      return line !== undefined && line.length > 0 && matches(recordOf(line));
    } catch {
      // The file is damaged there: a table shows the row, whatever is asked of it.
      return true;
    }
  }

  /** Ranges of ids that may hold what passes, in the order that was asked for. */
  *#candidates(
    term: FilterTerm | undefined,
    isUp: boolean,
    from: number | undefined,
  ): Generator<{ readonly first: number; readonly last: number }> {
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

  #lineAt(id: number): Uint8Array | undefined {
    const known = this.#lines;
    if (known !== undefined && id >= known.block && id <= known.last) {
      return known.lines[id - known.block];
    }
    const block = this.#db.prepare(
      "SELECT first, last FROM blocks WHERE first <= ? ORDER BY first DESC LIMIT 1",
    ).get(id);
    if (block === undefined || id > (block.last as number)) return undefined;
    const first = block.first as number;
    const lines = linesOf(this.#db, first);
    this.#lines = { block: first, last: first + lines.length - 1, lines };
    return lines[id - first];
  }
}
