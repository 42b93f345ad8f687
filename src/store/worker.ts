/**
 * The worker that keeps a history, or reads one: SQLite is synchronous, and nothing that passes traffic may
 * wait for it. It is run as a worker's main module, or imported by a program that finds itself to be a
 * worker named as this one.
 */
import { BusyError } from "./busy_error.ts";
import { FullError } from "./full_error.ts";
import type { OrderRequest } from "./ordering.ts";
import type { PageRequest } from "./page.ts";
import { HistoryIndex } from "./reader.ts";
import { Relief } from "./relief.ts";
import { Reserve } from "./reserve.ts";
import { openToWrite, reasonOf, SCHEMA_VERSION } from "./schema.ts";
import { numberOf } from "./statements.ts";
import { HistoryWriter } from "./writer.ts";
import {
  type Call,
  CALL_OFF,
  type ReaderOpening,
  type Reply,
  type WriteReply,
  type WriterOpened,
  type WriterOpening,
} from "./protocol.ts";

/** How often a history without traffic is looked through for what has become too old. */
const TIDY_MS = 2000;

/** The part of a worker's surroundings that is used. */
interface Scope {
  onmessage: ((event: MessageEvent<Call>) => void) | null;
  postMessage(message: Reply, transfer?: ArrayBuffer[]): void;
}

/** Each gets what calls it off, and its parameters. */
type Handlers = { readonly [name: string]: (end: AbortSignal, ...parameters: never[]) => unknown };

const scope = self as unknown as Scope;

let handlers: Handlers = {
  openWriter(_end, opening: WriterOpening): WriterOpened {
    let opened: WriterOpened = {};
    const db = openToWrite(opening.path, (from) => opened = { migrated: { from, to: SCHEMA_VERSION } });
    handlers = writing(db, opening);
    return opened;
  },
  openReader(_end, opening: ReaderOpening): void {
    handlers = reading(opening);
  },
};

/** What calls off the calls that are under way, by their number. */
const underWay = new Map<number, AbortController>();

function writing(db: ReturnType<typeof openToWrite>, { path, keep, maxBodyBytes }: WriterOpening): Handlers {
  const writer = new HistoryWriter(db, { keep, maxBodyBytes, epochNow: Date.now });
  const reserve = new Reserve(`${path}-reserve`);
  const relief = new Relief(db, writer, reserve);
  const timer = setInterval(() => {
    try {
      relief.tidy();
    } catch {
      // The next write says what is wrong.
    }
  }, TIDY_MS);
  return {
    write(_end, lines: Uint8Array<ArrayBuffer>): WriteReply {
      const { last, refused } = relief.write(lines);
      const pages = numberOf(db, "PRAGMA page_count") - numberOf(db, "PRAGMA freelist_count");
      return {
        refused,
        first: numberOf(db, "SELECT min(id) FROM records") || last + 1,
        last,
        bytes: pages * numberOf(db, "PRAGMA page_size"),
        buffer: lines.buffer,
      };
    },
    close(): void {
      clearInterval(timer);
      reserve[Symbol.dispose]();
      db.close();
    },
  };
}

function reading({ path, maxBodyBytes }: ReaderOpening): Handlers {
  const index = new HistoryIndex(path, {
    maxBodyBytes,
    now: () => performance.now(),
    epochNow: Date.now,
    // Other calls are messages, which come between two timers.
    pause: () => new Promise((resume) => setTimeout(resume)),
  });
  const names = ["total", "line", "lines", "body", "remove", "undo", "span"] as const;
  const methods = names.map((name) =>
    [
      name,
      (_end: AbortSignal, ...parameters: never[]) =>
        (index[name] as (...parameters: never[]) => unknown).apply(index, parameters),
    ] as const
  );
  return {
    ...Object.fromEntries(methods),
    page: (end, request: PageRequest) => index.pageInTurn(request, end),
    count: (end, filter?: string, search?: string, budgetMs?: number) =>
      index.countInTurn(filter, search, budgetMs, end),
    ordered: (end, request: OrderRequest) => index.ordered(request, end),
    close: () => index[Symbol.dispose](),
  };
}

scope.onmessage = async ({ data: { id, name, parameters } }) => {
  if (name === CALL_OFF) return underWay.get(id)?.abort();
  const end = new AbortController();
  underWay.set(id, end);
  try {
    const value = await handlers[name](end.signal, ...parameters as never[]);
    scope.postMessage({ id, value }, name === "write" ? [(value as WriteReply).buffer] : []);
  } catch (error) {
    const kind = error instanceof BusyError ? "busy" : error instanceof FullError ? "full" : undefined;
    scope.postMessage({ id, error: reasonOf(error), kind });
  } finally {
    underWay.delete(id);
  }
};
// What came before there was somebody to hear it would be lost.
scope.postMessage({ id: 0 });
