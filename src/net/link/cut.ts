/**
 * `--fault reset[@OFFSET]`, `cut-after=SIZE` and `limit-data=SIZE`: after so many bytes of a direction the connection is
 * ended. What came before is still delivered.
 *
 * `limit-data` ends it in order: the receiver finds the end of the stream, as if the sender had finished, and a moment
 * later both sides are closed. `reset` and `cut-after` end it at once, without an end of the stream of their own.
 *
 * A true reset (TCP RST) cannot be sent: Deno has no SO_LINGER, and its `close` shuts the sending side down first, also
 * where unread bytes make Linux send a RST after it (seen on 2.4 and 2.9). So the peer finds the stream ended in the
 * middle of whatever it was reading, and gets a broken pipe or a reset when it goes on writing.
 */
import type { ByteFault, Strike } from "./byte_fault.ts";

/** Ends the connection when `place` bytes have passed, at the first byte for 0. */
export class Cut implements ByteFault {
  readonly name: string;
  readonly early: boolean;
  readonly #place: number;
  readonly #abrupt: boolean;

  /**
   * A fault that strikes at `place`.
   *
   * @param abrupt Whether the connection is ended at once, or in order.
   */
  constructor(name: string, place: number, abrupt: boolean) {
    this.name = name;
    this.#place = place;
    this.#abrupt = abrupt;
    this.early = place > 0;
  }

  /** See {@link ByteFault.distance}. */
  distance(offset: number): number {
    return Math.max(0, this.#place - offset);
  }

  /** See {@link ByteFault.strike}. */
  strike(): Strike {
    return { kind: "end", abrupt: this.#abrupt };
  }
}
