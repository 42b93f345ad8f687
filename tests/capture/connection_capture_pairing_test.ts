/** Which response belongs to which request. */
import assert from "node:assert/strict";
import { get, ok, post, run, Script, type Step } from "./connection_script.ts";

/** A script whose records are these lines. */
function tells(name: string, steps: readonly Step[], lines: readonly string[]): void {
  Deno.test(name, () => assert.deepEqual(run(steps).lines, lines));
}

tells("one exchange is recorded when its response is complete", [["up", get("/a")], ["down", ok("x")]], [
  '#1 GET /a -> 200 "x" complete',
]);

tells("keep-alive: each exchange is its own record", [
  ["up", get("/a")],
  ["down", ok("x")],
  ["up", post("/b", "body")],
  ["down", ok("", "201 Created")],
  ["end"],
], ['#1 GET /a -> 200 "x" complete', '#2 POST /b "body" -> 201 complete']);

tells("pipelined requests are answered in order, however the responses are cut", [
  ["up", get("/a") + post("/b", "B") + get("/c")],
  ["down", `${ok("1")}${ok("2").slice(0, 20)}`],
  ["down", `${ok("2").slice(20)}${ok("3")}`],
], ['#1 GET /a -> 200 "1" complete', '#2 POST /b "B" -> 200 "2" complete', '#3 GET /c -> 200 "3" complete']);

tells("nothing is recorded before the response is whole", [["up", get("/a")], [
  "down",
  ok("xyz").slice(0, -1),
]], []);

tells("100 Continue stands in its exchange, which goes on to wait", [
  ["up", post("/a", "body", "Expect: 100-continue\r\n").slice(0, -4)],
  ["down", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["up", "body"],
  ["down", ok("done")],
], ['#1 POST /a "body" -> 100 200 "done" complete']);

tells("early hints, several of them, and pipelining", [
  ["up", get("/a") + get("/b")],
  [
    "down",
    `HTTP/1.1 103 x\r\nLink: <a>\r\n\r\nHTTP/1.1 103 x\r\nLink: <b>\r\n\r\n${ok("1")}HTTP/1.1 102 x\r\n\r\n`,
  ],
  ["down", ok("2")],
], ['#1 GET /a -> 103 103 200 "1" complete', '#2 GET /b -> 102 200 "2" complete']);

tells("the answer to HEAD has no body, so the next one follows at once", [
  ["up", "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b")],
  ["down", `HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n${ok("2")}`],
], ["#1 HEAD /a -> 200 complete", '#2 GET /b -> 200 "2" complete']);

tells("204 and 304 have none either", [
  ["up", get("/a") + get("/b") + get("/c")],
  ["down", `HTTP/1.1 204 x\r\n\r\nHTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n${ok("3")}`],
], ["#1 GET /a -> 204 complete", "#2 GET /b -> 304 complete", '#3 GET /c -> 200 "3" complete']);

tells("an early response is marked; its exchange is over when the request is", [
  ["up", post("/a", "0123456789").slice(0, -5)],
  ["down", ok("no", "413 Too Large")],
  ["up", "56789"],
  ["up", get("/b")],
  ["down", ok("2")],
], ['#1 POST /a "0123456789" -> 413 "no" complete [early-response]', '#2 GET /b -> 200 "2" complete']);

tells("an early response to a request that never ends", [
  ["up", post("/a", "0123456789").slice(0, -5)],
  ["down", ok("no", "413 Too Large")],
  ["up-end"],
], [
  '#1 POST /a "01234" -> 413 "no" request-cut [early-response] (the request ended after 5 bytes of its body)',
]);

tells("an early response to a request whose chunks break", [
  ["up", "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"],
  ["down", ok("no", "400 Bad")],
  ["up", "zzz"],
], ['#1 POST /a "x" -> 400 "no" not-http [early-response not-http]', 'data up 63 "zzz"']);

tells("a response that nobody asked for, on an idle connection", [
  ["up", get("/a")],
  ["down", ok("1")],
  ["down", ok("bye", "408 Request Timeout")],
  ["down-end"],
], ['#1 GET /a -> 200 "1" complete', '#2 -> 408 "bye" unrequested [unrequested-response]']);

tells("a second response behind the only one that was asked for is marked on both", [
  ["up", get("/a")],
  ["down", ok("1") + ok("2")],
], ['#1 GET /a -> 200 "1" complete [bytes-after-end]', '#2 -> 200 "2" unrequested [unrequested-response]']);

tells("a late 100 Continue does not shift the pairing", [
  ["up", get("/a")],
  ["down", ok("1")],
  ["down", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["up", get("/b")],
  ["down", ok("2")],
], [
  '#1 GET /a -> 200 "1" complete',
  "#2 -> 100 unrequested [unrequested-response]",
  '#3 GET /b -> 200 "2" complete',
]);

tells("what a request still sends goes to it, though unasked-for responses come meanwhile", [
  ["up", post("/a", "0123456789").slice(0, -5)],
  ["down", ok("1")],
  ["down", ok("2")],
  ["up", "56789"],
], [
  '#2 -> 200 "2" unrequested [unrequested-response]',
  '#1 POST /a "0123456789" -> 200 "1" complete [early-response]',
]);

tells("a response that nobody asked for goes on while a request comes", [
  ["down", ok("0123").slice(0, -2)],
  ["up", get("/a")],
  ["down", `23${ok("1")}`],
], ['#1 -> 200 "0123" unrequested [unrequested-response]', '#2 GET /a -> 200 "1" complete']);

tells("trailing CRLF of old browsers belongs to the next request", [
  ["up", `${post("/a", "x")}\r\n`],
  ["down", ok("1")],
  ["up", get("/b")],
  ["down", ok("2")],
], ['#1 POST /a "x" -> 200 "1" complete', '#2 GET /b -> 200 "2" complete [leading-blank-line]']);

tells("flags of request, response and exchange come together, each once", [
  ["up", "GET / HTTP/1.1\nHost : a\nhost: b\n\n"],
  ["down", "HTTP/1.1 200 OK\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"],
], ['#1 GET / -> 200 "x" complete [bare-lf space-before-colon duplicate-host duplicate-length]']);

tells("a status nobody knows below 100 is a final response", [
  ["up", get("/a") + get("/b")],
  ["down", ok("x", "042 Odd") + ok("y")],
], ['#1 GET /a -> 42 "x" complete', '#2 GET /b -> 200 "y" complete']);

Deno.test("trailers of both messages, and heads as they came, are in the record", () => {
  const { exchanges: [{ request, response }] } = run([
    ["up", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: 1\r\n\r\n"],
    ["down", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\nB: 2\r\n\r\n"],
  ]);
  assert.deepEqual([request?.trailers, response?.trailers], [[["A", "1"]], [["B", "2"]]]);
  assert.deepEqual([request?.body.bytes, response?.body.bytes], [1, 1]);
  assert.equal(response?.head.raw.length, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".length);
});

Deno.test("ten thousand pipelined requests are all paired", () => {
  const count = 10_000;
  const script = new Script();
  for (let i = 0; i < count; i += 100) {
    script.step(["up", Array.from({ length: 100 }, (_, j) => get(`/${i + j}`)).join("")]);
  }
  assert.equal(script.lines.length, 0);
  for (let i = 0; i < count; i += 100) {
    script.step(["down", Array.from({ length: 100 }, (_, j) => ok(`${i + j}`)).join("")]);
  }
  assert.equal(script.exchanges.length, count);
  script.exchanges.forEach(({ id, outcome, request }, i) => {
    assert.deepEqual([id, outcome, request?.head.target], [i + 1, "complete", `/${i}`]);
    assert.equal(script.lines[i], `#${i + 1} GET /${i} -> 200 "${i}" complete`);
  });
  assert.equal(script.capture.exchanges, count);
});

Deno.test("a connection is idle where it may be closed without harm", () => {
  const script = new Script();
  const idle = (step: Step) => {
    script.step(step);
    return script.capture.idle;
  };
  assert.equal(script.capture.idle, true);
  assert.equal(idle(["up", "GET / HT"]), false);
  assert.equal(idle(["up", "TP/1.1\r\nHost: a\r\n\r\n"]), false);
  assert.equal(idle(["down", ok("xy").slice(0, -1)]), false);
  assert.equal(idle(["down", "y"]), true);
  assert.equal(idle(["down", ok("z").slice(0, -1)]), false);
  assert.equal(idle(["down", "z"]), true);
  assert.equal(idle(["up", "\0"]), false);
});
