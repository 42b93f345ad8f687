/** `--fault slicer=SIZE[/VARIATION[/DELAY]]`: bytes are written in small slices, so that receivers see partial reads. */

/** The slices of one direction. Where one ends does not depend on how reads were cut. */
export class Slicer {
  readonly #delayMs: number;
  readonly #sizeBytes: number;
  readonly #variationBytes: number;
  readonly #draw: (index: number) => number;
  #slices = 0;
  /** Of the slice that is being written; 0 between two. */
  #left = 0;
  #begun = false;

  /**
   * Slices, before the first.
   *
   * @param draw From 0 up to but not 1, the same for the same slice.
   */
  constructor(
    rule: { readonly sizeBytes: number; readonly variationBytes: number; readonly delayMs: number },
    draw: (index: number) => number,
  ) {
    this.#delayMs = rule.delayMs;
    this.#sizeBytes = rule.sizeBytes;
    this.#variationBytes = rule.variationBytes;
    this.#draw = draw;
  }

  /** How many bytes go before the next cut, from 1. */
  left(): number {
    if (this.#left === 0) {
      const spread = 2 * this.#variationBytes + 1;
      const variation = Math.floor(this.#draw(this.#slices) * spread) - this.#variationBytes;
      this.#left = this.#sizeBytes + variation;
      this.#begun = false;
    }
    return this.#left;
  }

  /** So many bytes, at most {@link left}, are written. @returns How long after those before them, at least, ms. */
  take(bytes: number): number {
    const left = this.left();
    const waits = !this.#begun && this.#slices > 0;
    this.#begun = true;
    this.#left = left - bytes;
    if (this.#left === 0) this.#slices++;
    return waits ? this.#delayMs : 0;
  }
}
