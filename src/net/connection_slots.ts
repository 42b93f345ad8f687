/**
 * How many connections may be open at once, kept below the process's descriptor limit.
 *
 * A relayed connection takes two descriptors, more where TLS is ended on it. At the limit targets can no longer be
 * reached, so accepting stops before it; clients then wait in the kernel's queue. The limit itself cannot be asked for
 * with the permissions that the program has (/proc needs all of them): from time to time it opens as many descriptors
 * as it may soon need, and closes them again.
 */

/** More than this would not fit into the ports of one address. */
export const MOST_CONNECTIONS = 60_000;

/** Descriptors that are kept for everything but connections: log, runtime, resolver. */
const RESERVED_DESCRIPTORS = 64;
/** Places that are given without a look, and whatever a look finds: below any limit that a system sets. */
const FIRST_PLACES = 8;
/** How often it is looked again while somebody waits: descriptors come free elsewhere, too. */
const LOOK_MS = 1_000;
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
  const opened = openable(kept + each * PLACES_AT_A_TIME, open);
  return Math.max(0, Math.floor((opened - kept) / each));
}

/**
 * How many descriptors to leave for others: as many as they may take, but no more than a quarter of those there are.
 *
 * @param wanted How many they may take.
 * @param open Opens a descriptor; throws where there is none left.
 */
export function descriptorsBesides(wanted: number, open: () => Disposable): number {
  return Math.min(wanted, Math.floor(openable(wanted * 4, open) / 4));
}

/** How many descriptors can be opened now, up to so many. */
function openable(most: number, open: () => Disposable): number {
  const opened: Disposable[] = [];
  try {
    while (opened.length < most) opened.push(open());
  } catch {
    // That was the last one.
  }
  for (const descriptor of opened) descriptor[Symbol.dispose]();
  return opened.length;
}

/** Hands out places for connections. */
export class ConnectionSlots {
  readonly #limit: number;
  readonly #room: () => number;
  readonly #onFull: (used: number) => void;
  readonly #lookMs: number;
  readonly #waiting: ((hasPlace: boolean) => void)[] = [];
  #looking: ReturnType<typeof setInterval> | undefined;
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
   * @param lookMs How often `room` is asked again while somebody waits.
   */
  constructor(limit: number, room: () => number, onFull: (used: number) => void, lookMs = LOOK_MS) {
    this.#limit = limit;
    this.#room = room;
    this.#onFull = onFull;
    this.#lookMs = lookMs;
  }

  /**
   * Takes a place, at once or when one becomes free.
   *
   * @param signal Ends the waiting.
   * @returns Whether there is a place; not, where the waiting was ended before.
   */
  async take(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return false;
    if (this.tryTake()) return true;
    if (!this.#told) this.#onFull(this.#used);
    this.#told = true;
    return await this.#wait(signal);
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
    else next(true);
    this.#watch();
  }

  /** Connections take another number of descriptors from now on: the next place is given after a look. */
  lookAgain(): void {
    this.#known = Math.min(this.#known, this.#used);
  }

  async #wait(signal: AbortSignal | undefined): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const withdraw = () => {
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
      resolve(false);
      this.#watch();
    };
    this.#waiting.push(resolve);
    this.#watch();
    signal?.addEventListener("abort", withdraw);
    const hasPlace = await promise;
    signal?.removeEventListener("abort", withdraw);
    return hasPlace;
  }

  /** Looks again and again while somebody waits, and only then. */
  #watch(): void {
    if (this.#waiting.length > 0) {
      this.#looking ??= setInterval(() => this.#serve(), this.#lookMs);
    } else if (this.#looking !== undefined) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
  }

  /** Gives places to those who wait, as far as there are any. */
  #serve(): void {
    // One look is for all: those who get a place do not hold their descriptors yet.
    for (let isFree = this.#hasRoom(); isFree && this.#waiting.length > 0; isFree = this.#isFree) {
      this.#used++;
      this.#waiting.shift()!(true);
    }
    this.#watch();
  }

  #hasRoom(): boolean {
    if (!this.#isFree && this.#used < this.#limit) this.#known = this.#used + this.#room();
    return this.#isFree;
  }

  /** Whether there is a place, as far as was looked. */
  get #isFree(): boolean {
    return this.#used < Math.min(this.#limit, Math.max(FIRST_PLACES, this.#known));
  }
}
