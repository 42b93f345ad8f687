/** Time as a link needs it: a monotonic clock and one-shot timers, passed in so that tests run on a clock of their own. */

/** Where a link's times come from. */
export interface Timers {
  /** Monotonic time, ms with fraction. */
  now(): number;
  /** Calls once, about `ms` from now: whoever must not be early looks at the clock. @returns What takes the call back. */
  after(ms: number, call: () => void): () => void;
}

/**
 * How late the timers of the runtime fire: they take whole ms, at least one, and add one that has begun already (nine of
 * ten fire 1.1 to 1.3 ms late on Deno 2.4 and 2.9, the others 1 ms before that).
 */
const LATE_MS = 1.15;

/** Real time. */
export const SYSTEM_TIMERS: Timers = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.max(1, Math.round(ms - LATE_MS)));
    return () => clearTimeout(timer);
  },
};
