/** CONNECT and Upgrade: what follows may be HTTP or not, which the response decides. */
import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import { get, ok, run, type Step, textOf } from "./connection_script.ts";

function tells(name: string, steps: readonly Step[], lines: readonly string[]): void {
  Deno.test(name, () => assert.deepEqual(run(steps).lines, lines));
}

const CONNECT = "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n";
const UPGRADE = get("/u", "Connection: Upgrade\r\nUpgrade: x\r\n");
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
const CONNECTED = "HTTP/1.1 200 Connection established\r\n\r\n";

tells("an accepted CONNECT is recorded at once; a tunnel follows", [
  ["up", CONNECT],
  ["down", CONNECTED],
  ["up", "\x16\x03hello"],
  ["down", "\x16\x03hi"],
  ["end"],
], [
  "#1 CONNECT b:443 -> 200 upgraded",
  `data up ${CONNECT.length} "\x16\x03hello"`,
  `data down ${CONNECTED.length} "\x16\x03hi"`,
]);

tells("what the client sends before the answer waits, and is the tunnel's", [
  ["up", `${CONNECT}GET / HTTP/1.1\r\n`],
  ["up", "Host: b\r\n\r\n"],
  ["down", `${CONNECTED}HTTP/1.1 204 x\r\n\r\n`],
  ["end"],
], [
  "#1 CONNECT b:443 -> 200 upgraded",
  `data up ${CONNECT.length} "GET / HTTP/1.1\r\nHost: b\r\n\r\n"`,
  `data down ${CONNECTED.length} "HTTP/1.1 204 x\r\n\r\n"`,
]);

tells("lengths in the answer to an accepted CONNECT are to be ignored (RFC 9110 \u00a79.3.6)", [
  ["up", CONNECT],
  ["down", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\x01\x02\x03\x04"],
], ["#1 CONNECT b:443 -> 200 upgraded", 'data down 38 "\x01\x02\x03\x04"']);

tells("a refused CONNECT: HTTP goes on, what waited included", [
  ["up", `${CONNECT}${get("/a")}`],
  ["down", ok("auth", "407 Proxy Authentication Required")],
  ["down", ok("1")],
  ["up", get("/b")],
  ["down", ok("2")],
], [
  '#1 CONNECT b:443 -> 407 "auth" complete',
  '#2 GET /a -> 200 "1" complete',
  '#3 GET /b -> 200 "2" complete',
]);

tells("a CONNECT that is refused twice, then accepted", [
  ["up", CONNECT],
  ["down", ok("", "407 x")],
  ["up", CONNECT],
  ["down", ok("", "407 x")],
  ["up", CONNECT],
  ["down", CONNECTED],
  ["up", "\0"],
], [
  "#1 CONNECT b:443 -> 407 complete",
  "#2 CONNECT b:443 -> 407 complete",
  "#3 CONNECT b:443 -> 200 upgraded",
  `data up ${3 * CONNECT.length} "\0"`,
]);

tells("an accepted upgrade: what follows is not HTTP", [
  ["up", UPGRADE],
  ["down", `${SWITCH}hello`],
  ["up", get("/not-http")],
  ["down", ok("neither")],
  ["end"],
], [
  "#1 GET /u -> 101 upgraded",
  `data down ${SWITCH.length} "hello"`,
  `data up ${UPGRADE.length} "${get("/not-http")}"`,
  `data down ${SWITCH.length + 5} "${ok("neither")}"`,
]);

tells("an upgrade, with bytes that the client sent early", [
  ["up", `${UPGRADE}ear`],
  ["up", "ly"],
  ["down", SWITCH],
  ["up", "late"],
], [
  "#1 GET /u -> 101 upgraded",
  `data up ${UPGRADE.length} "early"`,
  `data up ${UPGRADE.length + 5} "late"`,
]);

tells("a declined upgrade: HTTP goes on", [
  ["up", UPGRADE],
  ["down", ok("as ever")],
  ["up", get("/a")],
  ["down", ok("1")],
], ['#1 GET /u -> 200 "as ever" complete', '#2 GET /a -> 200 "1" complete']);

tells("a declined upgrade, with a request that the client sent early, in two halves", [
  ["up", `${UPGRADE}${get("/a").slice(0, 10)}`],
  ["down", ok("as ever")],
  ["up", get("/a").slice(10)],
  ["down", ok("1")],
], ['#1 GET /u -> 200 "as ever" complete', '#2 GET /a -> 200 "1" complete']);

tells("two upgrades pipelined, both declined", [
  ["up", UPGRADE + UPGRADE + get("/a")],
  ["down", ok("1") + ok("2") + ok("3")],
], ['#1 GET /u -> 200 "1" complete', '#2 GET /u -> 200 "2" complete', '#3 GET /a -> 200 "3" complete']);

tells("an interim response decides nothing", [
  ["up", `${UPGRADE}x`],
  ["down", "HTTP/1.1 103 x\r\n\r\n"],
  ["down", SWITCH],
], ["#1 GET /u -> 103 101 upgraded", `data up ${UPGRADE.length} "x"`]);

tells("a client that half-closes behind an upgrade: its bytes are read when it is decided", [
  ["up", UPGRADE + get("/a")],
  ["up-end"],
  ["down", ok("1") + ok("2")],
  ["end"],
], ['#1 GET /u -> 200 "1" complete', '#2 GET /a -> 200 "2" complete']);

tells("a request cut behind a declined upgrade", [
  ["up", `${UPGRADE}POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhel`],
  ["up-end"],
  ["down", ok("1") + ok("2")],
], [
  '#1 GET /u -> 200 "1" complete',
  '#2 POST / "hel" -> 200 "2" request-cut (the request ended after 3 bytes of its body)',
]);

tells("an upgrade that is never answered: what waited is read as HTTP", [
  ["up", `${UPGRADE}${get("/a")}rest`],
  ["down-end"],
  ["end"],
], ["#1 GET /u -> no-response", "#2 GET /a -> no-response", `data up ${UPGRADE.length + 28} "rest"`]);

tells("101 that nobody asked for: both directions are streams, half a head included", [
  ["up", `${get("/a")}GET /b HT`],
  ["down", `${SWITCH}\x01`],
  ["up", "TP/1.1\r\n"],
  ["end"],
], [
  "#1 GET /a -> 101 upgraded",
  'data up 28 "GET /b HT"',
  `data down ${SWITCH.length} "\x01"`,
  'data up 37 "TP/1.1\r\n"',
]);

tells("101 in the middle of a request's body: the rest is the stream's", [
  ["up", "POST / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\nhel"],
  ["down", SWITCH],
  ["up", "lo and more"],
], ['#1 POST / "hel" -> 101 upgraded [early-response]', 'data up 62 "lo and more"']);

tells("101 without any request", [["down", `${SWITCH}x`], ["up", get("/a")]], [
  "#1 -> 101 upgraded [unrequested-response]",
  `data down ${SWITCH.length} "x"`,
  `data up 0 "${get("/a")}"`,
]);

tells("requests that wait behind an unasked-for 101 get no answer", [
  ["up", get("/a") + get("/b")],
  ["down", SWITCH],
  ["end"],
], ["#1 GET /a -> 101 upgraded", "#2 GET /b -> no-response"]);

const EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

tells("server-sent events come as they arrive; other bytes are never taken for them", [
  ["up", get("/e")],
  ["down", `${EVENTS}9\r\ndata: 1\n\n\r\n`],
  ["up", "\0data: up\n\n"],
  ["down", "9\r\ndata: 2\n\n\r\n"],
  ["down", "zz\r\ndata: 3\n\n"],
], [
  'message sse down 1 "1"',
  `data up ${get("/e").length} "\0data: up\n\n"`,
  'message sse down 2 "2"',
  '#1 GET /e -> 200 "data: 1\n\ndata: 2\n\n" not-http [not-http]',
  `data down ${EVENTS.length + 28} "zz\r\ndata: 3\n\n"`,
]);

for (const coding of ["gzip", "deflate"] as const) {
  Deno.test(`events in ${coding} come as they arrive, however they are cut`, () => {
    const stream = [1, 2, 3].map((n) => `data: event ${n}\n\n`);
    const coded = textOf(coding === "gzip" ? gzipSync(stream.join("")) : deflateSync(stream.join("")));
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: ${coding}\r\n\r\n`;
    const told = stream.map((_, i) => `message sse down ${i + 1} "event ${i + 1}"`);
    for (let cut = 0; cut <= coded.length; cut++) {
      const { lines } = run([
        ["up", get("/e")],
        ["down", head + coded.slice(0, cut)],
        ["down", coded.slice(cut)],
        ["down-end"],
      ]);
      assert.deepEqual(lines.slice(0, 3), told);
      assert.equal(lines.length, 4);
    }
  });
}

tells("events in a coding that cannot be undone as it comes are in the exchange alone", [
  ["up", get("/e")],
  ["down", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: br\r\n\r\ndata: 1\n\n"],
  ["down-end"],
], ['#1 GET /e -> 200 "data: 1\n\n" complete']);

tells("WebSocket messages of both directions, those sent early included", [
  [
    "up",
    get(
      "/w",
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ) + "\x81\x82\0\0\0\0hi",
  ],
  [
    "down",
    "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x02yo",
  ],
], ["#1 GET /w -> 101 upgraded", 'message websocket up 1 "hi"', 'message websocket down 1 "yo"']);
