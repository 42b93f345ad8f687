/** Connections that end early, and connections that are not HTTP, or stop being it. */
import assert from "node:assert/strict";
import { get, ok, post, run, Script, type Step } from "./connection_script.ts";

function tells(name: string, steps: readonly Step[], lines: readonly string[]): void {
  Deno.test(name, () => assert.deepEqual(run(steps).lines, lines));
}

tells("a body that lasts until the connection ends is complete then", [
  ["up", "GET / HTTP/1.0\r\n\r\n"],
  ["down", "HTTP/1.0 200 OK\r\n\r\nall "],
  ["down", "of it"],
  ["down-end"],
  ["end"],
], ['#1 GET / -> 200 "all of it" complete']);

tells("it is cut where the connection breaks off instead", [
  ["up", "GET / HTTP/1.0\r\n\r\n"],
  ["down", "HTTP/1.0 200 OK\r\n\r\nall"],
  ["end"],
], ['#1 GET / -> 200 "all" response-cut (the response ended after 3 bytes of its body)']);

tells("an early response keeps its body when the next one begins in the same read", [
  ["up", post("/", "12345").slice(0, -1)],
  ["down", ok("AAA") + ok("BBBBBB").slice(0, -3)],
  ["down", "XXX"],
  ["up", "5"],
], [
  '#2 -> 200 "BBBXXX" unrequested [unrequested-response]',
  '#1 POST / "12345" -> 200 "AAA" complete [early-response bytes-after-end]',
]);

tells("no response", [["up", get("/a")], ["down-end"], ["end"]], ["#1 GET /a -> no-response"]);

tells("no response to the last of several", [
  ["up", get("/a") + get("/b") + get("/c")],
  ["down", ok("1")],
  ["end", 9, undefined, "the target: reset"],
], [
  '#1 GET /a -> 200 "1" complete',
  "#2 GET /b -> no-response (the target: reset)",
  "#3 GET /c -> no-response (the target: reset)",
]);

tells("an interim response is no response", [
  ["up", get("/a")],
  ["down", "HTTP/1.1 103 x\r\n\r\n"],
  ["down-end"],
], ["#1 GET /a -> 103 no-response"]);

tells(
  "a response cut inside its body",
  [["up", get("/a")], ["down", ok("hello").slice(0, -2)], ["down-end"]],
  [
    '#1 GET /a -> 200 "hel" response-cut (the response ended after 3 bytes of its body)',
  ],
);

tells("a chunked response cut before its last chunk; what waited behind it has none", [
  ["up", get("/a") + get("/b")],
  ["down", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
  ["down-end"],
], [
  '#1 GET /a -> 200 "abc" response-cut (the response ended after 3 bytes of its body)',
  "#2 GET /b -> no-response",
]);

tells("a response cut inside its head: the fields that came, and no data beside it", [
  ["up", get("/a")],
  ["down", "HTTP/1.1 200 OK\r\nContent-Le"],
  ["down-end"],
], ["#1 GET /a -> 200 response-cut [cut-head] (the response ended inside its head, after 27 bytes)"]);

tells("a response cut inside its start line: the half is data", [
  ["up", get("/a")],
  ["down", "HTTP/1.1 200 O"],
  ["down-end"],
], [
  'data down 0 "HTTP/1.1 200 O"',
  "#1 GET /a -> response-cut (the response ended inside its head)",
]);

tells("a response that nobody asked for, cut inside its head", [
  ["down", "HTTP/1.1 408 Timeout\r\nDa"],
  ["end"],
], [
  "#1 -> 408 response-cut [cut-head unrequested-response] (the response ended inside its head, after 24 bytes)",
]);

tells("a request cut inside its body; the target may still answer", [
  ["up", post("/a", "hello").slice(0, -2)],
  ["up-end"],
  ["down", ok("no", "400 Bad Request")],
], ['#1 POST /a "hel" -> 400 "no" request-cut (the request ended after 3 bytes of its body)']);

tells("a request cut, and no answer", [["up", post("/a", "hello").slice(0, -2)], ["up-end"], ["end"]], [
  '#1 POST /a "hel" -> request-cut (the request ended after 3 bytes of its body)',
]);

tells("a request cut inside its head is an exchange, and no data beside it", [
  ["up", "GET / HTTP/1.1\r\n"],
  ["up", "Ho"],
  ["up-end"],
  ["down-end"],
  ["end"],
], ["#1 GET / -> request-cut [cut-head] (the request ended inside its head, after 18 bytes)"]);

tells("so is one inside whose head the connection breaks off", [
  ["up", `${get("/a")}GET /b HTTP/1.1\r\n`],
  ["down", ok("1")],
  ["end", 9, undefined, "the client: reset"],
], ['#1 GET /a -> 200 "1" complete', "#2 GET /b -> request-cut [cut-head] (the client: reset)"]);

tells("a request cut inside its head may still be answered", [
  ["up", "GET / HTTP/1.1\r\nHo"],
  ["up-end"],
  ["down", ok("no", "400 Bad Request")],
], ['#1 GET / -> 400 "no" request-cut [cut-head] (the request ended inside its head, after 18 bytes)']);

tells("a request cut inside its start line is data", [["up", "GET / HTTP/1.1\r"], ["up-end"], ["end"]], [
  'data up 0 "GET / HTTP/1.1\r"',
]);

function scriptOf(steps: readonly Step[]): Script {
  const script = new Script();
  for (const step of steps) script.step(step);
  return script;
}

Deno.test("data tells whether it may be HTTP that could not be read", () => {
  const http = (...steps: Step[]): boolean[] =>
    scriptOf(steps).records.flatMap((record) => record.type === "data" ? [record.http === true] : []);
  assert.deepEqual(http(["up", "EHLO me\r\n"], ["down", "220 me\r\n"]), [false, false]);
  assert.deepEqual(http(["up", `${get("/")}rubbish\n`], ["down", "rubbish\n"]), [true, true]);
  const conflicting = "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";
  assert.deepEqual(http(["up", conflicting]), [true]);
  assert.deepEqual(http(["up", `GET / HTTP/1.1\r\nX: ${"x".repeat(300_000)}`]), [true]);
  assert.deepEqual(http(["up", "GET /?token=s3cret"], ["up-end"]), [true]);
  const tunnel = "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n";
  assert.deepEqual(http(["up", tunnel], ["down", "HTTP/1.1 200 OK\r\n\r\n"], ["up", "x"]), [false]);
});

tells("half a head behind a whole request stands at its offset", [
  ["up", `${get("/a")}GET`],
  ["down", ok("1")],
  ["end"],
], ['#1 GET /a -> 200 "1" complete', 'data up 28 "GET"']);

tells("a client that half-closes gets its answer", [["up", get("/a")], ["up-end"], ["down", ok("1")], [
  "end",
]], [
  '#1 GET /a -> 200 "1" complete',
]);

tells("a target that half-closes: the request under way is recorded when it has ended", [
  ["up", post("/a", "0123456789").slice(0, -5)],
  ["down", ok("no", "413 x")],
  ["down-end"],
  ["up", "56789"],
  ["up", get("/b")],
  ["end"],
], ['#1 POST /a "0123456789" -> 413 "no" complete [early-response]', "#2 GET /b -> no-response"]);

tells("the connection could not be made: what was asked for is recorded", [
  ["up", post("/a", "x")],
  ["end", 5, "connect-failed", "cannot connect to t:3: refused"],
  ["end", 6],
], ['#1 POST /a "x" -> connect-failed (cannot connect to t:3: refused)']);

tells("ending twice tells nothing twice", [["up", get("/a")], ["up-end"], ["down-end"], ["end"], ["end"]], [
  "#1 GET /a -> no-response",
]);

tells("a connection of nothing tells nothing", [["up-end"], ["down-end"], ["end"]], []);

tells("a protocol where the server speaks first", [
  ["down", "220 mail.example ESMTP\r\n"],
  ["up", "EHLO me\r\n"],
  ["down", "250 OK\r\n"],
  ["up", "QUIT\r\n"],
  ["end"],
], [
  'data down 0 "220 mail.example ESMTP\r\n"',
  'data up 0 "EHLO me\r\n"',
  'data down 24 "250 OK\r\n"',
  'data up 9 "QUIT\r\n"',
]);

tells("the client stops speaking HTTP: its bytes are data, the answers go on", [
  ["up", get("/a")],
  ["up", "\0\x01\x02"],
  ["up", get("/b")],
  ["down", ok("1")],
  ["end"],
], ['data up 28 "\0\x01\x02"', `data up 31 "${get("/b")}"`, '#1 GET /a -> 200 "1" complete']);

tells("the target stops speaking HTTP: who waits is told so, and so are those who ask later", [
  ["up", get("/a") + get("/b")],
  ["down", `${ok("1")}\x01rubbish`],
  ["down", "more"],
  ["up", get("/c")],
  ["end"],
], [
  '#1 GET /a -> 200 "1" complete',
  "#2 GET /b -> not-http [not-http]",
  'data down 39 "\x01rubbish"',
  'data down 47 "more"',
  "#3 GET /c -> not-http",
]);

tells("rubbish behind the last response is data, and marked", [
  ["up", get("/a")],
  ["down", `${ok("1")}rubbish\n`],
  ["end"],
], ['#1 GET /a -> 200 "1" complete [bytes-after-end]', 'data down 39 "rubbish\n"']);

tells("rubbish while a request is under way: recorded when the request has ended", [
  ["up", post("/a", "hello").slice(0, -2)],
  ["down", "\xff"],
  ["up", "lo"],
], ['data down 0 "\xff"', '#1 POST /a "hello" -> not-http [not-http]']);

tells("chunks of a response that break: body so far, then data at its offset", [
  ["up", get("/a")],
  ["down", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nz"],
  ["down", "zz"],
], ['#1 GET /a -> 200 "abc" not-http [not-http]', 'data down 55 "z"', 'data down 56 "zz"']);

tells("a request of which nobody can tell where it ends, and its answer", [
  ["up", "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"],
  ["up", "body"],
  ["down", ok("no", "400 Bad")],
], ['data up 58 "body"', '#1 POST /a -> 400 "no" not-http [odd-transfer-encoding]']);

tells("a server-first protocol that says HTTP later is not looked at again", [
  ["down", "* hello\r\n"],
  ["down", ok("1")],
  ["up", get("/a")],
  ["end"],
], ['data down 0 "* hello\r\n"', `data down 9 "${ok("1")}"`, "#1 GET /a -> not-http"]);
