/**
 * Certificates that were made already, for the next connection to the same host.
 *
 * What is kept are promises, so that many connections asking at once for a new host make one certificate. The
 * least recently used goes first. Nothing of it is ever written to a disk.
 */

/** A made certificate, and when it is time for the next. */
export interface Renewable {
  /** From when on it is not given out any more, in ms since 1970. */
  readonly renewAtMs: number;
}

interface Entry<V> {
  readonly value: Promise<V>;
  /** Infinity while it is being made. */
  renewAtMs: number;
}

/** A bounded cache of things that are made on demand and grow old. */
export class LeafCache<V extends Renewable> {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry<V>>();

  /**
   * An empty cache.
   *
   * @param limit How many it keeps at most; at least 1.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many it holds now. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * What is kept under a key, or else made now and kept.
   *
   * @param nowMs The time, in ms since 1970.
   * @param make Makes it. A failure goes to everybody who waits for it and is not kept.
   */
  get(key: string, nowMs: number, make: () => Promise<V>): Promise<V> {
    const known = this.#entries.get(key);
    if (known !== undefined) this.#entries.delete(key);
    const entry = known !== undefined && nowMs < known.renewAtMs ? known : this.#made(key, make());
    this.#entries.set(key, entry); // at the end again: a Map keeps the order of insertion
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
    }
    return entry.value;
  }

  #made(key: string, value: Promise<V>): Entry<V> {
    const entry: Entry<V> = { value, renewAtMs: Infinity };
    value.then(
      ({ renewAtMs }) => entry.renewAtMs = renewAtMs,
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    );
    return entry;
  }
}
