/**
 * One monotonic clock for durations, and wall time derived from it.
 *
 * Reading a clock costs more here than most of what is done with it, so it is read once for all that came together, and
 * wall time is looked up once a second only; a correction of the system's clock shows within that second.
 */

/** Where times come from. */
export interface Clock {
  /** Monotonic time, ms with fraction. */
  now(): number;
  /**
   * When what this program has at hand came, as {@link now}: sockets that became readable together are handled one after
   * the other, and only for the first of them the clock is read; for the others it is the time that was read last.
   */
  turn(): number;
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
  let last = syncedAt;
  let isTurn = false;
  const endTurn = () => {
    isTurn = false;
  };
  const now = () => last = monotonic();
  return {
    now,
    turn() {
      if (isTurn) return last;
      isTurn = true;
      // What else came is queued already: this runs when it has been handled.
      queueMicrotask(endTurn);
      return now();
    },
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
