/** Directions that end inside a head, for those who want to know. */
import assert from "node:assert/strict";
import type { RequestHead, ResponseHead } from "../../src/http/head.ts";
import { type MessageHandler, requestParser, responseParser } from "../../src/http/parser.ts";
import { bytesOf, latin1 } from "./events.ts";

/** What comes of bytes that end there, pushed in two pieces: the cut head, or the stream. */
function cut(kind: "request" | "response", wire: string, at: number): RequestHead | ResponseHead | string {
  let head: RequestHead | ResponseHead | undefined;
  let stream = "";
  const handler: MessageHandler<RequestHead | ResponseHead> = {
    head: () => assert.fail("no head is whole"),
    body() {},
    flag() {},
    end() {},
    cutHead: (found) => head = found,
    stream: (chunk, from, to) => stream += latin1(chunk.subarray(from, to)),
  };
  const parser = kind === "request" ? requestParser(handler) : responseParser(handler);
  for (const piece of [wire.slice(0, at), wire.slice(at)]) parser.push(bytesOf(piece));
  assert.equal(parser.close(), wire === "");
  if (head === undefined) return stream;
  assert.equal(stream, "", "the bytes are told once");
  return head;
}

for (const kind of ["request", "response"] as const) {
  Deno.test(`a ${kind} cut at every offset: a head from its start line on, with the fields that are whole`, () => {
    const start = kind === "request" ? "GET /a?b=c HTTP/1.1\r\n" : "HTTP/1.1 200 OK\r\n";
    const lines = ["Host: a\r\n", "X-A : b\n", "Set-Cookie: c=d\r\n"];
    const wire = `${start}${lines.join("")}\r`;
    for (let end = 0; end <= wire.length; end++) {
      for (const at of [0, 5, Math.floor(end / 2), end]) {
        const came = wire.slice(0, end);
        const found = cut(kind, came, at);
        if (end < start.length) {
          assert.equal(found, came);
          continue;
        }
        assert.ok(typeof found !== "string", came);
        assert.equal(latin1(found.raw), came);
        assert.equal(found.exact, false);
        assert.equal(found.flags.at(-1), "cut-head");
        assert.ok(!found.flags.includes("no-host"));
        const whole = came.slice(start.length).split("\n").length - 1;
        assert.deepEqual(found.fields, [["Host", "a"], ["X-A", "b"], ["Set-Cookie", "c=d"]].slice(0, whole));
      }
    }
  });
}

Deno.test("half a head with more fields than are read is a stream", () => {
  const wire = `GET / HTTP/1.1\r\n${"X: 1\r\n".repeat(2_001)}`;
  assert.equal(cut("request", wire, 10), wire);
});
