/** Bombs: input made to cost far more time or memory than it is long. The limit is all that they cost. */
import assert from "node:assert/strict";
import { brotliCompressSync, constants, deflateRawSync, gzipSync } from "node:zlib";
import { decodeContent } from "../../src/http/coding.ts";

const LIMIT = 1 << 20;

/** Far more than any of this takes, and far less than it would take without limits. */
const MAX_MS = 3000;

function assertBounded(codings: readonly string[], input: Uint8Array) {
  const from = performance.now();
  const decoded = decodeContent(codings, input, LIMIT);
  assert.ok(performance.now() - from < MAX_MS, `${codings} took ${performance.now() - from} ms`);
  assert.ok(decoded.bytes.length <= LIMIT);
  assert.ok(decoded.bytes.buffer.byteLength <= LIMIT + 1024);
  return decoded;
}

/** Blocks of 128 KiB in 4 bytes each. */
function zstdBomb(blocks: number): Uint8Array {
  const bomb = new Uint8Array(6 + 4 * blocks);
  bomb.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50]);
  for (let i = 0; i < blocks; i++) {
    const header = (131072 << 3) | 2 | (i === blocks - 1 ? 1 : 0);
    bomb.set([header, header >> 8, header >> 16, 65], 6 + 4 * i);
  }
  return bomb;
}

function repeated(part: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(part.length * times);
  for (let i = 0; i < times; i++) all.set(part, i * part.length);
  return all;
}

const zeros = new Uint8Array(1 << 26);

Deno.test("16 KiB of Zstandard that stand for 512 MiB stop at the limit", () => {
  const decoded = assertBounded(["zstd"], zstdBomb(4096));
  assert.deepEqual([decoded.bytes.length, decoded.truncated, decoded.error], [LIMIT, true, undefined]);
});

Deno.test("gzip, deflate and Brotli bombs stop at the limit", () => {
  const bombs: [string, Uint8Array][] = [
    ["gzip", gzipSync(zeros)],
    ["deflate", deflateRawSync(zeros)],
    ["br", brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })],
  ];
  for (const [name, bomb] of bombs) {
    const decoded = assertBounded([name], bomb);
    assert.deepEqual(
      [decoded.bytes.length, decoded.truncated, decoded.error],
      [LIMIT, true, undefined],
      name,
    );
  }
});

Deno.test("a bomb inside a bomb stops at the limit in every layer", () => {
  const inner = gzipSync(gzipSync(zeros));
  const decoded = assertBounded(["gzip", "gzip", "gzip"], gzipSync(inner));
  assert.equal(decoded.bytes.length, LIMIT);
});

Deno.test("a megabyte of gzip members, each empty, is read in time", () => {
  assert.equal(assertBounded(["gzip"], repeated(gzipSync(""), 50_000)).error, undefined);
});

Deno.test("a megabyte of flushes without data is read in time", () => {
  const headers = deflateRawSync("", { flush: constants.Z_FULL_FLUSH, finishFlush: constants.Z_FULL_FLUSH });
  assert.equal(
    assertBounded(["deflate"], repeated(headers, Math.floor(1e6 / headers.length))).cutShort,
    true,
  );
});

Deno.test("a megabyte of tiny Zstandard frames and blocks is read in time", () => {
  const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x68, 1, 0, 0);
  assert.equal(assertBounded(["zstd"], repeated(frame, 100_000)).error, undefined);
  const blocks = repeated(Uint8Array.of(8, 0, 0, 65), 250_000);
  const oneFrame = new Uint8Array(6 + blocks.length);
  oneFrame.set(frame.subarray(0, 6));
  oneFrame.set(blocks, 6);
  assert.equal(assertBounded(["zstd"], oneFrame).cutShort, true);
});

Deno.test("Zstandard that brings far more tables than data is given up", () => {
  // One literal repeated, one sequence, three tables of a single symbol and the highest accuracy.
  const block = [9, 65, 1, 0xa8, 0xf4, 0x3f, 0xf3, 0x1f, 0xf4, 0x3f, 0, 0, 0, 4];
  const part = Uint8Array.of((block.length << 3) | 4, 0, 0, ...block);
  const start = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x68, 80, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  const input = new Uint8Array(start.length + 60_000 * part.length);
  input.set(start);
  input.set(repeated(part, 60_000), start.length);
  const decoded = assertBounded(["zstd"], input);
  assert.equal(decoded.error, "zstd: corrupt: far more tables than data");
  assert.ok(decoded.bytes.length > 1000);
});

Deno.test("a megabyte of DEFLATE codes that are never used is read in time", () => {
  // Final 0, type 2, 257 literals, 1 distance; a code for lengths 1 and 18; the end of the block alone has a code.
  const bits = "0 01 00000 00000 0111 000 000 100" + " 000".repeat(14) + " 100" +
    " 1 1111111 1 1101011 0 0 0";
  const block = bits.replaceAll(" ", "").repeat(8);
  const bytes = Uint8Array.from(
    block.match(/.{8}/g) ?? [],
    (byte) => parseInt([...byte].reverse().join(""), 2),
  );
  assert.equal(
    assertBounded(["deflate"], repeated(bytes, Math.floor(1e6 / bytes.length))).error,
    "deflate: cut short",
  );
});

Deno.test("Brotli that brings far more tables than data is given up", () => {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1);
  };
  put(0, 1);
  for (let i = 0; i < 3000; i++) {
    put(0, 3); // not the last, 4 nibbles
    put(0, 16); // one byte of data
    put(0, 1); // compressed
    put(1 | (7 << 1) | (127 << 4), 11); // 256 types of literal blocks
    put(0b0001, 4); // which come by a code of one symbol
    put(1, 9);
    put(0b0001, 4); // and so do their counts
    put(25, 5);
    put(0, 24);
    put(0, 2 + 2 + 4); // one type of commands and distances, no postfix
    for (let type = 0; type < 256; type++) put(2, 2);
    put(1, 4); // 2 trees
    put(0, 1);
    put(0b0001, 4); // 16,384 contexts by a code of one symbol
    put(1, 1);
    put(1, 1); // moved to front
    put(0, 1); // one tree of distances
    for (let tree = 0; tree < 2; tree++) put(0b0001 | (65 << 4), 12);
    put(0b0001 | (8 << 4), 14); // insert 1 byte
    put(0b0001, 10);
  }
  const bytes = new Uint8Array(bits.length >> 3);
  for (let i = 0; i < bytes.length * 8; i++) bytes[i >> 3] |= bits[i] << (i & 7);
  const decoded = assertBounded(["br"], bytes);
  assert.equal(decoded.error, "br: corrupt: far more tables than data");
  assert.ok(decoded.bytes.length > 100 && decoded.bytes.every((byte) => byte === 65));
});
