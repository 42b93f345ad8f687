/** Content codings as a whole: what is named, in which order, how much is wanted, and what goes wrong. */
import assert from "node:assert/strict";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { contentCodings, decodeContent } from "../../src/http/coding.ts";

const LIMIT = 1 << 20;

/** Kinds of coded data: the name in Content-Encoding, and how to make some. */
const KINDS: readonly [name: string, encode: (data: Uint8Array) => Uint8Array][] = [
  ["gzip", (data) => gzipSync(data)],
  ["x-gzip", (data) => gzipSync(data, { level: 1 })],
  ["deflate", (data) => deflateSync(data)],
  ["deflate", (data) => deflateRawSync(data)],
  ["deflate", (data) => deflateRawSync(data, { level: 0 })],
  ["br", (data) => brotliCompressSync(data)],
  ["zstd", zstdOf],
];

/** A Zstandard frame of raw blocks. */
function zstdOf(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x50)];
  for (let at = 0; at === 0 || at < data.length; at += 1000) {
    const part = data.subarray(at, at + 1000);
    const header = (part.length << 3) | (at + 1000 >= data.length ? 1 : 0);
    parts.push(Uint8Array.of(header, header >> 8, header >> 16), part);
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

const sample = bytesOf(Array.from({ length: 400 }, (_, i) => `line ${i} of ${(i * 7919) % 400}\n`).join(""));

Deno.test("the codings of a message are those that Content-Encoding names, in order, without identity", () => {
  assert.deepEqual(
    contentCodings([["Content-Encoding", "GZip, identity"], ["X", "y"], ["content-encoding", " br ,"]]),
    ["gzip", "br"],
  );
  assert.deepEqual(contentCodings([["Content-Type", "gzip"]]), []);
});

Deno.test("each coding gives back what was encoded", () => {
  for (const [name, encode] of KINDS) {
    const decoded = decodeContent([name], encode(sample), LIMIT);
    assert.deepEqual({ ...decoded, bytes: plain(decoded.bytes) }, { bytes: sample, truncated: false }, name);
  }
});

Deno.test("any bytes survive any coding", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(...KINDS), (data, [name, encode]) => {
      const decoded = decodeContent([name], encode(data), LIMIT);
      assert.equal(decoded.error, undefined);
      assert.deepEqual(plain(decoded.bytes), data);
    }),
  );
});

Deno.test("stacked codings are taken off from the last to the first", () => {
  const coded = brotliCompressSync(gzipSync(sample));
  assert.deepEqual(plain(decodeContent(["gzip", "br"], coded, LIMIT).bytes), sample);
  assert.match(decodeContent(["br", "gzip"], coded, LIMIT).error ?? "", /^gzip: not gzip data$/);
});

Deno.test("without a coding the bytes are given as they are, up to the limit", () => {
  assert.deepEqual(decodeContent([], sample, LIMIT), { bytes: sample, truncated: false });
  assert.deepEqual(decodeContent(["identity"], sample, 5), { bytes: sample.subarray(0, 5), truncated: true });
});

Deno.test("a coding that is not known is said by name", () => {
  const decoded = decodeContent(["gzip", "aws\u001b-chunked"], sample, LIMIT);
  assert.equal(decoded.bytes.length, 0);
  assert.equal(decoded.error, 'unknown content coding "aws\\u001b-chunked"');
});

Deno.test("more codings than anyone needs are not taken off", () => {
  assert.equal(decodeContent(Array(6).fill("gzip"), sample, LIMIT).error, "more than 5 content codings");
});

Deno.test("the limit cuts exactly, and only what is longer counts as truncated", () => {
  for (const [name, encode] of KINDS) {
    for (const limit of [0, 1, 100, sample.length - 1, sample.length, sample.length + 1]) {
      const { bytes, truncated, error } = decodeContent([name], encode(sample), limit);
      assert.deepEqual(plain(bytes), sample.subarray(0, limit), `${name} ${limit}`);
      assert.equal(truncated, limit < sample.length, `${name} ${limit}`);
      assert.equal(error, undefined);
    }
  }
});

Deno.test("a limit inside a stack of codings is no error", () => {
  const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31) >> 3);
  const decoded = decodeContent(["gzip", "br"], brotliCompressSync(gzipSync(noise)), 1000);
  assert.equal(decoded.truncated, true);
  assert.equal(decoded.error, undefined);
  assert.deepEqual(plain(decoded.bytes), noise.subarray(0, decoded.bytes.length));
});

Deno.test("input that is cut anywhere gives what came before the cut, and says so", () => {
  const short = sample.subarray(0, 1500);
  for (const [name, encode] of KINDS) {
    const coded = encode(short);
    for (let cut = 0; cut < coded.length; cut++) {
      const { bytes, truncated, error, cutShort } = decodeContent([name], coded.subarray(0, cut), LIMIT);
      assert.deepEqual(plain(bytes), short.subarray(0, bytes.length), `${name} at ${cut}`);
      // Zstandard allows no frames at all, so that nothing is not cut short.
      if (name === "zstd" && cut === 0) continue;
      assert.deepEqual(
        [truncated, error, cutShort],
        [false, `${name}: cut short`, true],
        `${name} at ${cut}`,
      );
    }
  }
});

Deno.test("what a cut in the outer coding leaves of the inner one is one error, not two", () => {
  const coded = brotliCompressSync(gzipSync(sample));
  const { error, cutShort } = decodeContent(["gzip", "br"], coded.subarray(0, coded.length - 9), LIMIT);
  assert.deepEqual([error, cutShort], ["br: cut short", true]);
});

Deno.test("bytes after the end are reported, with all that came before", () => {
  for (const [name, encode] of KINDS) {
    const coded = encode(sample);
    const longer = Uint8Array.from([...coded, 0x33, 0x33, 0x33, 0x33]);
    const decoded = decodeContent([name], longer, LIMIT);
    assert.deepEqual(plain(decoded.bytes), sample, name);
    assert.match(decoded.error ?? "", /after the end$/, name);
  }
});

Deno.test("no input whatever makes a decoder throw or pass the limit", () => {
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.constantFrom(...KINDS), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 })).map(
      ([[, encode], changes]) => {
        const coded = Uint8Array.from(encode(sample.subarray(0, 2000)));
        for (const [at, value] of changes) coded[at % coded.length] ^= value;
        return coded;
      },
    ),
  );
  fc.assert(
    fc.property(
      input,
      fc.constantFrom("gzip", "deflate", "br", "zstd"),
      fc.nat(3000),
      (bytes, name, limit) => {
        const decoded = decodeContent([name], bytes, limit);
        assert.ok(decoded.bytes.length <= limit);
        assert.equal(decoded.truncated && decoded.bytes.length < limit, false);
      },
    ),
    { numRuns: 3000 },
  );
});
