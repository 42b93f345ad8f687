/** Brotli: streams of the reference encoder, the static dictionary, and what a stream should not contain. */
import assert from "node:assert/strict";
import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from "node:zlib";
import fc from "fast-check";
import { dictionary, dictionaryWord } from "../../src/http/coding/brotli_dictionary.ts";
import { TRANSFORMS } from "../../src/http/coding/brotli_transforms.ts";
import { decodeContent } from "../../src/http/coding.ts";

const LIMIT = 1 << 21;

function unbrotli(bytes: Uint8Array, limit = LIMIT) {
  const { bytes: decoded, truncated, error } = decodeContent(["br"], Uint8Array.from(bytes), limit);
  return { bytes: decoded, truncated, error: error?.replace("br: ", "") };
}

function encode(data: Uint8Array, quality: number, window = 22, mode = 0): Uint8Array {
  return brotliCompressSync(data, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: window,
      [constants.BROTLI_PARAM_MODE]: mode,
    },
  });
}

/** Bytes from bits that are written lowest first: `bits` are pairs of a value and how many bits it takes. */
function bitsOf(...bits: readonly (readonly [value: number, count: number])[]): Uint8Array {
  const out: number[] = [];
  let at = 0;
  for (const [value, count] of bits) {
    for (let i = 0; i < count; i++, at++) {
      if ((at & 7) === 0) out.push(0);
      out[out.length - 1] |= ((value >> i) & 1) << (at & 7);
    }
  }
  return Uint8Array.from(out);
}

const prose = new TextEncoder().encode(
  Array.from(
    { length: 3000 },
    (_, i) =>
      `The ${["government", "important", "Information"][i % 3]} of the time, ${i * 7919 % 1000} — ${
        "äöü"[i % 3]
      }. `,
  )
    .join(""),
);

/** Qualities that the encoder of every run time has. */
const QUALITIES = [0, 1, 2, 4, 5, 9, 11];

Deno.test("every quality, window and mode is decoded", () => {
  for (const quality of QUALITIES) {
    for (const window of [10, 16, 17, 18, 24]) {
      const data = quality === 11 ? prose.subarray(0, 20_000) : prose;
      const coded = encode(data, quality, window, window % 3);
      assert.deepEqual(
        unbrotli(coded),
        { bytes: data, truncated: false, error: undefined },
        `${quality} ${window}`,
      );
    }
  }
});

Deno.test("text in scripts of one, two, three and four bytes a character is decoded", () => {
  const words = [
    "Straße",
    "ÖSTERREICH",
    "Привет",
    "мир",
    "Ελλάδα",
    "עברית",
    "日本語",
    "한국어",
    "😀",
    "naïve",
    "׀ƒÐÑÒÓ",
  ];
  const text = Array.from(
    { length: 3000 },
    (_, i) => `${words[(i * i + i * 7) % words.length]}${i % 3 ? " " : ", "}`,
  );
  const data = new TextEncoder().encode(text.join(""));
  for (const quality of QUALITIES) {
    assert.deepEqual(unbrotli(encode(data, quality)).bytes, data, `quality ${quality}`);
  }
});

Deno.test("any data is decoded, also what cannot be made shorter", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.tuple(fc.nat(255), fc.nat(5000)).map(([value, size]) => new Uint8Array(size).fill(value)),
    fc.nat(9000).map((from) => prose.subarray(from, from + 700)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.constantFrom(...QUALITIES), (pieces, quality) => {
      const data = Uint8Array.from(pieces.flatMap((part) => [...part]));
      assert.deepEqual(unbrotli(encode(data, quality)), { bytes: data, truncated: false, error: undefined });
    }),
  );
});

Deno.test("the static dictionary is the one that the specification prints", () => {
  assert.equal(dictionary().length, 122_784);
  assert.equal(crc32(dictionary()), 0x5136cb04);
  assert.equal(new TextDecoder().decode(dictionary().subarray(0, 16)), "timedownlifeleft");
});

/** A stream of one reference to a word: `number` past the largest distance, which is 0 at the beginning. */
function streamOfWord(size: number, number: number, length: number): Uint8Array {
  const offset = number + 4;
  const bits = 30 - Math.clz32(offset);
  const symbol = 16 + 2 * (bits - 1) + ((offset >> bits) & 1);
  // Copy lengths 4–9 have codes without extra bits.
  const command = 128 + size - 2;
  return bitsOf(
    ...[[0, 1], [1, 1], [0, 1], [0, 2], [length - 1, 16]] as const,
    ...[[0, 13], [1, 2], [0, 2], [0, 8], [1, 2], [0, 2], [command, 10], [1, 2], [0, 2], [symbol, 6]] as const,
    [offset & ((1 << bits) - 1), bits],
  );
}

Deno.test("every transform of a word is what the run time's decoder makes of it", () => {
  const log2 = [10, 10, 11, 11, 10, 10];
  for (let transform = 0; transform < TRANSFORMS.length; transform++) {
    for (let size = 4; size < 10; size++) {
      const number = (transform << log2[size - 4]) + ((transform * 37 + size) & 1023);
      const word = dictionaryWord(size, number);
      if (word.length === 0) continue;
      const coded = streamOfWord(size, number, word.length);
      const expected = Uint8Array.from(brotliDecompressSync(coded));
      assert.deepEqual(word, expected, `transform ${transform} of ${size} bytes`);
      assert.deepEqual(unbrotli(coded), { bytes: expected, truncated: false, error: undefined });
    }
  }
});

Deno.test("a word, length or transform that does not exist is refused", () => {
  assert.throws(() => dictionaryWord(3, 0), /no such word/);
  assert.throws(() => dictionaryWord(25, 0), /no such word/);
  assert.throws(() => dictionaryWord(4, 121 << 10), /no such word/);
});

Deno.test("a code whose lengths are all the same is read", () => {
  const coded = bitsOf(
    ...[[0, 1], [1, 1], [0, 1], [0, 2], [2, 16], [0, 13]] as const, // the last meta-block, 3 bytes
    ...[[0, 2], [0, 20], [7, 4], [0, 14]] as const, // every literal has 8 bits, which takes none to say
    ...[[1, 2], [0, 2], [24, 10], [1, 2], [0, 2], [0, 6]] as const, // insert 3 bytes
    ...[[0x82, 8], [0x42, 8], [0xc2, 8]] as const,
  );
  assert.equal(brotliDecompressSync(coded).toString(), "ABC");
  assert.equal(new TextDecoder().decode(unbrotli(coded).bytes), "ABC");
  assert.equal(unbrotli(coded).error, undefined);
});

Deno.test("metadata is passed over", () => {
  const metadata = bitsOf([0, 1], [0, 1], [3, 2], [0, 1], [1, 2], [1, 8], [0, 1], [0xbeef, 16], [3, 2]);
  assert.deepEqual(unbrotli(metadata), { bytes: new Uint8Array(0), truncated: false, error: undefined });
});

Deno.test("every cut gives a beginning of the data", () => {
  for (const quality of QUALITIES) {
    const data = prose.subarray(0, 600);
    const coded = encode(data, quality);
    for (let cut = 0; cut < coded.length; cut++) {
      const { bytes, error } = unbrotli(coded.subarray(0, cut));
      assert.deepEqual(bytes, data.subarray(0, bytes.length));
      assert.equal(error, "cut short", `quality ${quality}, ${cut} of ${coded.length}`);
    }
  }
});

Deno.test("what cannot be in a stream is named", () => {
  const broken: [RegExp, Uint8Array][] = [
    [/bad window/, bitsOf([1, 1], [0, 3], [1, 3], [0, 8])],
    [/the last meta-block holds no data/, bitsOf([0, 1], [1, 1], [0, 1], [3, 2], [0, 8])],
    [/reserved bit/, bitsOf([0, 1], [0, 1], [3, 2], [1, 1], [0, 8])],
    [/bad length/, bitsOf([0, 1], [0, 1], [1, 2], [5, 16], [0, 4], [0, 8])],
    [/padding/, bitsOf([0, 1], [0, 1], [0, 2], [0, 16], [1, 1], [7, 3], [65, 8], [3, 8])],
    [/after the end/, bitsOf([0, 1], [3, 2], [0, 5], [65, 8])],
    [
      /bad prefix code/,
      bitsOf([0, 1], [1, 1], [0, 1], [0, 2], [9, 16], [0, 13], [1, 2], [1, 2], [65, 8], [65, 8]),
    ],
  ];
  for (const [reason, bytes] of broken) assert.match(unbrotli(bytes).error ?? "none", reason);
});

Deno.test("any change to a stream gives bytes and an answer, never an exception", () => {
  const streams = QUALITIES.map((quality) => encode(prose.subarray(0, 900), quality));
  fc.assert(
    fc.property(
      fc.constantFrom(...streams),
      fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      (coded, changes) => {
        const changed = Uint8Array.from(coded);
        for (const [at, value] of changes) changed[at % changed.length] ^= value;
        assert.ok(unbrotli(changed, 5000).bytes.length <= 5000);
      },
    ),
    { numRuns: 3000 },
  );
});
