import assert from "node:assert/strict";
import type { Record } from "../../src/capture/record.ts";
import type { ResponseHead } from "../../src/http/head.ts";
import { createShortFormat } from "../../src/log/short.ts";
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

const short = (...records: Record[]) =>
  written(createShortFormat({ color: false, zoneOffset: utc }), ...records);
const ENDS = "10:31:06.123 127.0.0.1:40112 → localhost:9080";

Deno.test("an exchange is one line: number, time, ends, request, status, duration, sizes", () => {
  assert.equal(short(exchange()), `#17 ${ENDS} POST /stock 200 OK 2.0 ms ↑3 B ↓13 B\n`);
  assert.equal(
    short(exchange({ response: { head: responseHead(204, ""), body: bodyOf(""), trailers: [] } })),
    `#17 ${ENDS} POST /stock 204 2.0 ms ↑3 B ↓0 B\n`,
  );
});

Deno.test("outcome, flags and redaction are named, and the error ends the line", () => {
  const cut = exchange({
    outcome: "response-cut",
    error: "reset\nby peer",
    flags: ["bare-lf", "host-rewritten", "no-host"],
  });
  assert.equal(
    short({ ...cut, interim: [{ ...responseHead(103, "Early"), redacted: true } as ResponseHead] }),
    `#17 ${ENDS} POST /stock 200 OK response-cut 2.0 ms ↑3 B ↓13 B bare-lf no-host redacted: reset\\x0aby peer\n`,
  );
  const marked = { ...exchange().request!, redacted: true };
  assert.match(short(exchange({ request: marked })), /↓13 B redacted\n$/);
});

Deno.test("what is missing of an exchange is a dash or its outcome", () => {
  assert.equal(
    short(exchange({ response: undefined, outcome: "no-response" })),
    `#17 ${ENDS} POST /stock no-response 2.0 ms ↑3 B ↓0 B\n`,
  );
  assert.equal(
    short(exchange({ request: undefined, outcome: "unrequested" })),
    `#17 ${ENDS} - 200 OK unrequested 2.0 ms ↑0 B ↓13 B\n`,
  );
});

Deno.test("what repeats is written again as it was, and what only resembles it is not", () => {
  const format = createShortFormat({ color: false, zoneOffset: utc });
  const other = exchange({ request: { ...exchange().request!, head: requestHead("GET", "/other") } });
  const elsewhere = exchange({ connection: { ...connection, id: connection.id + 1024, target: "b:2" } });
  const text = written(format, exchange(), other, other, other, elsewhere, elsewhere, elsewhere, exchange());
  const lines = text.split("\n");
  assert.equal(lines[0], lines[7]);
  for (const line of lines.slice(1, 4)) assert.match(line, /GET \/other 200 OK/);
  for (const line of lines.slice(4, 7)) assert.match(line, /→ b:2 POST \/stock/);
});

Deno.test("a connection is shown when it ended badly or was a stream, else not", () => {
  const opened: Record = { type: "connection", event: "opened", connection, at: AT, connectMs: 0.4 };
  const closed = {
    type: "connection",
    event: "closed",
    connection,
    at: AT,
    up: 10,
    down: 2048,
    totalMs: 1500,
    end: "client-closed",
    exchanges: 2,
  } as const;
  assert.equal(short(opened, closed, { ...closed, exchanges: 0, up: 0, down: 0 }), "");
  assert.equal(short({ ...closed, exchanges: 0 }), `#c3 ${ENDS} client-closed 1.50 s ↑10 B ↓2.0 KiB\n`);
  assert.equal(short({ ...closed, end: "stopped" }), "");
  for (const end of ["client-reset", "target-reset", "idle-timeout"] as const) {
    assert.equal(short({ ...closed, end }), `#c3 ${ENDS} ${end} 1.50 s ↑10 B ↓2.0 KiB\n`);
  }
  assert.match(
    short({ ...closed, end: "connect-failed", exchanges: 0, error: "refused" }),
    /connect-failed .*: refused\n$/,
  );
  assert.equal(short({ ...closed, end: "connect-failed", exchanges: 1 }), "", "its exchange says so");
  assert.match(short({ ...closed, error: "odd end" }), /: odd end\n$/);
});

Deno.test("what a simulated link did is named with its place and seed, the first few of many", () => {
  const reset = { fault: "reset", direction: "down", offset: 1234, seed: 42 } as const;
  assert.equal(
    short(exchange({ outcome: "response-cut", faults: [reset] })),
    `#17 ${ENDS} POST /stock 200 OK response-cut 2.0 ms ↑3 B ↓13 B fault reset@down+1234 seed 42\n`,
  );
  assert.match(
    short(exchange({ faults: [{ fault: "refuse\x1b", offset: 0, seed: 1 }, { ...reset, bytes: 3 }] })),
    /↓13 B fault refuse\\x1b@0 seed 1 fault reset@down\+1234 3 B seed 42\n$/,
  );
  const many = short(exchange({ faults: Array(1000).fill(reset) }));
  assert.match(many, / fault reset@down\+1234 seed 42 and 996 more faults\n$/);
  assert.ok(many.length < 300);
  const closed = { type: "connection", event: "closed", connection, at: AT, up: 10, down: 0 } as const;
  assert.equal(
    short({ ...closed, totalMs: 1, end: "fault", exchanges: 1, faults: [reset] }),
    `#c3 ${ENDS} fault 1.0 ms ↑10 B ↓0 B fault reset@down+1234 seed 42\n`,
  );
  assert.match(
    short({ ...closed, totalMs: 1, end: "client-closed", exchanges: 1, faults: [reset] }),
    /seed 42\n$/,
  );
});

Deno.test("what tcpmon refused is told apart from what a target refused", () => {
  assert.equal(
    short(exchange({ outcome: "refused", error: "no credentials" })),
    `#17 ${ENDS} POST /stock 200 OK refused by tcpmon 2.0 ms ↑3 B ↓13 B: no credentials\n`,
  );
});

Deno.test("a TLS handshake has its time on the first exchange, and a client hello its line", () => {
  assert.equal(
    short(exchange({ ms: { connect: 13, tls: 12.1, total: 14.3 } })),
    `#17 ${ENDS} POST /stock 200 OK 14.3 ms (TLS 12.1 ms) ↑3 B ↓13 B\n`,
  );
  const passed = { type: "connection", event: "client-hello", connection, at: AT } as const;
  const hello = { serverName: "example.com", alpn: ["h2", "http/1.1"], versions: ["TLSv1.3", "TLSv1.2"] };
  assert.equal(
    short({ ...passed, hello }),
    `#c3 ${ENDS} TLS ClientHello example.com (h2, http/1.1; TLSv1.3, TLSv1.2)\n`,
  );
  assert.equal(
    short({ ...passed, hello: { alpn: [], versions: ["TLSv1.2"] } }),
    `#c3 ${ENDS} TLS ClientHello - (TLSv1.2)\n`,
  );
  assert.equal(
    short({ ...passed, hello: { serverName: "a\n#1 b\x9b", alpn: [], versions: [] } }),
    `#c3 ${ENDS} TLS ClientHello a\\x0a#1 b\\x9b\n`,
  );
  const opened = { type: "connection", event: "opened", connection, at: AT, connectMs: 1 } as const;
  assert.equal(short({ ...opened, targetTls: { version: "TLSv1.3" } }), "", "its exchanges have the time");
});

Deno.test("data, messages and losses are one line each", () => {
  const body = bodyOf("hello, world");
  assert.equal(
    short({ type: "data", connection, at: AT, direction: "up", offset: 400, body }),
    `#c3 ${ENDS} ↑ 12 B @400\n`,
  );
  const message = {
    type: "message",
    connection,
    exchange: 17,
    at: AT,
    direction: "down",
    index: 1,
    body,
  } as const;
  assert.equal(
    short({ ...message, protocol: "websocket", opcode: "text", frames: 1 }),
    `#17 ${ENDS} ws text ↓ 12 B\n`,
  );
  assert.equal(
    short({
      ...message,
      protocol: "websocket",
      opcode: "close",
      frames: 2,
      closeCode: 1001,
      compressedBytes: 5,
      error: "x",
    }),
    `#17 ${ENDS} ws close ↓ 12 B code 1001, 5 B compressed, 2 frames: x\n`,
  );
  assert.equal(
    short({ ...message, protocol: "sse", event: "price\x1b", lastEventId: "7", retry: 500 }),
    `#17 ${ENDS} sse price\\x1b ↓ 12 B id 7 retry 500 ms\n`,
  );
  assert.equal(
    short({ type: "lost", count: 17, from: AT, to: AT + 1000, reason: "queue full" }),
    "! lost 17 records from 10:31:06.123 to 10:31:07.123: queue full\n",
  );
});

Deno.test("colour follows the status and surrounds only escaped text", () => {
  const colored = createShortFormat({ color: true, zoneOffset: utc });
  for (const [status, code] of [[101, 2], [200, 32], [304, 36], [404, 33], [500, 31], [999, 31]]) {
    const response = { head: responseHead(status, "R\x1b[0m"), body: bodyOf(""), trailers: [] };
    assert.ok(
      written(colored, exchange({ response })).includes(`\x1b[${code}m${status} R\\x1b[0m\x1b[0m `),
      `${status}`,
    );
  }
});
