/**
 * Rows of a history as a file: first which rows are meant, then a walk through the history, oldest record first, that
 * writes them and what belongs to them. A page of the history and a few records are held at a time.
 */
import { RecordReader } from "../archive/record_reader.ts";
import type { Exporter, Note } from "../export/exporter.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import type { HistoryReader } from "../store/history_reader.ts";
import type { HistoryRow } from "../store/history_row.ts";
import type { ExportWish } from "../ui/actions.ts";
import { Refused } from "../ui/requests.ts";
import { linesOf } from "./history_line.ts";

/** What an export needs from its surroundings. */
export interface ExportSettings {
  /** The history. */
  readonly reader: HistoryReader;
  /** Version of the program, which some formats name. */
  readonly version: string;
  /** How much of a coded body is decoded, in bytes. */
  readonly maxBodyBytes: number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
}

/** Rows of the history that are looked through at a time. */
const PAGE_ROWS = 1000;
/** For so long the worker looks before others that ask it have their turn. */
const BUDGET_MS = 100;
/** Handed on as soon as there is so much. */
const PIECE_BYTES = 64 * 1024;
/** Up to so many connections the history is asked for these alone. */
const FEW_CONNECTIONS = 100;

/**
 * Makes the file.
 *
 * @returns Its bytes, which are made as they are asked for.
 * @throws {Refused} 404, where rows are named of which none is there.
 */
export async function exportRows(
  wish: ExportWish,
  settings: ExportSettings,
): Promise<AsyncIterable<Uint8Array>> {
  const { rows, filter } = wish;
  if (rows === undefined) return written(wish, undefined, settings);
  const wanted = new Belonging();
  const matching = filter === undefined ? undefined : await rowsMatching(settings.reader, filter);
  for (const id of rows) {
    if (matching !== undefined && !matching.has(id)) continue;
    const { rows: [row] } = await settings.reader.page({ before: id + 1, limit: 1 });
    if (row?.id === id) wanted.add(row);
  }
  if (wanted.size === 0) throw new Refused(404, "none of these rows is there, or not any more");
  return written(wish, wanted, settings);
}

/** The rows that are meant, and what belongs to them, as `tcpmon export` has it. */
class Belonging {
  readonly #rows = new Set<number>();
  readonly #exchanges = new Set<string>();
  readonly #connections = new Set<string>();
  readonly #numbers = new Set<number>();

  /** How many rows there are. */
  get size(): number {
    return this.#rows.size;
  }

  /** A filter that lets through what may belong to them. */
  get filter(): string {
    const few = this.#numbers.size <= FEW_CONNECTIONS;
    return few ? `connection:${[...this.#numbers].join(",")}` : "";
  }

  /** Takes a row, where it is one that the table shows. */
  add(row: HistoryRow): void {
    const isStream = row.type === "connection" && row.event === "closed";
    if (row.type !== "exchange" && !isStream) return;
    this.#rows.add(row.id);
    this.#connections.add(keyOf(row));
    this.#numbers.add(row.connection ?? 0);
    if (row.type === "exchange") this.#exchanges.add(`${row.exchange} ${keyOf(row)}`);
  }

  /** Whether a record is meant, or belongs to one that is: its messages, its connection. */
  has(row: HistoryRow): boolean {
    switch (row.type) {
      case "exchange":
        return this.#rows.has(row.id);
      case "message":
        return this.#exchanges.has(`${row.exchange} ${keyOf(row)}`);
      case "connection":
      case "data":
        return this.#connections.has(keyOf(row));
      case "lost":
        return false;
    }
  }
}

/** Tells a connection from those of other runs in the same history, whose numbers repeat. */
function keyOf({ connection, client, listener, target }: HistoryRow): string {
  return `${connection} ${client} ${listener} ${target}`;
}

async function* written(
  { as, filter }: ExportWish,
  named: Belonging | undefined,
  settings: ExportSettings,
): AsyncGenerator<Uint8Array> {
  const { reader, warn } = settings;
  let wanted = named;
  if (wanted === undefined && filter !== undefined) {
    wanted = new Belonging();
    for await (const rows of shownRows(reader, filter)) for (const row of rows) wanted.add(row);
  }
  const notes = new Map<string, number>();
  const note: Note = (reason) => notes.set(reason, (notes.get(reason) ?? 0) + 1);
  const exporter = as === "json" ? undefined : await exporterOf(as, settings, note);
  const out = new ByteWriter(2 * PIECE_BYTES);
  const records = new RecordReader();
  exporter?.begin(out);
  for await (const some of ahead(meantLines(reader, wanted))) {
    for (const [, line] of some) {
      if (exporter === undefined) out.text(`${line}\n`);
      else writeRecord(exporter, records, line, out, note);
      if (out.length < PIECE_BYTES) continue;
      yield out.copy();
      out.reset();
    }
  }
  exporter?.end(out);
  if (out.length > 0) yield out.copy();
  for (const [reason, count] of notes) warn(`not in the export from the viewer: ${reason} (${count})`);
}

/** The lines of all records, or of those that are meant. */
async function* meantLines(reader: HistoryReader, wanted: Belonging | undefined) {
  if (wanted === undefined) {
    for await (const ids of allIds(reader)) yield* linesOf(reader, ids);
  } else if (wanted.size > 0) {
    for await (const rows of pages(reader, wanted.filter)) {
      yield* linesOf(reader, rows.filter((row) => wanted.has(row)).map(({ id }) => id));
    }
  }
}

/** Ids of all records that are there now, and of some that are not any more, oldest first. */
async function* allIds(reader: HistoryReader): AsyncGenerator<readonly number[]> {
  const { first, last } = await reader.span() ?? { first: 1, last: 0 };
  for (let from = first; from <= last; from += PAGE_ROWS) {
    yield Array.from({ length: Math.min(PAGE_ROWS, last + 1 - from) }, (_, i) => from + i);
  }
}

/** What a generator gives, the next of it under way already while one is used. */
async function* ahead<Value>(values: AsyncGenerator<Value>): AsyncGenerator<Value> {
  let next = values.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done === true) return;
      next = values.next();
      yield value;
    }
  } finally {
    // Nobody else asks what became of it.
    next.catch(() => {});
    await values.return(undefined);
  }
}

function writeRecord(
  exporter: Exporter,
  records: RecordReader,
  line: string,
  out: ByteWriter,
  note: Note,
): void {
  let record;
  try {
    record = records.read(JSON.parse(line));
  } catch {
    return note("records that cannot be read");
  }
  exporter.record(record, out);
}

/** Ids of the rows that match. */
async function rowsMatching(reader: HistoryReader, filter: string): Promise<ReadonlySet<number>> {
  const ids = new Set<number>();
  for await (const rows of shownRows(reader, filter)) for (const { id } of rows) ids.add(id);
  return ids;
}

/** Rows that the table shows and that match: exchanges, then streams. Asked for together they would all have to be read. */
async function* shownRows(reader: HistoryReader, filter: string): AsyncGenerator<readonly HistoryRow[]> {
  yield* pages(reader, `type:exchange (${filter})`);
  yield* pages(reader, `type:connection exchanges:0 (${filter})`);
}

/** All rows that are there now and match, oldest first. */
async function* pages(reader: HistoryReader, filter: string): AsyncGenerator<readonly HistoryRow[]> {
  const last = (await reader.span())?.last ?? 0;
  for (let after: number | undefined = 0; after !== undefined && after < last;) {
    const { rows, next }: { rows: readonly HistoryRow[]; next?: number } = await reader.page({
      after,
      limit: PAGE_ROWS,
      filter,
      budgetMs: BUDGET_MS,
    });
    yield rows.filter(({ id }) => id <= last);
    after = next;
  }
}

/** The exporter of a format; each is loaded only when asked for. */
async function exporterOf(
  as: Exclude<ExportWish["as"], "json">,
  { version, maxBodyBytes }: ExportSettings,
  note: Note,
): Promise<Exporter> {
  switch (as) {
    case "har": {
      const { createHarExporter } = await import("../export/har.ts");
      return createHarExporter({ note, creatorVersion: version, decodedLimitBytes: maxBodyBytes });
    }
    case "curl": {
      const { createCurlExporter } = await import("../export/curl.ts");
      return createCurlExporter({ note });
    }
    case "tcpmon": {
      const { createTcpmonTextExporter } = await import("../export/tcpmon_text.ts");
      return createTcpmonTextExporter(note);
    }
    case "csv": {
      const { createCsvExporter } = await import("../export/csv.ts");
      return createCsvExporter(note);
    }
  }
}
