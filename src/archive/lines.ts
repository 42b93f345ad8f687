/**
 * Bytes in pieces → the text of whole lines. A line over the limit is passed over without being kept, so that it costs
 * no memory however long it is.
 */
import { joined } from "../http/joined.ts";

const LF = 0x0a;

/**
 * How much of a piece becomes text at once: enough to make the calls cheap, and not so much that the text is put where
 * only a full garbage collection finds it (which doubled the memory that was measured).
 */
const BLOCK_BYTES = 64 * 1024;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What came of some bytes. */
export type Lines =
  /** Whole lines, without the end of the last one. */
  | { readonly kind: "text"; readonly text: string }
  /** One line that is not UTF-8. */
  | { readonly kind: "not-utf-8" }
  /** One line that is over the limit. */
  | { readonly kind: "over-limit" };

/** Cuts what comes into lines that end in LF. */
export class LineCutter {
  readonly #limitBytes: number;
  /** The line that has begun. */
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isOver = false;

  /**
   * Begins before the first line.
   *
   * @param limitBytes Length of the longest line that is kept.
   */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Reads a piece, of which nothing is kept but a copy of its last, unfinished line. */
  *push(piece: Uint8Array): Generator<Lines> {
    // No line inside a block is over the limit.
    const size = Math.min(BLOCK_BYTES, this.#limitBytes);
    for (let from = 0; from < piece.length; from += size) {
      yield* this.#block(piece.subarray(from, from + size));
    }
  }

  /** The line that has begun and has no end: the last one of a file that is cut, or not ended by a line feed. */
  *end(): Generator<Lines> {
    if (this.#bytes > 0 || this.#isOver) yield* this.#finish(new Uint8Array(0));
  }

  *#block(block: Uint8Array): Generator<Lines> {
    const last = block.lastIndexOf(LF);
    if (last < 0) return this.#keep(block);
    let from = 0;
    if (this.#bytes > 0 || this.#isOver) {
      const first = block.indexOf(LF);
      yield* this.#finish(block.subarray(0, first));
      from = first + 1;
    }
    if (from <= last) yield* decoded(block.subarray(from, last));
    this.#keep(block.subarray(last + 1));
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#isOver) return;
    this.#bytes += bytes.length;
    if (this.#bytes <= this.#limitBytes) {
      this.#pieces.push(bytes.slice());
    } else {
      this.#isOver = true;
      this.#pieces = [];
    }
  }

  *#finish(rest: Uint8Array): Generator<Lines> {
    const isOver = this.#isOver || this.#bytes + rest.length > this.#limitBytes;
    const line = isOver ? rest : joined([...this.#pieces, rest]);
    this.#pieces = [];
    this.#bytes = 0;
    this.#isOver = false;
    if (isOver) yield { kind: "over-limit" };
    else yield* decoded(line);
  }
}

/** Whole lines as text; where some are not UTF-8, each by itself. */
function* decoded(lines: Uint8Array): Generator<Lines> {
  try {
    yield { kind: "text", text: decoder.decode(lines) };
    return;
  } catch {
    // Which of them it is, is found below.
  }
  for (let from = 0; from <= lines.length;) {
    const found = lines.indexOf(LF, from);
    const to = found < 0 ? lines.length : found;
    let line: Lines = { kind: "not-utf-8" };
    try {
      line = { kind: "text", text: decoder.decode(lines.subarray(from, to)) };
    } catch {
      // It is this one.
    }
    yield line;
    from = to + 1;
  }
}
