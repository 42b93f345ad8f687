/** The inflater: the same bytes out, however the input is cut, and no trust in what it reads. */
import assert from "node:assert/strict";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { Inflater } from "../../src/http/coding/inflate.ts";
import { CappedOutput } from "../../src/http/coding/output.ts";

const LIMIT = 1 << 20;

function inflate(pieces: Iterable<Uint8Array>, goesOn = false) {
  const output = new CappedOutput(LIMIT);
  const inflater = new Inflater(output, goesOn);
  let state;
  for (const piece of pieces) {
    const borrowed = Uint8Array.from(piece);
    state = inflater.push(borrowed);
    // The caller's buffer is used again at once.
    if (state === "input") borrowed.fill(0xee);
  }
  return { state, bytes: output.take(), error: inflater.error, unused: inflater.unusedBytes };
}

function* cut(bytes: Uint8Array, offsets: readonly number[]): Iterable<Uint8Array> {
  const sorted = [0, ...offsets.map((offset) => offset % (bytes.length + 1)), bytes.length].sort((a, b) =>
    a - b
  );
  for (let i = 1; i < sorted.length; i++) yield bytes.subarray(sorted[i - 1], sorted[i]);
}

const text = new TextEncoder().encode(
  Array.from({ length: 300 }, (_, i) => `${(i * 7919) % 1000} bottles, ${i % 7}\n`).join(""),
);

/** DEFLATE in every shape a sender may choose: dynamic, fixed, stored, short and long codes. */
const STREAMS = [
  deflateRawSync(text),
  deflateRawSync(text, { strategy: constants.Z_FIXED }),
  deflateRawSync(text, { level: 0 }),
  deflateRawSync(text, { strategy: constants.Z_HUFFMAN_ONLY }),
  deflateRawSync(text, { memLevel: 1, windowBits: 9 }),
].map((stream) => Uint8Array.from(stream));

Deno.test("every shape of a stream is inflated, whole, byte by byte and at every cut", () => {
  for (const stream of STREAMS) {
    const whole = inflate([stream]);
    assert.deepEqual(whole, { state: "done", bytes: text, error: undefined, unused: 0 });
    const bytewise = inflate(cut(stream, [...stream.keys()]));
    assert.deepEqual(bytewise, whole);
    for (let at = 0; at < stream.length; at += 1 + (at >> 6)) {
      assert.deepEqual(inflate(cut(stream, [at])).bytes, text, `cut at ${at}`);
    }
  }
});

Deno.test("skewed data, which needs the longest codes, is inflated", () => {
  const data = new Uint8Array(200_000);
  for (let i = 0, random = 1; i < data.length; i++) {
    random = (random * 48271) % 2147483647;
    data[i] = Math.clz32(random * 2) * 3 + (random % 5 === 0 ? random % 200 : 0);
  }
  const stream = deflateRawSync(data, { strategy: constants.Z_HUFFMAN_ONLY, memLevel: 9 });
  assert.deepEqual(inflate([stream]).bytes, data);
});

Deno.test("any data survives any cuts", () => {
  fc.assert(fc.property(
    fc.uint8Array({ maxLength: 2000 }),
    fc.array(fc.nat(3000), { maxLength: 8 }),
    fc.integer({ min: 0, max: 9 }),
    (data, offsets, level) => {
      const stream = Uint8Array.from(deflateRawSync(data, { level }));
      assert.deepEqual(inflate(cut(stream, offsets)).bytes, data);
    },
  ));
});

Deno.test("hostile bytes give the same answer at any cut and never throw", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.array(fc.nat(120), { maxLength: 6 }),
      (bytes, offsets) => {
        const whole = inflate([bytes]);
        const pieces = inflate(cut(bytes, offsets));
        assert.deepEqual([pieces.state, pieces.bytes, pieces.error], [whole.state, whole.bytes, whole.error]);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("what follows the final block is left unread", () => {
  const stream = Uint8Array.from([...STREAMS[0], 1, 2, 3]);
  assert.deepEqual(inflate([stream]), { state: "done", bytes: text, error: undefined, unused: 3 });
});

Deno.test("a stream that may go on does so after its final block, with its history", () => {
  const first = deflateRawSync("hello, hello");
  // A fixed block: copy 5 bytes from 5 back, end of block.
  const more = Uint8Array.of(0x03, 0x13, 0x00);
  const { state, bytes } = inflate([first, more], true);
  assert.equal(state, "input");
  assert.equal(new TextDecoder().decode(bytes), "hello, hellohello");
});

Deno.test("what cannot be DEFLATE is refused", () => {
  const broken: [string, number[]][] = [
    ["block type 3", [0x07]],
    ["stored length and its complement", [0x01, 5, 0, 5, 0]],
    ["286 literals and more", [0xfd, 0xff, 0xff, 0xff]],
    ["distance before the beginning", [0x03, 0x02, 0]],
    ["length symbol 286", [0x1b, 0x03, 0]],
    ["distance symbol 30", [0x4b, 0x04, 0x3d, 0]],
    ["code lengths that use too much", [0x05, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ];
  for (const [name, bytes] of broken) {
    const { state, error } = inflate([Uint8Array.from(bytes)]);
    assert.equal(state, "broken", name);
    assert.match(error ?? "", /^corrupt: /, name);
  }
});
