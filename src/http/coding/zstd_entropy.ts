/**
 * The entropy codes of Zstandard (RFC 8878 §4): FSE and Huffman tables, and the bit stream that is read from its end.
 */
import { CodingError } from "./output.ts";

/** Highest accuracy of the FSE table for Huffman weights (§4.2.1.2). */
const WEIGHTS_ACCURACY = 6;

/** Longest Huffman code of a literal, in bits (§4.2.1). */
const MAX_LITERAL_BITS = 11;

/** A table of finite state entropy: by state, the symbol and how the next state is found. */
export interface FseTable {
  /** log2 of the number of states. */
  readonly accuracy: number;
  /** What each state stands for. */
  readonly symbol: Uint8Array;
  /** How many bits to read for the next state. */
  readonly bits: Uint8Array;
  /** What to add to those bits. */
  readonly base: Uint16Array;
}

/** A Huffman table. */
export interface HuffmanTable {
  /** Length of the longest code. */
  readonly bits: number;
  /** By that many bits of the input: `symbol << 4 | length of its code`. */
  readonly entries: Uint16Array;
}

/** Bits that are read from the end of `input[from, to)` to its beginning, below the end mark (§4.1, §4.2.2). */
export class BackwardBits {
  readonly #input: Uint8Array;
  readonly #first: number;
  #position: number;

  /** Reads `input[from, to)`, whose last byte holds the end mark. */
  constructor(input: Uint8Array, from: number, to: number) {
    const last = to > from ? input[to - 1] : 0;
    if (last === 0) throw new CodingError("corrupt: a bit stream without an end mark");
    this.#input = input;
    this.#first = from * 8;
    this.#position = to * 8 - Math.clz32(last) + 23;
  }

  /** How many bits are left; below 0 when more were read than there were. */
  get left(): number {
    return this.#position - this.#first;
  }

  /** The next `count` (0–25) bits; those before the beginning are 0. */
  read(count: number): number {
    this.#position -= count;
    const missing = this.#first - this.#position;
    if (missing <= 0) return bitsAt(this.#input, this.#position, count);
    return missing >= count ? 0 : bitsAt(this.#input, this.#first, count - missing) << missing;
  }
}

/** `count` (0–25) bits from bit `at` on, lowest first. */
function bitsAt(input: Uint8Array, at: number, count: number): number {
  const byte = at >>> 3;
  const word = input[byte] | (input[byte + 1] << 8) | (input[byte + 2] << 16) | (input[byte + 3] << 24);
  return (word >>> (at & 7)) & ((1 << count) - 1);
}

/**
 * Reads an FSE table description (§4.1.1) that begins at byte `from` and ends before `to`.
 *
 * @returns The table, and the offset of the byte that follows.
 */
export function readFse(
  input: Uint8Array,
  from: number,
  to: number,
  maxAccuracy: number,
  maxSymbol: number,
): [FseTable, number] {
  let at = from * 8;
  const take = (count: number) => {
    const value = bitsAt(input, at, count);
    at += count;
    return value;
  };
  const accuracy = 5 + take(4);
  if (accuracy > maxAccuracy) throw new CodingError("corrupt: FSE accuracy too high");
  const counts = new Int16Array(maxSymbol + 1);
  let remaining = 1 << accuracy;
  let symbol = 0;
  while (remaining > 0 && symbol <= maxSymbol && at <= to * 8) {
    const bits = 32 - Math.clz32(remaining + 1);
    const threshold = (1 << bits) - 2 - remaining;
    let value = bitsAt(input, at, bits);
    const low = value & ((1 << (bits - 1)) - 1);
    if (low < threshold) {
      value = low;
      at += bits - 1;
    } else {
      if (value >= 1 << (bits - 1)) value -= threshold;
      at += bits;
    }
    const count = value - 1;
    remaining -= Math.abs(count);
    counts[symbol++] = count;
    if (count !== 0) continue;
    for (let zeros = 3; zeros === 3 && at <= to * 8;) {
      zeros = take(2);
      symbol += zeros;
    }
  }
  const next = (at + 7) >>> 3;
  if (remaining !== 0 || symbol > maxSymbol + 1 || next > to) {
    throw new CodingError("corrupt: bad FSE table");
  }
  return [buildFse(counts, accuracy), next];
}

/** Builds the table for the given counts, where -1 stands for "less than one" (§4.1.1). */
export function buildFse(counts: ArrayLike<number>, accuracy: number): FseTable {
  const size = 1 << accuracy;
  const symbol = new Uint8Array(size), bits = new Uint8Array(size), base = new Uint16Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === -1) {
      symbol[--high] = i;
      next[i] = 1;
    }
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] <= 0) continue;
    next[i] = counts[i];
    for (let n = counts[i]; n > 0; n--) {
      symbol[place] = i;
      do place = (place + step) & (size - 1); while (place >= high);
    }
  }
  for (let state = 0; state < size; state++) {
    const value = next[symbol[state]]++;
    bits[state] = accuracy - 31 + Math.clz32(value);
    base[state] = (value << bits[state]) - size;
  }
  return { accuracy, symbol, bits, base };
}

/** The table of a single symbol, which takes no bits. */
export function singleFse(symbol: number): FseTable {
  return { accuracy: 0, symbol: Uint8Array.of(symbol), bits: new Uint8Array(1), base: new Uint16Array(1) };
}

/**
 * Reads a Huffman tree description (§4.2.1) that begins at byte `from` and ends before `to`.
 *
 * @returns The table, and the offset of the byte that follows.
 */
export function readHuffman(input: Uint8Array, from: number, to: number): [HuffmanTable, number] {
  const weights = new Uint8Array(256);
  const header = input[from];
  const direct = header >= 128;
  const next = from + 1 + (direct ? (header - 126) >> 1 : header);
  if (!(next <= to)) throw new CodingError("corrupt: bad Huffman table");
  let count = 0;
  if (direct) {
    for (; count < header - 127; count++) {
      weights[count] = (input[from + 1 + (count >> 1)] >> (count & 1 ? 0 : 4)) & 15;
    }
  } else {
    const [table, at] = readFse(input, from + 1, next, WEIGHTS_ACCURACY, MAX_LITERAL_BITS + 1);
    count = readWeights(table, new BackwardBits(input, at, next), weights);
  }
  return [buildHuffman(weights, count), next];
}

/** Reads weights by two states in turn, until the bits are used up (§4.2.1.2); how many there were. */
function readWeights(table: FseTable, bits: BackwardBits, weights: Uint8Array): number {
  let state = bits.read(table.accuracy);
  let other = bits.read(table.accuracy);
  for (let count = 0; count < 254;) {
    weights[count++] = table.symbol[state];
    const following = table.base[state] + bits.read(table.bits[state]);
    if (bits.left < 0) {
      weights[count++] = table.symbol[other];
      return count;
    }
    state = other;
    other = following;
  }
  throw new CodingError("corrupt: too many Huffman weights");
}

/** Builds the table from the weights of all symbols but the last, whose weight fills it up (§4.2.1.1). */
function buildHuffman(weights: Uint8Array, count: number): HuffmanTable {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (1 << weights[i]) >> 1;
  const bits = 32 - Math.clz32(sum);
  const rest = (1 << bits) - sum;
  if (sum === 0 || bits > MAX_LITERAL_BITS || (rest & (rest - 1)) !== 0) {
    throw new CodingError("corrupt: bad Huffman weights");
  }
  weights[count] = 32 - Math.clz32(rest);
  const entries = new Uint16Array(1 << bits);
  let at = 0;
  for (let weight = 1; weight <= bits; weight++) {
    for (let symbol = 0; symbol <= count; symbol++) {
      if (weights[symbol] !== weight) continue;
      const end = at + (1 << (weight - 1));
      entries.fill((symbol << 4) | (bits + 1 - weight), at, end);
      at = end;
    }
  }
  return { bits, entries };
}

/** Decodes one Huffman stream, `input[from, to)`, into `output[at, end)`, which it must fill exactly (§4.2.2). */
export function readLiterals(
  table: HuffmanTable,
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  at: number,
  end: number,
): void {
  const last = to > from ? input[to - 1] : 0;
  if (last === 0) throw new CodingError("corrupt: a bit stream without an end mark");
  const { bits, entries } = table;
  const mask = (1 << bits) - 1;
  const first = from * 8;
  let position = to * 8 - Math.clz32(last) + 23;
  while (at < end) {
    const low = position - bits;
    const byte = low >> 3;
    let index = (input[byte] | (input[byte + 1] << 8) | (input[byte + 2] << 16)) >> (low & 7);
    if (low < first) index = position <= first ? 0 : bitsAt(input, first, position - first) << (first - low);
    const entry = entries[index & mask];
    output[at++] = entry >> 4;
    position -= entry & 15;
  }
  if (position !== first) throw new CodingError("corrupt: Huffman stream of the wrong length");
}
