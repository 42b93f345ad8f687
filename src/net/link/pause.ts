/**
 * TCPMon's pair: `--bytes-per-pause N --delay MS`.
 *
 * Before each piece of at most 4,096 bytes is written its bytes are counted; when the count is above N, there is a pause of
 * MS for each whole N in it, and the remainder is counted on. So 1000 and 100 ms let 10 kB a second through, in bursts.
 */

/** Size of TCPMon's buffer: what it reads, and pauses for, at a time. */
export const PAUSE_PIECE_BYTES = 4096;

/** Counts the bytes of one direction of one connection. */
export class Pause {
  readonly #bytes: number;
  readonly #delayMs: number;
  #count = 0;

  /** A count of 0. Both of the rule are above 0. */
  constructor(rule: { readonly bytes: number; readonly delayMs: number }) {
    this.#bytes = rule.bytes;
    this.#delayMs = rule.delayMs;
  }

  /** How long to wait before a piece of so many bytes is written, ms. */
  beforeMs(pieceBytes: number): number {
    this.#count += pieceBytes;
    if (this.#count <= this.#bytes) return 0;
    const pauses = Math.floor(this.#count / this.#bytes);
    this.#count %= this.#bytes;
    return pauses * this.#delayMs;
  }
}
