/**
 * How many connections may be open at once, kept below the process's descriptor limit.
 *
 * A relayed connection takes two descriptors, more where TLS is ended on it. At the limit targets can no longer be reached, so accepting stops before
 * it; clients then wait in the kernel's queue. The limit itself cannot be asked for with the permissions that the
 * program has (/proc needs all of them): from time to time it opens as many descriptors as it may soon need, and closes
 * them again.
 */

/** More than this would not fit into the ports of one address. */
export const MOST_CONNECTIONS = 60_000;

/** Descriptors that are kept for everything but connections: log, runtime, resolver. */
const RESERVED_DESCRIPTORS = 64;
/** Places that are given without a look: below any limit that a system sets. */
const FIRST_PLACES = 8;
/** For so many places more descriptors are looked for at a time: a few ms. */
const PLACES_AT_A_TIME = 256;

/**
 * For how many more connections there are descriptors.
 *
 * @param dialling Connections that do not hold their descriptors beyond the client's yet.
 * @param each How many descriptors a connection takes, at least 2.
 * @param open Opens a descriptor; throws where there is none left.
 * @param besides How many descriptors are to be left for others, that for the log and the runtime aside.
 */
export function roomForConnections(
  dialling: number,
  each: number,
  open: () => Disposable,
  besides = 0,
): number {
  const kept = RESERVED_DESCRIPTORS + besides + dialling * (each - 1);
  const wanted = kept + each * PLACES_AT_A_TIME;
  const opened: Disposable[] = [];
  try {
    while (opened.length < wanted) opened.push(open());
  } catch {
    // That was the last one.
  }
  for (const descriptor of opened) descriptor[Symbol.dispose]();
  return Math.max(0, Math.floor((opened.length - kept) / each));
}

/** Hands out places for connections. */
export class ConnectionSlots {
  readonly #limit: number;
  readonly #room: () => number;
  readonly #onFull: (used: number) => void;
  readonly #waiting: (() => void)[] = [];
  #used = 0;
  /** For so many connections there are descriptors, as far as was looked. */
  #known = FIRST_PLACES;
  #told = false;

  /**
   * Places, none of them taken.
   *
   * @param limit How many places there are, at least 1.
   * @param room For how many more connections there are descriptors.
   * @param onFull Called with the places in use, the first time that someone has to wait.
   */
  constructor(limit: number, room: () => number, onFull: (used: number) => void) {
    this.#limit = limit;
    this.#room = room;
    this.#onFull = onFull;
  }

  /** Takes a place, at once or when one becomes free. */
  async take(): Promise<void> {
    if (this.#hasRoom()) {
      this.#used++;
      return;
    }
    if (!this.#told) this.#onFull(this.#used);
    this.#told = true;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Takes a place if there is one now. @returns Whether there was. */
  tryTake(): boolean {
    if (this.#waiting.length > 0 || !this.#hasRoom()) return false;
    this.#used++;
    return true;
  }

  /** Gives a place back. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#used--;
    else next();
  }

  /** Connections take another number of descriptors from now on: the next place is given after a look. */
  lookAgain(): void {
    this.#known = Math.min(this.#known, this.#used);
  }

  #hasRoom(): boolean {
    if (this.#used < this.#limit && this.#used >= this.#known) this.#known = this.#used + this.#room();
    return this.#used < Math.min(this.#limit, this.#known);
  }
}
