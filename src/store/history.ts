/**
 * The history: what passed, in an SQLite file that is written by a worker. To those who pass traffic it is a
 * sink like the log, with the log's queue: it never waits, is bounded in bytes, and counts what it could not
 * take.
 */
import type { Record, Sink } from "../capture/record.ts";
import { reasonOf } from "../log/destination.ts";
import { createJsonFormat } from "../log/json.ts";
import { LogWriter } from "../log/log_writer.ts";
import { FullError } from "./full_error.ts";
import { HistoryReader } from "./history_reader.ts";
import type { Keep } from "./keep.ts";
import type { WriteReply, WriterOpened, WriterOpening } from "./protocol.ts";
import { WorkerCalls } from "./worker_calls.ts";

/** What is stored, and where. */
export interface HistorySettings {
  /**
   * The file; made where there is none, gone on with where there is. Absent: a temporary one, which goes at
   * the end.
   */
  readonly path?: string;
  /** How much is kept. */
  readonly keep: Keep;
  /** How much of each body is decoded, in bytes. */
  readonly maxBodyBytes: number;
  /** How many bytes may wait to be written. */
  readonly queueBytes: number;
  /** The file that a worker runs; absent: `worker.ts` beside this file. A bundled program names itself. */
  readonly workerUrl?: URL | string;
}

/** What a history needs from its surroundings. */
export interface HistorySurroundings {
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** What to store instead of a record: redaction. */
  readonly transform?: (record: Record) => Record;
  /** Told after each write, and after each that fails. */
  readonly onStored?: (stats: HistoryStats) => void;
}

/** How much there is. */
export interface HistoryStats {
  /** Id of the oldest record; more than `last`: there is none. */
  readonly first: number;
  /** Id of the newest record. */
  readonly last: number;
  /** How much room the records take in the file, in bytes. */
  readonly bytes: number;
  /** How many records could not be taken, by this run. */
  readonly lost: number;
  /** Why the last write failed, such as "its disk is full": it is tried again. Absent: it did not. */
  readonly fault?: string;
}

/** A history that takes records until it is closed. */
export interface History extends Sink {
  /** How many records could not be taken. */
  readonly lost: number;
  /** How much there is, as of the last write. */
  readonly stats: HistoryStats;
  /** Reads what is there. It is the history's own and closed with it. */
  readonly reader: HistoryReader;
  /** Resolves when everything written so far is stored, or cannot be. */
  flush(): Promise<void>;
  /** As {@link flush}, but does not wait for a disk that is full. @throws {Error} Why nothing can be stored now. */
  stored(): Promise<void>;
  /** Stores what waits, for at most so long, and closes the file. */
  close(timeoutMs: number): Promise<void>;
}

/** Room for a block of the log and the record that made it full … */
const LEAST_BUFFER_BYTES = 320 * 1024;
/** … and larger than this only for one very long record. */
const MOST_SPARE_BYTES = 1024 * 1024;

/** The files that SQLite keeps beside a database. */
const COMPANIONS = ["", "-wal", "-shm"];

/**
 * Opens a history.
 *
 * @throws {Error} One line for people, where it cannot be had.
 */
export async function openHistory(
  settings: HistorySettings,
  surroundings: HistorySurroundings,
): Promise<History> {
  const { keep, maxBodyBytes, queueBytes, workerUrl = new URL("./worker.ts", import.meta.url) } = settings;
  const { warn, transform } = surroundings;
  const isTemporary = settings.path === undefined;
  const path = settings.path ?? await Deno.makeTempFile({ prefix: "tcpmon-", suffix: ".sqlite" });
  const opening: WriterOpening = { path, keep, maxBodyBytes };
  if (!isTemporary) await makePrivate(path);
  const worker = new StoreWorker(workerUrl, opening, ({ from, to }) => {
    warn(
      `the history ${path} was of version ${from} and is of ${to} now: a tcpmon older than this cannot open it`,
    );
  });
  let reader: HistoryReader;
  try {
    await worker.start();
    reader = await HistoryReader.open({ path, maxBodyBytes }, workerUrl);
  } catch (error) {
    await worker.close(0);
    if (isTemporary) removeFiles(path);
    throw error;
  }
  // Nothing is left behind, however the program ends: what is open stays usable without its name.
  const isUnlinked = isTemporary && Deno.build.os !== "windows";
  if (isUnlinked) {
    removeFiles(path);
    worker.cannotRestart();
  }
  let stats: HistoryStats = { first: 1, last: 0, bytes: 0, lost: 0 };
  let refused = 0;
  /** Ends the waiting of those who do not wait for long. */
  const waiting = new Set<(fault: Error) => void>();
  const faultError = (fault: string) => new Error(`cannot store anything in ${name}: ${fault}`);
  const name = isTemporary ? "the temporary history" : `the history ${path}`;
  const writer = new LogWriter({
    destination: {
      name,
      async write(bytes) {
        const reply = await worker.write(bytes).catch((error) => {
          const fault = error instanceof FullError
            ? error.message
            : `it cannot be written to: ${reasonOf(error)}`;
          stats = { ...stats, lost: writer.lost + refused, fault };
          for (const reject of waiting) reject(faultError(fault));
          surroundings.onStored?.(stats);
          throw error;
        });
        refused += reply.refused;
        stats = { first: reply.first, last: reply.last, bytes: reply.bytes, lost: writer.lost + refused };
        surroundings.onStored?.(stats);
        return bytes.length;
      },
      reopen: () => Promise.resolve(),
      close() {},
    },
    format: createJsonFormat({ limitBytes: maxBodyBytes }),
    queueLimitBytes: queueBytes,
    epochNow: surroundings.epochNow,
    warn,
    onClosed() {},
  });
  return {
    reader,
    get lost() {
      return writer.lost + refused;
    },
    get stats() {
      return { ...stats, lost: writer.lost + refused };
    },
    write: (record) => writer.write(transform === undefined ? record : transform(record)),
    flush: () => writer.flush(),
    async stored() {
      if (stats.fault !== undefined) throw faultError(stats.fault);
      const { promise, reject } = Promise.withResolvers<never>();
      waiting.add(reject);
      try {
        await Promise.race([writer.flush(), promise]);
      } finally {
        waiting.delete(reject);
      }
    },
    async close(timeoutMs) {
      await writer.close(timeoutMs);
      await Promise.all([reader[Symbol.asyncDispose](), worker.close(timeoutMs)]);
      if (isTemporary && !isUnlinked) removeFiles(path);
    },
  };
}

type OnMigrated = (migrated: NonNullable<WriterOpened["migrated"]>) => void;

/** The worker that writes; one that died is replaced at the next write. */
class StoreWorker {
  readonly #url: URL | string;
  readonly #opening: WriterOpening;
  readonly #onMigrated: OnMigrated;
  #calls: WorkerCalls | undefined;
  #restarts = true;
  /** What the worker has given back. */
  #buffer: ArrayBuffer | undefined;

  constructor(url: URL | string, opening: WriterOpening, onMigrated: OnMigrated) {
    this.#url = url;
    this.#opening = opening;
    this.#onMigrated = onMigrated;
  }

  async start(): Promise<WorkerCalls> {
    const calls = await WorkerCalls.start(this.#url);
    this.#calls = calls;
    try {
      const { migrated } = await calls.call<WriterOpened>("openWriter", [this.#opening]);
      if (migrated !== undefined) this.#onMigrated(migrated);
    } catch (error) {
      this.#calls = undefined;
      await calls.close(0);
      throw error;
    }
    return calls;
  }

  /** The file has no name any more. */
  cannotRestart(): void {
    this.#restarts = false;
  }

  async write(lines: Uint8Array): Promise<WriteReply> {
    if (this.#calls?.hasEnded === true && this.#restarts) this.#calls = undefined;
    const calls = this.#calls ?? await this.start();
    const buffer = this.#buffer !== undefined && this.#buffer.byteLength >= lines.length &&
        this.#buffer.byteLength <= Math.max(MOST_SPARE_BYTES, lines.length)
      ? this.#buffer
      : new ArrayBuffer(Math.max(LEAST_BUFFER_BYTES, lines.length));
    this.#buffer = undefined;
    const copy = new Uint8Array(buffer, 0, lines.length);
    copy.set(lines);
    const reply = await calls.call<WriteReply>("write", [copy], [buffer]);
    this.#buffer = reply.buffer;
    return reply;
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#calls?.close(timeoutMs);
  }
}

/**
 * Makes the file where there is none, readable by its owner alone. SQLite says what is wrong with it, if
 * anything is.
 */
async function makePrivate(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch {
    // It is there, or cannot be made.
  }
}

function removeFiles(path: string): void {
  for (const companion of COMPANIONS) {
    try {
      Deno.removeSync(path + companion);
    } catch {
      // It was not there.
    }
  }
}
