/** A history as the viewer reads it: rows of exchanges and of streams, what is in one, and what happens. */
import type { Record } from "../capture/record.ts";
import type { HistoryReader } from "../store/history_reader.ts";
import type { HistoryRow } from "../store/history_row.ts";
import { BusyError } from "../store/busy_error.ts";
import type { OrderKey } from "../store/ordering.ts";
import type { ExchangeView, LiveEvent, MessagePage, RowPage, SortKey } from "../ui/api.ts";
import type { ActiveKey, BodyPart, HistorySource, OrderQuery, PageQuery } from "../ui/source.ts";
import { Refused } from "../ui/requests.ts";
import type { History } from "../store/history.ts";
import type { HistoryIntake } from "./history_intake.ts";
import { cutLine, type Line } from "./history_line.ts";
import { isShown, messagesOf, messagesOfActive, openingOf, SHOWN, viewsOf } from "./history_rows.ts";

export { quoted } from "./history_rows.ts";

/** How long a search may take; then there is what was found so far, and the page asks for more. */
const BUDGET_MS = 2_000;
/** How long rows are counted that were not yet; then there are those that were, and the next count goes on. */
const COUNT_MS = 50;
/** How long the opening of a connection is looked for. */
const OPENING_MS = 200;
/** How many records of losses, which pass every filter, are passed over on the way. */
const MOST_PASSED_OVER = 10;
/** Rows in one event. */
const EVENT_ROWS = 50;
/** How often browsers are told of new rows, at most. */
const TELL_MS = 100;

/** What the columns of the table are to the history. */
const ORDER_KEYS: { readonly [key in SortKey]: OrderKey } = {
  row: "id",
  state: "outcome",
  time: "at",
  client: "client",
  target: "target",
  method: "method",
  url: "url",
  status: "status",
  type: "mime",
  up: "up",
  down: "down",
  elapsed: "duration",
  timing: "wait",
};

/** Shows a history. */
export class StoredSource implements HistorySource {
  /** What it reads through. */
  readonly reader: HistoryReader;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  /** The newest record that browsers were told of, and that there is. */
  #told = 0;
  #last = 0;
  /** Rows that came since browsers were told. */
  #added = 0;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #lastRemoval: number | undefined;

  /** Reads through `reader`, which stays its owner's. */
  constructor(reader: HistoryReader) {
    this.reader = reader;
  }

  /** Finds out what is there. Call it once, before the first page is asked for. */
  async start(): Promise<void> {
    const span = await this.reader.span();
    this.#told = this.#last = span?.last ?? 0;
    await this.#total(BUDGET_MS);
  }

  /** A record is on its way into the history. */
  taken(record: Record): void {
    if (isShown(record)) this.#added++;
  }

  /** Something was stored: browsers are told soon. */
  stored(last: number): void {
    this.#last = last;
    if (this.#listeners.size === 0 || this.#telling !== undefined) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#tell().catch(() => {
        // The page asks again, and is told what is wrong then.
      });
    }, TELL_MS);
  }

  /** Records could not be stored. */
  lost(count: number, reason: string): void {
    for (const listener of this.#listeners) listener({ type: "lost", count, reason });
  }

  /** Tells nobody any more. */
  stop(): void {
    clearTimeout(this.#telling);
    this.#listeners.clear();
  }

  /** See {@link HistorySource.page}. */
  async page({ before, after, limit, filter, signal }: PageQuery): Promise<RowPage> {
    const request = {
      ...before !== undefined && { before },
      ...after !== undefined && { after },
      limit,
      filter: shown(filter),
      budgetMs: BUDGET_MS,
    };
    const [counted, { rows, next }] = await Promise.all([
      filter === undefined ? this.#total() : 0,
      this.reader.page(request, signal).catch(refuseIfBusy),
    ]);
    const views = await viewsOf(this.reader, rows);
    if (after !== undefined) views.reverse();
    const hasMore = next !== undefined;
    const isAll = !hasMore && before === undefined && after === undefined;
    const total = isAll ? views.length : Math.max(counted, views.length);
    return { rows: views, hasMore, ...filter === undefined && { total } };
  }

  /** See {@link HistorySource.ordered}. */
  async ordered({ key, filter, signal, ...query }: OrderQuery): Promise<RowPage> {
    const request = { ...query, key: ORDER_KEYS[key], filter: shown(filter) };
    const page = await this.reader.ordered(request, signal).catch(refuseIfBusy);
    return { ...page, rows: await viewsOf(this.reader, page.rows) };
  }

  /** See {@link HistorySource.view}. */
  async view(id: number, bodyLimitBytes: number): Promise<ExchangeView | undefined> {
    const [line, found] = await Promise.all([this.#line(id), this.#row(id)]);
    if (line === undefined || found === undefined) return undefined;
    const { record, request, response } = cutLine(line, bodyLimitBytes);
    const [[row], messages, opened] = await Promise.all([
      viewsOf(this.reader, [found]),
      this.#countMessages(found),
      this.#opened(found),
    ]);
    return {
      row,
      record,
      cut: { request, response },
      messages,
      ...opened !== undefined && { opened },
    };
  }

  /** See {@link HistorySource.body}. */
  async body(id: number, part: BodyPart, from: number, to: number): Promise<Uint8Array | undefined> {
    return (await this.reader.body(id, part, from, to - from))?.part;
  }

  /** See {@link HistorySource.messages}. */
  async messages(id: number, after: number, limit: number): Promise<MessagePage> {
    const row = await this.#row(id);
    if (row === undefined || row.type === "lost") return { messages: [], hasMore: false };
    return await this.#messages(messagesOf(row), after, limit);
  }

  /** See {@link HistorySource.activeMessages}. */
  activeMessages(key: ActiveKey, after: number, limit: number): Promise<MessagePage> {
    return this.#messages(messagesOfActive(key), after, limit);
  }

  /** See {@link HistorySource.remove}. */
  async remove(rows: readonly number[] | undefined): Promise<number> {
    const { removal, count } = await this.reader.remove(rows ?? "all", SHOWN, BUDGET_MS);
    this.#lastRemoval = removal;
    await this.#tellTotal();
    return count;
  }

  /** See {@link HistorySource.undo}. */
  async undo(): Promise<number> {
    const removal = this.#lastRemoval;
    if (removal === undefined) return 0;
    this.#lastRemoval = undefined;
    const count = await this.reader.undo(removal, SHOWN, BUDGET_MS);
    await this.#tellTotal();
    return count;
  }

  /** See {@link HistorySource.subscribe}. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many rows there are. */
  async #total(budgetMs = COUNT_MS): Promise<number> {
    return (await this.reader.total(SHOWN, budgetMs)).count;
  }

  async #tellTotal(): Promise<void> {
    if (this.#listeners.size === 0) return;
    const total = await this.#total();
    for (const listener of this.#listeners) {
      listener({ type: "rows", total, newest: this.#last, added: 0, rows: [] });
    }
  }

  /** Counts what is new, and shows the newest of it. */
  async #tell(): Promise<void> {
    const [since, last] = [this.#told, this.#last];
    if (last <= since) return;
    this.#told = last;
    const added = this.#added;
    this.#added = 0;
    const [total, { rows }] = await Promise.all([
      this.#total(),
      this.reader.page({ limit: EVENT_ROWS, filter: SHOWN, budgetMs: BUDGET_MS }),
    ]);
    const fresh = rows.filter(({ id }) => id > since);
    const views = await viewsOf(this.reader, fresh);
    const event: LiveEvent = { type: "rows", total, newest: last, added, rows: views };
    for (const listener of this.#listeners) listener(event);
  }

  async #line(id: number): Promise<Line | undefined> {
    const line = await this.reader.line(id);
    return line === undefined ? undefined : JSON.parse(line);
  }

  async #row(id: number): Promise<HistoryRow | undefined> {
    const { rows: [row] } = await this.reader.page({ before: id + 1, limit: 1 });
    return row?.id === id ? row : undefined;
  }

  async #countMessages(row: HistoryRow): Promise<number> {
    if (row.type === "lost") return 0;
    const [all, lost] = await Promise.all([
      this.reader.count(messagesOf(row), undefined, BUDGET_MS),
      // What tells of lost records passes every filter.
      this.reader.count("type:lost", undefined, BUDGET_MS),
    ]);
    return Math.max(0, all.count - lost.count);
  }

  async #messages(filter: string, after: number, limit: number): Promise<MessagePage> {
    const { rows, next } = await this.reader.page({ after, limit, filter });
    const ids = rows.filter(({ type }) => type !== "lost").map(({ id }) => id);
    // What is more than a page should hold at once is asked for again.
    const lines = ids.length === 0 ? [] : await this.reader.lines(ids);
    const messages = lines.flatMap((line, i) => {
      // It may have been removed meanwhile.
      return line === undefined ? [] : [{ row: ids[i], record: JSON.parse(line) }];
    });
    return { messages, hasMore: next !== undefined || lines.length < ids.length };
  }

  /** The line of the opening of a row's connection. */
  async #opened(row: HistoryRow): Promise<Line | undefined> {
    if (row.type === "lost") return undefined;
    const filter = openingOf(row);
    let before = row.id;
    for (let i = 0; i < MOST_PASSED_OVER; i++) {
      const { rows: [found] } = await this.reader.page({ before, limit: 1, filter, budgetMs: OPENING_MS });
      if (found?.type !== "lost") return found && await this.#line(found.id);
      before = found.id;
    }
  }
}

/** Takes records into a history that is shown; waiting for it ends where nothing can be stored, with `Refused` (503). */
export function intakeOf(history: History, source: StoredSource): HistoryIntake {
  return {
    write(record) {
      source.taken(record);
      history.write(record);
    },
    flush: () =>
      history.stored().catch((error) => {
        throw new Refused(503, error.message);
      }),
    get lost() {
      return history.lost;
    },
  };
}

/** @throws {Refused} 503, where the history has too much to do; otherwise what was thrown. */
function refuseIfBusy(error: unknown): never {
  throw error instanceof BusyError ? new Refused(503, error.message) : error;
}

/** A filter for rows of the table. */
function shown(filter: string | undefined): string {
  return filter === undefined ? SHOWN : `${SHOWN} (${filter})`;
}
