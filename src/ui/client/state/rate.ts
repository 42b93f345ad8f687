/** How many rows a second come in: over the last second, from the counts of the events. */

/** How far back it looks, ms. */
const WINDOW_MS = 1000;

/** Counts that came at a time. */
export class Rate {
  #counts: { readonly atMs: number; readonly count: number }[] = [];

  /** Takes a count, at a time that is not before the last one. */
  add(count: number, atMs: number): void {
    this.#drop(atMs);
    if (count > 0) this.#counts.push({ atMs, count });
  }

  /** Rows in the second before that time. */
  perSecond(atMs: number): number {
    this.#drop(atMs);
    return this.#counts.reduce((sum, { count }) => sum + count, 0);
  }

  #drop(atMs: number): void {
    const first = this.#counts.findIndex((entry) => entry.atMs > atMs - WINDOW_MS);
    this.#counts = first === -1 ? [] : this.#counts.slice(first);
  }
}
