/** The bit stream of Brotli and the prefix codes in it (RFC 7932 §1.5, §3). */
import { CodingError, CUT_SHORT } from "./output.ts";
import { MAX_CODE_BITS, NO_SYMBOL, PrefixCode } from "./prefix_code.ts";

/** The order in which the lengths of the code for code lengths are written (§3.5). */
const LENGTH_ORDER = Uint8Array.of(1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15);

/** The fixed code of those lengths (§3.5), by the next 4 bits: `length << 4 | bits`. */
const LENGTH_CODE = Uint8Array.of(
  ...[0x02, 0x42, 0x32, 0x23, 0x02, 0x42, 0x32, 0x14, 0x02, 0x42, 0x32, 0x23, 0x02, 0x42, 0x32, 0x54],
);

/** Reads bits, lowest first. */
export class BrotliBits {
  readonly #input: Uint8Array;
  #at = 0;
  #hold = 0;
  #bits = 0;

  /** Begins at the first bit of `input`. */
  constructor(input: Uint8Array) {
    this.#input = input;
  }

  /** Makes up to 23 bits ready, or as many as there are. */
  #refill(): void {
    while (this.#bits < 23 && this.#at < this.#input.length) {
      this.#hold |= this.#input[this.#at++] << this.#bits;
      this.#bits += 8;
    }
  }

  /** The next `count` (0–24) bits. */
  read(count: number): number {
    if (count > 16) {
      const low = this.read(16);
      return low | (this.read(count - 16) << 16);
    }
    if (this.#bits < count) this.#refill();
    if (this.#bits < count) throw new CodingError(CUT_SHORT);
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return value;
  }

  /** The next symbol of a code. */
  symbol(code: PrefixCode): number {
    if (this.#bits < MAX_CODE_BITS) this.#refill();
    let entry = code.fast[this.#hold & code.mask];
    if (entry === NO_SYMBOL) entry = code.find(this.#hold);
    const length = entry & 15;
    if (length > this.#bits) throw new CodingError(CUT_SHORT);
    this.#hold >>>= length;
    this.#bits -= length;
    return entry >>> 4;
  }

  /** Skips to the next byte; the bits on the way must be 0. */
  align(): void {
    if (this.read(this.#bits & 7) !== 0) throw new CodingError("corrupt: padding that is not zero");
  }

  /** The offset of the next byte, once aligned, which is then taken as read with `count - 1` more. */
  skipBytes(count: number): number {
    const from = this.#at - (this.#bits >> 3);
    this.#at = from + count;
    this.#hold = 0;
    this.#bits = 0;
    return from;
  }

  /** A number from 1 to 256 (§9.2, NBLTYPES). */
  count(): number {
    if (this.read(1) === 0) return 1;
    const bits = this.read(3);
    return (1 << bits) + 1 + this.read(bits);
  }

  /** Reads a prefix code for `size` symbols (§3.4, §3.5). */
  prefixCode(size: number): PrefixCode {
    const skip = this.read(2);
    const lengths = new Uint8Array(size);
    if (skip === 1) return this.#simpleCode(lengths);
    const lengthCode = this.#lengthCode(skip);
    let left = 1 << MAX_CODE_BITS;
    let previous = 8;
    let lastSymbol = 0, times = 0;
    for (let i = 0; i < size && left > 0;) {
      const symbol = this.symbol(lengthCode);
      if (symbol < 16) {
        lengths[i++] = symbol;
        if (symbol > 0) {
          previous = symbol;
          left -= 1 << (MAX_CODE_BITS - symbol);
        }
        lastSymbol = 0;
        continue;
      }
      // The same repeat symbol again multiplies what it said before.
      const extra = symbol - 14;
      const before = symbol === lastSymbol ? times : 0;
      times = (before > 0 ? (before - 2) << extra : 0) + 3 + this.read(extra);
      lastSymbol = symbol;
      const end = i + times - before;
      if (end > size) throw new CodingError("corrupt: too many code lengths");
      if (symbol === 16) {
        lengths.fill(previous, i, end);
        left -= (end - i) << (MAX_CODE_BITS - previous);
      }
      i = end;
    }
    const code = new PrefixCode();
    if (left !== 0 || code.build(lengths, 0, size) !== 0) throw new CodingError("corrupt: bad prefix code");
    return code;
  }

  /** A code of one to four symbols, written out (§3.4). */
  #simpleCode(lengths: Uint8Array): PrefixCode {
    const size = lengths.length;
    const bits = 32 - Math.clz32(size - 1);
    const symbols: number[] = [];
    for (let left = 1 + this.read(2); left > 0; left--) {
      const symbol = this.read(bits);
      if (symbol >= size || symbols.includes(symbol)) throw new CodingError("corrupt: bad prefix code");
      symbols.push(symbol);
    }
    if (symbols.length === 1) return PrefixCode.single(symbols[0]);
    const skewed = symbols.length === 3 || (symbols.length === 4 && this.read(1) === 1);
    const shape = symbols.length === 2
      ? [1, 1]
      : !skewed
      ? [2, 2, 2, 2]
      : symbols.length === 3
      ? [1, 2, 2]
      : [1, 2, 3, 3];
    for (let i = 0; i < symbols.length; i++) lengths[symbols[i]] = shape[i];
    const code = new PrefixCode();
    code.build(lengths, 0, size);
    return code;
  }

  /** The code for code lengths (§3.5). */
  #lengthCode(skip: number): PrefixCode {
    const lengths = new Uint8Array(18);
    let left = 32;
    let used = 0;
    for (let i = skip; i < 18 && left > 0; i++) {
      if (this.#bits < 4) this.#refill();
      const entry = LENGTH_CODE[this.#hold & 15];
      this.read(entry & 15);
      const length = entry >> 4;
      if (length === 0) continue;
      lengths[LENGTH_ORDER[i]] = length;
      left -= 32 >> length;
      used++;
    }
    if (used === 1) return PrefixCode.single(lengths.findIndex((length) => length > 0));
    const code = new PrefixCode();
    if (left !== 0 || code.build(lengths, 0, 18) !== 0) throw new CodingError("corrupt: bad code lengths");
    return code;
  }
}
