/**
 * The worker that keeps a history, or reads one: SQLite is synchronous, and nothing that passes traffic may
 * wait for it. It is run as a worker's main module, or imported by a program that finds itself to be a
 * worker named as this one.
 */
import { HistoryIndex } from "./reader.ts";
import { openToWrite, reasonOf } from "./schema.ts";
import { numberOf } from "./statements.ts";
import { HistoryWriter } from "./writer.ts";
import type { Call, ReaderOpening, Reply, WriteReply, WriterOpening } from "./protocol.ts";

/** How often a history without traffic is looked through for what has become too old. */
const TIDY_MS = 2000;

/** The part of a worker's surroundings that is used. */
interface Scope {
  onmessage: ((event: MessageEvent<Call>) => void) | null;
  postMessage(message: Reply, transfer?: ArrayBuffer[]): void;
}

type Handlers = { readonly [name: string]: (...parameters: never[]) => unknown };

const scope = self as unknown as Scope;

let handlers: Handlers = {
  openWriter(opening: WriterOpening): void {
    handlers = writing(opening);
  },
  openReader(opening: ReaderOpening): void {
    handlers = reading(opening);
  },
};

function writing({ path, keep, maxBodyBytes }: WriterOpening): Handlers {
  const db = openToWrite(path);
  const writer = new HistoryWriter(db, { keep, maxBodyBytes, epochNow: Date.now });
  const timer = setInterval(() => {
    try {
      writer.tidy();
    } catch {
      // The next write says what is wrong.
    }
  }, TIDY_MS);
  return {
    write(lines: Uint8Array<ArrayBuffer>): WriteReply {
      const { last, refused } = writer.write(lines);
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
  const names = ["page", "ordered", "count", "line", "lines", "body", "remove", "undo", "span"] as const;
  const methods = names.map((name) =>
    [
      name,
      (...parameters: never[]) =>
        (index[name] as (...parameters: never[]) => unknown).apply(index, parameters),
    ] as const
  );
  return { ...Object.fromEntries(methods), close: () => index[Symbol.dispose]() };
}

scope.onmessage = async ({ data: { id, name, parameters } }) => {
  try {
    const value = await handlers[name](...parameters as never[]);
    scope.postMessage({ id, value }, name === "write" ? [(value as WriteReply).buffer] : []);
  } catch (error) {
    scope.postMessage({ id, error: reasonOf(error) });
  }
};
// What came before there was somebody to hear it would be lost.
scope.postMessage({ id: 0 });
