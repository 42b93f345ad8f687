/**
 * What is under way, as browsers are told of it: somebody looks every now and then, while there is a browser, and tells
 * what changed. The connections themselves tell nothing, so that looking costs them nothing.
 */
import type { ListenerAdmin } from "./admin.ts";
import type { LiveEvent } from "./api.ts";
import { newestOf, SAMPLE_ROWS, type SetTimer } from "./events.ts";

/** How often it is looked at, in ms … */
export const LOOK_MS = 250;
/** … but a look that took so long, in ms, is followed by a pause so many times as long: connections had to wait. */
const SLOW_MS = 10;
const PAUSE_FACTOR = 20;
/** The longest pause, in ms: the wall clock may be set while a look is taken. */
const LONGEST_PAUSE_MS = 10_000;
/** What is younger, in ms, is left out: most exchanges are over by then, and would only flicker. */
export const YOUNGEST_MS = 150;

/** What looking takes. */
export interface ActiveWatchOptions {
  /** As {@link ListenerAdmin.active}. */
  readonly active: ListenerAdmin["active"];
  /** The wall clock, ms since the epoch. */
  readonly wallNow: () => number;
  /** Timers. */
  readonly setTimer: SetTimer;
}

/** Is told what happens. */
export type Listener = (event: LiveEvent) => void;

/** Looks for all browsers at once. */
export class ActiveWatch {
  readonly #options: ActiveWatchOptions;
  readonly #listeners = new Set<Listener>();
  #stopTimer: () => void = () => {};
  #told: LiveEvent = { type: "active", rows: [], total: 0 };
  #toldText = "";

  /** One that nobody listens to. */
  constructor(options: ActiveWatchOptions) {
    this.#options = options;
  }

  /** Tells a browser what is under way, now and whenever it changed, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#look();
    else listener(this.#told);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stopTimer();
      this.#toldText = "";
    };
  }

  #look(): void {
    const { wallNow, setTimer } = this.#options;
    const startedAt = wallNow();
    const event = this.#seen();
    const tookMs = wallNow() - startedAt;
    const pauseMs = tookMs < SLOW_MS ? LOOK_MS : Math.min(PAUSE_FACTOR * tookMs, LONGEST_PAUSE_MS);
    this.#stopTimer = setTimer(() => this.#look(), Math.max(LOOK_MS, pauseMs));
    if (event === undefined) return;
    const text = JSON.stringify(event);
    if (text === this.#toldText) return;
    [this.#told, this.#toldText] = [event, text];
    for (const listener of [...this.#listeners]) listener(event);
  }

  #seen(): LiveEvent | undefined {
    const youngest = this.#options.wallNow() - YOUNGEST_MS;
    try {
      const { rows, total } = this.#options.active(youngest, SAMPLE_ROWS);
      return { type: "active", rows: newestOf([rows]), total };
    } catch {
      // A look that fails must not end the program, whose connections are worth more than this; it looks again soon.
      return undefined;
    }
  }
}
