/**
 * One monotonic clock for durations, and wall time derived from it.
 *
 * Reading a clock costs more here than most of what is done with it, so wall time is looked up once a second only; a
 * correction of the system's clock shows within that second.
 */

/** Where times come from. */
export interface Clock {
  /** Monotonic time, ms with fraction. */
  now(): number;
  /** A monotonic time as ms since the epoch, with fraction. */
  wall(monotonicMs: number): number;
}

const RESYNC_MS = 1_000;

/**
 * Makes a clock of two sources.
 *
 * @param monotonic Monotonic ms, for example `performance.now`.
 * @param epoch Milliseconds since the epoch, for example `Date.now`.
 */
export function createClock(monotonic: () => number, epoch: () => number): Clock {
  let syncedAt = monotonic();
  let offset = epoch() - syncedAt;
  return {
    now: monotonic,
    wall(at) {
      if (at - syncedAt > RESYNC_MS) {
        syncedAt = monotonic();
        const found = epoch() - syncedAt;
        // The epoch clock has whole ms: a smaller difference is no correction, and would make times jump.
        if (Math.abs(found - offset) > 2) offset = found;
      }
      return at + offset;
    },
  };
}
