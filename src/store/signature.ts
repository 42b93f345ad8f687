/**
 * Which sequences of four bytes stand in a block of lines, as a Bloom filter with one hash: what a search
 * looks for cannot stand where one of its sequences does not. SQLite's own index of trigrams (FTS5) costs
 * some sixty times as much to write, more than the exchange itself.
 *
 * Bytes are folded to lower case where they are ASCII letters (other bytes may fold together too, which
 * costs nothing but a look more). The lines are JSON, so a text is looked for in the form that it has in
 * JSON.
 */
import { ByteWriter } from "../log/byte_writer.ts";
import { writeJsonString } from "../log/json_string.ts";

/** Length of a sequence. */
const GRAM = 4;
/** A new signature has so many bits; it is halved until it is {@link BITS_PER_GRAM} full. */
const MOST_BITS = 1 << 17;
const LEAST_BITS = 1 << 9;
/** Bits for each bit that is set: one sequence in so many is found by mistake. */
const BITS_PER_GRAM = 6;
/** More of them would not tell more, and SQLite takes no condition of any length. */
const MOST_GRAMS = 24;
const FOLD = 0x20202020;

/** A signature that is being made. */
export class SignatureBuilder {
  readonly #words = new Int32Array(MOST_BITS / 32);

  /** Adds all sequences of some bytes. */
  add(bytes: Uint8Array): void {
    if (bytes.length < GRAM) return;
    const words = this.#words;
    let gram = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
    for (let i = GRAM - 1; i < bytes.length; i++) {
      gram = gram << 8 | bytes[i];
      const bit = bitOf(gram);
      words[bit >> 5] |= 1 << (bit & 31);
    }
  }

  /** The signature as bytes, as small as it can be; the builder is empty again. */
  take(): Uint8Array {
    let words = this.#words;
    let set = 0;
    for (let i = 0; i < words.length; i++) set += ones(words[i]);
    const wanted = set * BITS_PER_GRAM;
    let length = words.length;
    while (length * 32 > LEAST_BITS && length * 16 >= wanted) {
      length /= 2;
      for (let i = 0; i < length; i++) words[i] |= words[i + length];
    }
    words = words.slice(0, length);
    this.#words.fill(0);
    return new Uint8Array(words.buffer);
  }
}

/**
 * The bit of a sequence. Its neighbours in the alphabet must not be its neighbours there (MurmurHash3's
 * finalizer).
 */
function bitOf(gram: number): number {
  gram |= FOLD;
  gram = Math.imul(gram ^ gram >>> 16, 0x85ebca6b);
  gram = Math.imul(gram ^ gram >>> 13, 0xc2b2ae35);
  return (gram ^ gram >>> 16) & MOST_BITS - 1;
}

function ones(word: number): number {
  word -= word >>> 1 & 0x55555555;
  word = (word & 0x33333333) + (word >>> 2 & 0x33333333);
  return Math.imul(word + (word >>> 4) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * What a text's sequences are in a signature. Empty: the text is too short, or not ASCII, to be looked for
 * by it.
 */
export function gramsOf(text: string): readonly number[] {
  const grams = new Set<number>();
  const out = new ByteWriter(64);
  // Lower case is known to be the same in bytes for ASCII alone: of other text the parts between are looked for.
  for (const [run] of text.toLowerCase().matchAll(/[\0-\x7f]{2,}/g)) {
    out.reset();
    writeJsonString(out, run);
    const bytes = out.view().subarray(1, -1);
    for (let i = 0; i + GRAM <= bytes.length; i++) {
      const gram = bytes[i] << 24 | bytes[i + 1] << 16 | bytes[i + 2] << 8 | bytes[i + 3];
      grams.add(bitOf(gram));
    }
  }
  // What tells one path or name from another stands at its end, mostly: it is asked first.
  return [...grams].reverse().slice(0, MOST_GRAMS);
}

/** For each bit of a byte: all bytes that have it set. */
const BYTES_WITH: readonly Uint8Array[] = Array.from(
  { length: 8 },
  (_, bit) =>
    Uint8Array.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte >> bit & 1)),
);

/**
 * A condition of SQL over `signatures`: whether all these sequences may be in the block. Its parameters
 * come with it.
 */
export function signatureSql(
  grams: readonly number[],
): { readonly sql: string; readonly parameters: Uint8Array[] } {
  // Read as a whole, in JavaScript, signatures cost nearly twice as much.
  const sql = grams.map((bit) => `instr(?, substr(bits, 1 + ${bit >> 3} % length(bits), 1)) > 0`).join(
    " AND ",
  );
  return { sql, parameters: grams.map((bit) => BYTES_WITH[bit & 7]) };
}
