/** First in, first out. Taking the first out of a long array would move all the others each time. */

/** After so many were taken out, and half of all, their places are given up. */
const TAKEN_BEFORE_MOVING = 256;

/** A queue. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  /** How many at the front were taken out. */
  #taken = 0;

  /** How many are in it. */
  get length(): number {
    return this.#items.length - this.#taken;
  }

  /** The one that came first, if any. */
  get first(): T | undefined {
    return this.#items[this.#taken];
  }

  /** Puts one in, behind all others. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first out. */
  shift(): void {
    // What was taken out is not held on to.
    this.#items[this.#taken++] = undefined;
    const most = Math.max(TAKEN_BEFORE_MOVING, this.#items.length / 2);
    if (this.#taken < most && this.length > 0) return;
    this.#items = this.#items.slice(this.#taken);
    this.#taken = 0;
  }

  /** Takes out those that are not wanted. */
  keep(wanted: (item: T) => boolean): void {
    this.#items = [...this].filter(wanted);
    this.#taken = 0;
  }

  /** Takes all out. */
  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }

  /** All of them, the first one first. */
  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.#taken; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
