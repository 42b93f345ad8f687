/**
 * What happens to the bytes of one direction, whatever the time: they pass, vanish, are changed, or the direction is held
 * or ended at a place among them. Sans-io: bytes in, steps out.
 */
import type { FaultNote } from "../../capture/record.ts";
import type { ByteFault, DroppedRun } from "./byte_fault.ts";
import type { ChosenFault } from "./choose.ts";

/** What is to be done, in this order. */
export type Step =
  /** To be sent. Borrowed from the caller unless they were changed. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Nothing passes until the fault of this key is lifted. */
  | { readonly kind: "hang"; readonly endAfterMs: number | undefined; readonly key: string }
  /** The connection ends here. */
  | { readonly kind: "end"; readonly abrupt: boolean };

/** What was done to bytes, for the record. */
export type Struck = Pick<FaultNote, "fault" | "offset" | "bytes">;

interface Running {
  readonly key: string;
  readonly fault: ByteFault;
  /** Where the fault counts from: the beginning, or where the rules were changed. */
  readonly from: number;
}

/** The bytes of one direction. */
export class Content {
  readonly #note: (struck: Struck) => void;
  #running: readonly Running[] = [];
  #offset: number;
  #ended: "in order" | "abruptly" | undefined;

  /**
   * A direction without faults.
   *
   * @param offset How many bytes have passed before.
   * @param note Told of each fault as it strikes.
   */
  constructor(offset: number, note: (struck: Struck) => void) {
    this.#offset = offset;
    this.#note = note;
  }

  /** How many bytes came. */
  get offset(): number {
    return this.#offset;
  }

  /** How a fault ended the direction, if one did. No step follows it. */
  get ended(): "in order" | "abruptly" | undefined {
    return this.#ended;
  }

  /** From now on these faults. One that was there before goes on; a new one counts its bytes from here. */
  change(faults: readonly ChosenFault[]): void {
    const before = this.#running;
    this.#running = faults.map(({ key, make }) =>
      before.find((each) => each.key === key) ?? { key, fault: make(), from: this.#offset }
    );
    for (const each of before) if (!this.#running.includes(each)) this.#finish(each);
  }

  /** Bytes came. @param emit Told what to do with them, in order. */
  pass(bytes: Uint8Array, emit: (step: Step) => void): void {
    const passing = new Passing(bytes, emit);
    while (this.#ended === undefined) {
      const { left } = passing;
      const struck = this.#running.find(({ fault, from }) =>
        (left > 0 || fault.early) && fault.distance(this.#offset - from) === 0
      );
      const run = this.#clearRun(left);
      if (struck === undefined) {
        if (left === 0) break;
        passing.pass(run);
        this.#offset += run;
      } else {
        this.#strike(struck, run, passing);
      }
    }
    passing.flush();
  }

  /** No more bytes come: what was not told yet is told. */
  finish(): void {
    for (const each of this.#running) this.#finish(each);
  }

  /** @param available Bytes from here to the next place at which something else strikes. */
  #strike(struck: Running, available: number, passing: Passing): void {
    const { fault, from, key } = struck;
    const offset = this.#offset;
    const strike = fault.strike(offset - from, available);
    switch (strike.kind) {
      case "drop":
        passing.drop(strike.bytes);
        this.#offset += strike.bytes;
        if (strike.note !== undefined) this.#noteRun(struck, strike.note);
        return;
      case "change":
        passing.change(strike.mask);
        this.#offset++;
        return this.#note({ fault: fault.name, offset, bytes: 1 });
      case "hang":
        passing.step({ kind: "hang", endAfterMs: strike.endAfterMs, key });
        return this.#note({ fault: fault.name, offset });
      case "end":
        passing.step({ kind: "end", abrupt: strike.abrupt });
        this.#ended = strike.abrupt ? "abruptly" : "in order";
        return this.#note({ fault: fault.name, offset });
    }
  }

  #clearRun(left: number): number {
    let run = left;
    for (const { fault, from } of this.#running) {
      const distance = fault.distance(this.#offset - from);
      // Found not to strike here, so 0 is that of an early one: it strikes once bytes are there.
      if (distance > 0 && distance < run) run = distance;
    }
    return run;
  }

  #finish(running: Running): void {
    const run = running.fault.ended?.();
    if (run !== undefined) this.#noteRun(running, run);
  }

  #noteRun({ fault, from }: Running, run: DroppedRun): void {
    this.#note({ fault: fault.name, offset: from + run.offset, bytes: run.bytes });
  }
}

/**
 * Bytes on their way through the faults. They are views of what came as long as they pass unchanged; from the first one
 * that does not, they are copied, since others look at what came.
 */
class Passing {
  readonly #bytes: Uint8Array;
  readonly #emit: (step: Step) => void;
  #at = 0;
  #copy: Uint8Array | undefined;
  /** What passed and is not emitted yet: of the copy if there is one, else of what came. */
  #from = 0;
  #to = 0;

  constructor(bytes: Uint8Array, emit: (step: Step) => void) {
    this.#bytes = bytes;
    this.#emit = emit;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  pass(count: number): void {
    this.#copy?.set(this.#bytes.subarray(this.#at, this.#at + count), this.#to);
    this.#at += count;
    this.#to += count;
  }

  drop(count: number): void {
    this.#ownCopy();
    this.#at += count;
  }

  change(mask: number): void {
    this.#ownCopy()[this.#to++] = this.#bytes[this.#at++] ^ mask;
  }

  step(step: Step): void {
    this.flush();
    this.#emit(step);
  }

  flush(): void {
    if (this.#to === this.#from) return;
    this.#emit({ kind: "bytes", bytes: (this.#copy ?? this.#bytes).subarray(this.#from, this.#to) });
    this.#from = this.#to;
  }

  #ownCopy(): Uint8Array {
    return this.#copy ??= this.#bytes.slice();
  }
}
