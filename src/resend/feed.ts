/**
 * The items of a capture as they fall due: read ahead, put in order, planned, and held back until their time.
 *
 *     source ──▶ window (by time) ──▶ planner ──▶ held until due ──▶ take()
 *
 * Memory is bounded by the window, whatever the length of the capture.
 */
import { OrderWindow, type Recorded } from "./order.ts";
import type { Item, Planner } from "./plan.ts";

/** Below this the window is filled again, while what is in it is taken. */
const LOW_FILL = 0.5;
/** The longest single pause: timers take no more than 2³¹ ms. */
const MAX_PAUSE_MS = 2 ** 30;

/** What pauses are made with. */
export interface Pacing {
  /** How much faster than recorded: 1 as recorded, 2 in half the time, `Infinity` without pauses. */
  readonly speed: number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Resolves after so many ms, or as soon as the signal says so. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Gives items one by one. Several may wait at the same time. */
export class Feed {
  readonly #iterator: AsyncIterator<readonly Recorded[]>;
  readonly #planner: Planner;
  readonly #pacing: Pacing;
  readonly #signal: AbortSignal;
  readonly #aborted: Promise<void>;
  readonly #window = new OrderWindow();
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #filling: Promise<void> | undefined;
  #waiting: Promise<boolean> | undefined;
  #held: Item | undefined;
  #dueAt = 0;
  /** What time of the capture was due when. */
  #origin: { readonly at: number; readonly now: number } | undefined;

  /** Reads nothing before {@link wait}. */
  constructor(
    source: AsyncIterable<readonly Recorded[]>,
    planner: Planner,
    pacing: Pacing,
    signal: AbortSignal,
  ) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#planner = planner;
    this.#pacing = pacing;
    this.#signal = signal;
    this.#aborted = new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** The next item, if one is there and due. */
  take(): Item | undefined {
    if (this.#signal.aborted) return undefined;
    if (this.#held !== undefined) {
      if (this.#pacing.now() < this.#dueAt) return undefined;
      const item = this.#held;
      this.#held = undefined;
      return item;
    }
    for (;;) {
      const { fill } = this.#window;
      if (fill < LOW_FILL && !this.#ended) {
        void this.#fill();
        return undefined;
      }
      const recorded = this.#window.pop();
      if (recorded === undefined) return undefined;
      const item = this.#planner.take(recorded);
      if (item === undefined) continue;
      if (this.#isDue(item, recorded)) return item;
      this.#held = item;
      return undefined;
    }
  }

  /**
   * Waits until {@link take} may give something.
   *
   * @returns `false` once nothing more comes: the capture has ended, or it was stopped.
   * @throws What reading the capture throws.
   */
  wait(): Promise<boolean> {
    return this.#waiting ??= this.#advance().finally(() => this.#waiting = undefined);
  }

  /** Reads no further. */
  close(): void {
    this.#ended = true;
    // One that waits for bytes of a pipe gives no answer before they come: nobody waits for it.
    this.#iterator.return?.().catch(() => {});
  }

  async #advance(): Promise<boolean> {
    if (this.#signal.aborted) return false;
    if (this.#held !== undefined) {
      const ms = Math.min(this.#dueAt - this.#pacing.now(), MAX_PAUSE_MS);
      if (ms > 0) await this.#pacing.pause(ms, this.#signal);
    } else {
      await Promise.race([this.#fill(), this.#aborted]);
      if (this.#failure !== undefined) throw this.#failure.error;
    }
    if (this.#signal.aborted) return false;
    return !this.#ended || this.#window.size > 0 || this.#held !== undefined;
  }

  #fill(): Promise<void> {
    return this.#filling ??= this.#read().finally(() => this.#filling = undefined);
  }

  async #read(): Promise<void> {
    try {
      while (!this.#ended && this.#window.fill < 1) {
        const { done, value } = await this.#iterator.next();
        if (done) {
          this.#ended = true;
          return;
        }
        for (const recorded of value) this.#window.push(recorded);
      }
    } catch (error) {
      this.#ended = true;
      this.#failure = { error };
    }
  }

  /** Whether its time has come; what is only cleared up has none. */
  #isDue(item: Item, { record }: Recorded): boolean {
    const { speed, now } = this.#pacing;
    if (speed === Infinity || item.kind === "skip" || (item.kind === "end" && item.down === undefined)) {
      return true;
    }
    if (record.type === "lost") return true;
    const at = now();
    this.#origin ??= { at: record.at, now: at };
    this.#dueAt = this.#origin.now + (record.at - this.#origin.at) / speed;
    return this.#dueAt <= at;
  }
}
