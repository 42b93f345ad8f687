/**
 * Canonical prefix (Huffman) codes of up to 15 bits, as DEFLATE (RFC 1951 §3.2.2) and Brotli (RFC 7932 §3.2) use them:
 * built from code lengths, read from a bit buffer whose next bit is its lowest.
 *
 * Short codes are looked up in a table of at most 512 entries, longer ones walked bit by bit: a table for all 15 bits
 * would cost a hostile sender nothing and us 32,768 entries a block.
 */

/** Longest code, in bits. */
export const MAX_CODE_BITS = 15;

/** Codes up to this many bits are looked up at once. */
const FAST_BITS = 9;

/** What {@link PrefixCode.find} gives for bits that are no code. A symbol is below 4095, so no entry looks like it. */
export const NO_SYMBOL = 0xffff;

/** One prefix code. An entry is `symbol << 4 | length in bits`. */
export class PrefixCode {
  /** Entries by the next bits of the input. {@link NO_SYMBOL}: ask {@link find}. */
  fast: Uint16Array = new Uint16Array(1);
  /** Which of the next bits to look {@link fast} up with. */
  mask = 0;
  readonly #count = new Uint16Array(MAX_CODE_BITS + 1);
  #sorted = new Uint16Array(0);

  /** The code of an alphabet with one symbol only, which takes no bits. */
  static single(symbol: number): PrefixCode {
    const code = new PrefixCode();
    code.fast[0] = symbol << 4;
    return code;
  }

  /**
   * Builds the code from the lengths of its symbols' codes (0: the symbol does not occur).
   *
   * @returns How much of the code space is left: 0 for a complete code, above 0 for an incomplete one, below 0 for one
   *   that uses more than there is and cannot be read.
   */
  build(lengths: Uint8Array, from: number, to: number): number {
    const count = this.#count.fill(0);
    for (let i = from; i < to; i++) count[lengths[i]]++;
    count[0] = 0;
    let left = 1;
    let longest = 0;
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      left = left * 2 - count[bits];
      if (left < 0) return left;
      if (count[bits] > 0) longest = bits;
    }
    const offsets = new Uint16Array(MAX_CODE_BITS + 2);
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) offsets[bits + 1] = offsets[bits] + count[bits];
    this.#sorted = new Uint16Array(offsets[MAX_CODE_BITS + 1]);
    for (let i = from; i < to; i++) {
      if (lengths[i] > 0) this.#sorted[offsets[lengths[i]]++] = i - from;
    }
    this.#tabulate(Math.min(longest, FAST_BITS));
    return left;
  }

  /** The entry for the lowest bits of `hold`, any length; {@link NO_SYMBOL} where they are no code. */
  find(hold: number): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      code |= (hold >>> (bits - 1)) & 1;
      const count = this.#count[bits];
      if (code - first < count) return (this.#sorted[index + code - first] << 4) | bits;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return NO_SYMBOL;
  }

  /** Fills {@link fast}: a code of fewer bits stands at every place that ends in it. */
  #tabulate(fastBits: number): void {
    const size = 1 << fastBits;
    const fast = this.fast.length === size ? this.fast : new Uint16Array(size);
    fast.fill(NO_SYMBOL);
    let reversed = 0;
    let index = 0;
    for (let bits = 1; bits <= fastBits; bits++) {
      const step = 1 << bits;
      for (let n = this.#count[bits]; n > 0; n--) {
        const entry = (this.#sorted[index++] << 4) | bits;
        for (let at = reversed; at < size; at += step) fast[at] = entry;
        // The next code of this length, counted from its first bit, which is the lowest here.
        let bit = step >> 1;
        while (bit > 0 && (reversed & bit) !== 0) {
          reversed ^= bit;
          bit >>= 1;
        }
        reversed |= bit;
      }
    }
    this.fast = fast;
    this.mask = size - 1;
  }
}
