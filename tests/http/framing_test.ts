/** Framing where the wire corpus does not reach: lengths as numbers, chunk lines at their limits, trailers at theirs. */
import assert from "node:assert/strict";
import { bodyFlags, isInterim, requestFraming, responseFraming, trimSpace } from "../../src/http/framing.ts";
import { parseRequestHead, parseResponseHead } from "../../src/http/head_parser.ts";
import { CHUNK_LINE_LIMIT_BYTES, HEAD_LIMIT_BYTES } from "../../src/http/limits.ts";
import { bytesOf, read } from "./events.ts";

const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

function responseFramingOf(wire: string) {
  const head = parseResponseHead(bytesOf(wire));
  assert.ok(typeof head === "object");
  return responseFraming(head);
}

function requestFramingOf(fields: string) {
  const head = parseRequestHead(bytesOf(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`));
  assert.ok(typeof head === "object");
  return requestFraming(head);
}

/** The wire whole, and in small pieces: the outcome is the same. */
function outcome(wire: string) {
  const bytes = bytesOf(wire);
  const whole = read([bytes], { kind: "response" });
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 37) pieces.push(bytes.subarray(at, at + 37));
  assert.deepEqual(read(pieces, { kind: "response" }), whole);
  return whole.seen;
}

for (const [what, length, isChunk] of [["below", -1, true], ["at", 0, true], ["above", 1, false]] as const) {
  Deno.test(`a chunk line ${what} the limit is ${isChunk ? "read" : "a stream"}`, () => {
    const line = `1;${"x".repeat(CHUNK_LINE_LIMIT_BYTES + length - 4)}\r\n`;
    assert.equal(line.length, CHUNK_LINE_LIMIT_BYTES + length);
    const seen = outcome(`${HEAD}${line}z\r\n0\r\n\r\n`);
    if (isChunk) {
      assert.deepEqual(seen.map(({ body, state, flags }) => [body, state, flags]), [
        ["z", "end", ["chunk-extension"]],
      ]);
    } else {
      assert.deepEqual(seen.map(({ state, reason }) => [state, reason]), [["cut", ""], [
        "stream",
        "over-limit",
      ]]);
      assert.equal(seen[1].body, `${line}z\r\n0\r\n\r\n`);
      assert.equal(seen[1].at, HEAD.length);
    }
  });
}

for (const [what, length, isRead] of [["below", -1, true], ["at", 0, true], ["above", 1, false]] as const) {
  Deno.test(`a trailer section ${what} the limit is ${isRead ? "read" : "a stream"}`, () => {
    const section = `X: ${"y".repeat(HEAD_LIMIT_BYTES + length - 7)}\r\n\r\n`;
    assert.equal(section.length, HEAD_LIMIT_BYTES + length);
    const seen = outcome(`${HEAD}0\r\n${section}`);
    if (isRead) assert.equal(seen[0].trailers[0].length, section.length - 4);
    else assert.deepEqual([seen[1].reason, seen[1].body], ["over-limit", section]);
  });
}

Deno.test("too many trailers are a stream, whole", () => {
  const section = `${"a: b\r\n".repeat(2_001)}\r\n`;
  const seen = outcome(`${HEAD}0\r\n${section}more`);
  assert.deepEqual([seen[1].reason, seen[1].body], ["over-limit", `${section}more`]);
});

Deno.test("chunks of one byte, ten thousand of them, are read as one body", () => {
  const seen = outcome(`${HEAD}${"1\r\nx\r\n".repeat(10_000)}0\r\n\r\n`);
  assert.equal(seen[0].body, "x".repeat(10_000));
  assert.equal(seen[0].state, "end");
});

Deno.test("a length of 0 is no body, any other is a number", () => {
  assert.deepEqual(requestFramingOf("Content-Length: 0\r\n"), { kind: "none" });
  assert.deepEqual(requestFramingOf("Content-Length: 12\r\n"), { kind: "length", length: 12 });
  assert.deepEqual(requestFramingOf(""), { kind: "none" });
  assert.deepEqual(requestFramingOf("Content-Length: 1, 2\r\n"), { kind: "stream", reason: "not-http" });
});

Deno.test("what a response says last is whether the connection's end delimits it", () => {
  assert.deepEqual(responseFramingOf("HTTP/1.1 200 OK\r\n\r\n"), { kind: "close" });
  assert.deepEqual(responseFramingOf("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"), { kind: "close" });
  assert.deepEqual(responseFramingOf("RTSP/1.0 200 OK\r\n\r\n"), { kind: "none" });
  assert.deepEqual(responseFramingOf("HTTP/1.1 101 x\r\n\r\n"), { kind: "stream", reason: "upgraded" });
  assert.deepEqual(responseFramingOf("HTTP/1.1 099 x\r\n\r\n"), { kind: "close" });
});

Deno.test("only 100 to 199 are interim", () => {
  assert.deepEqual([0, 99, 100, 199, 200, 999].map(isInterim), [false, false, true, true, false, false]);
});

Deno.test("only SP and HTAB are white space of HTTP", () => {
  assert.equal(trimSpace("\t a b \t"), "a b");
  assert.equal(trimSpace("\x0b a\u00a0"), "\x0b a\u00a0");
  assert.equal(trimSpace(" \t "), "");
  assert.equal(trimSpace(""), "");
});

Deno.test("a status that allows no body marks what delimits one, but not a length of 0", () => {
  const length = (value: string) => [["Content-Length", value]] as const;
  assert.deepEqual(bodyFlags("HTTP/1.1", length("0"), 204), []);
  assert.deepEqual(bodyFlags("HTTP/1.1", length("1"), 204), ["length-not-allowed"]);
  assert.deepEqual(bodyFlags("HTTP/1.1", length("1"), 304), []);
  assert.deepEqual(bodyFlags("HTTP/1.1", length("1"), 100), ["length-not-allowed"]);
  assert.deepEqual(bodyFlags("HTTP/1.1", length("1"), 99), []);
});
