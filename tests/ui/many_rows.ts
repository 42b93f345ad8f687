/** A history of very many rows that are made up as they are asked for; filters look at the status alone. */
import type { ExchangeView, LiveEvent, MessagePage, RowPage, RowView } from "../../src/ui/api.ts";
import type { HistorySource, OrderQuery, PageQuery } from "../../src/ui/source.ts";
import { Orders } from "./orders.ts";

/** How many rows an event has at most. */
const EVENT_ROWS = 50;

const STATUSES = [200, 200, 200, 201, 304, 404, 500];
const METHODS = ["GET", "GET", "POST", "PUT"];
const TYPES = ["application/json", "text/html", "text/xml", "image/png"];

/** A row that looks like one. */
export function madeUpRow(row: number): RowView {
  const wait = (row * 7919) % 1000 / 10;
  return {
    row,
    type: "exchange",
    id: row,
    connection: Math.ceil(row / 10),
    at: 1_795_000_000_000 + row * 10,
    client: `127.0.0.1:${40_000 + row % 1000}`,
    target: "localhost:8080",
    listener: "127.0.0.1:8081",
    method: METHODS[row % METHODS.length],
    url: `/api/things/${row}?page=${row % 17}`,
    host: "localhost:8081",
    status: STATUSES[row % STATUSES.length],
    mime: TYPES[row % TYPES.length],
    up: row % 900,
    down: (row * 31) % 90_000,
    ms: { send: 0.1, wait, receive: 0.4, total: wait + 0.5 },
    outcome: row % 41 === 0 ? "response-cut" : "complete",
  };
}

/** The history. */
export class ManyRows implements HistorySource {
  /** How many rows there are. */
  count: number;
  /** How often a page was asked for. */
  pages = 0;
  /** Orders that are known. */
  readonly orders = new Orders();
  readonly #listeners = new Set<(event: LiveEvent) => void>();

  /** So many rows. */
  constructor(count: number) {
    this.count = count;
  }

  /** More rows come in. */
  add(added: number): void {
    this.count += added;
    const rows = Array.from({ length: Math.min(added, EVENT_ROWS) }, (_, at) => madeUpRow(this.count - at));
    const event: LiveEvent = { type: "rows", total: this.count, newest: this.count, added, rows };
    this.emit(event);
  }

  /** Tells the listeners. */
  emit(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** See {@link HistorySource.page}. */
  page({ before = this.count + 1, limit }: PageQuery): RowPage {
    this.pages++;
    const length = Math.max(0, Math.min(limit, before - 1));
    const rows = Array.from({ length }, (_, at) => madeUpRow(before - 1 - at));
    return { rows, hasMore: before - 1 > length, total: this.count };
  }

  /** See {@link HistorySource.ordered}. */
  ordered(query: OrderQuery): RowPage {
    this.pages++;
    return this.orders.page(
      query,
      () => Array.from({ length: this.count }, (_, at) => madeUpRow(this.count - at)),
      ({ row }) => row <= this.count,
    );
  }

  /** See {@link HistorySource.view}. */
  view(row: number): ExchangeView | undefined {
    if (row > this.count) return undefined;
    const { id, connection, at, client, target, listener, outcome } = madeUpRow(row);
    const record = {
      type: "exchange",
      id,
      connection,
      listener,
      client,
      target,
      time: new Date(at).toISOString(),
      ms: { total: 1 },
      outcome,
      flags: [],
    };
    return { row: madeUpRow(row), record, cut: { request: false, response: false }, messages: 0 };
  }

  /** See {@link HistorySource.body}. */
  body(): undefined {}

  /** See {@link HistorySource.messages}. */
  messages(): MessagePage {
    return { messages: [], hasMore: false };
  }

  /** See {@link HistorySource.activeMessages}. */
  activeMessages(): MessagePage {
    return { messages: [], hasMore: false };
  }

  /** See {@link HistorySource.remove}. */
  remove(rows: readonly number[] | undefined): number {
    const gone = rows?.length ?? this.count;
    if (rows === undefined) this.count = 0;
    return gone;
  }

  /** See {@link HistorySource.undo}. */
  undo(): number {
    return 0;
  }

  /** See {@link HistorySource.subscribe}. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
