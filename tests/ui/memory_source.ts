/** A history in memory, for tests of the viewer: feed it records, then look at it through a browser. */
import { fieldValue } from "../../src/http/head.ts";
import { recordFilter } from "../../src/capture/filter/record_filter.ts";
import type {
  Body,
  ConnectionRecord,
  DataRecord,
  ExchangeRecord,
  MessageRecord,
  Record,
} from "../../src/capture/record.ts";
import { soapOf } from "../../src/capture/soap.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import type { ExchangeView, LiveEvent, MessagePage, RowPage, RowView } from "../../src/ui/api.ts";
import type { ActiveKey, BodyPart, HistorySource, OrderQuery, PageQuery } from "../../src/ui/source.ts";
import { Orders } from "./orders.ts";

/** How much of a body filters read. */
const FILTERED_BYTES = 1024 * 1024;
/** How many rows an event has at most. */
const EVENT_ROWS = 50;
/** How much of the body of a message is shown. */
const MESSAGE_BYTES = 65536;

interface Entry {
  readonly view: RowView;
  /** The exchange; of a stream, its first read. */
  readonly record: ExchangeRecord | DataRecord;
  /** Messages of the exchange, or reads of the stream. */
  readonly messages: { readonly row: number; readonly record: MessageRecord | DataRecord }[];
}

/** The history. Ids of connections and exchanges have to be unique in it. */
export class MemorySource implements HistorySource {
  #entries: Entry[] = [];
  #removed: Entry[] = [];
  #rows = 0;
  readonly #exchanges = new Map<number, Entry>();
  readonly #streams = new Map<number, Entry>();
  /** Messages come while their exchange is still under way. */
  readonly #early = new Map<number, Entry["messages"]>();
  readonly #opened = new Map<number, ConnectionRecord>();
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  /** Orders that are known. */
  readonly orders = new Orders();

  /** How many browsers, or others, listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Takes records, which have to be its own from then on, and tells the listeners of the new rows. */
  add(records: readonly Record[]): void {
    const before = this.#entries.length;
    for (const record of records) this.#take(record);
    const added = this.#entries.length - before;
    if (added === 0) return;
    const newest = this.#entries.slice(-Math.min(added, EVENT_ROWS)).reverse().map(({ view }) => view);
    this.emit({ type: "rows", total: this.#entries.length, newest: newest[0].row, added, rows: newest });
  }

  /** Tells the listeners. */
  emit(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** See {@link HistorySource.page}. */
  page({ before = Infinity, after = 0, limit, filter = "" }: PageQuery): RowPage {
    const matches = recordFilter(filter, FILTERED_BYTES);
    const all = this.#entries.filter(({ record }) => matches(record));
    const side = all.filter(({ view }) => view.row < before && view.row > after);
    const rows = after > 0 ? side.slice(0, limit) : side.slice(-limit);
    return {
      rows: rows.map(({ view }) => view).reverse(),
      hasMore: side.length > rows.length,
      total: all.length,
    };
  }

  /** See {@link HistorySource.ordered}. */
  ordered(query: OrderQuery): RowPage {
    const matches = recordFilter(query.filter ?? "", FILTERED_BYTES);
    const rows = () =>
      this.#entries.filter(({ record }) => matches(record)).map(({ view }) => view).reverse();
    return this.orders.page(query, rows, ({ row }) => this.#entry(row) !== undefined);
  }

  /** See {@link HistorySource.view}. */
  view(row: number, bodyLimitBytes: number): ExchangeView | undefined {
    const entry = this.#entry(row);
    if (entry === undefined) return undefined;
    const { view, record, messages } = entry;
    const opened = this.#opened.get(view.connection);
    return {
      row: view,
      record: jsonOf(cutRecord(record, bodyLimitBytes), bodyLimitBytes),
      cut: {
        request: record.type === "exchange" && isCut(record.request?.body, bodyLimitBytes),
        response: record.type === "exchange" && isCut(record.response?.body, bodyLimitBytes),
      },
      messages: messages.length,
      ...opened !== undefined && { opened: jsonOf(opened, 0) },
    };
  }

  /** See {@link HistorySource.body}. */
  body(row: number, part: BodyPart, from: number, to: number): Uint8Array | undefined {
    const record = this.#entry(row)?.record;
    return record?.type === "exchange" ? record[part]?.body.kept.slice(from, to) : undefined;
  }

  /** See {@link HistorySource.messages}. */
  messages(row: number, after: number, limit: number): MessagePage {
    return pageOf(this.#entry(row)?.messages ?? [], after, limit);
  }

  /** See {@link HistorySource.activeMessages}. */
  activeMessages({ id, connection, listener, client }: ActiveKey, after: number, limit: number): MessagePage {
    const all = [...this.#early.values(), ...this.#entries.map(({ messages }) => messages)].flat();
    const belongs = ({ record }: Entry["messages"][number]) =>
      record.connection.id === connection && record.connection.listener === listener &&
      record.connection.client === client &&
      (id === undefined || (record.type === "message" && record.exchange === id));
    return pageOf(all.filter(belongs).sort((a, b) => a.row - b.row), after, limit);
  }

  /** See {@link HistorySource.remove}. */
  remove(rows: readonly number[] | undefined): number {
    const wanted = new Set(rows);
    const goes = ({ view }: Entry) => rows === undefined || wanted.has(view.row);
    this.#removed = this.#entries.filter(goes);
    this.#entries = this.#entries.filter((entry) => !goes(entry));
    this.#tellTotal();
    return this.#removed.length;
  }

  /** See {@link HistorySource.undo}. */
  undo(): number {
    const back = this.#removed;
    this.#removed = [];
    this.#entries = [...this.#entries, ...back].sort((a, b) => a.view.row - b.view.row);
    this.#tellTotal();
    return back.length;
  }

  /** See {@link HistorySource.subscribe}. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tellTotal(): void {
    const [total, newest] = [this.#entries.length, this.#entries.at(-1)?.view.row ?? 0];
    this.emit({ type: "rows", total, newest, added: 0, rows: [] });
  }

  #entry(row: number): Entry | undefined {
    return this.#entries.find(({ view }) => view.row === row);
  }

  #take(record: Record): void {
    switch (record.type) {
      case "exchange": {
        const messages = this.#early.get(record.id) ?? [];
        this.#early.delete(record.id);
        const entry = { view: exchangeRow(record, ++this.#rows), record, messages };
        this.#entries.push(entry);
        this.#exchanges.set(record.id, entry);
        return;
      }
      case "message": {
        const message = { row: ++this.#rows, record };
        const known = this.#exchanges.get(record.exchange)?.messages ?? this.#early.get(record.exchange);
        if (known === undefined) this.#early.set(record.exchange, [message]);
        else known.push(message);
        return;
      }
      case "data": {
        const row = ++this.#rows;
        const stream = this.#streams.get(record.connection.id);
        if (stream !== undefined) return void stream.messages.push({ row, record });
        const entry = { view: streamRow(record, row), record, messages: [{ row, record }] };
        this.#entries.push(entry);
        this.#streams.set(record.connection.id, entry);
        return;
      }
      case "connection":
        if (record.event === "opened") this.#opened.set(record.connection.id, record);
    }
  }
}

function pageOf(all: Entry["messages"], after: number, limit: number): MessagePage {
  const behind = all.filter(({ row }) => row > after);
  const messages = behind.slice(0, limit).map(({ row, record }) => ({
    row,
    record: jsonOf(record, MESSAGE_BYTES),
  }));
  return { messages, hasMore: behind.length > messages.length };
}

/** The row of an exchange. */
export function exchangeRow(exchange: ExchangeRecord, row: number): RowView {
  const { id, connection, at, request, response, ms, outcome, flags, faults } = exchange;
  const { tls: _, relay: __, ...durations } = ms;
  const asked = request && soapOf(request, FILTERED_BYTES);
  const told = response && soapOf(response, FILTERED_BYTES);
  const mime = response &&
    fieldValue(response.head.fields, "content-type")?.split(";")[0].trim().toLowerCase();
  const host = request && fieldValue(request.head.fields, "host");
  const operation = asked?.operation ?? told?.operation;
  const fault = told?.fault;
  return {
    row,
    type: "exchange",
    id,
    connection: connection.id,
    at,
    client: connection.client,
    target: connection.target,
    listener: connection.listener,
    ...request && { method: request.head.method, url: request.head.target, up: request.body.bytes },
    ...host !== undefined && { host },
    ...response && { status: response.head.status, down: response.body.bytes },
    ...mime !== undefined && { mime },
    ms: durations,
    outcome,
    ...operation !== undefined && { operation },
    ...fault !== undefined && { fault: [fault.code, fault.string].filter(Boolean).join(": ") },
    ...(flags.length > 0 || faults !== undefined) && { isOdd: true },
  };
}

function streamRow({ connection, at }: DataRecord, row: number): RowView {
  const { client, target, listener } = connection;
  return {
    row,
    type: "stream",
    connection: connection.id,
    at,
    client,
    target,
    listener,
    url: "bytes that are not HTTP",
    outcome: "not-http",
  };
}

/** A record as the JSON log has it. */
export function jsonOf(record: Record, limitBytes: number): unknown {
  const out = new ByteWriter();
  createJsonFormat({ limitBytes })(record, out);
  return JSON.parse(new TextDecoder().decode(out.view()));
}

function isCut(body: Body | undefined, limitBytes: number): boolean {
  return body !== undefined && body.kept.length > limitBytes;
}

function cutRecord(record: ExchangeRecord | DataRecord, limitBytes: number): ExchangeRecord | DataRecord {
  const cut = ({ bytes, kept }: Body): Body => ({ bytes, kept: kept.subarray(0, limitBytes) });
  if (record.type === "data") return { ...record, body: cut(record.body) };
  const { request, response } = record;
  return {
    ...record,
    ...request && { request: { ...request, body: cut(request.body) } },
    ...response && { response: { ...response, body: cut(response.body) } },
  };
}
