/**
 * Rows of a history as a file: first which rows are meant, then a walk through the history, oldest record first, that
 * has a worker write them and what belongs to them. A page of the history and a few records are held at a time.
 */
import type { HistoryReader } from "../store/history_reader.ts";
import type { HistoryRow } from "../store/history_row.ts";
import type { ExportWish } from "../ui/actions.ts";
import { Refused } from "../ui/requests.ts";
import { startFileTalk } from "./file_talk.ts";
import { unless } from "./history_intake.ts";
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
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Rows of the history that are looked through at a time. */
const PAGE_ROWS = 1000;
/** For so long the worker looks before others that ask it have their turn. */
const BUDGET_MS = 100;
/** How much is handed on at once. */
const PIECE_BYTES = 64 * 1024;
/** From this length on, in UTF-16 units, others have their turn before a line is handed on. */
const LONG_LINE = 1024 * 1024;
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
  const { reader } = settings;
  let wanted = named;
  if (wanted === undefined && filter !== undefined) {
    wanted = new Belonging();
    for await (const rows of shownRows(reader, filter)) for (const row of rows) wanted.add(row);
  }
  yield* made(ahead(meantLines(reader, wanted)), as, settings);
}

/** Has a worker make the file of lines. */
async function* made(
  lines: AsyncGenerator<readonly (readonly [id: number, line: string])[]>,
  as: ExportWish["as"],
  { version, maxBodyBytes, warn, signal }: ExportSettings,
): AsyncGenerator<Uint8Array> {
  using talk = startFileTalk();
  try {
    for (;;) {
      const heard = await unless(signal, talk.hear());
      switch (heard.kind) {
        case "ready":
          talk.say({ kind: "make", as, version, maxBodyBytes });
          break;
        case "more": {
          const { value, done } = await lines.next();
          if (done === true) talk.say({ kind: "end" });
          else {
            // Taking a long line from one worker and giving it to another is a piece of work each.
            if (value.some(([, line]) => line.length >= LONG_LINE)) await othersTurn();
            talk.say({ kind: "lines", lines: value.map(([, line]) => line) });
          }
          break;
        }
        case "made":
          for (let from = 0; from < heard.bytes.length; from += PIECE_BYTES) {
            yield heard.bytes.subarray(from, from + PIECE_BYTES);
          }
          talk.say({ kind: "taken" });
          break;
        case "made-all":
          for (const [reason, count] of heard.notes) {
            warn(`not in the export from the viewer: ${reason} (${count})`);
          }
          return;
        default:
          throw new Error(heard.kind === "failed" ? heard.error : `found ${heard.kind} of the worker`);
      }
    }
  } finally {
    await lines.return(undefined);
  }
}

/** Resolves once others had their turn. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
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
