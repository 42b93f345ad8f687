/** Timings come from the times that are passed in, and from nothing else. */
import assert from "node:assert/strict";
import type { Timings } from "../../src/capture/record.ts";
import { get, ok, post, run, type Setting, type Step } from "./connection_script.ts";

/** The times that there are. */
function present(ms: Timings): Partial<Timings> {
  return Object.fromEntries(Object.entries(ms).filter(([, time]) => time !== undefined));
}

function takes(name: string, steps: readonly Step[], want: readonly Timings[], setting?: Setting): void {
  Deno.test(name, () => {
    const { exchanges } = run(steps, setting);
    assert.deepEqual(exchanges.map(({ ms }) => present(ms)), want.map(present));
  });
}

takes(
  "one request, one response: each part is told",
  [
    ["up", get("/"), 100, 101],
    ["down", ok("x"), 110, 113],
  ],
  [{ connect: 7, send: 1, wait: 9, receive: 3, total: 20, relay: 4 }],
  { connectMs: 7 },
);

takes("connecting counts for the first exchange only", [
  ["up", get("/"), 100, 101],
  ["down", ok("x"), 110, 113],
  ["up", get("/"), 200, 200],
  ["down", ok("x"), 201, 201],
], [
  { connect: 7, send: 1, wait: 9, receive: 3, total: 20, relay: 4 },
  { send: 0, wait: 1, receive: 0, total: 1, relay: 0 },
], { connectMs: 7 });

takes("the TLS handshake is told with connecting, of which it is a part", [
  ["up", get("/"), 100, 101],
  ["down", ok("x"), 110, 113],
  ["up", get("/"), 200, 200],
  ["down", ok("x"), 201, 201],
], [
  { connect: 7, tls: 5, send: 1, wait: 9, receive: 3, total: 20, relay: 4 },
  { send: 0, wait: 1, receive: 0, total: 1, relay: 0 },
], { connectMs: 7, tlsMs: 5 });

takes("connecting counts for the exchange that began first, not for the one that ended first", [
  ["up", post("/", "xyz").slice(0, -1), 100, 100],
  ["down", ok("a"), 101, 101],
  ["down", ok("b"), 102, 103],
  ["up", "z", 110, 110],
], [
  { receive: 1, total: 1, relay: 1 },
  { connect: 7, send: 10, wait: 0, receive: 0, total: 17, relay: 0 },
], { connectMs: 7 });

takes("messages in many pieces: from the first byte read to the last byte sent on", [
  ["up", "POST / HTTP/1.1\r\nHost: a\r\n", 100, 102],
  ["up", "Content-Length: 4\r\n\r\nab", 110, 111],
  ["up", "cd", 120, 121],
  ["down", "HTTP/1.1 200 OK\r\n", 130, 133],
  ["down", "Content-Length: 2\r\n\r\na", 140, 141],
  ["down", "b", 150, 155],
], [{ send: 21, wait: 9, receive: 25, total: 55, relay: 5 }]);

takes("waiting ends with the final response; interim ones add what they took to relay", [
  ["up", get("/"), 100, 100],
  ["down", "HTTP/1.1 103 x\r\n\r\n", 110, 112],
  ["down", ok("x"), 120, 121],
], [{ send: 0, wait: 20, receive: 1, total: 21, relay: 3 }]);

takes("pipelined requests begin with their own first byte", [
  ["up", get("/a") + get("/b").slice(0, 9), 100, 101],
  ["up", get("/b").slice(9), 110, 112],
  ["down", ok("1") + ok("2").slice(0, 5), 120, 121],
  ["down", ok("2").slice(5), 130, 132],
], [
  { send: 1, wait: 19, receive: 1, total: 21, relay: 2 },
  { send: 12, wait: 8, receive: 12, total: 32, relay: 2 },
]);

takes("an early response does not wait, and the exchange lasts until its request has ended", [
  ["up", post("/", "abc").slice(0, -1), 100, 100],
  ["down", ok("x"), 110, 111],
  ["up", "c", 120, 121],
], [{ send: 21, wait: 0, receive: 1, total: 21, relay: 1 }]);

takes(
  "no response: the exchange lasts until that is known",
  [["up", get("/"), 100, 101], ["down-end", 150]],
  [
    { send: 1, total: 50, relay: 1 },
  ],
);

takes("a request that is cut was never sent", [
  ["up", post("/", "abc").slice(0, -1), 100, 101],
  ["end", 140],
], [{ total: 40, relay: 1 }]);

takes("a response that is cut lasts until the end", [
  ["up", get("/"), 100, 100],
  ["down", ok("xyz").slice(0, -1), 110, 111],
  ["down-end", 140],
], [{ send: 0, wait: 10, receive: 30, total: 40, relay: 1 }]);

takes("an upgrade is over with its answer", [
  ["up", "CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", 100, 101],
  ["down", "HTTP/1.1 200 OK\r\n\r\n", 110, 112],
  ["end", 900],
], [{ send: 1, wait: 9, receive: 2, total: 12, relay: 3 }]);

takes("what waits behind a declined upgrade began when it came", [
  ["up", get("/", "Upgrade: x\r\n"), 100, 100],
  ["up", get("/b"), 105, 105],
  ["down", ok("1"), 110, 110],
  ["down", ok("2"), 120, 120],
], [
  { send: 0, wait: 10, receive: 0, total: 10, relay: 0 },
  { send: 5, wait: 10, receive: 0, total: 15, relay: 0 },
]);

takes(
  "with rewriting, the request is sent when what was made of it is; what is held back counts as relayed",
  [
    ["up", "GET / HTTP/1.1\r\nHost: a\r\n", 100, 101],
    ["up", "\r\n", 110, 112],
    ["down", ok("x"), 120, 121],
    ["up", get("/b"), 200, 203],
    ["down", ok("x"), 210, 210],
  ],
  [
    { send: 12, wait: 8, receive: 1, total: 21, relay: 13 },
    { send: 3, wait: 7, receive: 0, total: 10, relay: 3 },
  ],
  { hostField: "b" },
);

takes(
  "with rewriting, a body in later pieces is sent with its last",
  [
    ["up", post("/", "abc").slice(0, -2), 100, 101],
    ["up", "bc", 110, 115],
    ["down", ok("x"), 120, 120],
  ],
  [{ send: 15, wait: 5, receive: 0, total: 20, relay: 1 }],
  { hostField: "b" },
);

Deno.test("a record's wall time is that of its first byte", () => {
  const { exchanges } = run([["up", "GET / HTTP", 100, 101], ["up", "/1.0\r\n\r\n", 150, 150], ["end", 200]]);
  assert.equal(exchanges[0].at, 1_000_100);
});

Deno.test("a change of Host is told with the request, and only where there is one", () => {
  const { exchanges, lines } = run([
    ["up", get("/a") + get("/b").replace("Host: a", "Host: b")],
    ["down", ok("1") + ok("2")],
  ], { hostField: "b" });
  assert.deepEqual(exchanges.map(({ request }) => request?.rewritten), [[["Host", "b"]], undefined]);
  assert.deepEqual(exchanges.map(({ request }) => request?.head.fields), [[["Host", "a"]], [["Host", "b"]]]);
  assert.deepEqual(lines, [
    '#1 GET /a -> 200 "1" complete [host-rewritten]',
    '#2 GET /b -> 200 "2" complete',
  ]);
});
