/**
 * Reads a history: pages, searches, single records, bodies. It has a connection of its own, so that it works
 * while another process writes; and it is synchronous (an order of all rows pauses now and then), hence meant
 * for a worker, or for a program with nothing else to do.
 */
import type { DatabaseSync } from "node:sqlite";
import { RecordReader } from "../archive/record_reader.ts";
import type { Record } from "../capture/record.ts";
import { BlockList } from "./block_list.ts";
import { Dictionary } from "./dictionary.ts";
import { type HistoryRow, rowOf } from "./history_row.ts";
import { linesOf, recordOf, textOfLine } from "./lines.ts";
import { Matching } from "./matching.ts";
import type { OrderedPage, OrderRequest } from "./ordering.ts";
import { Orders } from "./orders.ts";
import { type BodyName, bodyOf, type BodyPart, type Page, type PageRequest } from "./page.ts";
import type { ReaderSettings } from "./page.ts";
import { makeQuery, type Query } from "./query.ts";
import { Removals } from "./removals.ts";
import { openToRead } from "./schema.ts";
import { StoredLines } from "./stored_lines.ts";

/** An answer with lines ends behind the one that brings it to so many bytes. */
const LINES_BYTES = 4 * 1024 * 1024;

/** An open history. */
export class HistoryIndex implements Disposable {
  readonly #db: DatabaseSync;
  readonly #settings: ReaderSettings;
  readonly #dictionary = new Dictionary();
  readonly #removals: Removals;
  readonly #lines: StoredLines;
  readonly #matching: Matching;
  readonly #orders: Orders;
  #record: { readonly id: number; readonly record: Record } | undefined;
  #isClosed = false;

  /**
   * Opens a history.
   *
   * @throws {Error} One line for people, where it cannot be had.
   */
  constructor(path: string, settings: ReaderSettings) {
    this.#db = openToRead(path);
    this.#settings = settings;
    this.#removals = new Removals(this.#db, settings.epochNow);
    this.#lines = new StoredLines(this.#db);
    this.#matching = new Matching(this.#db, new BlockList(this.#db), this.#lines);
    this.#orders = new Orders({
      db: this.#db,
      dictionary: this.#dictionary,
      removals: this.#removals,
      matching: this.#matching,
      query: (filter) => this.#query(filter),
      now: settings.now,
      pause: async () => {
        await settings.pause?.();
        if (this.#isClosed) throw new Error("the history is closed");
      },
    });
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
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
    const ids: number[] = [];
    const page = (next: number | undefined, isPartial: boolean): Page => ({
      rows: this.#rows(ids.slice(0, limit)),
      ...next !== undefined && { next },
      isPartial,
    });
    for (const step of this.#matching.ids(query, isUp, after ?? before, limit, this.#removals.spans())) {
      for (const id of step.ids) ids.push(id);
      if (ids.length >= limit) return page(ids[limit - 1], false);
      if (this.#settings.now() > deadline) return page(step.at, true);
    }
    return page(undefined, false);
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
    if (query.sql.may === query.sql.sure && this.#removals.isEmpty) {
      const { sql, parameters } = query.sql.may;
      const statement = this.#db.prepare(
        `SELECT count(*) AS n FROM records WHERE id BETWEEN ? AND ? AND ${sql}`,
      );
      for (const { first, last } of this.#matching.candidates(query, true, undefined)) {
        count += Number(statement.get(first, last, ...parameters)?.n);
        if (this.#settings.now() > deadline) return { count, isPartial: true };
      }
      return { count, isPartial: false };
    }
    for (const { ids } of this.#matching.ids(query, true, undefined, 1000, this.#removals.spans())) {
      count += ids.length;
      if (this.#settings.now() > deadline) return { count, isPartial: true };
    }
    return { count, isPartial: false };
  }

  /**
   * Rows in the order of a column, out of all that pass a filter. It has to look at all of them once, and pauses meanwhile.
   *
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   */
  ordered(request: OrderRequest): Promise<OrderedPage> {
    return this.#orders.page(request);
  }

  /** The line of a record in the log; `undefined`: there is none with that id, or it was removed. */
  line(id: number): string | undefined {
    if (this.#removals.has(id)) return undefined;
    const line = this.#lines.at(id);
    return line === undefined || line.length === 0 ? undefined : textOfLine(line);
  }

  /**
   * The lines of many records, as {@link line} gives them, read block by block where the ids rise or fall. Where they come
   * to some MiB, only those of the first ids are given, at least one.
   */
  lines(ids: readonly number[]): (string | undefined)[] {
    const hidden = this.#removals.spans();
    const found: (string | undefined)[] = [];
    let bytes = 0;
    for (const id of ids) {
      const line = hidden.has(id) ? undefined : this.#lines.at(id);
      if (line === undefined || line.length === 0) {
        found.push(undefined);
        continue;
      }
      found.push(textOfLine(line));
      bytes += line.length;
      if (bytes >= LINES_BYTES) break;
    }
    return found;
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

  #rows(ids: readonly number[]): readonly HistoryRow[] {
    const rows = this.#matching.fetch(ids);
    // They may have come since the query was made.
    this.#dictionary.refresh(this.#db);
    return rows.map((row) => rowOf(row, this.#dictionary));
  }

  #query(filter = "", search = ""): Query {
    this.#dictionary.refresh(this.#db);
    return makeQuery(filter, search, this.#dictionary, this.#settings.maxBodyBytes);
  }
}
