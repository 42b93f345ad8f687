/** Heads that take the place of a body, and heads that are no longer looked at. */
import assert from "node:assert/strict";
import { hostRule, remembered } from "../../src/http/request_rewriter.ts";
import { bytesOf } from "./events.ts";
import { get, Rewriting, VALUE } from "./rewriting.ts";

const EXPECT = "Expect: 100-continue\r\nContent-Length: 2000\r\n";

Deno.test("the request that takes the place of a body is rewritten, a body is not", () => {
  for (const answered of [true, false]) {
    const rewriting = new Rewriting();
    rewriting.push(bytesOf(get("Host: a", EXPECT)));
    if (answered) rewriting.rewriter.bodyMayBeLeftOut();
    rewriting.push(bytesOf("GET / HT"));
    rewriting.push(bytesOf("TP/1.1\r\nHost: b\r\nX: y\r\n\r\n"));
    rewriting.end();
    assert.equal(
      rewriting.sent,
      get(`Host: ${VALUE}`, EXPECT) + get(answered ? `Host: ${VALUE}` : "Host: b"),
    );
    assert.equal(rewriting.sending.length, answered ? 2 : 1);
  }
});

Deno.test("without Expect the body is due, whatever the answer", () => {
  const rewriting = new Rewriting();
  rewriting.push(bytesOf(get("Host: a", "Content-Length: 2000\r\n")));
  rewriting.rewriter.bodyMayBeLeftOut();
  rewriting.push(bytesOf(get("Host: b")));
  assert.equal(rewriting.sent, get(`Host: ${VALUE}`, "Content-Length: 2000\r\n") + get("Host: b"));
});

Deno.test("where nothing is to be sent on that others may read differently, that request ends the connection", () => {
  const rewriting = new Rewriting([], { rule: remembered(hostRule(VALUE), "is no HTTP") });
  rewriting.push(bytesOf(get("Host: a", EXPECT)));
  rewriting.rewriter.bodyMayBeLeftOut();
  rewriting.pushOnce(bytesOf(get("Host: b")));
  assert.match(rewriting.rewriter.refusal!, /where the body of the last one was due/);
  assert.equal(rewriting.rewriter.mustAnswer?.length, 0);
  assert.equal(rewriting.sent, get(`Host: ${VALUE}`, EXPECT));
  assert.equal(rewriting.rewriter.holdsStartLine, false);
});

Deno.test("that heads are no longer looked at is told with each chunk, unless none would be rewritten", () => {
  const ambiguous = get("Host: a", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n";
  const rewriting = new Rewriting();
  rewriting.push(bytesOf(ambiguous + get("Host: b")));
  assert.deepEqual(rewriting.changed, [[["Host", VALUE]], "untouched"]);
  rewriting.push(bytesOf(get("Host: c")));
  assert.deepEqual(rewriting.changed.slice(2), ["untouched"]);
  const keeping = new Rewriting([], { rule: undefined });
  keeping.push(bytesOf(ambiguous + get("Host: b")));
  assert.deepEqual(keeping.changed, [undefined]);
});
