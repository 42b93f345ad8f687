/**
 * The log: records → lines in blocks → one write per block. Nothing that passes traffic ever waits for it.
 *
 * Records are formatted at once into the block at hand; blocks are written one after the other by a single task. What
 * the destination cannot take waits, up to a limit in bytes; past it records are lost, counted, and told of in a `lost`
 * record as soon as there is room again. A failing destination (full disk) is tried again; a closed pipe ends the log.
 */
import type { LostRecord, Record, Sink } from "../capture/record.ts";
import { type Destination, reasonOf } from "./destination.ts";
import type { Format } from "./format.ts";
import { LogQueue } from "./log_queue.ts";

/** A block is written when it is so full, or holds a quarter of what may wait … */
const BLOCK_BYTES = 256 * 1024;
/** … or when its first record is so old. */
const FLUSH_MS = 5;
/** How long to wait before a failed write is tried again. */
const RETRY_MS = 500;
/** A destination that is slow for long is told of on stderr no more often than this; the log has every gap. */
const WARN_EVERY_MS = 10_000;
/** Why records are lost, as the `lost` record says it. */
const TOO_SLOW = "the log's destination did not keep up";
const NOT_FORMATTED = "tcpmon could not format them";

/** What a log needs. */
export interface LogOptions {
  /** Where the lines go. */
  readonly destination: Destination;
  /** What the log looks like. */
  readonly format: Format;
  /** How many bytes may wait to be written. */
  readonly queueLimitBytes: number;
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** The reader of a pipe has gone: nothing can be written any more. */
  readonly onClosed: () => void;
}

/** A bounded, never waiting log. */
export class LogWriter implements Sink {
  readonly #options: LogOptions;
  readonly #blockBytes: number;
  readonly #queue = new LogQueue(BLOCK_BYTES);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  #lost: { count: number; from: number; to: number; reason: string } | undefined;
  #lostInAll = 0;
  #ended = false;
  #closing = false;
  #reopenWanted = false;
  /** Whether the destination was opened anew and has not been written to since. */
  #isFresh = false;
  #failing = false;
  #formatFailed = false;
  #warnedAt = -Infinity;
  #isGapWarned = false;
  #wakeRetry: (() => void) | undefined;

  /** A log that writes to `options.destination` from the first record on. */
  constructor(options: LogOptions) {
    this.#options = options;
    this.#blockBytes = Math.min(BLOCK_BYTES, options.queueLimitBytes / 4);
  }

  /** How many records were lost so far. */
  get lost(): number {
    return this.#lostInAll;
  }

  /** Appends the record to the log, or counts it as lost. */
  write(record: Record): void {
    if (this.#ended) {
      this.#lostInAll++;
      return;
    }
    if (!this.#hasRoom()) return this.#overflow();
    this.#tellLost();
    if (!this.#append(record)) this.#lose(NOT_FORMATTED);
    if (this.#queue.fillingBytes >= this.#blockBytes) this.#queue.endBlock();
    if (this.#writing === undefined) this.#schedule();
  }

  /** Writes what waits without delay. @returns When it was written, or the log has ended. */
  async flush(): Promise<void> {
    this.#queue.endBlock();
    this.#startWriting();
    await this.#writing;
  }

  /** Opens the destination anew between two blocks (SIGHUP, after a log was moved away). */
  async reopen(): Promise<void> {
    this.#reopenWanted = true;
    this.#wakeRetry?.();
    await this.flush();
  }

  /**
   * Writes everything that waits, then closes the destination.
   *
   * @param timeoutMs After which the rest is given up, counted as lost, and told of on stderr.
   */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    if (!this.#ended) this.#tellLost();
    this.#queue.endBlock();
    this.#wakeRetry?.();
    this.#startWriting();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), timeoutMs));
    const result = await Promise.race([this.#writing, late]);
    clearTimeout(timer);
    if (!this.#ended && (result === "late" || this.#queue.bytes > 0)) {
      const { bytesLeft, recordsLeft } = this.#queue;
      this.#lostInAll += recordsLeft;
      this.#options.warn(
        `${this.#options.destination.name} did not take the last ${bytesLeft} bytes of the log; ` +
          `records lost with them: ${recordsLeft}`,
      );
    }
    this.#ended = true;
    if (result !== "late") this.#options.destination.close();
  }

  /** Once it overflowed, half of the queue must drain first: a slow reader shall not get a gap at every record. */
  #hasRoom(): boolean {
    const { queueLimitBytes } = this.#options;
    const limit = this.#lost?.reason === TOO_SLOW ? queueLimitBytes / 2 : queueLimitBytes;
    return this.#queue.bytes < limit;
  }

  /** Formats a record into the block at hand. A fault of ours must cost neither the relay nor a torn line. */
  #append(record: Record): boolean {
    try {
      this.#queue.append(record, this.#options.format);
      return true;
    } catch (error) {
      if (!this.#formatFailed) {
        this.#options.warn(`cannot write a record to the log, please report: ${error}`);
      }
      this.#formatFailed = true;
      return false;
    }
  }

  #overflow(): void {
    const { destination, queueLimitBytes, epochNow, warn } = this.#options;
    if (this.#lost?.reason !== TOO_SLOW) {
      this.#isGapWarned = epochNow() - this.#warnedAt >= WARN_EVERY_MS;
      if (this.#isGapWarned) {
        this.#warnedAt = epochNow();
        warn(
          `${destination.name} does not take the log fast enough: ${queueLimitBytes} bytes wait (--log-queue), ` +
            "further records are lost until it does; traffic goes on",
        );
      }
    }
    this.#lose(TOO_SLOW);
  }

  #lose(reason: string): void {
    const now = this.#options.epochNow();
    this.#lostInAll++;
    this.#lost = { count: (this.#lost?.count ?? 0) + 1, from: this.#lost?.from ?? now, to: now, reason };
  }

  /** Says in the log what it lost, now that there is room. */
  #tellLost(): void {
    if (this.#lost === undefined) return;
    const record: LostRecord = { type: "lost", ...this.#lost };
    this.#lost = undefined;
    this.#append(record);
    if (record.reason !== TOO_SLOW || !this.#isGapWarned || this.#closing) return;
    this.#options.warn(
      `${record.count} records were lost, ${this.#options.destination.name} takes the log again`,
    );
  }

  #schedule(): void {
    if (this.#queue.hasFull) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#startWriting();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#queue.endBlock();
        this.#startWriting();
      }, FLUSH_MS);
    }
  }

  /** Lets the task run that writes blocks, unless it does or there is nothing to write. */
  #startWriting(): void {
    if (this.#ended || this.#writing !== undefined || !(this.#queue.hasFull || this.#reopenWanted)) return;
    this.#writing = this.#writeBlocks();
  }

  async #writeBlocks(): Promise<void> {
    while (this.#reopenWanted || this.#queue.hasFull) {
      if (this.#reopenWanted) await this.#reopenNow();
      if (!this.#queue.hasFull) continue;
      await this.#writeBlock();
      if (this.#ended || (this.#failing && this.#closing)) break;
      this.#queue.dropFirst();
      if (this.#hasRoom()) this.#tellLost();
    }
    this.#writing = undefined;
    if (!this.#ended && !this.#closing && this.#queue.fillingBytes > 0) this.#schedule();
  }

  async #writeBlock(): Promise<void> {
    for (;;) {
      if (this.#isFresh) this.#queue.beginFile();
      this.#isFresh = false;
      const rest = this.#queue.rest();
      if (rest.length === 0) return;
      try {
        this.#queue.take(await this.#options.destination.write(rest));
        if (this.#failing) this.#options.warn(`${this.#options.destination.name} can be written to again`);
        this.#failing = false;
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) return this.#end();
        if (this.#closing && this.#failing) return;
        if (!this.#failing) {
          this.#options.warn(
            `cannot write to ${this.#options.destination.name}: ${
              reasonOf(error)
            }; traffic goes on, trying again`,
          );
        }
        this.#failing = true;
        if (this.#closing) return;
        if (!this.#reopenWanted) await this.#pause();
        if (this.#reopenWanted) await this.#reopenNow();
      }
    }
  }

  async #reopenNow(): Promise<void> {
    this.#reopenWanted = false;
    try {
      await this.#options.destination.reopen();
      this.#isFresh = true;
    } catch (error) {
      this.#options.warn(
        `cannot reopen ${this.#options.destination.name}: ${
          reasonOf(error)
        }; the log goes on in the file it had`,
      );
    }
  }

  /** Waits before the next try; {@link reopen} and {@link close} end the wait. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeRetry = undefined;
  }

  /** Nobody reads the log any more: what waits is lost, and so is what comes. */
  #end(): void {
    // What was given up at the end is counted already.
    if (this.#ended) return;
    this.#ended = true;
    this.#lostInAll += this.#queue.recordsLeft;
    this.#queue.clear();
    clearTimeout(this.#timer);
    this.#options.onClosed();
  }
}
