/** Each response is read as the answer to its request, whole, byte by byte and cut at every offset. */
import assert from "node:assert/strict";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import type { RequestHead } from "../../src/http/head.ts";
import { ResponseReader } from "../../src/http/response_reader.ts";
import { bytesOf, cutAt, latin1 } from "./events.ts";

/** A request of that method. */
function request(method: string): RequestHead {
  const head = parseRequestHead(bytesOf(`${method} /x HTTP/1.1\r\nHost: a\r\n\r\n`));
  assert.ok(typeof head === "object");
  return head;
}

/** Reads the answers to requests of these methods. Contents and streams are joined. */
function reading(methods: readonly string[], pieces: readonly Uint8Array[]): string[] {
  const told: string[] = [];
  let open = "";
  const add = (kind: string, text: string) => {
    if (open === kind) told[told.length - 1] += text;
    else told.push(`${open = kind} ${text}`);
  };
  const reader = new ResponseReader({
    head(head, role, asked, framing) {
      told.push(`${role} ${head.status} ${framing.kind}${asked === undefined ? " unasked" : ""}`);
      open = "";
    },
    content: (chunk, from, to) => add("content", latin1(chunk.subarray(from, to))),
    end: (role) => {
      told.push(`end ${role}`);
      open = "";
    },
    stream: (chunk, from, to) => add("stream", latin1(chunk.subarray(from, to))),
  });
  for (const method of methods) assert.ok(reader.expect(request(method)));
  for (const piece of pieces) {
    const borrowed = piece.slice();
    reader.push(borrowed);
    borrowed.fill(0x21);
  }
  told.push(`closed ${reader.close()} waiting ${reader.waiting}`);
  return told;
}

const ok = (fields: string, body = "") => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;

for (
  const [name, methods, wire, want] of [
    ["a response with a length", ["GET"], ok("Content-Length: 2\r\n", "hi"), [
      "final 200 length",
      "content hi",
      "end final",
      "closed true waiting 0",
    ]],
    [
      "the answer to HEAD has no body, whatever it says",
      ["HEAD", "GET"],
      [
        ok("Content-Length: 9\r\n"),
        ok("Content-Length: 1\r\n", "x"),
      ].join(""),
      [
        "final 200 none",
        "end final",
        "final 200 length",
        "content x",
        "end final",
        "closed true waiting 0",
      ],
    ],
    ["the answer to HEAD without a length", ["HEAD"], ok("Transfer-Encoding: chunked\r\n"), [
      "final 200 none",
      "end final",
      "closed true waiting 0",
    ]],
    [
      "a 2xx to CONNECT is followed by a stream, whatever length it gives",
      [
        "CONNECT",
      ],
      ok("Content-Length: 2\r\n", "SSH-2.0"),
      [
        "upgrade 200 stream",
        "stream SSH-2.0",
        "closed true waiting 0",
      ],
    ],
    [
      "a refused CONNECT has a body, and HTTP goes on",
      ["CONNECT", "CONNECT"],
      [
        "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 204 Yes\r\n\r\n",
      ].join(""),
      [
        "final 407 length",
        "content no",
        "end final",
        "upgrade 204 stream",
        "closed true waiting 0",
      ],
    ],
    ["101 ends HTTP", ["GET"], "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", [
      "upgrade 101 stream",
      "stream HTTP/1.1 200 OK\r\n\r\n",
      "closed true waiting 0",
    ]],
    [
      "interim responses leave the request waiting",
      ["HEAD"],
      [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Hints\r\nLink: a\r\nContent-Length: 5\r\n\r\n",
        ok("Content-Length: 5\r\n"),
      ].join(""),
      [
        "interim 100 none",
        "end interim",
        "interim 103 none",
        "end interim",
        "final 200 none",
        "end final",
        "closed true waiting 0",
      ],
    ],
    [
      "204 and 304 have no body",
      ["GET", "GET", "GET"],
      [
        "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n",
        ok("Content-Length: 1\r\n", "x"),
      ].join(""),
      [
        "final 204 none",
        "end final",
        "final 304 none",
        "end final",
        "final 200 length",
        "content x",
        "end final",
        "closed true waiting 0",
      ],
    ],
    [
      "pipelined answers, the last one missing",
      ["GET", "HEAD", "GET", "GET"],
      [
        ok("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nX: y\r\n\r\n"),
        ok("Content-Length: 4\r\n"),
        ok("Content-Length: 0\r\n"),
      ].join(""),
      [
        "final 200 chunked",
        "content 1\r\na\r\n0\r\nX: y\r\n\r\n",
        "end final",
        "final 200 none",
        "end final",
        "final 200 none",
        "end final",
        "closed true waiting 1",
      ],
    ],
    ["a body until the end of the connection", ["GET"], ok("", "HTTP/1.1 200 OK\r\n\r\n"), [
      "final 200 close",
      "content HTTP/1.1 200 OK\r\n\r\n",
      "end final",
      "closed true waiting 0",
    ]],
    ["a response that nobody asked for", [], ok("Content-Length: 1\r\n", "x"), [
      "final 200 length unasked",
      "content x",
      "end final",
      "closed true waiting 0",
    ]],
    ["a response that ends early", ["GET"], ok("Content-Length: 5\r\n", "x"), [
      "final 200 length",
      "content x",
      "closed false waiting 0",
    ]],
    ["a head that ends early", ["GET"], "HTTP/1.1 200 O", [
      "stream HTTP/1.1 200 O",
      "closed false waiting 1",
    ]],
    ["no HTTP", ["GET"], "SSH-2.0-x\r\n", ["stream SSH-2.0-x\r\n", "closed true waiting 1"]],
  ] as const
) {
  Deno.test(`responses: ${name}`, () => {
    const bytes = bytesOf(wire);
    assert.deepEqual(reading(methods, [bytes]), want);
    for (let at = -1; at <= bytes.length; at++) {
      const cuts = at < 0 ? Array.from(bytes, (_, i) => i) : [at];
      assert.deepEqual(reading(methods, cutAt(bytes, cuts)), want, `cut at ${cuts}`);
    }
  });
}

Deno.test("it is quiet between responses, and not within one", () => {
  const reader = new ResponseReader({ head() {}, content() {}, end() {}, stream() {} });
  reader.expect(request("GET"));
  assert.ok(reader.betweenMessages);
  reader.push(bytesOf("HTTP/1.1 2"));
  assert.ok(!reader.betweenMessages);
  assert.equal(reader.waiting, 1);
  reader.push(bytesOf("00 OK\r\nContent-Length: 1\r\n\r\n"));
  assert.equal(reader.waiting, 0);
  assert.ok(!reader.betweenMessages);
  reader.push(bytesOf("x"));
  assert.ok(reader.betweenMessages);
  reader.push(bytesOf("HTTP/1.1 101 Switching\r\n\r\n"));
  assert.ok(reader.isStream);
});

for (
  const [name, wire, isOdd] of [
    ["an ordinary one", ok("Content-Length: 1\r\n", "x"), false],
    [
      "one in chunks, with extensions",
      ok("Transfer-Encoding: chunked\r\n", "1;a=b\r\nx\r\n0\r\n\r\n"),
      false,
    ],
    ["both lengths", ok("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), true],
    ["a folded length", ok("X: a\r\n Content-Length: 0\r\nContent-Length: 1\r\n", "x"), true],
    ["white space before a colon", ok("Content-Length : 1\r\n", "x"), true],
    ["a bare CR", ok("Content-Length: 1\r\nX: a\rContent-Length: 0\r\n", "x"), true],
    ["a length where none may be", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", true],
    ["a chunk size with white space", ok("Transfer-Encoding: chunked\r\n", "0 \r\n\r\n"), true],
    ["a chunk size line that ends in LF", ok("Transfer-Encoding: chunked\r\n", "1\nx\r\n0\r\n\r\n"), true],
    ["a chunk extension with a CR", ok("Transfer-Encoding: chunked\r\n", "1;a\rb\r\nx\r\n0\r\n\r\n"), true],
    ["folded trailers", ok("Transfer-Encoding: chunked\r\n", "0\r\nA: b\r\n c\r\n\r\n"), true],
  ] as const
) {
  Deno.test(`whether a response's end may be found elsewhere: ${name}`, () => {
    const seen: boolean[] = [];
    const reader = new ResponseReader({
      head() {},
      content() {},
      end: () => seen.push(reader.isOdd),
      stream() {},
    });
    reader.push(bytesOf(wire));
    reader.push(bytesOf(ok("Content-Length: 0\r\n")));
    assert.deepEqual(seen, [isOdd, false]);
  });
}

Deno.test("requests that wait without end take little memory, and past a limit they are not noted", () => {
  const reader = new ResponseReader({ head() {}, content() {}, end() {}, stream() {} });
  const head = request("GET");
  let noted = 0;
  while (reader.expect(head) && noted < 1e6) noted++;
  assert.equal(noted, 10_000);
  assert.equal(reader.waiting, noted);
  reader.push(bytesOf(ok("Content-Length: 0\r\n")));
  assert.ok(reader.expect(head));
});
