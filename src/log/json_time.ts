/**
 * Wall clock times as RFC 3339 in UTC with milliseconds: always 24 characters, so that lines sort by them as text.
 * What is finer than a millisecond is in the durations, which come from a monotonic clock.
 */
import type { ByteWriter } from "./byte_writer.ts";

/** The last ms of the year 9999, beyond which RFC 3339 has no form. */
const LAST_MS = 253402300799999;

/** Where the three digits of the ms stand in `2026-11-20T10:31:06.123Z`. */
const MS_AT = 20;

/** Writes times, and keeps the form of the last second, which most records share with the one before. */
export class JsonTime {
  #second = -1;
  readonly #form = new Uint8Array(24);

  /**
   * Appends a time without quotes.
   *
   * @param at ms since the epoch. The fraction is cut off; what RFC 3339 cannot say becomes the nearest it can.
   */
  write(out: ByteWriter, at: number): void {
    const ms = at > 0 ? Math.floor(Math.min(at, LAST_MS)) : 0;
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      new TextEncoder().encodeInto(new Date(second * 1000).toISOString(), this.#form);
    }
    const rest = ms - second * 1000;
    const tens = (rest / 10) | 0;
    const hundreds = (rest / 100) | 0;
    this.#form[MS_AT] = 48 + hundreds;
    this.#form[MS_AT + 1] = 48 + tens - hundreds * 10;
    this.#form[MS_AT + 2] = 48 + rest - tens * 10;
    out.bytes(this.#form);
  }
}
