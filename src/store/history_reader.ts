/** Reads a history in a worker, so that no search holds up what passes traffic. */
import { RecordReader } from "../archive/record_reader.ts";
import type { Record } from "../capture/record.ts";
import type { Count } from "./counts.ts";
import type { OrderedPage, OrderRequest } from "./ordering.ts";
import type { ReaderOpening } from "./protocol.ts";
import type { BodyName, BodyPart, Page, PageRequest, Removed } from "./page.ts";
import { WorkerCalls } from "./worker_calls.ts";

/** How long the worker may take to close its file. */
const CLOSE_MS = 2000;

/** An open history. Each method throws an `Error` with one line for people where the file cannot be read. */
export class HistoryReader implements AsyncDisposable {
  readonly #calls: WorkerCalls;

  private constructor(calls: WorkerCalls) {
    this.#calls = calls;
  }

  /**
   * Opens a history.
   *
   * @param workerUrl The file of the worker; absent: the one beside this file.
   * @throws {Error} One line for people, where it cannot be had.
   */
  static async open(
    opening: ReaderOpening,
    workerUrl: URL | string = new URL("./worker.ts", import.meta.url),
  ): Promise<HistoryReader> {
    const calls = await WorkerCalls.start(workerUrl);
    try {
      await calls.call("openReader", [opening]);
      return new HistoryReader(calls);
    } catch (error) {
      await calls.close(0);
      throw error;
    }
  }

  /**
   * Rows by id; throws also where the filter cannot be read. Where records have to be read for it, all others go first.
   *
   * @param signal Calls it off; then it throws the signal's reason.
   * @throws {BusyError} Where too many search already.
   */
  page(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    return this.#calls.callUntil(signal, "page", [request]);
  }

  /**
   * How many records pass a filter; `isPartial` where the time ran out. Throws also where the filter cannot
   * be read.
   *
   * @throws {BusyError} Where records have to be read for it, and too many search already.
   */
  count(filter = "", search?: string, budgetMs?: number): Promise<Count> {
    return this.#calls.call("count", [filter, search, budgetMs]);
  }

  /**
   * How many records pass a filter that is asked about again and again: what is known of it is kept, for the last such
   * filter. `isPartial` where the time ran out: the next call goes on. Throws also where the filter cannot be read.
   */
  total(filter = "", budgetMs?: number): Promise<Count> {
    return this.#calls.call("total", [filter, budgetMs]);
  }

  /** The record as it was; `undefined`: there is none with that id, or it was removed. */
  async record(id: number): Promise<Record | undefined> {
    const line = await this.line(id);
    return line === undefined ? undefined : new RecordReader().read(JSON.parse(line));
  }

  /** The line of a record in the log; `undefined`: there is none with that id, or it was removed. */
  line(id: number): Promise<string | undefined> {
    return this.#calls.call("line", [id]);
  }

  /**
   * Rows in the order of a column, out of all that pass a filter. The order is made once, and stays as it was while it is
   * known: the last few are. Throws also where the filter cannot be read.
   *
   * @param signal Calls it off; then it throws the signal's reason.
   * @throws {BusyError} Where too many orders are waited for.
   */
  ordered(request: OrderRequest, signal?: AbortSignal): Promise<OrderedPage> {
    return this.#calls.callUntil(signal, "ordered", [request]);
  }

  /**
   * Lines of many records in the log; `undefined` in place of one that is not there, or was removed. Fast for ids that rise
   * or fall, as each block is read once then. The answer is bounded: it ends behind the line that brought it to 4 MiB, and
   * then has fewer entries than there are ids, but never none.
   */
  lines(ids: readonly number[]): Promise<readonly (string | undefined)[]> {
    return this.#calls.call("lines", [ids]);
  }

  /** A part of a body, content codings left on; `undefined`: there is no such record, or no such body. */
  body(id: number, which: BodyName, from: number, length: number): Promise<BodyPart | undefined> {
    return this.#calls.call("body", [id, which, from, length]);
  }

  /**
   * Hides records; they go for good ten minutes later.
   *
   * @param filter Of what to say how many went.
   * @param budgetMs How long counting may take; fewer than went may be told then.
   * @returns A number to {@link undo} it with, and how many of those that pass the filter went.
   */
  remove(ids: readonly number[] | "all", filter = "", budgetMs?: number): Promise<Removed> {
    return this.#calls.call("remove", [ids, filter, budgetMs]);
  }

  /**
   * Shows what was removed again, as far as it is still there.
   *
   * @param filter Of what to say how many came back.
   * @param budgetMs How long counting may take; fewer than came back may be told then.
   * @returns How many of those that pass the filter came back.
   */
  undo(removal: number, filter = "", budgetMs?: number): Promise<number> {
    return this.#calls.call("undo", [removal, filter, budgetMs]);
  }

  /** Id of the first and the last record; undefined: there is none. */
  span(): Promise<{ readonly first: number; readonly last: number } | undefined> {
    return this.#calls.call("span", []);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#calls.close(CLOSE_MS);
  }
}
