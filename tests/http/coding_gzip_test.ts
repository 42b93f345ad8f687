/** gzip and zlib: members, header fields and checksums. */
import assert from "node:assert/strict";
import { crc32, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { decodeContent } from "../../src/http/coding.ts";

const LIMIT = 1 << 20;

function gunzip(...parts: (Uint8Array | readonly number[])[]) {
  const { bytes, error } = decodeContent(
    ["gzip"],
    Uint8Array.from(parts.flatMap((part) => [...part])),
    LIMIT,
  );
  return { text: new TextDecoder().decode(bytes), error };
}

function inflate(bytes: Uint8Array) {
  const decoded = decodeContent(["deflate"], bytes, LIMIT);
  return { text: new TextDecoder().decode(decoded.bytes), error: decoded.error };
}

/** A gzip member with the given flags, and what they announce, in its header. */
function member(text: string, flags: number, ...optional: number[]): number[] {
  const data = new TextEncoder().encode(text);
  const sum = crc32(data);
  const trailer = [sum, sum >>> 8, sum >>> 16, sum >>> 24, data.length, data.length >>> 8, 0, 0];
  return [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255, ...optional, ...deflateRawSync(data), ...trailer].map((
    byte,
  ) => byte & 255);
}

Deno.test("gzip of several members is all of them, one after the other", () => {
  assert.deepEqual(gunzip(member("one, ", 0), member("", 0), gzipSync("two")), {
    text: "one, two",
    error: undefined,
  });
});

Deno.test("a later member cannot refer to the text of the one before it", () => {
  // A fixed block that copies 3 bytes from 1 back, with nothing before it in its member.
  const copying = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 0x03, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const { text, error } = gunzip(member("abc", 0), copying);
  assert.equal(text, "abc");
  assert.match(error ?? "", /^gzip: corrupt/);
});

Deno.test("extra field, name, comment and header checksum are passed over", () => {
  const optional = [3, 0, 1, 2, 3, 110, 0, 99, 99, 0, 0xaa, 0xbb];
  assert.deepEqual(gunzip(member("text", 2 | 4 | 8 | 16, ...optional)), { text: "text", error: undefined });
});

Deno.test("a header that is cut short in any of its fields is cut short", () => {
  const whole = member("text", 4 | 8 | 16, 3, 0, 1, 2, 3, 110, 0, 99, 0);
  for (let cut = 0; cut < 19; cut++) {
    assert.deepEqual(gunzip(whole.slice(0, cut)), { text: "", error: "gzip: cut short" }, `at ${cut}`);
  }
});

Deno.test("what is not gzip is said to be none", () => {
  assert.equal(gunzip([...new TextEncoder().encode("<html>")]).error, "gzip: not gzip data");
  assert.equal(gunzip([0x1f, 0x8b, 7, 0]).error, "gzip: not gzip data");
  assert.match(gunzip(member("x", 0x40)).error ?? "", /reserved flags/);
});

Deno.test("a wrong checksum or length is reported, and the text given all the same", () => {
  const wrongSum = Uint8Array.from(gzipSync("hello"));
  wrongSum[wrongSum.length - 8] ^= 1;
  assert.deepEqual(gunzip(wrongSum), { text: "hello", error: "gzip: corrupt: the checksum does not match" });
  const wrongLength = Uint8Array.from(gzipSync("hello"));
  wrongLength[wrongLength.length - 4] ^= 1;
  assert.deepEqual(gunzip(wrongLength), { text: "hello", error: "gzip: corrupt: the length does not match" });
});

Deno.test("deflate is read with and without its wrapping", () => {
  for (const text of ["", "a", "deflate ".repeat(5000)]) {
    assert.deepEqual(inflate(deflateSync(text)), { text, error: undefined });
    assert.deepEqual(inflate(deflateRawSync(text)), { text, error: undefined });
    assert.deepEqual(inflate(deflateSync(text, { level: 0 })), { text, error: undefined });
  }
});

Deno.test("a wrong zlib checksum is reported", () => {
  const wrong = Uint8Array.from(deflateSync("hello"));
  wrong[wrong.length - 1] ^= 1;
  assert.deepEqual(inflate(wrong), { text: "hello", error: "deflate: corrupt: the checksum does not match" });
});

Deno.test("the zlib checksum is right for data whose sums overflow", () => {
  const data = new Uint8Array(100_000).fill(255);
  assert.equal(decodeContent(["deflate"], deflateSync(data), LIMIT).error, undefined);
});

Deno.test("a preset dictionary is asked for in words", () => {
  assert.equal(
    inflate(Uint8Array.of(0x78, 0x20, 1, 2, 3, 4)).error,
    "deflate: the data needs a preset dictionary",
  );
});
