/** A body that may be left out, since its request was answered already: told by the start line from the next request. */
import assert from "node:assert/strict";
import { type CutHandler, requestCutter } from "../../src/http/message_cutter.ts";
import { requestParser } from "../../src/http/parser.ts";
import { bytesOf, cutAt, latin1 } from "./events.ts";

const HEAD = "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
const length = (bytes: number) => `${HEAD}Content-Length: ${bytes}\r\n\r\n`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const NEXT = "POST /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc";

/** What comes out of the parser and of the cutter when the answer comes after `head`. */
function told(head: string, pieces: readonly Uint8Array[]): { parsed: string; cut: string } {
  let parsed = "";
  const parser = requestParser({
    head: ({ target }, framing) => {
      parsed += `<${target}>`;
      return framing;
    },
    body: (chunk, from, to) => parsed += latin1(chunk.subarray(from, to)),
    flag: (flag) => parsed += `!${flag}`,
    end: () => parsed += "<end>",
    leftOut: () => parsed += "<left out>",
    stream: (chunk, from, to) => parsed += `{${latin1(chunk.subarray(from, to))}}`,
  });
  let cut = "";
  const handler: CutHandler<{ target: string; raw: Uint8Array }> = {
    head: ({ target }, framing) => {
      cut += `<${target}>`;
      return framing;
    },
    content: (chunk, from, to) => cut += latin1(chunk.subarray(from, to)),
    end: () => cut += "<end>",
    leftOut: () => cut += "<left out>",
    stream: (chunk, from, to) => cut += `{${latin1(chunk.subarray(from, to))}}`,
  };
  const cutter = requestCutter(handler);
  for (const [i, piece] of [bytesOf(head), ...pieces].entries()) {
    const borrowed = piece.slice();
    parser.push(borrowed);
    cutter.push(borrowed);
    // What is kept without a copy is wiped out.
    borrowed.fill(0x21);
    if (i > 0) continue;
    parser.bodyMayBeLeftOut();
    cutter.bodyMayBeLeftOut();
  }
  parser.close();
  cutter.close();
  return { parsed, cut };
}

/** The same whole, byte by byte, and cut at every offset. */
function everyCut(head: string, rest: string, parsed: string, cut = parsed): void {
  const bytes = bytesOf(rest);
  const cuts = [[], Array.from(bytes, (_, at) => at), ...Array.from(bytes, (_, at) => [at])];
  for (const offsets of cuts) {
    const pieces = cutAt(bytes, offsets).filter(({ length }) => length > 0);
    assert.deepEqual(told(head, pieces), { parsed, cut }, `cut at ${offsets}`);
  }
}

Deno.test("a request in place of the body is a request, whatever framing the body had", () => {
  for (const head of [length(2000), length(40), CHUNKED]) {
    everyCut(head, NEXT, "</1><left out></2>abc<end>");
    everyCut(head, NEXT + NEXT, "</1><left out></2>abc<end></2>abc<end>");
  }
});

Deno.test("everything else is the body, handed over as soon as it cannot be a start line any more", () => {
  for (
    const body of [
      "hello world",
      "name=value",
      "POST is not /x",
      "\r\nGET / HTTP/1.1\r\n",
      "GET /\n",
      "a\nb",
      "é",
    ]
  ) {
    everyCut(length(body.length), body, `</1>${body}<end>`);
    everyCut(length(body.length), body + NEXT, `</1>${body}<end></2>abc<end>`);
  }
  everyCut(
    CHUNKED,
    `3\r\nabc\r\n0\r\n\r\n${NEXT}`,
    "</1>abc<end></2>abc<end>",
    `</1>3\r\nabc\r\n0\r\n\r\n<end></2>abc<end>`,
  );
  for (
    const line of [
      "GET  / HTTP/1.1",
      "GET / RTSP/1.0",
      "GET /a b HTTP/1.1",
      "GET / HTTP/2.0",
      "G(T / HTTP/1.1",
    ]
  ) {
    everyCut(length(line.length + 2), `${line}\r\n`, `</1>${line}\r\n<end>`);
  }
});

Deno.test("a body shorter than a start line waits for nothing once it is whole", () => {
  assert.deepEqual(told(length(5), [bytesOf(NEXT)]).parsed, "</1><left out></2>abc<end>");
  assert.deepEqual(told(length(1), [bytesOf(`x${NEXT}`)]).parsed, "</1>x<end></2>abc<end>");
  assert.deepEqual(told(length(5), [bytesOf("hello"), bytesOf(NEXT)]).parsed, "</1>hello<end></2>abc<end>");
});

Deno.test("what is held of a possible start line is bounded, and given back at the end or when asked", () => {
  const long = `GET /${"a".repeat(20_000)}`;
  assert.deepEqual(told(length(30_000), [bytesOf(long)]), { parsed: `</1>${long}`, cut: `</1>${long}` });
  assert.deepEqual(told(length(30_000), [bytesOf("GET /a")]), { parsed: "</1>GET /a", cut: "</1>GET /a" });
  assert.deepEqual(told(length(9), []), { parsed: "</1><left out>", cut: "</1><left out>" });
});

Deno.test("once something of the body has come it is to come whole", () => {
  for (
    const [begun, rest] of [
      [`${length(9)}G`, "ET / HTT"],
      [`${CHUNKED}5`, "\r\nGET /\r\n0\r\n\r\n"],
      [`${CHUNKED}1\r\na\r\n`, "0\r\n\r\n"],
      ["GET /1 HTTP/1.1\r\n\r\n", ""],
    ]
  ) {
    const { cut } = told(begun, rest === "" ? [bytesOf(NEXT)] : [bytesOf(rest), bytesOf(NEXT)]);
    assert.ok(!cut.includes("left out") && cut.endsWith("<end></2>abc<end>"), cut);
  }
});
