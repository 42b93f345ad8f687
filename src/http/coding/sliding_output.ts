/** The history of a DEFLATE stream without an end: what was inflated is handed on, and only the window stays. */
import { type Output, SLACK_BYTES } from "./output.ts";

/** First size of the buffer to inflate into: most messages are small, and there is one per stream. */
const FIRST_BUFFER_BYTES = 2048;

/** Takes bytes `from`–`to` of `buffer`, which are borrowed until it returns. @returns Whether more are wanted. */
export type PassOn = (buffer: Uint8Array, from: number, to: number) => boolean;

/** An {@link Output} of two windows at most. */
export class SlidingOutput implements Output {
  buffer: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES + SLACK_BYTES);
  length = 0;
  #passedOn = 0;
  readonly #windowBytes: number;
  readonly #passOn: PassOn;

  /**
   * Makes an empty output.
   *
   * @param windowBytes How far back copies reach.
   * @param passOn Takes what was inflated.
   */
  constructor(windowBytes: number, passOn: PassOn) {
    this.#windowBytes = windowBytes;
    this.#passOn = passOn;
  }

  room(): boolean {
    if (this.length + SLACK_BYTES <= this.buffer.length) return true;
    if (!this.passOn()) return false;
    const most = this.#windowBytes * 2 + SLACK_BYTES;
    if (this.buffer.length < most) {
      const grown = new Uint8Array(Math.min(this.buffer.length * 2, most));
      grown.set(this.buffer.subarray(0, this.length));
      this.buffer = grown;
    } else {
      this.buffer.copyWithin(0, this.length - this.#windowBytes, this.length);
      this.length = this.#passedOn = this.#windowBytes;
    }
    return true;
  }

  /** Hands on what was inflated since the last time. @returns Whether more is wanted. */
  passOn(): boolean {
    const from = this.#passedOn;
    this.#passedOn = this.length;
    return this.#passOn(this.buffer, from, this.length);
  }

  /** Forgets everything. */
  clear(): void {
    this.length = this.#passedOn = 0;
  }
}
