/**
 * One request, many times: `--repeat`, `--concurrency`, `--rate`.
 *
 * Without a rate each of the connections sends as soon as it has its answer. With one, every request is due at a time
 * that does not depend on answers; one that had to wait for a connection is measured from when it was due, so that a
 * target that stalls cannot hide it ("coordinated omission", Gil Tene).
 */
import { isAnswered } from "./answered.ts";
import type { ExchangeRecord } from "../capture/record.ts";
import type { ClientConnection } from "./client.ts";
import { type Distribution, Histogram } from "./histogram.ts";

/** What is needed of a connection: {@link ClientConnection} is one. */
export type LoadConnection = Pick<
  ClientConnection,
  "exchange" | "isReusable" | "close" | "sentBytes" | "receivedBytes"
>;

/** What to send, how often, and how. */
export interface LoadPlan {
  /** How many requests, at least 1. */
  readonly repeat: number;
  /** How many at once, at least 1. */
  readonly concurrency: number;
  /** How many are due a second; absent: as many as can be. */
  readonly ratePerSecond?: number;
  /** The request as it crosses the wire. */
  readonly pieces: readonly Uint8Array[];
  /** Opens a connection, or rejects with an `Error` in words. */
  readonly open: (signal: AbortSignal) => Promise<LoadConnection>;
  /** The monotonic clock, ms. */
  readonly now: () => number;
  /** Resolves after so many ms, or at once when the signal is aborted. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /**
   * Looks at each exchange; a text that it returns makes it a failure for this reason. Its connection waits for it; it
   * may reject once the load is stopped.
   */
  readonly check?: (exchange: ExchangeRecord) => string | undefined | Promise<string | undefined>;
}

/** What came of it. It can be written as JSON. */
export interface LoadSummary {
  /** How many requests were wanted. */
  readonly wanted: number;
  /** How many were tried: less, where it was stopped. */
  readonly count: number;
  /** How many of them were answered in full, and as expected. */
  readonly succeeded: number;
  /** How many were not, and why. */
  readonly failures: { readonly [reason: string]: number };
  /** How many responses had which status. */
  readonly statuses: { readonly [status: string]: number };
  /** How many connections were opened. */
  readonly connections: number;
  /** Bytes sent and received on all of them. */
  readonly bytes: { readonly up: number; readonly down: number };
  /** From the first request to the last answer, ms. */
  readonly elapsedMs: number;
  /** Complete exchanges a second. */
  readonly perSecond: number;
  /** How many were due a second, where that was given. */
  readonly ratePerSecond?: number;
  /** How many at once. */
  readonly concurrency: number;
  /**
   * How long complete exchanges took, ms, connecting included; with a rate from when each was due, where it had to wait.
   * Absent: there were none.
   */
  readonly latencyMs?: Distribution;
  /** Whether it was stopped before its end. */
  readonly stopped: boolean;
}

/** Reasons for failures that are told apart; more would be as many as there are requests. */
const REASON_LIMIT = 20;
const OTHER_REASONS = "other reasons";
/** A request that is due so soon is sent at once: no timer is that exact. */
const TIMER_MS = 1;

/** Sends it. Never rejects: what goes wrong is counted. */
export async function runLoad(plan: LoadPlan, signal: AbortSignal): Promise<LoadSummary> {
  const run = new LoadRun(plan, signal);
  await run.all();
  return run.summary();
}

class LoadRun {
  readonly #plan: LoadPlan;
  readonly #signal: AbortSignal;
  readonly #latency = new Histogram();
  readonly #failures = new Map<string, number>();
  readonly #statuses = new Map<number, number>();
  readonly #startedAt: number;
  #endedAt: number;
  #next = 0;
  #count = 0;
  #succeeded = 0;
  #connections = 0;
  #up = 0;
  #down = 0;

  constructor(plan: LoadPlan, signal: AbortSignal) {
    this.#plan = plan;
    this.#signal = signal;
    this.#startedAt = this.#endedAt = plan.now();
  }

  async all(): Promise<void> {
    const workers = Math.min(this.#plan.concurrency, this.#plan.repeat);
    await Promise.all(Array.from({ length: workers }, () => this.#work()));
  }

  summary(): LoadSummary {
    const { repeat, concurrency, ratePerSecond } = this.#plan;
    const elapsedMs = this.#endedAt - this.#startedAt;
    return {
      wanted: repeat,
      count: this.#count,
      succeeded: this.#succeeded,
      failures: Object.fromEntries([...this.#failures].sort(([, a], [, b]) => b - a)),
      statuses: Object.fromEntries([...this.#statuses].sort(([a], [b]) => a - b)),
      connections: this.#connections,
      bytes: { up: this.#up, down: this.#down },
      elapsedMs,
      perSecond: elapsedMs > 0 ? this.#latency.count * 1_000 / elapsedMs : 0,
      ratePerSecond,
      concurrency,
      latencyMs: this.#latency.distribution(),
      stopped: this.#count < repeat,
    };
  }

  /** One connection's worth of requests. */
  async #work(): Promise<void> {
    const { pieces, repeat, open, now, check } = this.#plan;
    const signal = this.#signal;
    let connection: LoadConnection | undefined;
    while (this.#next < repeat && !signal.aborted) {
      const index = this.#next++;
      const from = await this.#due(index);
      if (signal.aborted) break;
      let exchange: ExchangeRecord;
      try {
        if (connection === undefined) {
          connection = await open(signal);
          this.#connections++;
        }
        exchange = await connection.exchange(pieces, signal);
      } catch (error) {
        connection = this.#leave(connection);
        if (!signal.aborted) this.#failed(error instanceof Error ? error.message : String(error));
        continue;
      }
      // What was cut short by a stop says nothing of the target.
      if (signal.aborted && exchange.outcome !== "complete") break;
      const answeredAt = this.#endedAt = now();
      let problem = check?.(exchange);
      if (problem instanceof Promise) {
        try {
          problem = await problem;
        } catch (error) {
          if (signal.aborted) break;
          problem = error instanceof Error ? error.message : String(error);
        }
      }
      this.#finished(exchange, answeredAt - from, problem);
      if (!connection.isReusable) connection = this.#leave(connection);
    }
    this.#leave(connection);
  }

  /** Waits until a request is due. @returns From when on it is measured, monotonic ms. */
  async #due(index: number): Promise<number> {
    const { ratePerSecond, now, pause } = this.#plan;
    const found = now();
    if (ratePerSecond === undefined) return found;
    const dueAt = this.#startedAt + index * 1_000 / ratePerSecond;
    if (found >= dueAt) return dueAt;
    if (dueAt - found >= TIMER_MS) await pause(dueAt - found, this.#signal);
    // A connection was free in time: that a timer is late is no fault of the target's.
    return now();
  }

  #finished(exchange: ExchangeRecord, ms: number, problem: string | undefined): void {
    const status = exchange.response?.head.status;
    if (status !== undefined) this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const { outcome, error } = exchange;
    if (!isAnswered(exchange)) {
      // Where a message was cut differs each time.
      return this.#failed(error === undefined || outcome.endsWith("-cut") ? outcome : `${outcome}: ${error}`);
    }
    this.#latency.add(ms);
    if (problem !== undefined) return this.#failed(problem);
    this.#count++;
    this.#succeeded++;
  }

  #failed(reason: string): void {
    this.#count++;
    this.#endedAt = this.#plan.now();
    const isKnown = this.#failures.has(reason) || this.#failures.size < REASON_LIMIT;
    const name = isKnown ? reason : OTHER_REASONS;
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
  }

  #leave(connection: LoadConnection | undefined): undefined {
    if (connection === undefined) return;
    connection.close();
    this.#up += connection.sentBytes;
    this.#down += connection.receivedBytes;
  }
}
