/** Headers of DEFLATE blocks (RFC 1951 §3.2.3–3.2.7), and the bits that they and the data are read from. */
import { FIXED_DISTANCES, FIXED_LITERALS, LENGTH_ORDER } from "./inflate_tables.ts";
import { PrefixCode } from "./prefix_code.ts";

/** What came of reading something: all of it, a wish for more input, or something that cannot be. */
export type Reading = "read" | "wait" | "bad";

/** The bits of a piece of input, lowest first. The fields are open to the one loop that must be fast. */
export class InflateBits {
  /** The piece of input. */
  input: Uint8Array = new Uint8Array(0);
  /** Offset of the next byte that is not in {@link hold}. */
  at = 0;
  /** Bits taken from the input and not used yet, the next one lowest. */
  hold = 0;
  /** How many bits {@link hold} has. */
  bits = 0;

  /** Whether `count` (up to 23) bits are there. */
  need(count: number): boolean {
    while (this.bits < count) {
      if (this.at >= this.input.length) return false;
      this.hold |= this.input[this.at++] << this.bits;
      this.bits += 8;
    }
    return true;
  }

  /** Passes over bits that are known to be there. */
  drop(count: number): void {
    this.hold >>>= count;
    this.bits -= count;
  }

  /** The next `count` bits, which are known to be there. */
  take(count: number): number {
    const value = this.hold & ((1 << count) - 1);
    this.drop(count);
    return value;
  }
}

/** The header of a block: what kind it is, and the codes of its data. */
export class BlockHeader {
  /** Whether this is the last block. */
  final = false;
  /** How many bytes a stored block holds; `undefined` for a block of codes. */
  storedBytes: number | undefined;
  /** The code of literals and lengths of a block of codes. */
  literals: PrefixCode = FIXED_LITERALS;
  /** The code of its distances. */
  distances: PrefixCode = FIXED_DISTANCES;
  readonly #lengths = new Uint8Array(320);
  readonly #ownLiterals = new PrefixCode();
  readonly #ownDistances = new PrefixCode();
  readonly #lengthCode = new PrefixCode();

  /** Reads a header. After `wait`, the bits stand where they stood. */
  read(bits: InflateBits): Reading {
    const { hold, bits: count, at } = bits;
    const reading = this.#tryRead(bits);
    if (reading === "wait") {
      bits.hold = hold;
      bits.bits = count;
      bits.at = at;
    }
    return reading;
  }

  #tryRead(bits: InflateBits): Reading {
    if (!bits.need(3)) return "wait";
    this.final = bits.take(1) === 1;
    this.storedBytes = undefined;
    const type = bits.take(2);
    if (type === 0) return this.#readStored(bits);
    if (type === 2) return this.#readCodes(bits);
    this.literals = FIXED_LITERALS;
    this.distances = FIXED_DISTANCES;
    return type === 1 ? "read" : "bad";
  }

  #readStored(bits: InflateBits): Reading {
    bits.drop(bits.bits & 7);
    if (!bits.need(16)) return "wait";
    const size = bits.take(16);
    if (!bits.need(16)) return "wait";
    this.storedBytes = size;
    return bits.take(16) === (~size & 0xffff) ? "read" : "bad";
  }

  /** Reads the codes of a block that brings its own (§3.2.7). */
  #readCodes(bits: InflateBits): Reading {
    if (!bits.need(14)) return "wait";
    const literals = 257 + bits.take(5);
    const distances = 1 + bits.take(5);
    const written = 4 + bits.take(4);
    if (literals > 286 || distances > 30) return "bad";
    const lengths = this.#lengths.fill(0, 0, 19);
    for (let i = 0; i < written; i++) {
      if (!bits.need(3)) return "wait";
      lengths[LENGTH_ORDER[i]] = bits.take(3);
    }
    const code = this.#lengthCode;
    if (code.build(lengths, 0, 19) !== 0) return "bad";
    const all = literals + distances;
    for (let i = 0; i < all;) {
      // A code of up to 7 bits and as many bits after it, or what is left of the input.
      bits.need(14);
      const entry = code.fast[bits.hold & code.mask];
      if ((entry & 15) > bits.bits) return "wait";
      bits.drop(entry & 15);
      const symbol = entry >>> 4;
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      const extra = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
      if (bits.bits < extra) return "wait";
      const times = (symbol === 18 ? 11 : 3) + bits.take(extra);
      if (i + times > all || (symbol === 16 && i === 0)) return "bad";
      lengths.fill(symbol === 16 ? lengths[i - 1] : 0, i, i + times);
      i += times;
    }
    // Without a code for the end of the block it could not end.
    if (lengths[256] === 0) return "bad";
    if (!this.#build(this.#ownLiterals, 0, literals)) return "bad";
    if (!this.#build(this.#ownDistances, literals, all)) return "bad";
    this.literals = this.#ownLiterals;
    this.distances = this.#ownDistances;
    return "read";
  }

  /** Builds a code; it may leave code space unused only where it has no code, or a single one of one bit. */
  #build(code: PrefixCode, from: number, to: number): boolean {
    const left = code.build(this.#lengths, from, to);
    return left === 0 || (left > 0 && code.mask <= 1);
  }
}
