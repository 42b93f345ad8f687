import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import type { ConnectionInfo, ExchangeRecord, Record } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";

const connection: ConnectionInfo = {
  id: 3,
  listener: "127.0.0.1:8081",
  client: "127.0.0.1:40112",
  target: "127.0.0.1:9080",
};
const at = Date.UTC(2026, 10, 20, 10, 31, 6, 123);
const encoder = new TextEncoder();

function bodyOf(bytes: Uint8Array | string) {
  const kept = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
  return { bytes: kept.length, kept };
}

function requestHead(fields: readonly Field[], raw?: string) {
  const head = { kind: "request", method: "POST", target: "/stock", version: "HTTP/1.1", flags: [] } as const;
  return { ...head, fields, raw: encoder.encode(raw ?? ""), exact: raw === undefined };
}

function responseHead(status: number, reason: string, fields: readonly Field[], raw?: string) {
  const head = { kind: "response", status, reason, version: "HTTP/1.1", flags: [] } as const;
  return { ...head, fields, raw: encoder.encode(raw ?? ""), exact: raw === undefined };
}

const request = { head: requestHead([["Host", "localhost:8081"]]), body: bodyOf("AAA"), trailers: [] };
const bare: ExchangeRecord = {
  type: "exchange",
  id: 17,
  connection,
  at,
  request,
  interim: [],
  ms: { total: 2 },
  outcome: "no-response",
  flags: [],
};

function format(...records: readonly Record[]): string[] {
  const write = createJsonFormat({ limitBytes: 1024 });
  const out = new ByteWriter(1);
  for (const record of records) write(record, out);
  return new TextDecoder().decode(out.view()).split("\n").slice(0, -1);
}

const OPEN =
  '{"type":"exchange","id":17,"connection":3,"listener":"127.0.0.1:8081","client":"127.0.0.1:40112",' +
  '"target":"127.0.0.1:9080","time":"2026-11-20T10:31:06.123Z"';
const REQUEST = ',"request":{"method":"POST","target":"/stock","version":"HTTP/1.1",' +
  '"headers":[["Host","localhost:8081"]],"body":{"bytes":3,"text":"AAA"}';

Deno.test("what a simulated link did stands at the end of the line, also of a complete exchange", () => {
  const faults = [{ fault: "drop", direction: "up", offset: 2 ** 33, bytes: 3, seed: -42 }] as const;
  const written = ',"faults":[{"fault":"drop","direction":"up","offset":8589934592,"bytes":3,"seed":-42}]}';
  const [complete, cut] = format({ ...bare, outcome: "complete", faults }, { ...bare, faults, error: "cut" });
  assert.ok(complete.endsWith(`,"outcome":"complete","flags":[]${written}`), complete);
  assert.ok(cut.endsWith(`,"outcome":"no-response","error":"cut","flags":[]${written}`), cut);
});

Deno.test("a redacted body, whose length tells nothing, is truncated only where it says so", () => {
  const redacted = (truncated: boolean) => {
    const body = { bytes: 90, kept: encoder.encode("pin=[redacted:0123456789]"), truncated, redacted: true };
    return JSON.parse(format({ ...bare, request: { ...request, body } })[0]).request.body;
  };
  assert.deepEqual(redacted(false), { bytes: 90, text: "pin=[redacted:0123456789]" });
  assert.equal(redacted(true).truncated, true);
});

Deno.test("a complete exchange is one line with every field in its place", () => {
  const packed = gzipSync("hello, world");
  const record: ExchangeRecord = {
    ...bare,
    request: { ...request, head: requestHead([["Host", "localhost:8081"], ["Content-Length", "3"]]) },
    response: {
      head: responseHead(200, "OK", [["Content-Encoding", "gzip"]]),
      body: bodyOf(packed),
      trailers: [["X-Sum", "1"]],
    },
    ms: { connect: 0.41, send: 0.1, wait: 1.2, receive: 0.3, total: 2.0, relay: 0.06 },
    outcome: "complete",
  };
  assert.deepEqual(format(record), [
    OPEN + ',"request":{"method":"POST","target":"/stock","version":"HTTP/1.1",' +
    '"headers":[["Host","localhost:8081"],["Content-Length","3"]],"body":{"bytes":3,"text":"AAA"}},' +
    '"response":{"version":"HTTP/1.1","status":200,"reason":"OK","headers":[["Content-Encoding","gzip"]],' +
    `"body":{"bytes":${packed.length},"base64":"${Buffer.from(packed).toString("base64")}",` +
    '"decoded":{"bytes":12,"text":"hello, world"}},"trailers":[["X-Sum","1"]]},' +
    '"ms":{"connect":0.41,"send":0.1,"wait":1.2,"receive":0.3,"total":2,"relay":0.06},' +
    '"outcome":"complete","flags":[]}',
  ]);
});

Deno.test("an exchange without a response says why, and what was odd", () => {
  assert.deepEqual(
    format({ ...bare, outcome: "connect-failed", error: 'refused: "x"', flags: ["bare-lf", "cl-and-te"] }),
    [
      OPEN + REQUEST +
      '},"ms":{"total":2},"outcome":"connect-failed","error":"refused: \\"x\\"","flags":["bare-lf","cl-and-te"]}',
    ],
  );
});

Deno.test("a complete exchange keeps its flags and its error", () => {
  const [flagged, failed] = format({ ...bare, outcome: "complete", flags: ["no-host"] }, {
    ...bare,
    outcome: "complete",
    error: "late",
  });
  assert.ok(flagged.endsWith('"outcome":"complete","flags":["no-host"]}'));
  assert.ok(failed.endsWith('"outcome":"complete","error":"late","flags":[]}'));
});

Deno.test("a response without a request stands alone", () => {
  const response = { head: responseHead(408, "", []), body: bodyOf(""), trailers: [] };
  assert.deepEqual(format({ ...bare, request: undefined, response, outcome: "unrequested" }), [
    OPEN + ',"response":{"version":"HTTP/1.1","status":408,"reason":"","headers":[],' +
    '"body":{"bytes":0,"text":""}},"ms":{"total":2},"outcome":"unrequested","flags":[]}',
  ]);
});

Deno.test("interim responses stand between request and response", () => {
  const interim = [
    responseHead(100, "Continue", []),
    responseHead(103, "Early Hints", [["Link", "</a>"]], "HTTP/1.1 103 Early Hints\nLink: </a>\n\n"),
  ];
  const [line] = format({ ...bare, interim });
  assert.deepEqual(JSON.parse(line).interim, [
    { version: "HTTP/1.1", status: 100, reason: "Continue", headers: [] },
    {
      version: "HTTP/1.1",
      status: 103,
      reason: "Early Hints",
      headers: [["Link", "</a>"]],
      head: btoa("HTTP/1.1 103 Early Hints\nLink: </a>\n\n"),
    },
  ]);
  assert.deepEqual(Object.keys(JSON.parse(line)).slice(7, 9), ["request", "interim"]);
});

Deno.test("a head that its fields do not give back is kept as it came", () => {
  const raw = "POST  /stock HTTP/1.1\nHost : localhost:8081\n\n";
  const head = requestHead([["Host", "localhost:8081"]], raw);
  const [line] = format({ ...bare, request: { ...request, head } });
  assert.equal(atob(JSON.parse(line).request.head), raw);
});

Deno.test("what tcpmon changed and what was hidden is marked on the message", () => {
  const changed = { ...request, rewritten: [["Host", "127.0.0.1:9080"]] as const, redacted: true };
  const [line] = format({ ...bare, request: changed });
  assert.ok(line.startsWith(OPEN + REQUEST + ',"redacted":true,"rewritten":[["Host","127.0.0.1:9080"]]}'));
  const [plain] = format({ ...bare, request: { ...request, redacted: false } as typeof request });
  assert.ok(plain.startsWith(OPEN + REQUEST + "}"));
});

Deno.test("a repeated head is written the same each time, and a new one as it is", () => {
  const other = { ...request, head: requestHead([["Host", "other"]]), body: bodyOf("B") };
  const huge = { ...request, head: requestHead([["X", "y".repeat(100_000)]]) };
  const sequence = [
    request,
    request,
    request,
    other,
    request,
    request,
    other,
    other,
    other,
    huge,
    huge,
    huge,
    request,
  ];
  const together = format(...sequence.map((message) => ({ ...bare, request: message })));
  const apart = sequence.map((message) => format({ ...bare, request: message })[0]);
  assert.deepEqual(together, apart);
});

Deno.test("connections do not mix, and one that is written after its end is still right", () => {
  const second = { ...connection, id: 4, client: "127.0.0.1:40113" };
  const closed: Record = {
    type: "connection",
    event: "closed",
    connection,
    at,
    up: 0,
    down: 0,
    totalMs: 1,
    end: "stopped",
    exchanges: 1,
  };
  const other = { ...bare, connection: second };
  const lines = format(bare, other, bare, other, closed, bare, other);
  assert.equal(new Set([lines[0], lines[2], lines[5]]).size, 1);
  assert.equal(new Set([lines[1], lines[3], lines[6]]).size, 1);
  assert.equal(JSON.parse(lines[1]).client, "127.0.0.1:40113");
});
