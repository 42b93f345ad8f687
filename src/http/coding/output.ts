/**
 * Where a decoder puts what it decodes, never more than a limit, so that a bomb (kilobytes that stand for gigabytes)
 * costs the limit and no more.
 */

/** Bytes that an {@link Output} leaves free at its end for a decoder: the longest copy of DEFLATE (RFC 1951 §3.2.5). */
export const SLACK_BYTES = 258;

/** First capacity, in bytes: most decoded text is some times as long as what it came in. */
const FIRST_CAPACITY_BYTES = 4096;

/** The history a decoder copies from and the place it writes to, in one. */
export interface Output {
  /** Holds what was decoded, up to {@link length}; another array after {@link room} was called. */
  buffer: Uint8Array;
  /** How many bytes of {@link buffer} are decoded data. A decoder that wrote there itself moves it on. */
  length: number;
  /** Makes {@link SLACK_BYTES} or more free after {@link length}. `false`: no more is wanted. */
  room(): boolean;
}

/** What a decoder throws for input that it cannot read: `message` says why, in words. Never leaves this folder. */
export class CodingError extends Error {}

/** The one message for input that ends before its own end mark. */
export const CUT_SHORT = "cut short";

/** Table entries (states, contexts, symbols of codes) that any input may bring, and how many more for each byte of it. */
const FREE_ENTRIES = 1 << 22, ENTRIES_PER_BYTE = 16;

/**
 * Bounds the time that tables take: real data stays far below, while a few bytes of hostile data that describe thousands
 * of entries could otherwise be sent ten thousand times.
 */
export class TableBudget {
  #left: number;

  /**
   * Makes the budget for one input.
   *
   * @param inputBytes How long the input is.
   */
  constructor(inputBytes: number) {
    this.#left = FREE_ENTRIES + ENTRIES_PER_BYTE * inputBytes;
  }

  /**
   * Counts the entries of a table.
   *
   * @throws {CodingError} Where the input has brought far more of them than of data.
   */
  spend(entries: number): void {
    this.#left -= entries;
    if (this.#left < 0) throw new CodingError("corrupt: far more tables than data");
  }
}

/** An {@link Output} that grows, keeps everything from its first byte on, and stops one byte past its limit. */
export class CappedOutput implements Output {
  buffer: Uint8Array;
  length = 0;
  readonly #limitBytes: number;

  /**
   * Makes an empty output.
   *
   * @param limitBytes How many bytes are wanted at most.
   */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.buffer = new Uint8Array(Math.min(limitBytes, FIRST_CAPACITY_BYTES) + 1 + SLACK_BYTES);
  }

  /** Whether there was more to decode than the limit allows. */
  get full(): boolean {
    return this.length > this.#limitBytes;
  }

  room(): boolean {
    if (this.full) return false;
    this.#grow(this.length + SLACK_BYTES);
    return true;
  }

  /** Appends `source[from, to)`, or as much of it as shows that the limit is passed. */
  append(source: Uint8Array, from: number, to: number): void {
    const size = Math.min(to - from, this.#limitBytes + 1 - this.length);
    if (size <= 0) return;
    this.#grow(this.length + size);
    this.buffer.set(source.subarray(from, from + size), this.length);
    this.length += size;
  }

  /** Appends `value` `count` times, or as often as shows that the limit is passed. */
  fill(value: number, count: number): void {
    const size = Math.min(count, this.#limitBytes + 1 - this.length);
    if (size <= 0) return;
    this.#grow(this.length + size);
    this.buffer.fill(value, this.length, this.length + size);
    this.length += size;
  }

  /** Appends one byte, unless the limit is passed. */
  byte(value: number): void {
    if (this.full) return;
    if (this.length === this.buffer.length) this.#grow(this.length + 1);
    this.buffer[this.length++] = value;
  }

  /** Appends `count` bytes that stand `distance` back (1 to {@link length}); the two ranges may overlap. */
  copyBack(distance: number, count: number): void {
    const size = Math.min(count, this.#limitBytes + 1 - this.length);
    if (size <= 0) return;
    const end = this.length + size;
    this.#grow(end);
    const buffer = this.buffer;
    if (distance >= size && size > 32) {
      buffer.copyWithin(this.length, this.length - distance, this.length - distance + size);
    } else {
      for (let at = this.length; at < end; at++) buffer[at] = buffer[at - distance];
    }
    this.length = end;
  }

  /** The decoded bytes, at most the limit: a copy of its own size. */
  take(): Uint8Array {
    return this.buffer.slice(0, Math.min(this.length, this.#limitBytes));
  }

  #grow(needed: number): void {
    if (needed <= this.buffer.length) return;
    const most = this.#limitBytes + 1 + SLACK_BYTES;
    const grown = new Uint8Array(Math.max(needed, Math.min(this.buffer.length * 2, most)));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}
