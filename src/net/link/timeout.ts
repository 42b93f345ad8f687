/**
 * `--fault timeout[=TIME]`: from its place on nothing passes, yet the connection stays open. With TIME the connection is
 * ended so long after it struck, however much came meanwhile.
 */
import type { ByteFault, Strike } from "./byte_fault.ts";

/** Holds everything from `place` on. */
export class Timeout implements ByteFault {
  readonly name = "timeout";
  readonly early: boolean;
  readonly #place: number;
  readonly #endAfterMs: number | undefined;
  #struck = false;

  /** A fault that strikes when `place` bytes have passed, at the first byte for 0. */
  constructor(place: number, endAfterMs: number | undefined) {
    this.#place = place;
    this.#endAfterMs = endAfterMs;
    this.early = place > 0;
  }

  /** See {@link ByteFault.distance}. */
  distance(offset: number): number {
    return this.#struck ? Infinity : Math.max(0, this.#place - offset);
  }

  /** See {@link ByteFault.strike}. */
  strike(): Strike {
    this.#struck = true;
    return { kind: "hang", endAfterMs: this.#endAfterMs };
  }
}
