/** A log destination whose writes a test lets succeed or fail, one by one. */
import type { Record } from "../../src/capture/record.ts";
import type { Destination } from "../../src/log/destination.ts";
import type { Format } from "../../src/log/format.ts";
import { LogWriter } from "../../src/log/log_writer.ts";
import { exchange } from "./human_fixtures.ts";

/** A write that was begun. */
export interface PendingWrite {
  /** What was to be written. */
  readonly text: string;
  /** Takes so many of the bytes, all unless told. */
  take(bytes?: number): void;
  fail(error: Error): void;
}

/** Takes nothing by itself. */
export class FakeDestination implements Destination {
  readonly name = "fake.log";
  /** What was taken, a new text for each time that it was reopened. */
  readonly files: string[] = [""];
  closed = false;
  reopenError: Error | undefined;
  readonly #pending: PendingWrite[] = [];
  #willing = false;
  #begun = Promise.withResolvers<void>();

  /** How many writes were begun that nobody looked at. */
  get begun(): number {
    return this.#pending.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const text = new TextDecoder().decode(bytes);
    if (this.#willing) {
      this.files[this.files.length - 1] += text;
      return Promise.resolve(bytes.length);
    }
    this.#pending.push({
      text,
      take: (count = bytes.length) => {
        this.files[this.files.length - 1] += text.slice(0, count);
        resolve(count);
      },
      fail: reject,
    });
    this.#begun.resolve();
    return promise;
  }

  /** The next write, once it is begun. */
  async next(): Promise<PendingWrite> {
    while (this.#pending.length === 0) {
      this.#begun = Promise.withResolvers();
      await this.#begun.promise;
    }
    return this.#pending.shift()!;
  }

  /** Takes whatever comes until nothing waits to be written any more. */
  async takeAll(log: LogWriter): Promise<void> {
    this.#willing = true;
    for (const write of this.#pending.splice(0)) write.take();
    await log.flush();
    this.#willing = false;
  }

  reopen(): Promise<void> {
    if (this.reopenError !== undefined) return Promise.reject(this.reopenError);
    this.files.push("");
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

/** Writes the number of an exchange padded to a size with its line feed, and for a loss its fields. */
export function numbers(size = 0): Format {
  return (record, out) => {
    if (record.type === "lost") {
      out.text(`lost ${record.count} ${record.from}-${record.to} ${record.reason}\n`);
    } else if (record.type === "exchange") {
      out.text(`${record.id}`.padEnd(size - 1, ".") + "\n");
    }
  };
}

/** An exchange with this number. */
export function numbered(id: number): Record {
  return exchange({ id });
}

/** A log into a fake destination, and what it told. */
export function openFake(options: { format?: Format; queueLimitBytes?: number } = {}) {
  const destination = new FakeDestination();
  const told: string[] = [];
  const clock = { now: 1000 };
  let closings = 0;
  const log = new LogWriter({
    destination,
    format: options.format ?? numbers(),
    queueLimitBytes: options.queueLimitBytes ?? 64 * 1024,
    epochNow: () => clock.now,
    warn: (text) => told.push(text),
    onClosed: () => closings++,
  });
  return {
    destination,
    told,
    clock,
    log,
    /** How often it said that its reader has gone. */
    get closings() {
      return closings;
    },
  };
}
