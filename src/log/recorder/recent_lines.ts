/** Of a stream of JSON lines those that were complete at a certain time or later, in constant memory. */
import { ByteWriter } from "../byte_writer.ts";
import { completedAtMs } from "./line_time.ts";

const LF = 10;

/** Takes bytes as they come, gives the lines that are recent. */
export class RecentLines {
  readonly #sinceMs: number;
  /** A line that is not whole yet. */
  readonly #rest = new ByteWriter();
  readonly #out = new ByteWriter();
  #count = 0;
  #leftOut = 0;

  /**
   * A reader of one stream.
   *
   * @param sinceMs Lines of records that were complete before are left out, ms since the epoch. Those that do not say
   * when they were are taken.
   */
  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  /** How many lines were given. */
  get count(): number {
    return this.#count;
  }

  /** How many were not, because they are older. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * Takes bytes.
   *
   * @returns The recent ones of the lines that are whole now: a view, valid until the next call.
   */
  push(bytes: Uint8Array): Uint8Array {
    this.#out.reset();
    const end = bytes.lastIndexOf(LF) + 1;
    let start = 0;
    if (end > 0 && this.#rest.length > 0) {
      start = bytes.indexOf(LF) + 1;
      this.#rest.bytes(bytes.subarray(0, start));
      this.#take(this.#rest.view(), 0, this.#rest.length - 1);
      this.#rest.reset();
    }
    while (start < end) {
      const lineEnd = bytes.indexOf(LF, start);
      this.#take(bytes, start, lineEnd);
      start = lineEnd + 1;
    }
    if (start < bytes.length) this.#rest.bytes(bytes.subarray(start));
    return this.#out.view();
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const at = completedAtMs(bytes, start, end);
    if (at !== undefined && at < this.#sinceMs) {
      this.#leftOut++;
      return;
    }
    this.#count++;
    this.#out.bytes(bytes.subarray(start, end + 1));
  }
}
