/** The parser keeps its promises for any bytes: nothing throws, nothing is lost, and cuts do not matter. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { RequestHead } from "../../src/http/head.ts";
import { requestParser } from "../../src/http/parser.ts";
import { bytesOf, cutAt, latin1, read, type Reading } from "./events.ts";

/** Pieces of wire from which generated traffic is made: good, odd and hostile. */
const PIECES = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
  "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  "POST /x HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n2;q=1\nab\n0\nX: y\n\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.0 200\r\n\r\nuntil the end",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
  "\r\n",
  "\n",
  "\0",
  "GET",
  " ",
  ":",
  "HTTP/1.1 ",
  "ffffffffffffffff\r\n",
  "Content-Length: 1\r\n",
];

const wire = fc.array(
  fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 12 }).map(latin1)),
  { maxLength: 8 },
).map((pieces) => bytesOf(pieces.join("")));

const reading: fc.Arbitrary<Reading> = fc.record({
  kind: fc.constantFrom("request" as const, "response" as const),
  head: fc.boolean(),
});

Deno.test("any cut of any bytes gives the same messages", () => {
  fc.assert(
    fc.property(wire, reading, fc.array(fc.nat(400), { maxLength: 12 }), (bytes, how, cuts) => {
      const whole = read([bytes], how);
      const offsets = cuts.filter((at) => at <= bytes.length);
      assert.deepEqual(read(cutAt(bytes, offsets), how), whole);
      assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte)), how), whole);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("bytes that are not chunked come out as they went in", () => {
  fc.assert(
    fc.property(wire, reading, (bytes, how) => {
      const { seen } = read([bytes], how);
      if (seen.some(({ fields }) => fields.some((field) => /chunked/i.test(field)))) return;
      assert.equal(seen.map(({ raw, body }) => raw + body).join(""), latin1(bytes));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("arbitrary bytes never throw and are a stream from the first byte that cannot begin a message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      for (const kind of ["request", "response"] as const) {
        const { seen } = read([bytes], { kind });
        assert.equal(seen.map(({ raw, body }) => raw + body).join(""), latin1(bytes));
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("an exact head is what writing its parts back gives", () => {
  fc.assert(fc.property(wire, reading, (bytes, how) => {
    for (const { exact, start, fields, raw, state } of read([bytes], how).seen) {
      if (state === "stream" || !exact) continue;
      const text = [start, ...fields, "", ""].join("\r\n");
      assert.equal(latin1(new TextEncoder().encode(text)), raw);
    }
  }));
});

Deno.test("a repeated head is the same object, so that what was derived from it can be reused", () => {
  const request = "GET /same HTTP/1.1\r\nHost: a\r\n\r\n";
  const heads: RequestHead[] = [];
  const starts: number[] = [];
  const parser = requestParser({
    head(head, framing, start) {
      heads.push(head);
      starts.push(start);
      return framing;
    },
    body() {},
    flag() {},
    end() {},
    stream() {},
  });
  parser.push(bytesOf(request.repeat(3)));
  parser.push(bytesOf(request));
  parser.push(bytesOf(request.replace("same", "else")));
  assert.equal(heads.length, 5);
  assert.ok(heads.slice(1, 4).every((head) => head === heads[0]));
  assert.notEqual(heads[4], heads[0]);
  assert.deepEqual([heads[0].target, heads[4].target], ["/same", "/else"]);
  assert.deepEqual(starts, [0, 1, 2, 3, 4].map((count) => count * request.length));
});

Deno.test("what follows a request that may end HTTP waits, and is then read as what it is", () => {
  const connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
  const next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const bytes = bytesOf(connect + next);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const pieces = cutAt(bytes, [cut]);
    const refused = read(pieces, { kind: "request", pause: { after: 0, upgraded: false } });
    assert.deepEqual(refused.seen.map(({ start }) => start), ["CONNECT a:1 HTTP/1.1", "GET / HTTP/1.1"]);
    const tunnel = read(pieces, { kind: "request", pause: { after: 0, upgraded: true } });
    assert.deepEqual(tunnel.seen.map(({ start, at }) => [start, at]), [["CONNECT a:1 HTTP/1.1", 0], [
      "stream",
      connect.length,
    ]]);
    assert.equal(tunnel.seen[1].body, next);
  }
});

Deno.test("what a pause holds is bounded: past the limit it is a stream, whole", () => {
  const connect = "CONNECT a:1 HTTP/1.1\r\n\r\n";
  const rest = "x".repeat(300_000);
  const { seen } = read([bytesOf(connect), bytesOf(rest), bytesOf("more")], {
    kind: "request",
    pause: { after: 0, upgraded: false },
  });
  assert.equal(seen.length, 2);
  assert.equal(seen[1].state, "stream");
  assert.equal(seen[1].body.length, 300_004);
  assert.equal(seen[1].at, connect.length);
});

Deno.test("a head past the limit is a stream that begins where the head began, at every size of piece", () => {
  const head = `GET / HTTP/1.1\r\nX: ${"y".repeat(300_000)}\r\n\r\n`;
  for (const size of [300_100, 65_536, 4_096, 100]) {
    const bytes = bytesOf(head);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    const { seen } = read(pieces, { kind: "request" });
    assert.deepEqual(seen.map(({ state, at }) => [state, at]), [["stream", 0]], `pieces of ${size}`);
    assert.equal(seen[0].body, head);
  }
});

Deno.test("a line that is no start line is shown as soon as it is whole, a binary byte at once", () => {
  const { seen } = read([bytesOf("EHLO mail.example\r\n")], { kind: "request" });
  assert.deepEqual(seen.map(({ state, body }) => [state, body]), [["stream", "EHLO mail.example\r\n"]]);
  const early: string[] = [];
  for (const first of ["\x16\x03\x01", "220 mail", "{"]) {
    early.push(read([bytesOf(first)], { kind: "response" }).seen[0].state);
  }
  assert.deepEqual(early, ["stream", "stream", "stream"]);
});
