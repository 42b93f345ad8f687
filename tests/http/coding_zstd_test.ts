/** Zstandard: frames that the reference encoder wrote, frames made by hand, and what neither should contain. */
import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import fc from "fast-check";
import { decodeContent } from "../../src/http/coding.ts";

const LIMIT = 1 << 20;

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

function unzstd(bytes: Uint8Array | readonly number[], limit = LIMIT) {
  const { bytes: decoded, truncated, error } = decodeContent(["zstd"], Uint8Array.from(bytes), limit);
  return { bytes: decoded, truncated, error: error?.replace("zstd: ", "") };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function base64(encoded: string): Uint8Array {
  return Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
}

/** A block: its type is 0 raw, 1 one byte repeated, 2 compressed; `size` where it is not that of the data. */
function block(type: number, data: readonly number[], last = true, size = data.length): number[] {
  const header = (size << 3) | (type << 1) | (last ? 1 : 0);
  return [header & 255, (header >> 8) & 255, header >> 16, ...data];
}

/** A frame without content size and checksum, with a window of 1 MiB. */
function frame(...blocks: readonly number[][]): number[] {
  return [...MAGIC, 0, 0x50, ...blocks.flat()];
}

function* randoms(): Generator<number> {
  for (let value = 1;;) yield value = (value * 48271) % 2147483647;
}

/** Text with many short matches. */
function story(lines: number): Uint8Array {
  const random = randoms();
  return new TextEncoder().encode(
    Array.from({ length: lines }, (_, i) => {
      const value = random.next().value;
      const what = ["alpha", "beta", "gamma", "delta"][value & 3];
      return `${i} ${what} costs ${value % 97} in ${["Rome", "Oslo", "Lima"][value % 3]}\n`;
    }).join(""),
  );
}

/** Bytes without matches, yet few different ones. */
function skewed(size: number): Uint8Array {
  const random = randoms();
  return Uint8Array.from({ length: size }, () => Math.clz32(random.next().value * 2) * 5 + 65);
}

/** Several blocks that are much alike, so that later ones repeat the tables of the first. */
function repeats(): Uint8Array {
  return Uint8Array.from({ length: 300_000 }, (_, i) => 97 + (i % 1000 === 0 ? (i / 1000) % 26 : i % 10));
}

// What zstd 1.5 makes of these: a checksum, FSE tables of every kind, Huffman codes in one stream and in four.
const STORY_12 = base64(`
  KLUv/QRY7QMAssQQFpBXB1gLQaB+FGeNdjDBksrCx9gSMwPJ3dbqQUSVWeBsIgUld1t6klE2fLck6yes6mbjms/B4Ed7QYcRPuIc
  HStOAhgAQJCec/k3AQS452CJjeB5LhTIhMNA0QDLzgZgxVRxQXt9HEaGTXT4MVhYg0uCjYGDILSZmHkKtzPH
`);
const STORY_60 = base64(`
  KLUv/QBo/QkAQowgFYBNG8CpkQ0GcjBEZSlkc0t6ikml995TVeube1/dWu0r1XevmUth+rm4d6sbmkLv4VWX5c/4O3vt1OmmquFa
  6dU7Me9nm5eoKQKl1lAPl6ZKW/RNbbenLZ7+lnIChcMI9oWWGMGdgcSBiFvHKZTAAKiRhuBhAmcgTRJ0BMXUJEigAnWoMaQ7FOu/
  AWBKZGNWBxEgCEFCYo1yvXc3RDcwWrQP8FOtpA5UBzaxwfEBafAWqY1R1WsNU3IQ2kCeTsD7LMgeIDCYnTW0Kd6kX7AlNYiNDh9P
  t3VaGyrI1DdrNYC+uz4nJm6vCsRJwHac0g/Qn7Xbd502aEJc2MEIqoHutKkhGNk6kDNjbKtUqO85rwZGGNoVf67wfO0PvdYfDnXi
  /NUSvRhvO36pE43d64c00hOzjMa5geQBc7ZWFQ==
`);
const SKEW_300 = base64(`
  KLUv/QBIhQMAUg0TEaAVJOl/rn7AWXiwD9P//wcUq+K9XGDL2SQAVYKJqFKqJUxjhIewyTHDTdgy7neCP2FmTALqcCRHpZdJI24o
  ieqJSezGt3a+xprHQAwASUmqWh4Sk3FPLsCTu2ZkoQ+5YFh1kZ8l5OWt8iNAEg==
`);
const SKEW_900 = base64(`
  KLUv/QBYbQoAttQhEqClIOl/7oQUigX2YQKq//8fQhkAGwAdAAdoReUrupX3lpSFH22r0yfLYpqlJe0qAQKHMkKXCkCd/UE96ETd
  1TwsJaqINF0c5aCju3R2SEEw7BJ0YPw/Fy0FS0esqYBVoehGF0NAut1xAWYFNmAXCYQZhjASJVFaO3SgYURq6PiXhq7UYx0BYqhx
  pYSohIKCmIY5MEJimEo+EBDT2AFcDBQNQFXebN8gCw/xDSUTCG+MNyUcYUcmFth1f739qMY6cgBUSN9w8acnDCWdeaALTVZbB8+d
  Akndfg8tgfpkskXVyNgo9rrUtAEyilX7bfCLJMECL6CEgam21gQVUAZlUj0WilygdcVefsL0pIzuPrQQq2kbGkXt/z2WMBg+l2ij
  RWb4r6TqVb8SwdI9ASPsjEL7dRk2bmbj+8TFuxbqiMrC6qP4g7ByEEAF
`);
const REPEATS = base64(`
  KLUv/QBY7AoAZlAjE6C7HCRJkiRJkkhkd3f+//9/ZQIeABwAHQBXNY1Cn84mc6lMIo/GInEoDAJft2VXNQXAc40tlQaHwiDwdVt2
  VdMo9OlsMpfKJPJoLBKHwiDwdVsWl8ok8mgsEofCIPB1W3ZV0yj06Wwyl8ok8mgsEgHTKPTpbDKXyiTyaCwSh8Ig8HVbdlXTKPTp
  bDIBgP2oEPD7BuDXElhg8P//CcH5DioLv/a1o33taF/72tVO2tEu7WhX+9rTjva0rx20q93a0a52tC/Cq13t1g7a1Y72taN97WtX
  u9rRLrSjXe1rTzva0752tKudaWeEX7va1652taNd2tFO2teedrSnfe1oV7u1o520o33taF/72k3Cr33taC/taF/72tWudrRLO9rV
  XtrTjva0rx3tard2tKsdtC/Cq13t1o52taN97Wgv7WtXu9rRLu1oV/va0w7a0752tKvd2jluex0pBYwJANPPGtU0Cn06m8ylMok8
  GovEoTAIfN2WXdU0Cn06m8ylMok8GovEoTAIfN2WXdU0Cn06m8ylMok8GovEoTAIfN2WXdU0Cn06m8ylMok8GovEoTAIfN2WXdU0
  Cn06m8ylMok8GovEoTAIfN2WXZUKgP1YAQASWGDw//8rBPgOgrQLhF+72teudrWjXdrRrva1px3taV872tVu7WhXO9rXjva1r90k
  /NrXjva1o33ta1e72tEu7WhX+9rTjva0rx3tard2tKsd7Yvwale7taNd7WhfO9rXvna1qx3t0o52ta897WhP+9rRrnZrZ4Rfu9rX
  rna1o13a0a72tacd7WlfO9rVbu1oVzva1472ta/dJPza1472taN97WtXu9rRLu1oV/va0472tK8d7Wq3drSrHc6jHQMAk8QHi8Sh
  MAh83ZZd1TQKfTqbzKUyiTwai8ShMAh83ZZdLElYAQAS2GDw///fb9rTvva0px3taUc72tOe9rWrnS182tWO9rWvfe1oV3va0Y52
  a0/72tOedrSnHe1oT3vap+oK
`);

/** Encoded, and what it must become. */
const SAMPLES: readonly [coded: Uint8Array, plain: Uint8Array][] = [
  [STORY_12, story(12)],
  [STORY_60, story(60)],
  [SKEW_300, skewed(300)],
  [SKEW_900, skewed(900)],
  [REPEATS, repeats()],
];

Deno.test("frames of the reference encoder are decoded", () => {
  for (const [coded, plain] of SAMPLES) {
    assert.deepEqual(unzstd(coded), { bytes: plain, truncated: false, error: undefined });
  }
});

Deno.test("frames stand one after the other, and skippable frames say nothing", () => {
  const skippable = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
  const { bytes, error } = unzstd([
    ...skippable,
    ...frame(block(0, [97])),
    ...skippable,
    ...frame(block(1, [98], true, 3)),
  ]);
  assert.equal(text(bytes), "abbb");
  assert.equal(error, undefined);
});

Deno.test("a frame may be one segment with its size in any width", () => {
  const data = block(0, [97, 98]);
  for (
    const header of [[0x20, 2], [0xa0, 2, 0, 0, 0], [0xe0, 2, 0, 0, 0, 0, 0, 0, 0], [0x00, 0x50], [
      0x21,
      0,
      2,
    ]]
  ) {
    const { bytes, error } = unzstd([...MAGIC, ...header, ...data]);
    assert.deepEqual([text(bytes), error], ["ab", undefined], String(header));
  }
  const twoBytes = unzstd([...MAGIC, 0x60, 44, 0, ...block(1, [120], true, 300)]);
  assert.deepEqual([twoBytes.bytes.length, twoBytes.error], [300, undefined]);
});

Deno.test("a block may have no sequences, or repeat the tables of the one before it", () => {
  const raw = block(0, [49, 50, 51, 52, 53, 54, 55, 56, 57, 48], false);
  // One literal, one sequence of 3 bytes that are as far back as the last but one: 4 at first, then 1. The tables are
  // described, then repeated.
  const described = block(2, [9, 65, 1, 0xa8, 0xf4, 0x3f, 0xf3, 0x1f, 0xf4, 0x3f, 0, 0, 0, 4], false);
  const repeated = block(2, [9, 66, 1, 0xfc, 0, 0, 0, 4], false);
  const { bytes, error } = unzstd(frame(raw, described, repeated, block(2, [9, 67, 0])));
  assert.deepEqual([text(bytes), error], ["1234567890789AAAABC", undefined]);
});

Deno.test("a size that does not match is reported, with the bytes", () => {
  const { bytes, error } = unzstd([...MAGIC, 0x20, 3, ...block(0, [97, 98])]);
  assert.deepEqual([text(bytes), error], ["ab", "corrupt: the length does not match"]);
});

Deno.test("a window past 8 MiB is reported, yet the data decoded", () => {
  const { bytes, error } = unzstd([...MAGIC, 0, 0x78, ...block(0, [97])]);
  assert.equal(text(bytes), "a");
  assert.match(error ?? "", /^window of 33554432 bytes/);
  assert.equal(unzstd([...MAGIC, 0, 0x68, ...block(0, [97])]).error, undefined);
});

Deno.test("every cut of a frame gives a beginning of the data", () => {
  for (const [coded, plain] of SAMPLES.slice(0, 4)) {
    for (let cut = 1; cut < coded.length; cut++) {
      const { bytes, error } = unzstd(coded.subarray(0, cut));
      assert.deepEqual(bytes, plain.subarray(0, bytes.length));
      assert.equal(error, "cut short", `${cut} of ${coded.length}`);
    }
  }
});

Deno.test("a skippable frame that is cut short is cut short", () => {
  const whole = [...frame(block(0, [97])), 0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2];
  for (let cut = 11; cut < whole.length; cut++) {
    const { bytes, error } = unzstd(whole.slice(0, cut));
    assert.deepEqual([text(bytes), error], ["a", "cut short"], `at ${cut}`);
  }
});

Deno.test("what cannot be in a frame is named", () => {
  const sequences = (...bytes: number[]) => frame(block(2, [1 << 3, 65, ...bytes]));
  const broken: [RegExp, readonly number[]][] = [
    [/^not Zstandard/, [1, 2, 3, 4]],
    [/^other data after/, [...frame(block(0, [97])), 1, 2, 3, 4]],
    [/reserved bit/, [...MAGIC, 8, 0x50, ...block(0, [])]],
    [/^the data needs dictionary 7$/, [...MAGIC, 1, 0x50, 7, ...block(0, [])]],
    [/bad block header/, frame(block(3, [97]))],
    [/bad block header/, frame(block(1, [97], true, 131073))],
    [/bad literals section/, frame(block(2, [0xff, 0xff]))],
    [/no Huffman table to repeat/, frame(block(2, [0x13, 0x40, 0, 1]))],
    [/no sequences section/, frame(block(2, [1 << 3, 65]))],
    [/bytes after an empty/, sequences(0, 0)],
    [/reserved mode/, sequences(1, 1, 0x80)],
    [/no table to repeat/, sequences(1, 0xfc, 0x80)],
    [/bad sequence code/, sequences(1, 0x54, 36, 0, 0, 0x80)],
    [/FSE accuracy/, sequences(1, 0x80, 0x0f, 0x80)],
    [/without an end mark/, sequences(1, 0x54, 0, 0, 0, 0)],
    [/bad sequence/, sequences(1, 0x54, 16, 0, 0, 0x80)],
    [/a distance that cannot be/, sequences(1, 0x54, 1, 3, 0, 0x08)],
    [/sequences of the wrong length/, sequences(1, 0x54, 1, 0, 0, 0x08)],
  ];
  for (const [reason, bytes] of broken) assert.match(unzstd(bytes).error ?? "none", reason);
});

Deno.test("a handful of bytes that asks for billions of copies is refused at once", () => {
  // One block of 98,303 sequences, each a copy of 65,539 bytes or more.
  const bomb = frame(block(2, [1 | (1 << 3), 65, 255, 0xff, 0xff, 0x54, 0, 5, 52, 0xff]));
  const from = performance.now();
  assert.match(unzstd(bomb).error ?? "", /^corrupt/);
  assert.ok(performance.now() - from < 1000);
});

Deno.test("any change to a frame gives bytes and an answer, never an exception", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLES.slice(0, 4)),
      fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      ([coded], changes) => {
        const changed = Uint8Array.from(coded);
        for (const [at, value] of changes) changed[at % changed.length] ^= value;
        assert.ok(unzstd(changed, 5000).bytes.length <= 5000);
      },
    ),
    { numRuns: 3000 },
  );
});

// The run time has an encoder in later versions only; there it is asked for more.
const encode: unknown = Reflect.get(zlib, "zstdCompressSync");

Deno.test({
  name: "whatever the run time encodes is decoded",
  ignore: typeof encode !== "function",
  fn: () => {
    if (typeof encode !== "function") return;
    fc.assert(fc.property(
      fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.nat(200).map((size) => story(size))), {
        maxLength: 6,
      }),
      fc.integer({ min: -5, max: 19 }),
      (parts, level) => {
        const data = Uint8Array.from(parts.flatMap((part) => [...part]));
        const coded = encode(data, { params: { 100: level } });
        assert.deepEqual(unzstd(coded), { bytes: data, truncated: false, error: undefined });
      },
    ));
  },
});
