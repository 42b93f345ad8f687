/** A history as the viewer reads it: rows of exchanges and of streams, what is in one, and what happens. */
import type { Record } from "../capture/record.ts";
import type { HistoryReader } from "../store/history_reader.ts";
import type { HistoryRow } from "../store/history_row.ts";
import type { ExchangeView, LiveEvent, MessagePage, RowPage, RowView } from "../ui/api.ts";
import type { BodyPart, HistorySource, PageQuery } from "../ui/source.ts";

/** What the table shows: exchanges, and connections that carried something else, or nothing. */
const SHOWN = "(type:exchange | type:connection exchanges:0)";
/** How long a search may take; then there is what was found so far, and the page asks for more. */
const BUDGET_MS = 2_000;
/** Rows in one event. */
const EVENT_ROWS = 50;
/** How often browsers are told of new rows, at most. */
const TELL_MS = 100;

/** A line of the JSON log, as far as it is looked into here. */
interface Line {
  readonly [name: string]: unknown;
  readonly up?: number;
  readonly down?: number;
  readonly end?: string;
  readonly request?: { readonly body?: LineBody };
  readonly response?: { readonly body?: LineBody };
  readonly soap?: { readonly fault?: { readonly code?: string; readonly string?: string } };
}

interface LineBody {
  readonly bytes: number;
  readonly text?: string;
  readonly base64?: string;
  readonly truncated?: boolean;
  readonly decoded?: LineBody;
}

/** Shows a history. */
export class StoredSource implements HistorySource {
  /** What it reads through. */
  readonly reader: HistoryReader;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  /** The newest record that browsers were told of, and that there is. */
  #told = 0;
  #last = 0;
  #total = 0;
  /** Rows that came since browsers were told. */
  #added = 0;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #lastRemoval: { readonly number: number; readonly count: number } | undefined;

  /** Reads through `reader`, which stays its owner's. */
  constructor(reader: HistoryReader) {
    this.reader = reader;
  }

  /** Finds out what is there. Call it once, before the first page is asked for. */
  async start(): Promise<void> {
    const span = await this.reader.span();
    this.#told = this.#last = span?.last ?? 0;
    this.#total = (await this.reader.count(SHOWN, undefined, BUDGET_MS)).count;
  }

  /** A record is on its way into the history. */
  taken(record: Record): void {
    const isRow = record.type === "exchange" ||
      (record.type === "connection" && record.event === "closed" && record.exchanges === 0);
    if (isRow) this.#added++;
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
  async page({ before, after, limit, filter }: PageQuery): Promise<RowPage> {
    const { rows, next } = await this.reader.page({
      ...before !== undefined && { before },
      ...after !== undefined && { after },
      limit,
      filter: filter === undefined ? SHOWN : `${SHOWN} (${filter})`,
      budgetMs: BUDGET_MS,
    });
    const views = await Promise.all(rows.map((row) => this.#view(row)));
    if (after !== undefined) views.reverse();
    return {
      rows: views,
      hasMore: next !== undefined,
      ...filter === undefined && { total: Math.max(this.#total, views.length) },
    };
  }

  /** See {@link HistorySource.view}. */
  async view(id: number, bodyLimitBytes: number): Promise<ExchangeView | undefined> {
    const line = await this.#line(id);
    const { rows } = await this.reader.page({ before: id + 1, limit: 1 });
    if (line === undefined || rows[0]?.id !== id) return undefined;
    const { record, request, response } = cutLine(line, bodyLimitBytes);
    const { count } = await this.reader.count(messagesOf(rows[0]), undefined, BUDGET_MS);
    return { row: await this.#view(rows[0]), record, cut: { request, response }, messages: count };
  }

  /** See {@link HistorySource.body}. */
  async body(id: number, part: BodyPart, from: number, to: number): Promise<Uint8Array | undefined> {
    return (await this.reader.body(id, part, from, to - from))?.part;
  }

  /** See {@link HistorySource.messages}. */
  async messages(id: number, after: number, limit: number): Promise<MessagePage> {
    const { rows: [row] } = await this.reader.page({ before: id + 1, limit: 1 });
    if (row?.id !== id) return { messages: [], hasMore: false };
    const { rows, next } = await this.reader.page({ after, limit, filter: messagesOf(row) });
    const messages = await Promise.all(
      rows.map(async ({ id }) => ({ row: id, record: await this.#line(id) })),
    );
    return { messages, hasMore: next !== undefined };
  }

  /** See {@link HistorySource.remove}. */
  async remove(rows: readonly number[] | undefined): Promise<number> {
    const count = rows?.length ?? this.#total;
    this.#lastRemoval = { number: await this.reader.remove(rows ?? "all"), count };
    this.#total -= Math.min(count, this.#total);
    this.#tellTotal();
    return count;
  }

  /** See {@link HistorySource.undo}. */
  async undo(): Promise<number> {
    const removal = this.#lastRemoval;
    if (removal === undefined) return 0;
    this.#lastRemoval = undefined;
    await this.reader.undo(removal.number);
    this.#total += removal.count;
    this.#tellTotal();
    return removal.count;
  }

  /** See {@link HistorySource.subscribe}. */
  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tellTotal(): void {
    for (const listener of this.#listeners) {
      listener({ type: "rows", total: this.#total, newest: this.#last, added: 0, rows: [] });
    }
  }

  /** Counts what is new, and shows the newest of it. */
  async #tell(): Promise<void> {
    const [since, last] = [this.#told, this.#last];
    if (last <= since) return;
    this.#told = last;
    const added = this.#added;
    this.#added = 0;
    this.#total += added;
    const { rows } = await this.reader.page({ limit: EVENT_ROWS, filter: SHOWN, budgetMs: BUDGET_MS });
    const fresh = rows.filter(({ id }) => id > since);
    const views = await Promise.all(fresh.map((row) => this.#view(row)));
    const event: LiveEvent = { type: "rows", total: this.#total, newest: last, added, rows: views };
    for (const listener of this.#listeners) listener(event);
  }

  async #line(id: number): Promise<Line | undefined> {
    const line = await this.reader.line(id);
    return line === undefined ? undefined : JSON.parse(line);
  }

  async #view(row: HistoryRow): Promise<RowView> {
    const { id, at, exchange, connection = 0, listener = "", client = "", target = "", ms } = row;
    const base = { row: id, connection, at, client, target, listener };
    if (row.type !== "exchange") {
      const line = await this.#line(id);
      return {
        ...base,
        type: "stream",
        ...line?.up !== undefined && { up: line.up },
        ...line?.down !== undefined && { down: line.down },
        ms: known({ total: ms.duration }),
        outcome: row.end ?? "",
        isOdd: row.error !== undefined,
      };
    }
    const { method, url, host, status, responseMime, requestBytes, bytes, soap, flags } = row;
    return {
      ...base,
      type: "exchange",
      id: exchange,
      method,
      url,
      host,
      status,
      mime: responseMime,
      up: requestBytes,
      down: bytes,
      ms: known({
        connect: ms.connect,
        send: ms.send,
        wait: ms.wait,
        receive: ms.receive,
        total: ms.duration,
      }),
      outcome: row.outcome ?? "",
      ...soap !== undefined && soap !== "" && { operation: soap },
      ...flags !== undefined && flags.length > 0 && { isOdd: true },
    };
  }
}

/** What belongs to a row: the messages of its exchange, or the reads of its stream. */
function messagesOf({ type, exchange, connection, client, listener }: HistoryRow): string {
  // Numbers repeat where several runs wrote to one history; ends of a connection hardly do.
  const side = `connection:${connection} client:=${quoted(client)} listener:=${quoted(listener)}`;
  return type === "exchange" ? `type:message id:${exchange} ${side}` : `type:data ${side}`;
}

/** A text as the filter language takes it. */
export function quoted(text = ""): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The durations without those that did not take place. */
function known<Name extends string>(
  durations: { readonly [name in Name]: number | undefined },
): { readonly [name in Name]?: number } {
  const out: { [name in Name]?: number } = {};
  for (const name in durations) {
    const value = durations[name];
    if (value !== undefined) out[name] = value;
  }
  return out;
}

/** The line with bodies that are no longer than a page shows at once. */
function cutLine(
  line: Line,
  limitBytes: number,
): { readonly record: Line; readonly request: boolean; readonly response: boolean } {
  const cut = (part: "request" | "response") => {
    const message = line[part];
    const body = message?.body;
    if (message === undefined || body === undefined) return { message, isCut: false };
    const kept = cutBody(body, limitBytes);
    return { message: { ...message, body: kept }, isCut: kept !== body };
  };
  const [request, response] = [cut("request"), cut("response")];
  return {
    record: {
      ...line,
      ...request.message && { request: request.message },
      ...response.message && { response: response.message },
    },
    request: request.isCut,
    response: response.isCut,
  };
}

/** The same body where it is short enough. */
function cutBody(body: LineBody, limitBytes: number): LineBody {
  const decoded = body.decoded && cutBody(body.decoded, limitBytes);
  const { text, base64 } = body;
  // Four characters of base64 are three bytes: what is cut stays whole ones.
  const base64Limit = Math.floor(limitBytes / 3) * 4;
  const isLong = (text?.length ?? 0) > limitBytes || (base64?.length ?? 0) > base64Limit;
  if (!isLong && decoded === body.decoded) return body;
  return {
    ...body,
    ...text !== undefined && { text: text.slice(0, limitBytes) },
    ...base64 !== undefined && { base64: base64.slice(0, base64Limit) },
    ...isLong && { truncated: true },
    ...decoded && { decoded },
  };
}
