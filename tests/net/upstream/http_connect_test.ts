/** CONNECT to a proxy: what is sent, how answers are read, and that not a byte of the tunnel is. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { HandshakeStep } from "../../../src/net/upstream/handshake.ts";
import { ANSWER_LIMIT_BYTES, HttpConnect } from "../../../src/net/upstream/http_connect.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Outcome {
  readonly last: HandshakeStep;
  /** How many of the proxy's bytes were read. */
  readonly read: number;
}

/** Gives the request what the proxy says, as many bytes as it wants, at most `most` at a time. */
function converse(request: HttpConnect, proxySays: Uint8Array, most: number): Outcome {
  let read = 0;
  let last: HandshakeStep = { kind: "more" };
  while (last.kind === "more" && read < proxySays.length) {
    assert.ok(request.wants >= 1 && request.wants <= 512);
    const piece = proxySays.slice(read, read + Math.min(most, request.wants));
    read += piece.length;
    last = request.push(piece);
    piece.fill(0xee);
  }
  return { last, read };
}

function answered(text: string, authorization?: string): Outcome {
  const bytes = encoder.encode(text);
  const outcome = converse(new HttpConnect("a.test", 443, authorization), bytes, Infinity);
  for (const most of [1, 3]) {
    assert.deepEqual(converse(new HttpConnect("a.test", 443, authorization), bytes, most).last, outcome.last);
  }
  return outcome;
}

function reason(text: string, authorization?: string): string {
  const { last } = answered(text, authorization);
  assert(last.kind === "failed", `it is ${last.kind}`);
  return last.reason;
}

const opening = (host: string, authorization?: string) =>
  decoder.decode(new HttpConnect(host, 443, authorization).opening);

Deno.test("the request names the target, and carries credentials where there are any", () => {
  assert.equal(opening("a.test"), "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
  assert.equal(
    opening("fe80::1%eth0", "Basic eDp5"),
    "CONNECT [fe80::1]:443 HTTP/1.1\r\nHost: [fe80::1]:443\r\nProxy-Authorization: Basic eDp5\r\n\r\n",
  );
  for (const host of ["", "a b", "a\r\nX: y", "a/b", "u@a", "%0d"]) {
    assert.throws(
      () => new HttpConnect(host, 443),
      /^Error: cannot ask the proxy for a tunnel: found host "[^\r\n]*"/,
    );
  }
});

Deno.test("a tunnel opens at the end of a 2xx head, and what follows is not read", () => {
  const heads = [
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "HTTP/1.0 200 OK\r\nProxy-Agent: x\r\n\r\n",
    "HTTP/1.1 204 \r\n\r\n",
    "HTTP/1.1 200\n\n",
    "HTTP/1.1 200 OK\nA: b\n\n",
    "HTTP/1.1 200 OK\r\nA: b\n\r\n",
    "HTTP/1.1 200 OK\nA: b\r\n\n",
    "\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  ];
  for (const head of heads) {
    for (const tunnel of ["", "\n", "\r\n\r\n", "220 smtp ready\r\n", "HTTP/1.1 500 Inside\r\n\r\n"]) {
      assert.deepEqual(answered(head + tunnel), { last: { kind: "open" }, read: head.length });
    }
  }
});

Deno.test("any head that opens a tunnel is read to its end and not beyond", () => {
  const end = fc.constantFrom("\r\n", "\n");
  const text = fc.stringMatching(/^[A-Za-z0-9 ]{0,20}$/);
  const fields = fc.array(fc.tuple(text, end), { maxLength: 5 });
  fc.assert(fc.property(text, end, fields, end, fc.nat(20), (phrase, first, rest, last, most) => {
    const lines = rest.map(([value, ending]) => `X-Field: ${value}${ending}`).join("");
    const head = `HTTP/1.1 200 ${phrase}${first}${lines}${last}`;
    const { last: step, read } = converse(
      new HttpConnect("a", 1),
      encoder.encode(`${head}\r\n\r\nabc`),
      most + 1,
    );
    assert.deepEqual(step, { kind: "open" });
    assert.equal(read, head.length);
  }));
});

Deno.test("a refusal is told with its status", () => {
  assert.equal(reason("HTTP/1.1 403 Forbidden\r\n\r\n<html>"), "the proxy refused the tunnel: 403 Forbidden");
  assert.equal(reason("HTTP/1.1 502\r\n\r\n"), "the proxy refused the tunnel: 502");
  assert.equal(
    reason("HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n"),
    "the proxy refused the tunnel: 302 Found",
  );
  assert.equal(reason("HTTP/1.1 101 Switching\r\n\r\n"), "the proxy refused the tunnel: 101 Switching");
  assert.equal(
    reason("HTTP/1.1 403 \u001b[31mred\u202e\r\n\r\n"),
    "the proxy refused the tunnel: 403 \\u001b[31mred\\u202e",
  );
  assert.ok(reason(`HTTP/1.1 500 ${"x".repeat(900)}\r\n\r\n`).length < 120);
});

Deno.test("a login that is missing, wrong or of another kind is told apart", () => {
  const wanted = (scheme: string) => `HTTP/1.1 407 Auth\r\nProxy-Authenticate: ${scheme}\r\n\r\n`;
  const other = "the proxy wants other credentials: 407 Auth";
  assert.equal(reason(wanted('Basic realm="x"'), "Basic eDp5"), other);
  assert.equal(reason(wanted('Digest realm="x", BASIC realm="y"'), "Basic eDp5"), other);
  assert.equal(reason("HTTP/1.1 407 Auth\r\n\r\n", "Basic eDp5"), other);
  assert.equal(
    reason(wanted("Basic")),
    "the proxy wants a login, give USER:PASSWORD@ before its host: 407 Auth",
  );
  assert.equal(
    reason("HTTP/1.0 401 Unauthorized\r\n\r\n", "Basic eDp5"),
    "the proxy wants other credentials: 401 Unauthorized",
  );
  assert.equal(reason(wanted("Negotiate")), "the proxy wants a login other than Basic: 407 Auth");
});

Deno.test("what is not HTTP/1 is told as soon as it shows", () => {
  const first = (text: string, most: number) => converse(new HttpConnect("a", 1), encoder.encode(text), most);
  assert.deepEqual(first("SSH-2.0-OpenSSH_9.2\r\n", Infinity), {
    last: {
      kind: "failed",
      reason: 'the proxy does not speak HTTP/1: its answer begins with "SSH-2.0-OpenSS"',
    },
    read: 14,
  });
  assert.equal(first("SSH-2.0", 1).read, 1);
  for (
    const text of [
      "HTTP/2.0 200 OK\r\n\r\n",
      "ICE/1.0 200 OK\r\n\r\n",
      "HTTP/1.1 abc\r\n\r\n",
      "\u0005\u0000",
      "\u0015\u0003",
    ]
  ) {
    const { last } = first(text, 1);
    assert(last.kind === "failed", text);
    assert.match(last.reason, /^the proxy does not speak HTTP\/1: its answer begins with "[ -~]*"$/);
  }
});

Deno.test("an answer without end is given up, interim ones included", () => {
  const limit = `the proxy's answer is longer than ${ANSWER_LIMIT_BYTES} bytes`;
  assert.equal(reason(`HTTP/1.1 200 OK\r\nA: ${"x".repeat(ANSWER_LIMIT_BYTES)}`), limit);
  assert.equal(reason("HTTP/1.1 100 Continue\r\n\r\n".repeat(ANSWER_LIMIT_BYTES / 16)), limit);
  assert.match(reason("\r\n".repeat(100)), /does not speak HTTP/);
});

Deno.test("whatever a proxy says leads to an end or to wanting more", () => {
  const start = fc.constantFrom(
    "",
    "HTTP/1.1 ",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 407 X\r\nProxy-Authenticate:",
  );
  fc.assert(fc.property(start, fc.uint8Array({ maxLength: 200 }), fc.nat(5), (head, tail, most) => {
    converse(new HttpConnect("a", 1), Uint8Array.from([...encoder.encode(head), ...tail]), most + 1);
  }));
});
