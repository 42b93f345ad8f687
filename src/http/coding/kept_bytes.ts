/** The first bytes of something that comes in pieces, with all of it counted. */

/** A buffer up to this size, in bytes, is used again for the next message; a larger one is given up. */
const REUSED_BYTES = 4096;

/** What came, as far as it was kept: the shape of a body in a record. */
export interface Kept {
  /** How many bytes there were. */
  readonly bytes: number;
  /** The first of them, a copy. */
  readonly kept: Uint8Array;
}

/** Copies the first bytes of what is appended, up to a limit, and counts the rest. */
export class KeptBytes {
  readonly #limitBytes: number;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;
  #bytes = 0;

  /**
   * Makes an empty collection.
   *
   * @param limitBytes How many bytes are kept at most.
   */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** How many bytes came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many more bytes would be kept. */
  get wanted(): number {
    return this.#limitBytes - this.#length;
  }

  /** Appends `source[from, to)`. */
  append(source: Uint8Array, from: number, to: number): void {
    this.#bytes += to - from;
    const size = Math.min(to - from, this.wanted);
    if (size <= 0) return;
    this.#reserve(size).set(source.subarray(from, from + size), this.#length);
    this.#length += size;
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.#bytes++;
    if (this.wanted > 0) this.#reserve(1)[this.#length++] = value;
  }

  /** Counts bytes that are past the limit and were not looked at. */
  skip(bytes: number): void {
    this.#bytes += bytes;
  }

  /** What was kept so far: a view, valid until the next call that changes it. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Gives what came, without the first `drop` bytes, and begins anew. */
  take(drop = 0): Kept {
    const kept = { bytes: this.#bytes - drop, kept: this.#buffer.slice(drop, this.#length) };
    this.clear();
    return kept;
  }

  /** Begins anew. */
  clear(): void {
    if (this.#buffer.length > REUSED_BYTES) this.#buffer = new Uint8Array(0);
    this.#length = 0;
    this.#bytes = 0;
  }

  #reserve(size: number): Uint8Array {
    const needed = this.#length + size;
    if (needed > this.#buffer.length) {
      const doubled = Math.min(Math.max(this.#buffer.length * 2, 64), this.#limitBytes);
      const grown = new Uint8Array(Math.max(needed, doubled));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    return this.#buffer;
  }
}
