/**
 * Reads a history: pages, searches, single records, bodies. It has a connection of its own, so that it works
 * while another process writes; and it is synchronous, save for what can be had in turns: meant for a worker.
 */
import type { DatabaseSync } from "node:sqlite";
import { RecordReader } from "../archive/record_reader.ts";
import type { Record } from "../capture/record.ts";
import { BlockList } from "./block_list.ts";
import { type Count, Counts, finished, type IsLate } from "./counts.ts";
import { Dictionary } from "./dictionary.ts";
import { type HistoryRow, rowOf } from "./history_row.ts";
import { linesOf, recordOf, textOfLine } from "./lines.ts";
import { Matching } from "./matching.ts";
import type { OrderedPage, OrderRequest } from "./ordering.ts";
import { Orders } from "./orders.ts";
import { type BodyName, bodyOf, type BodyPart, type Page, type PageRequest, type Removed } from "./page.ts";
import type { ReaderSettings } from "./page.ts";
import { isDecided, makeQuery, type Query } from "./query.ts";
import { Removals } from "./removals.ts";
import { openToRead } from "./schema.ts";
import { StoredLines } from "./stored_lines.ts";
import { Turns } from "./turns.ts";

/** An answer with lines ends behind the one that brings it to so many bytes. */
const LINES_BYTES = 4 * 1024 * 1024;

/** How many rows are read before others have their turn, where that is due. */
const ROWS_AT_ONCE = 100;

/** An open history. */
export class HistoryIndex implements Disposable {
  readonly #db: DatabaseSync;
  readonly #settings: ReaderSettings;
  readonly #dictionary = new Dictionary();
  readonly #removals: Removals;
  readonly #lines: StoredLines;
  readonly #blocks: BlockList;
  readonly #matching: Matching;
  readonly #counts: Counts;
  readonly #orders: Orders;
  readonly #turns: Turns;
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
    this.#blocks = new BlockList(this.#db);
    this.#matching = new Matching(this.#db, this.#blocks, this.#lines);
    this.#counts = new Counts(this.#db, this.#matching);
    this.#turns = new Turns({ now: settings.now, pause: () => this.#pause() });
    this.#orders = new Orders({
      db: this.#db,
      dictionary: this.#dictionary,
      removals: this.#removals,
      matching: this.#matching,
      query: (filter) => this.#query(filter),
      now: settings.now,
      pause: () => this.#pause(),
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
    return finished(this.#page(request, this.#query(request.filter, request.search)));
  }

  /**
   * Rows by id, as {@link page} gives them, in turns with others; where records have to be read, behind all others.
   *
   * @param signal Calls it off; then it throws the signal's reason.
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   * @throws {BusyError} Where too many search already.
   */
  async pageInTurn(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    const query = this.#query(request.filter, request.search);
    return await this.#inTurn(query, () => this.#page(request, query), signal);
  }

  *#page({ limit, after, before, budgetMs = Infinity }: PageRequest, query: Query): Generator<void, Page> {
    const isUp = after !== undefined;
    const deadline = this.#settings.now() + budgetMs;
    const ids: number[] = [];
    let next: number | undefined;
    let isPartial = false;
    for (const step of this.#matching.ids(query, isUp, after ?? before, limit, this.#removals.spans())) {
      for (const id of step.ids) ids.push(id);
      isPartial = ids.length < limit && this.#settings.now() > deadline;
      next = isPartial ? step.at : ids[limit - 1];
      if (next !== undefined) break;
      yield;
    }
    const rows: HistoryRow[] = [];
    for (let from = 0; from < Math.min(ids.length, limit); from += ROWS_AT_ONCE) {
      rows.push(...this.#rows(ids.slice(from, Math.min(from + ROWS_AT_ONCE, limit))));
      yield;
    }
    return { rows, ...next !== undefined && { next }, isPartial };
  }

  /**
   * How many records pass a filter; `isPartial` where the time ran out.
   *
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   */
  count(filter = "", search?: string, budgetMs = Infinity): Count {
    return finished(this.#count(this.#query(filter, search), budgetMs));
  }

  /** How many records pass, as {@link count} says it, in turns as {@link pageInTurn}. @throws as that one. */
  async countInTurn(filter = "", search = "", budgetMs = Infinity, signal?: AbortSignal): Promise<Count> {
    const query = this.#query(filter, search);
    return await this.#inTurn(query, () => this.#count(query, budgetMs), signal);
  }

  *#count(query: Query, budgetMs: number): Generator<void, Count> {
    return yield* this.#counts.count(query, this.#removals.spans(), this.#isLateAfter(budgetMs));
  }

  /** Rows that tell by themselves what passes are soon looked through. */
  #inTurn<Result>(query: Query, begin: () => Generator<void, Result>, signal?: AbortSignal): Promise<Result> {
    return isDecided(query) ? this.#turns.plain(begin(), signal) : this.#turns.search(begin, signal);
  }

  /**
   * How many records pass a filter that is asked about again and again: what is known of it is kept, for the last such
   * filter. `isPartial` where the time ran out: the next call goes on.
   *
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   */
  total(filter = "", budgetMs = Infinity): Count {
    return this.#totalOf(filter)(this.#isLateAfter(budgetMs));
  }

  /**
   * Rows in the order of a column, out of all that pass a filter. It has to look at all of them once, and pauses meanwhile.
   *
   * @param signal Ends it; an order that nobody waits for any more is not made.
   * @throws {FilterSyntaxError} Where the filter cannot be read.
   * @throws {BusyError} Where too many orders are waited for.
   */
  ordered(request: OrderRequest, signal?: AbortSignal): Promise<OrderedPage> {
    return this.#orders.page(request, signal);
  }

  /** The line of a record in the log; `undefined`: there is none with that id, or it was removed. */
  line(id: number): string | undefined {
    return this.lines([id])[0];
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
   * @param filter Of what to say how many went.
   * @param budgetMs How long counting may take; fewer than went may be told then.
   * @returns A number to {@link undo} it with, and how many of those that pass the filter went.
   */
  remove(ids: readonly number[] | "all", filter = "", budgetMs = Infinity): Removed {
    this.#record = undefined;
    const isLate = this.#isLateAfter(budgetMs);
    const total = this.#totalOf(filter);
    const before = total(isLate);
    const removal = this.#removals.remove(ids);
    return { removal, count: Math.max(0, before.count - total(isLate).count) };
  }

  /**
   * Shows what was removed again, as far as it is still there.
   *
   * @param filter Of what to say how many came back.
   * @param budgetMs How long counting may take; fewer than came back may be told then.
   * @returns How many of those that pass the filter came back.
   */
  undo(removal: number, filter = "", budgetMs = Infinity): number {
    const isLate = this.#isLateAfter(budgetMs);
    const total = this.#totalOf(filter);
    const before = total(isLate);
    this.#removals.undo(removal);
    return Math.max(0, total(isLate).count - before.count);
  }

  /** Id of the first and the last record; undefined: there is none. */
  span(): { readonly first: number; readonly last: number } | undefined {
    const row = this.#db.prepare("SELECT min(id) AS first, max(id) AS last FROM records").get()!;
    return row.first === null ? undefined : { first: row.first as number, last: row.last as number };
  }

  /** All records that were not removed, oldest first, in batches; `undefined` in place of one that cannot be read. */
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

  /** Counts again and again what passes, among the blocks that there are now. */
  #totalOf(filter: string): (isLate: IsLate) => Count {
    const query = this.#query(filter);
    const blocks = this.#blocks.refresh();
    return (isLate) => this.#counts.total(filter, query, blocks, this.#removals.spans(), isLate);
  }

  async #pause(): Promise<void> {
    await this.#settings.pause?.();
    if (this.#isClosed) throw new Error("the history is closed");
  }

  #isLateAfter(budgetMs: number): IsLate {
    const deadline = this.#settings.now() + budgetMs;
    return () => this.#settings.now() > deadline;
  }

  #query(filter = "", search = ""): Query {
    this.#dictionary.refresh(this.#db);
    return makeQuery(filter, search, this.#dictionary, this.#settings.maxBodyBytes);
  }
}
