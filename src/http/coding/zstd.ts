/**
 * Zstandard (RFC 8878), for content codings: whole frames in, nothing kept between calls.
 *
 * Each block is held to the 128 KiB that it may stand for before its matches are copied, so that time as well as
 * memory is bounded by the limit and the length of the input.
 */
import { type CappedOutput, CodingError, CUT_SHORT, TableBudget } from "./output.ts";
import { BackwardBits, type FseTable, type HuffmanTable, readHuffman, readLiterals } from "./zstd_entropy.ts";
import { BlockTables, LITERAL_BASE, LITERAL_EXTRA, MATCH_BASE, MATCH_EXTRA } from "./zstd_sequences.ts";

/** The most that one block can hold, compressed or not (§3.1.1.2.3). */
const MAX_BLOCK_BYTES = 128 * 1024;

/** The largest window that the content coding allows (RFC 9659 §3). */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;

/** What a frame header says (§3.1.1.1). */
interface FrameHeader {
  /** Offset of the first block. */
  readonly next: number;
  readonly windowBytes: number;
  /** Length of the content, in bytes, where it is given. */
  readonly contentBytes?: number;
  readonly hasChecksum: boolean;
}

/**
 * Decodes Zstandard frames, one or several. Checksums are not verified.
 *
 * @throws {CodingError} Where the input is corrupt, cut short or needs a dictionary; also, after all of it was
 *   decoded, where its window is larger than the content coding allows.
 */
export function unzstd(input: Uint8Array, output: CappedOutput): void {
  const budget = new TableBudget(input.length);
  let tooLarge: CodingError | undefined;
  for (let at = 0; at < input.length;) {
    if (at + 4 > input.length) throw new CodingError(CUT_SHORT);
    const magic = uint(input, at, 4);
    if (((magic & 0xfffffff0) >>> 0) === SKIPPABLE_MAGIC) {
      if (at + 8 > input.length) throw new CodingError(CUT_SHORT);
      at += 8 + uint(input, at + 4, 4);
      if (at > input.length) throw new CodingError(CUT_SHORT);
      continue;
    }
    if (magic !== MAGIC) throw new CodingError(at === 0 ? "not Zstandard data" : "other data after the end");
    const header = readFrameHeader(input, at + 4);
    if (header.windowBytes > MAX_WINDOW_BYTES) {
      tooLarge = new CodingError(`window of ${header.windowBytes} bytes, over the 8 MiB that HTTP allows`);
    }
    at = new FrameDecoder(input, output, budget).decode(header);
    if (output.full) break;
  }
  if (tooLarge !== undefined) throw tooLarge;
}

function readFrameHeader(input: Uint8Array, from: number): FrameHeader {
  const descriptor = input[from];
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 8) !== 0) throw new CodingError("corrupt: reserved bit in the frame header");
  const dictionarySize = [0, 1, 2, 4][descriptor & 3];
  const sizeSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const dictionary = from + (single ? 1 : 2);
  const next = dictionary + dictionarySize + sizeSize;
  if (!(next <= input.length)) throw new CodingError(CUT_SHORT);
  const id = uint(input, dictionary, dictionarySize);
  if (id !== 0) throw new CodingError(`the data needs dictionary ${id}`);
  const contentBytes = sizeSize === 0
    ? undefined
    : uint(input, dictionary + dictionarySize, sizeSize) + (sizeSize === 2 ? 256 : 0);
  const window = 2 ** (10 + (input[from + 1] >> 3));
  const windowBytes = single ? contentBytes! : window + (window / 8) * (input[from + 1] & 7);
  return { next, windowBytes, contentBytes, hasChecksum: (descriptor & 4) !== 0 };
}

/** A little-endian number of `size` bytes; inexact above 2^53. */
function uint(input: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + input[at + i];
  return value;
}

/** Decodes one frame. What a block may repeat from the block before it stands in the fields. */
class FrameDecoder {
  readonly #input: Uint8Array;
  readonly #output: CappedOutput;
  readonly #start: number;
  readonly #budget: TableBudget;
  readonly #tables: BlockTables;
  #huffman: HuffmanTable | undefined;
  #literals: Uint8Array = new Uint8Array(0);
  /** The last three offsets (§3.1.1.5). */
  #offset1 = 1;
  #offset2 = 4;
  #offset3 = 8;

  constructor(input: Uint8Array, output: CappedOutput, budget: TableBudget) {
    this.#input = input;
    this.#output = output;
    this.#start = output.length;
    this.#budget = budget;
    this.#tables = new BlockTables(budget);
  }

  /** Decodes the blocks of a frame; the offset of what follows it. */
  decode(header: FrameHeader): number {
    const input = this.#input, output = this.#output;
    let at = header.next;
    for (let last = false; !last;) {
      if (at + 3 > input.length) throw new CodingError(CUT_SHORT);
      const block = uint(input, at, 3);
      at += 3;
      last = (block & 1) === 1;
      const size = block >> 3;
      const type = (block >> 1) & 3;
      if (size > MAX_BLOCK_BYTES || type === 3) throw new CodingError("corrupt: bad block header");
      const end = at + (type === 1 ? 1 : size);
      if (type === 0) output.append(input, at, Math.min(end, input.length));
      if (end > input.length) throw new CodingError(CUT_SHORT);
      if (type === 1) output.fill(input[at], size);
      if (type === 2) this.#block(input.subarray(at, end));
      if (output.full) return input.length;
      at = end;
    }
    const produced = output.length - this.#start;
    if (header.contentBytes !== undefined && produced !== header.contentBytes) {
      throw new CodingError("corrupt: the length does not match");
    }
    if (header.hasChecksum) at += 4;
    if (at > input.length) throw new CodingError(CUT_SHORT);
    return at;
  }

  #block(block: Uint8Array): void {
    const [sequences, literals] = this.#readLiterals(block);
    this.#runSequences(block, sequences, literals);
  }

  /** Reads the literals section (§3.1.1.3.1) into {@link #literals}: the offset of what follows, and how many. */
  #readLiterals(input: Uint8Array): [number, number] {
    const type = input[0] & 3;
    const format = (input[0] >> 2) & 3;
    const plain = type < 2;
    const headerSize = plain ? [1, 2, 1, 3][format] : [3, 3, 4, 5][format];
    let at = headerSize;
    if (at > input.length) throw new CodingError("corrupt: bad literals section");
    const header = uint(input, 0, headerSize);
    const sizeBits = plain ? [5, 12, 5, 20][format] : [10, 10, 14, 18][format];
    const shift = plain && headerSize === 1 ? 8 : 16;
    const size = Math.floor(header / shift) % 2 ** sizeBits;
    const packed = plain ? (type === 0 ? size : 1) : Math.floor(header / 16 / 2 ** sizeBits);
    const end = at + packed;
    if (size > MAX_BLOCK_BYTES || end > input.length) throw new CodingError("corrupt: bad literals section");
    if (this.#literals.length < size) this.#literals = new Uint8Array(size);
    const literals = this.#literals;
    if (type === 0) literals.set(input.subarray(at, end));
    else if (type === 1) literals.fill(input[at], 0, size);
    else {
      if (type === 2) {
        [this.#huffman, at] = readHuffman(input, at, end);
        this.#budget.spend(this.#huffman.entries.length);
      }
      if (this.#huffman === undefined) throw new CodingError("corrupt: no Huffman table to repeat");
      if (format === 0) readLiterals(this.#huffman, input, at, end, literals, 0, size);
      else this.#readFour(this.#huffman, input, at, end, size);
    }
    return [end, size];
  }

  /** Reads literals that stand in four streams after a jump table (§3.1.1.3.1.6). */
  #readFour(table: HuffmanTable, input: Uint8Array, from: number, to: number, size: number): void {
    if (from + 6 > to || size < 6) throw new CodingError("corrupt: bad jump table");
    const quarter = (size + 3) >> 2;
    let at = from + 6;
    for (let i = 0; i < 4; i++) {
      const end = i === 3 ? to : at + uint(input, from + 2 * i, 2);
      if (end > to) throw new CodingError("corrupt: bad jump table");
      const last = Math.min((i + 1) * quarter, size);
      readLiterals(table, input, at, end, this.#literals, Math.min(i * quarter, size), last);
      at = end;
    }
  }

  /** Reads the sequences section (§3.1.1.3.2) and carries it out (§3.1.1.4). */
  #runSequences(input: Uint8Array, from: number, literalBytes: number): void {
    const output = this.#output, literals = this.#literals;
    const [count, bitsFrom] = this.#tables.read(input, from, input.length);
    let literal = 0;
    if (count > 0) {
      const { literalLengths, offsets, matchLengths } = this.#tables;
      const bits = new BackwardBits(input, bitsFrom, input.length);
      let literalState = bits.read(literalLengths.accuracy);
      let offsetState = bits.read(offsets.accuracy);
      let matchState = bits.read(matchLengths.accuracy);
      let produced = literalBytes;
      for (let n = count; n > 0; n--) {
        const offsetCode = offsets.symbol[offsetState];
        const high = offsetCode > 16 ? bits.read(offsetCode - 16) * 65536 : 0;
        const offsetValue = 2 ** offsetCode + high + bits.read(Math.min(offsetCode, 16));
        const matchCode = matchLengths.symbol[matchState];
        const matchBytes = MATCH_BASE[matchCode] + bits.read(MATCH_EXTRA[matchCode]);
        const literalCode = literalLengths.symbol[literalState];
        const runBytes = LITERAL_BASE[literalCode] + bits.read(LITERAL_EXTRA[literalCode]);
        produced += matchBytes;
        if (bits.left < 0 || produced > MAX_BLOCK_BYTES || literal + runBytes > literalBytes) {
          throw new CodingError("corrupt: bad sequence");
        }
        output.append(literals, literal, literal + runBytes);
        literal += runBytes;
        const distance = this.#distance(offsetValue, runBytes);
        if (output.full) return;
        if (distance === 0 || distance > output.length - this.#start) {
          throw new CodingError("corrupt: a distance that cannot be");
        }
        output.copyBack(distance, matchBytes);
        if (n === 1) break;
        literalState = next(literalLengths, literalState, bits);
        matchState = next(matchLengths, matchState, bits);
        offsetState = next(offsets, offsetState, bits);
      }
      if (bits.left !== 0) throw new CodingError("corrupt: sequences of the wrong length");
    }
    output.append(literals, literal, literalBytes);
  }

  /** The distance that an offset value stands for, the last three offsets brought up to date (§3.1.1.5). */
  #distance(value: number, literalBytes: number): number {
    if (value > 3) return this.#remember(value - 3, 3);
    const which = literalBytes === 0 ? value + 1 : value;
    if (which === 1) return this.#offset1;
    if (which === 2) return this.#remember(this.#offset2, 2);
    if (which === 3) return this.#remember(this.#offset3, 3);
    return this.#remember(this.#offset1 - 1, 3);
  }

  /** Puts `offset` first; the one in place `from` gives way. */
  #remember(offset: number, from: 2 | 3): number {
    if (from === 3) this.#offset3 = this.#offset2;
    this.#offset2 = this.#offset1;
    this.#offset1 = offset;
    return offset;
  }
}

function next(table: FseTable, state: number, bits: BackwardBits): number {
  return table.base[state] + bits.read(table.bits[state]);
}
