/**
 * Ranks of texts: as numbers they are in the texts' order. Letters of ASCII are the same in either case, runs of digits
 * count as numbers (`/item/9` before `/item/10`), all else goes by its bytes in UTF-8.
 *
 * The sort is a multikey quicksort (Bentley and Sedgewick, Fast Algorithms for Sorting and Searching Strings, 1997),
 * four bytes at a time: a million paths take less than half a second, a sort by comparison takes seconds. It works in
 * steps between which others may work.
 */

/** So many bytes of a text count. */
export const RANKED_BYTES = 256;
/** Longer runs of digits are several numbers. */
const MOST_DIGITS = 200;
/** Shorter ranges are sorted by insertion. */
const FEW = 12;
/** Others may work after so many texts were moved. */
const STEP_TEXTS = 50_000;

/** In place of a depth: the texts of the range are the same to their ends. */
const ALL_EQUAL = -1;

const ZERO = 0x30, NINE = 0x39, UPPER_A = 0x41, UPPER_Z = 0x5a;

/** Texts as keys that can be compared four bytes at a time. */
export class TextKeys {
  /** Each key is whole words, its bytes first to last from high to low; the last word's lowest byte is 0. */
  #words = new Uint32Array(1024);
  #length = 0;
  /** Where each begins; texts that are empty have none. */
  #starts: number[] = [];
  readonly #scratch = new Uint8Array(2 * RANKED_BYTES + 8);

  /** How many texts there are. */
  get count(): number {
    return this.#starts.length;
  }

  /** Adds the text that stands in some bytes. */
  add(bytes: Uint8Array, from: number, to: number): void {
    this.#starts.push(from === to ? -1 : this.#length);
    if (from === to) return;
    const scratch = this.#scratch;
    const end = Math.min(to, from + RANKED_BYTES);
    let length = 0;
    for (let at = from; at < end;) {
      const byte = bytes[at];
      if (byte >= ZERO && byte <= NINE) {
        let first = at;
        while (first < end - 1 && bytes[first] === ZERO && isDigit(bytes[first + 1])) first++;
        at = first + 1;
        while (at < end && at - first < MOST_DIGITS && isDigit(bytes[at])) at++;
        scratch[length++] = ZERO;
        scratch[length++] = at - first;
        while (first < at) scratch[length++] = bytes[first++];
      } else {
        // 0 is what ends a key.
        scratch[length++] = byte >= UPPER_A && byte <= UPPER_Z ? byte | 0x20 : byte || 1;
        at++;
      }
    }
    const words = (length >> 2) + 1;
    scratch.fill(0, length, words * 4);
    if (this.#length + words > this.#words.length) {
      const grown = new Uint32Array(Math.max(this.#words.length * 2, this.#length + words));
      grown.set(this.#words);
      this.#words = grown;
    }
    for (let i = 0; i < words * 4; i += 4) {
      this.#words[this.#length++] = scratch[i] << 24 | scratch[i + 1] << 16 | scratch[i + 2] << 8 |
        scratch[i + 3];
    }
  }

  /** The rank of each text, from 0; equal ones have the same. NaN: the text is empty. */
  *ranks(): Generator<void, Float64Array> {
    const words = this.#words;
    const starts = Float64Array.from(this.#starts);
    const ranks = new Float64Array(starts.length).fill(NaN);
    const order = new Int32Array(starts.length);
    let count = 0;
    for (let i = 0; i < starts.length; i++) if (starts[i] >= 0) order[count++] = i;
    const heads = new Uint32Array(count);
    // Ranges that are to be ranked yet, the lowest on top: first, end, and how many words are equal in them.
    const ranges: [first: number, end: number, depth: number][] = [[0, count, 0]];
    let rank = 0;
    let work = 0;
    let seed = 1;
    for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
      const [first, end, depth] = range;
      if (depth === ALL_EQUAL) {
        for (let i = first; i < end; i++) ranks[order[i]] = rank;
        rank++;
        continue;
      }
      if (end - first < FEW) {
        insertionSort(words, starts, order, first, end, depth);
        for (let i = first; i < end; i++) {
          if (i > first && compare(words, starts, order[i - 1], order[i], depth) !== 0) rank++;
          ranks[order[i]] = rank;
        }
        if (end > first) rank++;
        continue;
      }
      work += end - first;
      if (work > STEP_TEXTS) {
        work = 0;
        yield;
      }
      for (let i = first; i < end; i++) heads[i] = words[starts[order[i]] + depth];
      seed = Math.imul(seed, 1664525) + 1013904223 | 0;
      const pivot = medianOf(heads, first, end, seed >>> 0);
      let [less, at, greater] = [first, first, end];
      while (at < greater) {
        const head = heads[at];
        if (head < pivot) swap(heads, order, less++, at++);
        else if (head > pivot) swap(heads, order, at, --greater);
        else at++;
      }
      if (greater < end) ranges.push([greater, end, depth]);
      ranges.push([less, greater, (pivot & 0xff) === 0 ? ALL_EQUAL : depth + 1]);
      if (first < less) ranges.push([first, less, depth]);
    }
    return ranks;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Less than, equal to or greater than 0, as the first key is less than, equal to or greater than the second. */
function compare(words: Uint32Array, starts: Float64Array, a: number, b: number, depth: number): number {
  for (let at = depth;; at++) {
    const left = words[starts[a] + at];
    const right = words[starts[b] + at];
    if (left !== right) return left < right ? -1 : 1;
    if ((left & 0xff) === 0) return 0;
  }
}

function insertionSort(
  words: Uint32Array,
  starts: Float64Array,
  order: Int32Array,
  first: number,
  end: number,
  depth: number,
): void {
  for (let i = first + 1; i < end; i++) {
    const text = order[i];
    let at = i;
    for (; at > first && compare(words, starts, order[at - 1], text, depth) > 0; at--) {
      order[at] = order[at - 1];
    }
    order[at] = text;
  }
}

function swap(heads: Uint32Array, order: Int32Array, a: number, b: number): void {
  const head = heads[a];
  heads[a] = heads[b];
  heads[b] = head;
  const text = order[a];
  order[a] = order[b];
  order[b] = text;
}

/** The middle one of three, taken by chance: no traffic can be made so that it is always a bad one. */
function medianOf(heads: Uint32Array, first: number, end: number, chance: number): number {
  const size = end - first;
  const a = heads[first + chance % size];
  const b = heads[first + (chance >>> 7) % size];
  const c = heads[first + (chance >>> 15) % size];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
