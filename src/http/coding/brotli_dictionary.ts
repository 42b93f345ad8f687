/**
 * Words of Brotli's static dictionary, transformed (RFC 7932 §8).
 *
 * The 122,784 bytes of the dictionary are not shipped a second time: the run time's own decoder has them, and a stream
 * that names each word once makes it write them all out.
 */
import { brotliDecompressSync } from "node:zlib";
import { COPY_BASE, COPY_EXTRA } from "./brotli_tables.ts";
import { ALL, FIRST, TRANSFORMS } from "./brotli_transforms.ts";
import { CodingError } from "./output.ts";

/** Shortest and longest word, in bytes. */
const MIN_WORD_BYTES = 4, MAX_WORD_BYTES = 24;

/** log2 of how many words there are, by their length. */
const WORDS_LOG2 = Uint8Array.of(
  ...[0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5],
);

/** Where the words of each length begin. */
const OFFSETS = new Uint32Array(MAX_WORD_BYTES + 1);
for (let size = MIN_WORD_BYTES; size < MAX_WORD_BYTES; size++) {
  OFFSETS[size + 1] = OFFSETS[size] + (size << WORDS_LOG2[size]);
}

let words: Uint8Array | undefined;

/** The static dictionary (Appendix A): the words by length, then by number. */
export function dictionary(): Uint8Array {
  words ??= brotliDecompressSync(streamOfWords()).subarray(PADDING_BYTES);
  return words;
}

/**
 * The word that a reference `number` past the largest distance stands for, transformed.
 *
 * @param size Copy length of the reference.
 * @throws {CodingError} Where there is no such word.
 */
export function dictionaryWord(size: number, number: number): Uint8Array {
  const transform = size >= MIN_WORD_BYTES && size <= MAX_WORD_BYTES
    ? TRANSFORMS[number >>> WORDS_LOG2[size]]
    : undefined;
  if (transform === undefined) throw new CodingError("corrupt: no such word in the dictionary");
  const [prefix, change, suffix] = transform;
  const from = OFFSETS[size] + size * (number & ((1 << WORDS_LOG2[size]) - 1));
  const skipped = change > 0 && change < FIRST ? Math.min(change, size) : 0;
  const kept = Math.max(change < 0 ? size + change : size - skipped, 0);
  const result = new Uint8Array(prefix.length + kept + suffix.length);
  for (let i = 0; i < prefix.length; i++) result[i] = prefix.charCodeAt(i);
  const word = result.subarray(prefix.length, prefix.length + kept);
  word.set(dictionary().subarray(from + skipped, from + skipped + kept));
  if (change === FIRST) raise(word, 0);
  else if (change === ALL) { for (let at = 0; at < kept;) at += raise(word, at); }
  for (let i = 0; i < suffix.length; i++) result[prefix.length + kept + i] = suffix.charCodeAt(i);
  return result;
}

/** Makes a letter upper case, in a way that is right for ASCII and good enough for the rest; its length in bytes. */
function raise(word: Uint8Array, at: number): number {
  if (word[at] < 0xc0) {
    if (word[at] >= 97 && word[at] <= 122) word[at] ^= 32;
    return 1;
  }
  // Past the end of the word there is nothing to change: writing there has no effect.
  if (word[at] < 0xe0) {
    word[at + 1] ^= 32;
    return 2;
  }
  word[at + 2] ^= 5;
  return 3;
}

/** The largest distance in a stream with the smallest window: what is past it names words (§9.1). */
const MAX_DISTANCE = (1 << 10) - 16;

/** Bytes that precede the words, so that the largest distance is in force from the first word on. */
const PADDING_BYTES = 1024;

/** A Brotli stream of {@link PADDING_BYTES} zeros and every word once, in order. */
function streamOfWords(): Uint8Array {
  const out = new Uint8Array(64 * 1024);
  let at = 0;
  const put = (value: number, count: number) => {
    for (let i = 0; i < count; i++, at++) out[at >> 3] |= ((value >> i) & 1) << (at & 7);
  };
  put(0b0100001, 7); // a window of 10 bits
  put(0, 3); // a meta-block that is not the last, with a length of 4 nibbles
  put(PADDING_BYTES - 1, 16);
  put(1, 1); // uncompressed
  at = ((at + 7) & ~7) + PADDING_BYTES * 8;
  for (let size = MIN_WORD_BYTES; size <= MAX_WORD_BYTES; size++) {
    const count = 1 << WORDS_LOG2[size];
    let code = COPY_BASE.length - 1;
    while (COPY_BASE[code] > size) code--;
    put(0, 3);
    put(size * count - 1, 16);
    put(0, 14); // compressed; one block type and one tree each; no postfix or direct distances; context mode 0
    put(0b0001, 4 + 8); // literals: one symbol, never used
    put(0b0001, 4);
    put(code < 8 ? 128 + code : 192 + code - 8, 10); // commands: insert nothing, copy a word
    put(0b1101, 4);
    for (let symbol = 31; symbol <= 34; symbol++) put(symbol, 6); // distances: the four codes that words need
    put(0, 1);
    for (let word = 0; word < count; word++) {
      put(size - COPY_BASE[code], COPY_EXTRA[code]);
      const offset = MAX_DISTANCE + word + 4;
      const bits = 30 - Math.clz32(offset);
      const symbol = 16 + 2 * (bits - 1) + ((offset >> bits) & 1) - 31;
      put(symbol >> 1, 1);
      put(symbol, 1);
      put(offset, bits);
    }
  }
  put(0b11, 2); // the last meta-block, empty
  return out.subarray(0, (at + 7) >> 3);
}
