/**
 * Captured traffic sent again.
 *
 *     capture ──▶ feed ──▶ requests ──▶ workers ──▶ pooled connections       (spread)
 *                     └──▶ dialogues, kept connections ──▶ lanes, one per recorded connection
 *
 * However long the capture is, a window of it is in memory. Nothing is sent twice but what a closing connection swallowed.
 */
import type { ReadyEdits } from "./apply_edits.ts";
import { type DestinationOptions, Destinations } from "./destination.ts";
import { Feed } from "./feed.ts";
import { Lanes } from "./lanes.ts";
import type { Recorded } from "./order.ts";
import { type Item, Planner, type RequestItem } from "./plan.ts";
import { Pool } from "./pool.ts";
import { Preparer } from "./prepare.ts";
import { type Open, sendOnce, type SendOptions } from "./sender.ts";
import type { UpstreamFor } from "../send/upstream.ts";
import { type ResendResult, type ResendTotals, Tally } from "./totals.ts";

export type { Recorded, ResendResult, ResendTotals };

/** What is sent again, and how. */
export interface ResendOptions extends DestinationOptions {
  /** Whether each recorded connection gets one of its own; else requests share connections, by target. */
  readonly keepConnections: boolean;
  /** How many requests are under way at a time where connections are shared; 1: one after the other. */
  readonly concurrency: number;
  /** How much faster than recorded: 1 with the recorded pauses, 2 in half the time, `Infinity` without pauses. */
  readonly speed: number;
  /** What is changed in every request. Absent: nothing. */
  readonly edits?: ReadyEdits;
  /** What requests to a target tell the proxy through which they go in absolute-form. Absent: none do. */
  readonly upstreamFor?: UpstreamFor;
  /** What connections give an exchange at most, ms, as their {@link ResendContext.open} knows it; 0: for ever. */
  readonly timeoutMs: number;
  /** How long a dialogue waits for what the target had said before it goes on, ms. */
  readonly dialogueTimeoutMs: number;
}

/** What a resend needs from its surroundings. */
export interface ResendContext {
  /** Opens connections. */
  readonly open: Open;
  /** Whether a record is wanted, see `PlannerOptions.wants`. */
  readonly wants: (recorded: Recorded) => boolean;
  /**
   * Takes each result as soon as it is there: with one worker in the order of the capture, else as they end.
   * A promise is waited for before its worker sends more.
   */
  readonly onResult: (result: ResendResult) => Promise<void> | undefined | void;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Resolves after so many ms, or as soon as the signal says so. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Fills bytes at random: masks of WebSocket frames. */
  readonly randomMask: (mask: Uint8Array) => void;
}

/**
 * Sends a capture again.
 *
 * @param source The records, in batches, as they stand in the capture.
 * @param signal Stops it: what is under way is ended, and nothing more is begun.
 * @throws What reading the capture throws, once what was under way is over.
 */
export async function resend(
  source: AsyncIterable<readonly Recorded[]>,
  options: ResendOptions,
  context: ResendContext,
  signal: AbortSignal,
): Promise<ResendTotals> {
  const run = new Run(source, options, context, signal);
  return await run.run();
}

class Run {
  readonly #options: ResendOptions;
  readonly #context: ResendContext;
  readonly #signal: AbortSignal;
  readonly #feed: Feed;
  readonly #lanes: Lanes;
  readonly #pool = new Pool();
  readonly #tally = new Tally();
  readonly #sending: SendOptions;

  constructor(
    source: AsyncIterable<readonly Recorded[]>,
    options: ResendOptions,
    context: ResendContext,
    signal: AbortSignal,
  ) {
    const { edits, upstreamFor, keepConnections, speed, timeoutMs, dialogueTimeoutMs } = options;
    const { open, wants, now, pause, randomMask } = context;
    this.#options = options;
    this.#context = context;
    this.#signal = signal;
    const destinations = new Destinations(options);
    const preparer = new Preparer(destinations, edits, upstreamFor);
    const planner = new Planner({ destinations, preparer, wants, tellsEnds: keepConnections, randomMask });
    this.#feed = new Feed(source, planner, { speed, now, pause }, signal);
    this.#sending = { open, timeoutMs, signal };
    this.#lanes = new Lanes({
      ...this.#sending,
      dialogueTimeoutMs,
      pause,
      report: (result) => this.#report(result),
      retried: () => this.#tally.retried(),
    });
  }

  async run(): Promise<ResendTotals> {
    const { concurrency, keepConnections } = this.#options;
    const startedAt = this.#context.now();
    const workers = Array.from(
      { length: keepConnections ? 1 : Math.max(1, concurrency) },
      () => this.#work(),
    );
    const ends = await Promise.allSettled(workers);
    this.#feed.close();
    await this.#lanes.finish();
    this.#pool.close();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return this.#tally.totals(this.#context.now() - startedAt, this.#signal.aborted);
  }

  async #work(): Promise<void> {
    for (;;) {
      const item = this.#feed.take();
      if (item !== undefined) await this.#handle(item);
      else if (!await this.#feed.wait()) return;
    }
  }

  #handle(item: Item): Promise<void> | undefined {
    if (item.kind === "skip") {
      const { reason: { skip, isFailure }, exchange, place } = item;
      this.#report(
        isFailure && exchange !== undefined
          ? { kind: "exchange", recorded: exchange, place, error: skip, notes: [] }
          : { kind: "skipped", recorded: exchange, place, reason: skip },
      );
      return undefined;
    }
    const isShared = item.kind === "request" && !item.opensDialogue && !this.#options.keepConnections;
    return isShared ? this.#send(item) : this.#lanes.push(item);
  }

  async #send({ exchange: recorded, place, prepared }: RequestItem): Promise<void> {
    const { key } = prepared.destination;
    const result = await sendOnce(prepared, this.#pool.take(key), this.#sending);
    const { connection, exchange: sent, error, isRetry } = result;
    if (isRetry) this.#tally.retried();
    const taking = this.#report({ kind: "exchange", recorded, place, sent, error, notes: prepared.notes });
    if (connection !== undefined) this.#pool.give(key, connection);
    if (taking !== undefined) await taking;
  }

  #report(result: ResendResult): Promise<void> | undefined {
    this.#tally.add(result);
    return this.#context.onResult(result) ?? undefined;
  }
}
