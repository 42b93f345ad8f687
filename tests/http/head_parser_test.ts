/** Heads at, below and above the limits, and what keeps reading them linear. */
import assert from "node:assert/strict";
import { isRequestLine, isStatusLine, parseRequestHead, parseTrailers } from "../../src/http/head_parser.ts";
import { FIELD_LIMIT, HEAD_LIMIT_BYTES } from "../../src/http/limits.ts";
import { bytesOf, read } from "./events.ts";

/** A request head of exactly so many bytes. */
function headOf(length: number): string {
  const begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  return `${begin}${"y".repeat(length - begin.length - 4)}\r\n\r\n`;
}

/** The wire in pieces of so many bytes. */
function pieces(wire: string, size: number): Uint8Array[] {
  const bytes = bytesOf(wire);
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out;
}

for (const [what, length, isHead] of [["below", -1, true], ["at", 0, true], ["above", 1, false]] as const) {
  Deno.test(`a head ${what} the limit is ${isHead ? "a head" : "a stream"}, at every size of piece`, () => {
    const head = headOf(HEAD_LIMIT_BYTES + length);
    assert.equal(head.length, HEAD_LIMIT_BYTES + length);
    for (const size of [head.length + 100, 65_536, 4_096, 1_000]) {
      const { seen } = read(pieces(head + "GET / HTTP/1.0\r\n\r\n", size), { kind: "request" });
      assert.deepEqual(
        seen.map(({ start, reason }) => start === "stream" ? reason : start),
        isHead ? ["GET / HTTP/1.1", "GET / HTTP/1.0"] : ["over-limit"],
        `pieces of ${size}`,
      );
      if (!isHead) assert.equal(seen[0].body, head + "GET / HTTP/1.0\r\n\r\n");
    }
  });
}

for (const [what, count, isHead] of [["below", -1, true], ["at", 0, true], ["above", 1, false]] as const) {
  Deno.test(`a head with fields ${what} the limit is ${isHead ? "a head" : "a stream"}`, () => {
    const fields = FIELD_LIMIT + count;
    const head = `GET / HTTP/1.0\r\n${"a: b\r\n".repeat(fields)}\r\n`;
    for (const size of [head.length, 4_096, 7]) {
      const { seen } = read(pieces(head, size), { kind: "request" });
      assert.equal(seen.length, 1);
      if (isHead) assert.equal(seen[0].fields.length, fields);
      else assert.deepEqual([seen[0].reason, seen[0].body], ["over-limit", head]);
    }
  });
}

Deno.test("trailers are limited in number as fields are", () => {
  const section = (count: number) => parseTrailers(bytesOf(`${"a: b\r\n".repeat(count)}\r\n`));
  assert.equal(section(FIELD_LIMIT)?.fields.length, FIELD_LIMIT);
  assert.equal(section(FIELD_LIMIT + 1), undefined);
});

Deno.test("a value folded as often as a head can hold is read in linear time", () => {
  const folds = 60_000;
  const raw = bytesOf(`GET / HTTP/1.0\r\nX: y\r\n${" z\r\n".repeat(folds)}\r\n`);
  const begun = performance.now();
  const head = parseRequestHead(raw);
  // Joining at every fold copies 7 GB; joining once takes some ten ms.
  assert.ok(performance.now() - begun < 2_000);
  assert.ok(typeof head === "object");
  assert.equal(head.fields[0][1].length, 1 + 2 * folds);
});

Deno.test("a head that comes byte by byte is searched once, not once a byte", () => {
  const head = headOf(200_000);
  const begun = performance.now();
  const { seen } = read(pieces(head, 1), { kind: "request" });
  assert.equal(seen[0].start, "GET / HTTP/1.1");
  // Searching from the beginning each time looks at 20 thousand million bytes.
  assert.ok(performance.now() - begun < 5_000);
});

Deno.test("a wrong first line is told from an unfinished head before a limit is reached", () => {
  for (const wire of [`EHLO x\r\n${"y".repeat(300_000)}`, "z".repeat(300_000)]) {
    for (const size of [wire.length, 10_000]) {
      const { seen } = read(pieces(wire, size), { kind: "request" });
      assert.deepEqual(seen.map(({ reason, body }) => [reason, body.length]), [["not-http", wire.length]]);
    }
  }
});

Deno.test("a start line is known by itself", () => {
  assert.ok(isRequestLine(bytesOf("GET / HTTP/1.1")));
  assert.ok(!isRequestLine(bytesOf("GET / HTTP/2.0")));
  assert.ok(!isRequestLine(bytesOf("")));
  assert.ok(isStatusLine(bytesOf("HTTP/1.1 200")));
  assert.ok(!isStatusLine(bytesOf("HTTP/1.1 2000")));
  assert.ok(!isStatusLine(bytesOf("")));
});

Deno.test("a head keeps the bytes that it was given, and every one of them", () => {
  const raw = bytesOf("\r\nGET / HTTP/1.1\nHost : a\r\n\r\n");
  const head = parseRequestHead(raw);
  assert.ok(typeof head === "object");
  assert.equal(head.raw, raw);
  assert.equal(head.exact, false);
});
