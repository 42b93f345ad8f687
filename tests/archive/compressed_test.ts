import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import * as zlib from "node:zlib";
import { CompressionError } from "../../src/archive/decompressed.ts";
import { ZstdFrameReader } from "../../src/archive/zstd.ts";
import { joined } from "../../src/http/joined.ts";
import { exchangeLine, read } from "./archived.ts";

const lines = Array.from({ length: 3000 }, (_, id) => exchangeLine({ id: id + 1, error: `${id * id}` }));
const file = `${lines.join("\n")}\n`;
const bytes = new TextEncoder().encode(file);

/** Frames with raw blocks, 128 KiB each at most (RFC 8878 §3.1.1.2): what a compressor may do with anything. */
function zstdFrame(content: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58)];
  for (let from = 0; from < content.length; from += 0x1ffff) {
    const block = content.subarray(from, from + 0x1ffff);
    const header = block.length << 3 | (from + 0x1ffff >= content.length ? 1 : 0);
    parts.push(Uint8Array.of(header & 255, header >> 8 & 255, header >> 16), block);
  }
  return joined(parts);
}

const skippable = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);

async function assertAllRead(compressed: Uint8Array): Promise<void> {
  for (const pieceBytes of [1, 1000, 1e6]) {
    const { archived, problems } = await read(compressed, { pieceBytes });
    assert.deepEqual(problems, []);
    assert.deepEqual(archived.map(({ place }) => place), lines.map((_, i) => i + 1));
  }
}

Deno.test("a log may be compressed with gzip", async () => {
  await assertAllRead(new Uint8Array(gzipSync(file)));
});

Deno.test("gzip may come in several members, empty ones among them, and be filled up with zeros", async () => {
  const half = Math.floor(bytes.length / 2);
  const members = [bytes.subarray(0, half), new Uint8Array(0), bytes.subarray(half)].map((part) =>
    gzipSync(part)
  );
  await assertAllRead(joined([...members.map((member) => new Uint8Array(member)), new Uint8Array(100)]));
});

Deno.test("many small members of gzip cost what is in them, and reach back into none before them", async () => {
  const member = new Uint8Array(gzipSync(`${exchangeLine({ id: 1 })}\n`));
  const { archived, problems } = await read(joined(Array.from({ length: 5_000 }, () => member)), {
    pieceBytes: 65_536,
  });
  assert.deepEqual(problems, []);
  assert.equal(archived.length, 5_000);
  // A block of one code: a copy from 4 bytes back, where this member has no byte yet.
  const head = member.subarray(0, 10);
  const reaching = Uint8Array.of(0x03, 0x62, 0x00, 0, 0, 0, 0, 0, 0, 0, 0);
  const followed = await read(joined([member, head, reaching]));
  assert.equal(followed.archived.length, 1);
  assert.match(followed.problems.join("\n"), /corrupt/);
});

Deno.test("gzip that is cut gives the lines before the cut, and says so", async () => {
  const compressed = new Uint8Array(gzipSync(file));
  for (const to of [5, 12, compressed.length >> 1, compressed.length - 9, compressed.length - 1]) {
    const { archived, problems } = await read(compressed.subarray(0, to));
    assert.ok(to < compressed.length / 2 || archived.length > 1000, `${archived.length} lines`);
    assert.equal(problems[0], "found gzip data that is cut short, wanted all of it");
  }
});

Deno.test("gzip that is corrupt, or goes on with something else, says so", async () => {
  const compressed = new Uint8Array(gzipSync(file));
  const broken = compressed.slice();
  broken.fill(0xff, 5000, 5100);
  assert.match(
    (await read(broken)).problems.join("\n"),
    /^found gzip data (that is corrupt|with another checksum)/m,
  );
  const wrongSum = compressed.slice();
  wrongSum[wrongSum.length - 6] ^= 1;
  assert.match((await read(wrongSum)).problems[0], /^found gzip data with another checksum or length/);
  const followed = await read(joined([compressed, new TextEncoder().encode("something else")]));
  assert.equal(followed.archived.length, lines.length);
  assert.match(followed.problems[0], /^found other data behind the end of gzip data/);
});

Deno.test("a log may be compressed with Zstandard, in several frames", async () => {
  await assertAllRead(zstdFrame(bytes));
  await assertAllRead(
    joined([skippable, zstdFrame(bytes.subarray(0, 1000)), skippable, zstdFrame(bytes.subarray(1000))]),
  );
});

Deno.test({
  name: "a log may be compressed by a real compressor of Zstandard",
  // Deno 2.4 has none.
  ignore: !("zstdCompressSync" in zlib),
  fn: async () => await assertAllRead(new Uint8Array(zlib.zstdCompressSync(file))),
});

Deno.test("Zstandard that is cut or corrupt says so", async () => {
  const frame = zstdFrame(bytes);
  for (const to of [3, 9, 1000, frame.length - 10]) {
    const { problems, archived } = await read(frame.subarray(0, to));
    assert.match(problems.join("\n"), to === 3 ? /^found "/ : /^found Zstandard data that is cut short/m);
    assert.ok(archived.length < lines.length);
  }
  const corrupt = frame.slice();
  corrupt[6] |= 6;
  assert.match((await read(corrupt)).problems.join("\n"), /^found Zstandard data that is corrupt/m);
});

Deno.test("frames are decoded one by one, in pieces of any size", () => {
  const whole = joined([
    skippable,
    zstdFrame(bytes.subarray(0, 1000)),
    zstdFrame(bytes.subarray(1000)),
    skippable,
  ]);
  for (const size of [1, 13, 5000, whole.length]) {
    const reader = new ZstdFrameReader();
    const decoded: Uint8Array[] = [];
    for (let from = 0; from < whole.length; from += size) {
      decoded.push(...reader.push(whole.subarray(from, from + size)));
    }
    decoded.push(...reader.end());
    assert.deepEqual(joined(decoded), bytes);
  }
});

Deno.test("a frame over the limit, or one without an end, is an error in words", () => {
  const small = new ZstdFrameReader(1000);
  assert.throws(
    () => [...small.push(zstdFrame(bytes))],
    /found a Zstandard frame of more than 1000 bytes.*zstd -dc/,
  );
  const cut = new ZstdFrameReader();
  assert.deepEqual([...cut.push(zstdFrame(bytes).subarray(0, 500))], []);
  const decoded: Uint8Array[] = [];
  assert.throws(() => {
    for (const part of cut.end()) decoded.push(part);
  }, CompressionError);
  assert.deepEqual(joined(decoded), bytes.subarray(0, 500 - 9));
});

Deno.test("what hides in compressed data is found by its first bytes: a HAR, nothing", async () => {
  const har = '{"log":{"entries":[]}}';
  assert.deepEqual((await read(new Uint8Array(gzipSync(har)))).problems, []);
  assert.deepEqual((await read(new Uint8Array(gzipSync("")))).problems, []);
});
