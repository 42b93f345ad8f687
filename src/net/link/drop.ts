/** `--drop-bytes N[/EVERY]`: the first N bytes of a direction vanish, or N after every EVERY bytes that passed. */
import type { ByteFault, DroppedRun, Strike } from "./byte_fault.ts";
import type { DropRule } from "./rules.ts";

/** Makes bytes vanish. A run that reads cut into parts is told of once, when it is complete. */
export class Drop implements ByteFault {
  readonly name = "drop";
  readonly early = false;
  readonly #bytes: number;
  readonly #every: number;
  /** One run and what passes before it; without end where there is one run only. */
  readonly #cycle: number;
  #run: DroppedRun | undefined;

  /** Nothing is dropped before {@link strike}. */
  constructor(rule: DropRule) {
    this.#bytes = rule.bytes;
    this.#every = rule.everyBytes ?? 0;
    this.#cycle = rule.everyBytes === undefined ? Infinity : rule.bytes + rule.everyBytes;
  }

  /** See {@link ByteFault.distance}. */
  distance(offset: number): number {
    if (this.#cycle === Infinity) return offset < this.#bytes ? 0 : Infinity;
    return Math.max(0, this.#every - offset % this.#cycle);
  }

  /** See {@link ByteFault.strike}. */
  strike(offset: number, available: number): Strike {
    const left = this.#every + this.#bytes - (this.#cycle === Infinity ? offset : offset % this.#cycle);
    const bytes = Math.min(left, available);
    const run = { offset: this.#run?.offset ?? offset, bytes: (this.#run?.bytes ?? 0) + bytes };
    this.#run = bytes < left ? run : undefined;
    return bytes < left ? { kind: "drop", bytes } : { kind: "drop", bytes, note: run };
  }

  /** See {@link ByteFault.ended}. */
  ended(): DroppedRun | undefined {
    const run = this.#run;
    this.#run = undefined;
    return run;
  }
}
