/**
 * `--fault corrupt@P%`: the direction is taken in blocks of 1 KiB, P percent of them are hit, and in each that is hit one
 * byte, anywhere in it, is changed. `corrupt@OFFSET` changes the one byte there.
 */
import type { ByteFault, Strike } from "./byte_fault.ts";

const BLOCK_BYTES = 1024;
/** A byte combined with one of these by exclusive or is another byte. */
const MASKS = 255;

/** Changes bytes. */
export class Corrupt implements ByteFault {
  readonly name = "corrupt";
  readonly early = false;
  readonly #drawHit: (index: number) => number;
  readonly #hitRate: number;
  #next: number;
  #hits = 0;
  /** The block in which the next hit is. */
  #block = -1;

  /**
   * A fault that has not struck yet.
   *
   * @param at What is hit: the byte at `offset`, or so many `percent` of the blocks.
   * @param drawHit Draws from 0 up to but not 1; the same for the same index.
   */
  constructor(at: { offset?: number; percent: number }, drawHit: (index: number) => number) {
    this.#drawHit = drawHit;
    this.#hitRate = at.offset === undefined ? at.percent / 100 : 0;
    this.#next = at.offset ?? this.#findNext();
  }

  /** See {@link ByteFault.distance}. */
  distance(offset: number): number {
    // What another fault took is not hit.
    while (this.#next < offset) this.#next = this.#findNext();
    return this.#next - offset;
  }

  /** See {@link ByteFault.strike}. */
  strike(): Strike {
    const mask = 1 + Math.floor(this.#drawHit(3 * this.#hits + 2) * MASKS);
    this.#hits++;
    this.#next = this.#findNext();
    return { kind: "change", mask };
  }

  /** Blocks that are passed over before a hit are spread geometrically, so they need no draw each. */
  #findNext(): number {
    if (this.#hitRate === 0) return Infinity;
    const passed = this.#hitRate === 1
      ? 0
      : Math.floor(Math.log(1 - this.#drawHit(3 * this.#hits)) / Math.log(1 - this.#hitRate));
    this.#block += 1 + passed;
    return this.#block * BLOCK_BYTES + Math.floor(this.#drawHit(3 * this.#hits + 1) * BLOCK_BYTES);
  }
}
