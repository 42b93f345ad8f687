/** How a connection ended: the first thing that ended it, unless it broke later, which says more. */
import type { ConnectionEnd } from "../capture/record.ts";
import { reasonOf } from "../net/dial.ts";

/** What is known of the end of a connection. */
export class Ending {
  #end: ConnectionEnd | undefined;
  #error: string | undefined;

  /** How it ended; absent: it has not. */
  get end(): ConnectionEnd | undefined {
    return this.#end;
  }

  /** What went wrong, in words, where something did. */
  get error(): string | undefined {
    return this.#error;
  }

  /** It, or one direction of it, has ended. */
  tell(end: ConnectionEnd, error?: string): void {
    this.#end ??= end;
    this.#error ??= error;
  }

  /** The target broke it off. */
  broke(error: unknown): void {
    if (this.#end !== undefined && !this.#end.endsWith("-closed")) return;
    this.#end = "target-reset";
    this.#error = `the target: ${reasonOf(error)}`;
  }
}
