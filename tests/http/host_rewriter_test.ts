/** Every Host of a connection is replaced, nothing else is changed, and nothing is lost, however the bytes are cut. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { HostRewriter } from "../../src/http/host_rewriter.ts";
import { type MessageParser, requestParser } from "../../src/http/parser.ts";
import type { Field, RequestHead } from "../../src/http/head.ts";
import { bytesOf, cutAt, latin1 } from "./events.ts";

const VALUE = "target.example:8080";

/** A rewriter behind its parser, as a connection has them. Buffers are reused between chunks, as sockets do. */
class Rewriting {
  readonly changed: (readonly Field[] | undefined)[] = [];
  sent = "";
  readonly #rewriter = new HostRewriter(VALUE);
  readonly parser: MessageParser<RequestHead> = requestParser({
    head: (head, framing, start, end) => {
      this.changed.push(this.#rewriter.head(head, start, end));
      if (head.method === "CONNECT") this.parser.pauseAfterMessage();
      return framing;
    },
    body() {},
    flag() {},
    end() {},
    stream: (bytes, from, to, offset) => this.#rewriter.stream(bytes, from, to, offset),
  });

  push(piece: Uint8Array): void {
    const borrowed = piece.slice();
    this.#rewriter.begin(borrowed);
    this.parser.push(borrowed);
    this.#send(this.#rewriter.finish(this.parser.heldHeadBytes));
    borrowed.fill(0x21);
  }

  end(): void {
    this.#rewriter.begin(new Uint8Array(0));
    this.parser.close();
    this.#send(this.#rewriter.finish(0));
  }

  #send(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.sent += latin1(piece);
  }
}

function rewrite(pieces: readonly Uint8Array[]): Rewriting {
  const rewriting = new Rewriting();
  for (const piece of pieces) rewriting.push(piece);
  rewriting.end();
  return rewriting;
}

/** What is sent is the same whole, byte by byte, and cut at every offset. */
function becomes(wire: string, want: string): void {
  const bytes = bytesOf(wire);
  assert.equal(rewrite([bytes]).sent, want, "whole");
  assert.equal(rewrite(Array.from(bytes, (byte) => Uint8Array.of(byte))).sent, want, "byte by byte");
  for (let at = 0; at <= bytes.length; at++) {
    assert.equal(rewrite(cutAt(bytes, [at])).sent, want, `cut at ${at}`);
  }
}

const get = (host: string, more = "") => `GET / HTTP/1.1\r\n${host}\r\nX: y\r\n${more}\r\n`;

for (
  const [name, wire, want] of [
    ["a Host is replaced", get("Host: localhost:8081"), get(`Host: ${VALUE}`)],
    ["in any case, which is kept", get("hOST: a"), get(`hOST: ${VALUE}`)],
    ["whatever white space stands around it", get("Host \t:\t a \t"), get(`Host \t: ${VALUE}`)],
    ["without any", get("Host:a"), get(`Host: ${VALUE}`)],
    ["an empty one", get("Host:"), get(`Host: ${VALUE}`)],
    ["a folded one, its second line and third taken out", get("Host: a\r\n b\r\n\tc"), get(`Host: ${VALUE}`)],
    ["each of two", get("Host: a\r\nHost: b"), get(`Host: ${VALUE}\r\nHost: ${VALUE}`)],
    [
      "in lines that end in LF alone, which is kept",
      "GET / HTTP/1.1\nHost: a\nX: y\n\n",
      `GET / HTTP/1.1\nHost: ${VALUE}\nX: y\n\n`,
    ],
    ["behind empty lines", `\r\n\n${get("Host: a")}`, `\r\n\n${get(`Host: ${VALUE}`)}`],
    ["on an indented first line", get(" Host: a"), get(` Host: ${VALUE}`)],
    [
      "beside an absolute target, which is kept",
      get("Host: a").replace("/", "http://a/x"),
      get(`Host: ${VALUE}`).replace("/", "http://a/x"),
    ],
    ["in HTTP/1.0", get("Host: a").replace("1.1", "1.0"), get(`Host: ${VALUE}`).replace("1.1", "1.0")],
    ["a value of bytes that are no text", get("Host: \xff\0"), get(`Host: ${VALUE}`)],
  ] as const
) {
  Deno.test(`rewriting: ${name}`, () => becomes(wire, want));
}

for (
  const [name, wire] of [
    ["a Host that is right already", get(`Host: ${VALUE}`)],
    ["a request without Host", get("Accept: z")],
    ["fields that only resemble Host", get("X-Host: a\r\nHosts: b\r\nHos: c\r\nH ost: d")],
    ["a line that says Host without a colon", get("Host")],
    ["a folded line that looks like a Host", get("X: a\r\n Host: b")],
    ["a method that is called HOST", "HOST : HTTP/1.0\r\n\r\n"],
    [
      "a body that looks like a Host line",
      "POST / HTTP/1.0\r\nContent-Length: 15\r\n\r\n\r\nHost: abc\r\n\r\n",
    ],
    [
      "chunks that look like Host lines",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nHost: a\r\n\r\n0\r\nHost: b\r\n\r\n",
    ],
    ["another protocol", "EHLO x\r\nHost: a\r\n\r\n"],
    ["half a head", "GET / HTTP/1.1\r\nHost: a\r\nX: "],
    [
      "a stream behind broken chunks",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nz\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ["nothing", ""],
  ] as const
) {
  Deno.test(`left as it came: ${name}`, () => becomes(wire, wire));
}

Deno.test("every request of a connection is rewritten, bodies between them are not", () => {
  const body = "Host: not me\r\n\r\n";
  const wire = (host: string, chunked: string) =>
    get(`Host: ${host}`) + get(`Host: ${host}`, `Content-Length: ${body.length}\r\n`) + body +
    get(`Host: ${host}`, "Transfer-Encoding: chunked\r\n") + chunked + get(`host: ${host}`);
  const chunked = "10\r\nHost: not me\r\n\r\n\r\n0\r\nHost: no\r\n\r\n";
  becomes(wire("localhost", chunked), wire(VALUE, chunked));
});

Deno.test("the change is told in wire case, and once the head is right nothing is told", () => {
  const told = (wire: string) => rewrite([bytesOf(wire)]).changed;
  assert.deepEqual(told(get("hOST : a\r\nHost: b")), [[["hOST", VALUE], ["Host", VALUE]]]);
  assert.deepEqual(told(get("Host\r\nhost: b")), [[["host", VALUE]]]);
  assert.deepEqual(told(get("Host")), [undefined]);
  assert.deepEqual(told(get(`Host: ${VALUE}`)), [undefined]);
  assert.deepEqual(told(get("Accept: z")), [undefined]);
});

Deno.test("a field name with very much white space is rewritten, too", () => {
  const many = " ".repeat(200_000);
  const { sent } = rewrite([bytesOf(get(`Host${many}: a`))]);
  assert.equal(sent, get(`Host${many}: ${VALUE}`));
});

Deno.test("what waits behind a CONNECT goes on at once, as it came, and nothing twice", () => {
  const connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
  const rest = get("Host: a", "Content-Length: 3\r\n") + "abc" + get("Host: b");
  const first = connect.replace("Host: a:1", `Host: ${VALUE}`);
  for (const upgraded of [true, false]) {
    for (let at = connect.length; at <= connect.length + rest.length; at++) {
      const rewriting = new Rewriting();
      const [early, late] = cutAt(bytesOf(connect + rest), [at]);
      rewriting.push(early);
      assert.equal(rewriting.sent, first + latin1(early).slice(connect.length));
      rewriting.parser.resume(upgraded);
      for (const byte of late) rewriting.push(Uint8Array.of(byte));
      rewriting.end();
      // Requests that begin after the decision are rewritten; those that began to go on before it are not.
      const kept = upgraded ? rest : rest.slice(0, keptOf(rest, at - connect.length)) +
        rest.slice(keptOf(rest, at - connect.length)).replaceAll(/Host: [ab]/g, `Host: ${VALUE}`);
      assert.equal(rewriting.sent, first + kept, `${upgraded} at ${at}`);
    }
  }
});

/** Up to where requests that began before `sent` reach. */
function keptOf(rest: string, sent: number): number {
  const second = rest.lastIndexOf("GET");
  return sent === 0 ? 0 : sent <= second ? second : rest.length;
}

Deno.test("half a head that an unasked-for upgrade makes a stream is sent on", () => {
  const rewriting = new Rewriting();
  rewriting.push(bytesOf("GET / HTTP/1.1\r\nHo"));
  assert.equal(rewriting.sent, "");
  rewriting.parser.resume(true);
  rewriting.push(bytesOf("st: a\r\n\r\n"));
  rewriting.end();
  assert.equal(rewriting.sent, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
});

const PIECES = [
  "GET / HTTP/1.1\r\nX: y\r\n\r\n",
  "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
  "\r\n",
  "GET /",
  "3\r\nabc\r\n",
  "0\r\n\r\n",
  "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\n\r\n",
  ": ",
  "\0",
];

Deno.test("where no head has a Host, any bytes in any cuts come out as they went in", () => {
  const wire = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 9 }).map(latin1)), {
    maxLength: 10,
  }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(
      wire,
      fc.array(fc.nat(200)),
      fc.nat(10),
      fc.boolean(),
      (text, cuts, resumeAfter, upgraded) => {
        const rewriting = new Rewriting();
        cutAt(bytesOf(text), cuts.filter((at) => at <= text.length)).forEach((piece, i) => {
          rewriting.push(piece);
          if (i === resumeAfter) rewriting.parser.resume(upgraded);
        });
        rewriting.end();
        assert.equal(rewriting.sent, text);
      },
    ),
    { numRuns: 2_000 },
  );
});
