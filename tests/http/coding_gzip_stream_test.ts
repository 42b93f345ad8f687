/** gzip and zlib as they come. */
import assert from "node:assert/strict";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { GzipStream, type StreamedCoding } from "../../src/http/coding/gzip_stream.ts";
import { joined } from "../../src/http/joined.ts";
import { cutAt } from "./events.ts";

/** What comes out behind each piece. */
function outputs(coding: StreamedCoding, pieces: readonly Uint8Array[]): Uint8Array[] {
  let out: Uint8Array[] = [];
  const stream = new GzipStream(coding, (buffer, from, to) => out.push(buffer.slice(from, to)));
  return pieces.map((piece) => {
    out = [];
    // A borrowed buffer: what is kept of it without a copy is wiped out.
    const borrowed = piece.slice();
    stream.push(borrowed);
    borrowed.fill(0x21);
    return joined(out);
  });
}

const CODERS: readonly [coding: StreamedCoding, code: (data: Uint8Array) => Uint8Array][] = [
  ["gzip", gzipSync],
  [
    "x-gzip",
    (data) =>
      joined([gzipSync(data.subarray(0, data.length >> 1)), gzipSync(data.subarray(data.length >> 1))]),
  ],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
];

Deno.test("what was coded comes out, whatever it is and however it is cut", () => {
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 9_000 })).map((
      [text, times],
    ) => new TextEncoder().encode(text.repeat(times))),
  );
  fc.assert(
    fc.property(
      data,
      fc.constantFrom(...CODERS),
      fc.infiniteStream(fc.nat()),
      (input, [coding, code], cuts) => {
        // Not a Buffer, whose slice is no copy.
        const coded = Uint8Array.from(code(input));
        const offsets = [...cuts.take(6)].map((cut) => cut % (coded.length + 1));
        assert.deepEqual(joined(outputs(coding, cutAt(coded, offsets))), input.slice());
      },
    ),
  );
});

Deno.test("a gzip header with a name, byte by byte; one that does not end is given up", () => {
  const [magic, rest] = [[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255], [
    ...deflateRawSync("hello"),
    ...new Uint8Array(8),
  ]];
  const named = Uint8Array.from([...magic, 0x61, 0x62, 0, ...rest]);
  const pieces = Array.from(named, (byte) => Uint8Array.of(byte));
  assert.equal(new TextDecoder().decode(joined(outputs("gzip", pieces))), "hello");
  const endless = [
    Uint8Array.from(magic),
    ...Array.from({ length: 9 }, () => new Uint8Array(1_000).fill(0x61)),
  ];
  assert.equal(joined(outputs("gzip", [...endless, Uint8Array.from([0, ...rest])])).length, 0);
});

Deno.test("what is no gzip, and what follows broken data, is passed over", () => {
  const hello = gzipSync("hello");
  assert.equal(joined(outputs("gzip", [new TextEncoder().encode("data: 1\n\n"), hello])).length, 0);
  assert.equal(joined(outputs("deflate", [Uint8Array.of(0x78, 0xbb, 1, 2), deflateSync("hello")])).length, 0);
  const broken = Uint8Array.from([...hello.subarray(0, 10), 7, 7, 7]);
  assert.equal(joined(outputs("gzip", [broken, hello])).length, 0);
  fc.assert(fc.property(fc.array(fc.uint8Array()), fc.constantFrom("gzip", "deflate"), (pieces, coding) => {
    outputs(coding, [hello.subarray(0, 12), ...pieces]);
    outputs(coding, pieces);
  }));
});

Deno.test("a bomb is given up after 4 MiB of one piece", () => {
  const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
  const [first, then] = outputs("gzip", [bomb.subarray(0, 40_000), bomb.subarray(40_000)]);
  assert.ok(first.length > 4 * 1024 * 1024 && first.length < 5 * 1024 * 1024, `${first.length}`);
  assert.equal(then.length, 0);
});
