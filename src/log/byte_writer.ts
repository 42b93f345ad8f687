/**
 * A growing buffer of bytes to write log lines into without an allocation per line.
 *
 * Formatting into bytes rather than strings keeps the cost of a log line near that of copying it: what repeats is
 * encoded once and copied with {@link ByteWriter.bytes}.
 */

const encoder = new TextEncoder();

/** Bytes of the decimal digits, two at a time: "00", "01", … "99". */
const PAIRS = Uint8Array.from(
  { length: 200 },
  (_, i) => 48 + (i & 1 ? (i >> 1) % 10 : Math.floor((i >> 1) / 10)),
);

/** From this size on a buffer grows more slowly: for a moment the old memory and the new one are both there. */
const LARGE_BYTES = 1024 * 1024;
const LARGE_GROWTH = 1.25;

/** A byte buffer that grows; {@link view} is what was written since the last {@link reset}. */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  /**
   * An empty buffer.
   *
   * @param capacity Its first size, in bytes.
   */
  constructor(capacity = 1024) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes the buffer holds before it must grow. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** The bytes written so far: a view, valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A copy of the bytes written so far. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  /** Forgets everything after the first `length` bytes. */
  reset(length = 0): void {
    this.#length = length;
  }

  /** Makes room for `size` more bytes and gives the buffer, for a caller that fills it itself from {@link length} on. */
  reserve(size: number): Uint8Array<ArrayBuffer> {
    const needed = this.#length + size;
    if (needed > this.#buffer.length) {
      // Transferring frees the old memory at once, where a copy would leave it to the next garbage collection.
      const length = this.#buffer.length;
      const grown = length * (length < LARGE_BYTES ? 2 : LARGE_GROWTH);
      this.#buffer = new Uint8Array(this.#buffer.buffer.transfer(Math.max(needed, Math.ceil(grown))));
    }
    return this.#buffer;
  }

  /** Gives the memory back at once. The buffer is not to be used any more. */
  free(): void {
    this.#buffer.buffer.transfer(0);
  }

  /** Counts `size` bytes that the caller put into the buffer that {@link reserve} gave. */
  advance(size: number): void {
    this.#length += size;
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.reserve(1)[this.#length++] = value;
  }

  /** Appends bytes. */
  bytes(source: Uint8Array): void {
    this.reserve(source.length).set(source, this.#length);
    this.#length += source.length;
  }

  /** Appends text as UTF-8; lone surrogates become U+FFFD. */
  text(source: string): void {
    const buffer = this.reserve(source.length * 3);
    this.#length += encoder.encodeInto(source, buffer.subarray(this.#length)).written;
  }

  /** Appends a whole number, 0 to 2^53 - 1, in decimal. */
  integer(value: number): void {
    if (value < 10) return this.byte(48 + value);
    if (value >= 4294967296) return this.text(String(value));
    let size = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) >>> 0) size++;
    const buffer = this.reserve(size);
    let at = this.#length + size;
    let rest = value >>> 0;
    while (rest >= 100) {
      const next = (rest / 100) >>> 0;
      const pair = (rest - next * 100) * 2;
      buffer[--at] = PAIRS[pair + 1];
      buffer[--at] = PAIRS[pair];
      rest = next;
    }
    if (rest >= 10) {
      buffer[--at] = PAIRS[rest * 2 + 1];
      buffer[--at] = PAIRS[rest * 2];
    } else {
      buffer[--at] = 48 + rest;
    }
    this.#length += size;
  }

  /** Appends a duration: ms, rounded to µs, without trailing zeros ("1.2", "0.061", "15"). Negative counts as 0. */
  milliseconds(value: number): void {
    const micros = value > 0 ? Math.round(value * 1000) : 0;
    const whole = Math.floor(micros / 1000);
    this.integer(whole);
    let rest = micros - whole * 1000;
    if (rest === 0) return;
    this.byte(46);
    for (let unit = 100; rest > 0; unit /= 10) {
      const digit = Math.floor(rest / unit);
      this.byte(48 + digit);
      rest -= digit * unit;
    }
  }
}
