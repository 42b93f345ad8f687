/**
 * Long work on one thread takes turns: each does a little, then others have theirs, so that what is short never waits
 * for long. Work that reads records is bounded in number, too.
 */
import { BusyError } from "./busy_error.ts";

/** How many searches take turns at once … */
const MOST_AT_ONCE = 4;
/** … and how many may wait for that. */
const MOST_WAITING = 4;
/** How long a turn takes, save for its last step. */
const TURN_MS = 15;

/** What turns need. */
export interface TurnSettings {
  /** A monotonic clock, ms. */
  readonly now: () => number;
  /** Resolves when others that wait for the same thread have worked. */
  readonly pause: () => Promise<void>;
}

/** Somebody who waits. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Who works when. */
export class Turns {
  readonly #settings: TurnSettings;
  /** Who waits for a turn: those who do not search come first. */
  readonly #plain: Waiting[] = [];
  readonly #searching: Waiting[] = [];
  #isTaken = false;
  /** Who waits for a place among the searches. */
  readonly #outside: Waiting[] = [];
  #searches = 0;

  /** Nobody works yet. */
  constructor(settings: TurnSettings) {
    this.#settings = settings;
  }

  /**
   * Does short work: the first turn is taken at once, and most need no other one.
   *
   * @param signal Ends it at its next turn.
   * @throws The signal's reason, and what the work throws.
   */
  async plain<Result>(work: Generator<void, Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    const first = this.#step(work);
    return first.done ? first.value : await this.#go(work, this.#plain, signal);
  }

  /**
   * Does long work.
   *
   * @param begin Called when there is a place.
   * @param signal Ends it at its next turn; who waits for a place leaves at once.
   * @throws {BusyError} Where too many search already.
   * @throws The signal's reason, and what the work throws.
   */
  async search<Result>(begin: () => Generator<void, Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    if (this.#searches < MOST_AT_ONCE) this.#searches++;
    else await this.#place(signal);
    try {
      return await this.#go(begin(), this.#searching, signal);
    } finally {
      const next = this.#outside.shift();
      if (next === undefined) this.#searches--;
      else next.resolve();
    }
  }

  /** Waits until another search hands on its place. */
  async #place(signal: AbortSignal | undefined): Promise<void> {
    if (this.#outside.length >= MOST_WAITING) {
      throw new BusyError(
        `the history is searched by ${MOST_AT_ONCE} others, and ${MOST_WAITING} more searches wait: try again soon`,
      );
    }
    const { promise, ...waiting } = Promise.withResolvers<void>();
    const leave = () => {
      const at = this.#outside.indexOf(waiting);
      // Who was handed a place hands it on at its first turn.
      if (at < 0) return;
      this.#outside.splice(at, 1);
      waiting.reject(signal?.reason);
    };
    this.#outside.push(waiting);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  async #go<Result>(
    work: Generator<void, Result>,
    queue: Waiting[],
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    for (;;) {
      await this.#turn(queue);
      try {
        signal?.throwIfAborted();
        const step = this.#step(work);
        if (step.done) return step.value;
      } finally {
        this.#handOn();
      }
    }
  }

  /** Works for a turn. */
  #step<Result>(work: Generator<void, Result>): IteratorResult<void, Result> {
    const { now } = this.#settings;
    const begin = now();
    for (;;) {
      const step = work.next();
      if (step.done || now() - begin >= TURN_MS) return step;
    }
  }

  /** Resolves when it is this one's turn, behind a pause. */
  #turn(queue: Waiting[]): Promise<void> {
    const { promise, ...waiting } = Promise.withResolvers<void>();
    queue.push(waiting);
    if (!this.#isTaken) this.#handOn();
    return promise;
  }

  #handOn(): void {
    this.#isTaken = true;
    this.#settings.pause().then(
      () => {
        const next = this.#plain.shift() ?? this.#searching.shift();
        if (next === undefined) this.#isTaken = false;
        else next.resolve();
      },
      (reason) => {
        this.#isTaken = false;
        for (const { reject } of [...this.#plain.splice(0), ...this.#searching.splice(0)]) reject(reason);
      },
    );
  }
}
