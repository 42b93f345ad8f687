import assert from "node:assert/strict";
import type { Record } from "../../src/capture/record.ts";
import { createTextFormat } from "../../src/log/text.ts";
import {
  AT,
  bodyOf,
  connection,
  exchange,
  requestHead,
  responseHead,
  utc,
  written,
} from "./human_fixtures.ts";

const plain = { color: false, pretty: false, hex: false, limitBytes: 1000, zoneOffset: utc };
const text = (...records: Record[]) => written(createTextFormat(plain), ...records);
const ENDS = "10:31:06.123 127.0.0.1:40112 → localhost:9080";

Deno.test("an exchange is a block in the manner of curl -v with indented bodies and an empty line", () => {
  assert.equal(
    text(exchange()),
    `#17 ${ENDS} POST /stock 200 OK 2.0 ms ↑3 B ↓13 B
> POST /stock HTTP/1.1
> Host: localhost:8081
> Content-Length: 3
>
    AAA
< HTTP/1.1 200 OK
< Content-Type: text/plain
<
    hello, world

`,
  );
});

Deno.test("rewritten fields, interim responses and trailers have their lines in the order of the wire", () => {
  const { request, response } = exchange();
  const lines = text(exchange({
    request: { ...request!, rewritten: [["Host", "localhost:9080"]], trailers: [["X-Up", "1"]] },
    interim: [responseHead(100, "Continue"), responseHead(103, "Early Hints", [["Link", "</a.css>"]])],
    response: { ...response!, trailers: [["X-Sum", "1"]] },
    flags: ["host-rewritten"],
  })).split("\n");
  assert.deepEqual(lines.slice(1), [
    "> POST /stock HTTP/1.1",
    "> Host: localhost:8081",
    "> Content-Length: 3",
    "~ Host: localhost:9080",
    ">",
    "    AAA",
    "> X-Up: 1",
    "< HTTP/1.1 100 Continue",
    "<",
    "< HTTP/1.1 103 Early Hints",
    "< Link: </a.css>",
    "<",
    "< HTTP/1.1 200 OK",
    "< Content-Type: text/plain",
    "<",
    "    hello, world",
    "< X-Sum: 1",
    "",
    "",
  ]);
  assert.doesNotMatch(lines[0], /host-rewritten/);
});

Deno.test("what went wrong stands after the summary on a line of its own", () => {
  assert.equal(
    text(
      exchange({ request: undefined, response: undefined, outcome: "connect-failed", error: "refused\x07" }),
    ),
    `#17 ${ENDS} - connect-failed 2.0 ms ↑0 B ↓0 B\n! connect-failed: refused\\x07\n\n`,
  );
  const closed: Record = {
    type: "connection",
    event: "closed",
    connection,
    at: AT,
    up: 0,
    down: 0,
    totalMs: 1,
    end: "target-reset",
    error: "reset",
    exchanges: 0,
  };
  assert.equal(text(closed), `#c3 ${ENDS} target-reset 1.0 ms ↑0 B ↓0 B\n! target-reset: reset\n\n`);
  assert.equal(
    text({ type: "lost", count: 2, from: AT, to: AT, reason: "disk full" }),
    "! lost 2 records from 10:31:06.123 to 10:31:06.123: disk full\n\n",
  );
});

Deno.test("streams and messages show what they carried, as text or as hex from its place in the stream", () => {
  const data = { type: "data", connection, at: AT, direction: "down", offset: 32 } as const;
  assert.equal(
    text({ ...data, body: bodyOf("220 mail\r\n") }),
    `#c3 ${ENDS} ↓ 10 B @32\n    220 mail\n\n`,
  );
  assert.equal(
    text({ ...data, body: bodyOf(Uint8Array.of(0, 255)) }),
    `#c3 ${ENDS} ↓ 2 B @32\n    00000020  00 ff                                             |..|\n\n`,
  );
  const message = { type: "message", connection, exchange: 17, at: AT, direction: "up", index: 1 } as const;
  assert.equal(
    text({ ...message, protocol: "sse", event: "price", body: bodyOf("1\n2") }),
    `#17 ${ENDS} sse price ↑ 3 B\n    1\n    2\n\n`,
  );
  assert.equal(
    text({ ...message, protocol: "websocket", opcode: "ping", frames: 1, body: bodyOf(""), error: "cut" }),
    `#17 ${ENDS} ws ping ↑ 0 B\n! cut\n\n`,
  );
});

Deno.test("an opened connection writes nothing, unless something is known of its TLS", () => {
  const opened = { type: "connection", event: "opened", connection, at: AT, connectMs: 1 } as const;
  assert.equal(text(opened, { ...opened, tlsMs: 1, targetTls: {}, clientTls: {} }), "");
  const targetTls = { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", peer: "CN=a\n\x1b[2J" };
  assert.equal(
    text({ ...opened, targetTls }),
    `#c3 ${ENDS} TLS with target: TLSv1.3, TLS_AES_128_GCM_SHA256, CN=a\\x0a\\x1b[2J\n\n`,
  );
  const clientTls = { alpn: "http/1.1", serverName: "a.test" };
  assert.equal(
    text({ ...opened, targetTls: { version: "TLSv1.2" }, clientTls }),
    `#c3 ${ENDS} TLS with target: TLSv1.2; with client: http/1.1, for a.test\n\n`,
  );
  assert.equal(text({ ...opened, clientTls }), `#c3 ${ENDS} TLS with client: http/1.1, for a.test\n\n`);
});

Deno.test("a client hello, a fault and a refusal are told as in the short log", () => {
  const hello = { serverName: "a.test", alpn: ["h2"], versions: ["TLSv1.3"] };
  assert.equal(
    text({ type: "connection", event: "client-hello", connection, at: AT, hello }),
    `#c3 ${ENDS} TLS ClientHello a.test (h2; TLSv1.3)\n\n`,
  );
  const faults = [{ fault: "status=503", offset: 0, seed: 7 }];
  const refused = exchange({ outcome: "refused", error: "status=503", faults });
  const [summary, error] = text(refused).split("\n");
  assert.match(summary, / refused by tcpmon 2\.0 ms ↑3 B ↓13 B fault status=503@0 seed 7$/);
  assert.equal(error, "! refused by tcpmon: status=503");
});

Deno.test("a request to a proxy stands as it came, and each field that was changed as it went on", () => {
  const head = requestHead("GET", "http://a.test/x", [["Host", "b.test"], ["Proxy-Connection", "close"]]);
  const request = { head, body: bodyOf(""), trailers: [] };
  const lines = text(
    exchange({ request: { ...request, rewritten: [["Host", "a.test"], ["Via", "1.1 tcpmon"]] } }),
  ).split("\n");
  assert.match(lines[0], / GET http:\/\/a\.test\/x 200 OK /);
  assert.deepEqual(lines.slice(1, 7), [
    "> GET http://a.test/x HTTP/1.1",
    "> Host: b.test",
    "> Proxy-Connection: close",
    "~ Host: a.test",
    "~ Via: 1.1 tcpmon",
    ">",
  ]);
});

Deno.test("a head that repeats is written alike each time, also after another one", () => {
  const format = createTextFormat(plain);
  const again = exchange();
  const other = exchange({
    response: { head: responseHead(500, "No", [["A", "b"]]), body: bodyOf(""), trailers: [] },
  });
  const blocks = written(format, again, again, again, other, again, again).split("\n\n").slice(0, -1);
  assert.equal(blocks.length, 6);
  for (const i of [1, 2, 4, 5]) assert.equal(blocks[i], blocks[0]);
  assert.match(blocks[3], /< HTTP\/1\.1 500 No\n< A: b\n<$/);
});

Deno.test("colour changes nothing but SGR sequences", () => {
  const records = [exchange({ flags: ["bare-lf"], outcome: "response-cut", error: "cut" }), exchange()];
  const colored = written(createTextFormat({ ...plain, color: true }), ...records, ...records, ...records);
  assert.ok(colored.includes("\x1b[2m>\x1b[0m POST /stock HTTP/1.1\n"));
  // deno-lint-ignore no-control-regex
  assert.equal(colored.replace(/\x1b\[\d+m/g, ""), text(...records, ...records, ...records));
});
