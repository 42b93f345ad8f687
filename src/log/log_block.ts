/**
 * A block of the log: records as bytes, which go to the destination together.
 *
 * It knows where each record ends, so that what a destination did not take can be counted in records, and so that a file
 * that is begun anew begins with a whole record and with the heading (the date) that this record needs before it.
 */
import type { Record } from "../capture/record.ts";
import { ByteWriter } from "./byte_writer.ts";
import type { Format } from "./format.ts";

const encoder = new TextEncoder();

/** What a file needs at its beginning if it begins with the record of this number, or with a later one. */
interface Heading {
  readonly from: number;
  readonly text: string;
}

/** Records in their order, as bytes. */
export class LogBlock {
  readonly #out: ByteWriter;
  /** Where the records end, the first {@link #count} of them; those that show nothing have no end. */
  readonly #ends: number[] = [];
  #count = 0;
  /** Where `lost` records end, which tell of others and are none that could be lost. */
  readonly #lossEnds: number[] = [];
  /** In rising order. */
  readonly #headings: Heading[] = [];
  /** The heading after the last record. */
  #heading = "";

  /**
   * An empty block.
   *
   * @param capacity How many bytes it holds before it must grow.
   */
  constructor(capacity: number) {
    this.#out = new ByteWriter(capacity);
  }

  /** How many bytes it has. */
  get length(): number {
    return this.#out.length;
  }

  /** How many bytes it holds before it must grow. */
  get capacity(): number {
    return this.#out.capacity;
  }

  /** Its bytes: a view, valid until something is appended. */
  view(): Uint8Array {
    return this.#out.view();
  }

  /**
   * Appends a record.
   *
   * @throws What the format throws; nothing is appended then.
   */
  append(record: Record, format: Format): void {
    const start = this.#out.length;
    if (this.#count === 0 && format.heading !== undefined) this.#begin(format.heading());
    try {
      format(record, this.#out);
    } catch (error) {
      this.#out.reset(start);
      throw error;
    }
    const end = this.#out.length;
    if (end === start) return;
    if (format.heading !== undefined) this.#head(format.heading());
    this.#ends[this.#count++] = end;
    if (record.type === "lost") this.#lossEnds.push(end);
  }

  /** How many records are not, or not whole, within the first `written` bytes. */
  recordsAfter(written: number): number {
    const { length } = this.#lossEnds;
    const losses = length - firstAfter(this.#lossEnds, length, written);
    return this.#count - firstAfter(this.#ends, this.#count, written) - losses;
  }

  /**
   * Makes it the beginning of a file: leaves out the records that are whole within the first `written` bytes, which are
   * in the file before, and puts a heading before the others.
   */
  beginFile(written: number): void {
    const first = firstAfter(this.#ends, this.#count, written);
    const cut = first === 0 ? 0 : this.#ends[first - 1];
    const heading = encoder.encode(this.#headingOf(first));
    const rest = this.#out.view().slice(cut);
    this.#out.reset();
    this.#out.bytes(heading);
    this.#out.bytes(rest);
    const move = heading.length - cut;
    for (let i = first; i < this.#count; i++) this.#ends[i - first] = this.#ends[i] + move;
    this.#count -= first;
    const losses = this.#lossEnds.filter((end) => end > written).map((end) => end + move);
    this.#lossEnds.splice(0, Infinity, ...losses);
    const next = this.#headingOf(first + 1);
    const later = this.#headings.filter(({ from }) => from > first + 1);
    this.#headings.splice(0, Infinity, { from: 0, text: "" }, { from: 1, text: next });
    for (const { from, text } of later) this.#headings.push({ from: from - first, text });
  }

  /** Empties it for other records. */
  reset(): void {
    this.#out.reset();
    // The room for the ends is kept: it would have to be made again for each block.
    this.#count = this.#lossEnds.length = this.#headings.length = 0;
  }

  /** Gives its memory back at once. The block is not to be used any more. */
  free(): void {
    this.#out.free();
  }

  #headingOf(index: number): string {
    return this.#headings.findLast(({ from }) => from <= index)?.text ?? "";
  }

  /** Notes what the first record needs before it. */
  #begin(heading: string): void {
    this.#headings.length = 0;
    this.#headings.push({ from: 0, text: heading });
    this.#heading = heading;
  }

  /** Notes what the record that was just written needs before it: nothing, where it wrote a heading itself. */
  #head(after: string): void {
    if (after === this.#heading) return;
    this.#heading = after;
    this.#headings.push({ from: this.#count, text: "" }, { from: this.#count + 1, text: after });
  }
}

/** The index of the first of `count` ends that lies beyond `written`. */
function firstAfter(ends: readonly number[], count: number, written: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= written) low = middle + 1;
    else high = middle;
  }
  return low;
}
