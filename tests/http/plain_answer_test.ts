/** Responses of tcpmon's own are whole, and read as what they were meant to be. */
import assert from "node:assert/strict";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { plainAnswer } from "../../src/http/plain_answer.ts";
import { latin1, read } from "./events.ts";

function request(method: string) {
  const head = parseRequestHead(new TextEncoder().encode(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`));
  assert.ok(typeof head === "object");
  return head;
}

Deno.test("status, reason, the text as one line, and the fields that are given", () => {
  const answer = plainAnswer(502, request("GET"), "no answer from “a”", [["Connection", "close"]]);
  assert.equal(
    new TextDecoder().decode(answer),
    "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 31\r\n" +
      "Connection: close\r\n\r\ntcpmon: no answer from “a”\n",
  );
});

Deno.test("each status is one whole response, to any method or none", () => {
  for (let status = 200; status < 600; status++) {
    for (const method of ["GET", "HEAD", undefined]) {
      const answer = plainAnswer(status, method === undefined ? undefined : request(method), "x");
      const { seen, closedWell } = read([answer], { kind: "response", head: method === "HEAD" });
      assert.equal(seen.length, 1);
      assert.ok(closedWell && seen[0].state === "end" && seen[0].exact, `${status}`);
      assert.deepEqual(seen[0].flags, []);
      const hasBody = method !== "HEAD" && status !== 204 && status !== 205 && status !== 304;
      assert.equal(seen[0].body, hasBody ? "tcpmon: x\n" : "", `${status} ${latin1(answer)}`);
      assert.match(seen[0].start, /^HTTP\/1\.1 \d{3} \S/);
    }
  }
});
