/**
 * What is under way, as browsers are told of it: somebody looks every now and then, while there is a browser, and tells
 * what changed. The connections themselves tell nothing, so that looking costs them nothing.
 */
import type { ActiveView, LiveEvent } from "./api.ts";
import { newestOf, type SetTimer } from "./events.ts";

/** How often it is looked at, in ms. */
export const LOOK_MS = 250;
/** What is younger, in ms, is left out: most exchanges are over by then, and would only flicker. */
export const YOUNGEST_MS = 150;

/** What looking takes. */
export interface ActiveWatchOptions {
  /** What is under way, newest first. */
  readonly active: () => readonly ActiveView[];
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
    this.#stopTimer = this.#options.setTimer(() => this.#look(), LOOK_MS);
    const event = this.#seen();
    if (event === undefined) return;
    const text = JSON.stringify(event);
    if (text === this.#toldText) return;
    [this.#told, this.#toldText] = [event, text];
    for (const listener of [...this.#listeners]) listener(event);
  }

  #seen(): LiveEvent | undefined {
    const youngest = this.#options.wallNow() - YOUNGEST_MS;
    try {
      const rows = this.#options.active().filter(({ at }) => at <= youngest);
      return { type: "active", rows: newestOf([rows]), total: rows.length };
    } catch {
      // A look that fails must not end the program, whose connections are worth more than this; it looks again soon.
      return undefined;
    }
  }
}
