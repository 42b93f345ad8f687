/** The blocks of the log that wait to be written: what they hold together, and how far the first of them was taken. */
import type { Record } from "../capture/record.ts";
import type { Format } from "./format.ts";
import { LogBlock } from "./log_block.ts";

/** Written blocks that are kept for reuse. Larger ones than twice the usual are not kept. */
const SPARE_BLOCKS = 2;

/** Blocks, oldest first, the last of which is still being filled. */
export class LogQueue {
  readonly #blockBytes: number;
  /** Full blocks, oldest first, and their size together. */
  readonly #full: LogBlock[] = [];
  #fullBytes = 0;
  #filling: LogBlock;
  /** How much of the first full block was taken. */
  #taken = 0;
  readonly #spare: LogBlock[] = [];

  /**
   * An empty queue.
   *
   * @param blockBytes How large blocks are in general.
   */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
    this.#filling = this.#newBlock();
  }

  /** How many bytes wait, the block that is being written counted whole. */
  get bytes(): number {
    return this.#fullBytes + this.#filling.length;
  }

  /** How many bytes were not taken yet. */
  get bytesLeft(): number {
    return this.bytes - this.#taken;
  }

  /** How many records were not taken yet, or not whole. */
  get recordsLeft(): number {
    let records = this.#filling.recordsAfter(0);
    this.#full.forEach((block, i) => records += block.recordsAfter(i === 0 ? this.#taken : 0));
    return records;
  }

  /** How many bytes the block has that is being filled. */
  get fillingBytes(): number {
    return this.#filling.length;
  }

  /** Whether a block is to be written. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /** Appends a record to the block that is being filled. @throws What the format throws. */
  append(record: Record, format: Format): void {
    this.#filling.append(record, format);
  }

  /** Lets the block that is being filled be written, if it has anything. */
  endBlock(): void {
    if (this.#filling.length === 0) return;
    this.#full.push(this.#filling);
    this.#fullBytes += this.#filling.length;
    this.#filling = this.#spare.pop() ?? this.#newBlock();
  }

  /** What is left to be written of the first full block, of which there must be one. */
  rest(): Uint8Array {
    return this.#full[0].view().subarray(this.#taken);
  }

  /** Counts so many bytes of the first full block as taken. */
  take(bytes: number): void {
    this.#taken += bytes;
  }

  /** Makes what is left of the first full block the beginning of a file: see {@link LogBlock.beginFile}. */
  beginFile(): void {
    const [block] = this.#full;
    this.#fullBytes -= block.length;
    block.beginFile(this.#taken);
    this.#fullBytes += block.length;
    this.#taken = 0;
  }

  /** Forgets the first full block, which was taken. */
  dropFirst(): void {
    const block = this.#full.shift()!;
    this.#fullBytes -= block.length;
    this.#taken = 0;
    if (this.#spare.length < SPARE_BLOCKS && block.capacity <= 2 * this.#blockBytes) {
      block.reset();
      this.#spare.push(block);
    } else {
      block.free();
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#full.length = this.#fullBytes = this.#taken = 0;
    this.#filling.reset();
  }

  #newBlock(): LogBlock {
    // A block is full when its last record has gone past the limit: with room for that it need not grow.
    return new LogBlock(this.#blockBytes + this.#blockBytes / 4);
  }
}
