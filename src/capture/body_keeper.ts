/**
 * Keeps the first bytes of a body while it passes, within limits.
 *
 * Small bodies share slabs: on this runtime a small buffer of its own costs more time than all else that is done for an
 * exchange. The slab is small, so that a kept exchange holds little more than itself.
 */
import type { Body } from "./record.ts";

/** Size of a shared slab in bytes. */
const SLAB_BYTES = 16 * 1024;
/** The largest body that goes into a slab, in bytes. Such bodies are not counted against the memory of all bodies. */
export const SHARED_LIMIT_BYTES: number = 2 * 1024;

/** Memory that requests may take while they wait for their responses, on all connections together. */
export const WAITING_LIMIT_BYTES = 64 * 1024 * 1024;

const NOTHING = new Uint8Array(0);
const EMPTY_BODY: Body = { bytes: 0, kept: NOTHING };

/** The memory that bodies in flight may take together; past it their ends are not kept. One for all connections. */
export class BodyMemory {
  /** How much of one body is kept. */
  readonly limitBytes: number;
  readonly #budgetBytes: number;
  #usedBytes = 0;
  #reservedBytes = 0;
  #slab = new Uint8Array(SLAB_BYTES);
  #slabUsed = 0;

  /**
   * Begins with nothing taken.
   *
   * @param limitBytes How much of one body is kept (`--max-body`).
   * @param budgetBytes How much may be kept of all bodies that are in flight.
   */
  constructor(limitBytes: number, budgetBytes: number) {
    this.limitBytes = limitBytes;
    this.#budgetBytes = budgetBytes;
  }

  /** A copy of a small range, in a shared slab. */
  share(chunk: Uint8Array, from: number, to: number): Uint8Array {
    const length = to - from;
    if (this.#slabUsed + length > SLAB_BYTES) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed += length;
    const copy = this.#slab.subarray(start, this.#slabUsed);
    copy.set(chunk.subarray(from, to));
    return copy;
  }

  /** Asks for a buffer of that size; `undefined` where the budget is used up. */
  take(bytes: number): Uint8Array | undefined {
    if (this.#usedBytes + bytes > this.#budgetBytes) return undefined;
    this.#usedBytes += bytes;
    return new Uint8Array(bytes);
  }

  /** Gives back what {@link take} gave. */
  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /**
   * Counts bytes that requests take while they wait for their responses, on all connections together.
   *
   * @returns Whether there was room; if not, nothing was counted.
   */
  reserve(bytes: number): boolean {
    if (this.#reservedBytes + bytes > WAITING_LIMIT_BYTES) return false;
    this.#reservedBytes += bytes;
    return true;
  }

  /** Gives back what {@link reserve} counted. */
  release(bytes: number): void {
    this.#reservedBytes -= bytes;
  }
}

/** Collects one body. */
export class BodyKeeper {
  readonly #memory: BodyMemory;
  #bytes = 0;
  #kept: Uint8Array = NOTHING;
  #keptLength = 0;
  /** Bytes taken from the budget for `#kept`; 0 while it is a slab's. */
  #taken = 0;
  #full = false;
  /** A part of the chunk at hand that is all of the body so far. */
  #lent: Uint8Array | undefined;

  /** Begins a body. */
  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  /** How many bytes came. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds bytes `from`–`to` of `chunk` without copying them yet: most bodies are finished before the chunk at hand is,
   * and slabs that are left to the garbage collection make the memory grow. {@link settle} must follow while the chunk
   * is still there.
   */
  lend(chunk: Uint8Array, from: number, to: number): void {
    if (this.#bytes > 0 || to - from > this.#memory.limitBytes) return this.add(chunk, from, to);
    this.#bytes = to - from;
    this.#lent = chunk.subarray(from, to);
  }

  /** Copies what was lent, unless the body is finished. */
  settle(): void {
    const lent = this.#lent;
    if (lent === undefined) return;
    this.#lent = undefined;
    this.#bytes = 0;
    this.add(lent, 0, lent.length);
  }

  /** Adds a copy of bytes `from`–`to` of `chunk`. */
  add(chunk: Uint8Array, from: number, to: number): void {
    if (this.#lent !== undefined) this.settle();
    this.#bytes += to - from;
    if (this.#full) return;
    const room = this.#memory.limitBytes - this.#keptLength;
    if (to - from >= room) {
      this.#full = true;
      to = from + room;
    }
    const length = this.#keptLength + to - from;
    if (this.#keptLength === 0 && length <= SHARED_LIMIT_BYTES) {
      if (length > 0) this.#kept = this.#memory.share(chunk, from, to);
      this.#keptLength = length;
      return;
    }
    if (length > this.#kept.length && !this.#grow(length)) {
      this.#full = true;
      return;
    }
    this.#kept.set(chunk.subarray(from, to), this.#keptLength);
    this.#keptLength = length;
  }

  /** What was kept; the memory for it is counted as free from here on. */
  finish(): Body {
    if (this.#bytes === 0) return EMPTY_BODY;
    const lent = this.#lent;
    if (lent !== undefined) {
      this.#lent = undefined;
      return { bytes: this.#bytes, kept: lent };
    }
    this.#memory.give(this.#taken);
    this.#taken = 0;
    const kept = this.#keptLength === this.#kept.length
      ? this.#kept
      : this.#kept.subarray(0, this.#keptLength);
    return { bytes: this.#bytes, kept };
  }

  #grow(needed: number): boolean {
    const size = Math.min(Math.max(needed, this.#kept.length * 2), this.#memory.limitBytes);
    const grown = this.#memory.take(size);
    if (grown === undefined) return false;
    grown.set(this.#kept.subarray(0, this.#keptLength));
    this.#memory.give(this.#taken);
    // Frees the smaller buffer at once; a slab is shared and stays.
    if (this.#taken > 0) (this.#kept.buffer as ArrayBuffer).transfer(0);
    this.#kept = grown;
    this.#taken = size;
    return true;
  }
}

/** The body of a message that has none. */
export function emptyBody(): Body {
  return EMPTY_BODY;
}
