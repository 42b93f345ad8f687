/** The codes of Zstandard's sequences, and the tables that a block sets or repeats (RFC 8878 §3.1.1.3.2). */
import { CodingError, type TableBudget } from "./output.ts";
import { buildFse, type FseTable, readFse, singleFse } from "./zstd_entropy.ts";

/** Extra bits of literal length codes 0–35. */
export const LITERAL_EXTRA: Uint8Array = Uint8Array.of(
  ...[...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
/** Lowest literal length of each of them. */
export const LITERAL_BASE: Uint32Array = bases(LITERAL_EXTRA, 0);

/** Extra bits of match length codes 0–52. */
export const MATCH_EXTRA: Uint8Array = Uint8Array.of(
  ...[...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
/** Lowest match length of each of them. */
export const MATCH_BASE: Uint32Array = bases(MATCH_EXTRA, 3);

/** The tables of blocks that name none (§3.1.1.3.2.2). */
const DEFAULT_LITERAL_LENGTHS = buildFse(
  [
    ...[4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2],
    ...[2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
  ],
  6,
);
const DEFAULT_MATCH_LENGTHS = buildFse(
  [1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array(37).fill(1), -1, -1, -1, -1, -1, -1, -1],
  6,
);
const DEFAULT_OFFSETS = buildFse(
  [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
  5,
);

/** Highest offset code read: distances of up to 2 GiB, far past any window. */
const MAX_OFFSET_CODE = 31;

function zeros(count: number): number[] {
  return Array(count).fill(0);
}

function bases(extra: Uint8Array, first: number): Uint32Array {
  const base = new Uint32Array(extra.length);
  for (let i = 0, value = first; i < extra.length; value += 1 << extra[i++]) base[i] = value;
  return base;
}

/** The three tables of a block's sequences, kept for blocks that repeat them. */
export class BlockTables {
  /** The table of literal lengths in force. */
  literalLengths: FseTable = DEFAULT_LITERAL_LENGTHS;
  /** The table of offsets in force. */
  offsets: FseTable = DEFAULT_OFFSETS;
  /** The table of match lengths in force. */
  matchLengths: FseTable = DEFAULT_MATCH_LENGTHS;
  readonly #budget: TableBudget;
  /** Whether a block before this one had tables, so that they can be repeated. */
  #set = false;

  /**
   * Makes the tables of a frame that has not set any.
   *
   * @param budget What tables may cost.
   */
  constructor(budget: TableBudget) {
    this.#budget = budget;
  }

  /**
   * Reads the header of a sequences section.
   *
   * @returns The number of sequences, and the offset of their bits.
   */
  read(input: Uint8Array, from: number, to: number): [number, number] {
    if (from >= to) throw new CodingError("corrupt: no sequences section");
    let at = from + 1;
    let count = input[from];
    if (count === 255) {
      count = 0x7f00 + (input[at] | (input[at + 1] << 8));
      at += 2;
    } else if (count > 127) {
      count = ((count - 128) << 8) | input[at++];
    }
    if (at + (count > 0 ? 1 : 0) > to) throw new CodingError("corrupt: bad sequences section");
    if (count === 0) {
      if (at !== to) throw new CodingError("corrupt: bytes after an empty sequences section");
      return [0, at];
    }
    const modes = input[at++];
    if ((modes & 3) !== 0) throw new CodingError("corrupt: reserved mode");
    const table = (mode: number, old: FseTable, basic: FseTable, accuracy: number, most: number) => {
      if (mode === 0) return basic;
      if (mode === 3) {
        if (!this.#set) throw new CodingError("corrupt: no table to repeat");
        return old;
      }
      let read: FseTable;
      if (mode === 2) {
        [read, at] = readFse(input, at, to, accuracy, most);
        this.#budget.spend(read.symbol.length);
        return read;
      }
      if (at >= to || input[at] > most) throw new CodingError("corrupt: bad sequence code");
      return singleFse(input[at++]);
    };
    this.literalLengths = table(modes >> 6, this.literalLengths, DEFAULT_LITERAL_LENGTHS, 9, 35);
    this.offsets = table((modes >> 4) & 3, this.offsets, DEFAULT_OFFSETS, 8, MAX_OFFSET_CODE);
    this.matchLengths = table((modes >> 2) & 3, this.matchLengths, DEFAULT_MATCH_LENGTHS, 9, 52);
    this.#set = true;
    return [count, at];
  }
}
