import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import type {
  ClientHello,
  ConnectionEnd,
  ConnectionInfo,
  FaultNote,
  Outcome,
  Record,
  RequestMessage,
  ResponseMessage,
  Timings,
  TlsInfo,
} from "../../src/capture/record.ts";
import type { Flag } from "../../src/http/flags.ts";
import type { ResponseHead } from "../../src/http/head.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import schema from "../../static/record.schema.json" with { type: "json" };

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
const validate = ajv.compile(schema as AnySchemaObject);

/** The schema without room for new fields: what the format writes must all be described. */
const validateClosed = ajv.compile(closed(schema) as AnySchemaObject);

function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== "object" || part === null) return part;
  const copy = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  return "properties" in part && "type" in part ? { ...copy, additionalProperties: false } : copy;
}

const connection: ConnectionInfo = { id: 1, listener: "127.0.0.1:1", client: "[::1]:2", target: "unix:/x" };
const at = 1795170666123.5;
const some = { bytes: 3, kept: new TextEncoder().encode("AAA") };
const cutBinary = { bytes: 30, kept: Uint8Array.of(255, 254) };
const responseHead: ResponseHead = {
  kind: "response",
  status: 200,
  reason: "OK",
  version: "HTTP/1.1",
  fields: [["Content-Encoding", "gzip"]],
  raw: new TextEncoder().encode("HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n"),
  exact: false,
  flags: ["bare-lf"],
};
const request: RequestMessage & { redacted: true } = {
  head: { ...responseHead, kind: "request", method: "GET", target: "/", fields: [["A", "b"], ["A", "c"]] },
  body: cutBinary,
  trailers: [["X-Sum", "1"]],
  rewritten: [["Host", "b"]],
  redacted: true,
};

const packed = new Uint8Array(gzipSync("hello"));
const bodies = [
  { bytes: packed.length, kept: packed },
  { bytes: packed.length + 1, kept: packed.subarray(0, 12) },
  some,
  { bytes: 0, kept: new Uint8Array(0) },
];

/** Keys that the compiler checks to be all members of a union. */
const names = <T extends string>(all: { readonly [name in T]: true }): T[] => Object.keys(all) as T[];

const outcomes = names<Outcome>({
  "complete": true,
  "upgraded": true,
  "no-response": true,
  "request-cut": true,
  "response-cut": true,
  "connect-failed": true,
  "refused": true,
  "unrequested": true,
  "not-http": true,
});

const ends = names<ConnectionEnd>({
  "client-closed": true,
  "target-closed": true,
  "client-reset": true,
  "target-reset": true,
  "connect-failed": true,
  "idle-timeout": true,
  "tls-failed": true,
  "fault": true,
  "stopped": true,
});

const flags = names<Flag>({
  "bare-lf": true,
  "bare-cr": true,
  "leading-blank-line": true,
  "obs-fold": true,
  "space-before-colon": true,
  "space-before-fields": true,
  "no-colon": true,
  "bad-field-name": true,
  "control-in-field": true,
  "cut-head": true,
  "odd-start-line": true,
  "cl-and-te": true,
  "duplicate-length": true,
  "conflicting-length": true,
  "bad-length": true,
  "odd-transfer-encoding": true,
  "te-in-http10": true,
  "length-not-allowed": true,
  "odd-chunk-size": true,
  "chunk-extension": true,
  "no-host": true,
  "duplicate-host": true,
  "host-rewritten": true,
  "early-response": true,
  "body-left-out": true,
  "not-rewritten": true,
  "unrequested-response": true,
  "bytes-after-end": true,
  "over-limit": true,
  "not-http": true,
});

// Every field is required here, so that the compiler misses none that is added.
const ms: Required<Timings> = {
  connect: 0.1,
  tls: 0.05,
  send: 0.2,
  wait: 0.3,
  receive: 0.4,
  total: 1,
  relay: 0.5,
};
const tls: Required<TlsInfo> = {
  version: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  alpn: "http/1.1",
  serverName: "a.test",
  peer: "CN=a.test",
};
const hello: Required<ClientHello> = { serverName: "a.test", alpn: ["h2"], versions: ["TLSv1.3", "TLSv1.2"] };
const fault: Required<FaultNote> = { fault: "corrupt", direction: "up", offset: 7, bytes: 3, seed: 42 };
const faults: readonly FaultNote[] = [fault, { fault: "refuse", offset: 0, seed: -1 }];

const exchange = {
  type: "exchange",
  id: 1,
  connection,
  at,
  interim: [],
  ms: { total: 1 },
  flags: [],
} as const;
const closedBase = {
  type: "connection",
  event: "closed",
  connection,
  at,
  up: 1,
  down: 2,
  totalMs: 3,
} as const;
const socket = {
  type: "message",
  protocol: "websocket",
  connection,
  exchange: 1,
  at,
  direction: "up",
} as const;
const event = { type: "message", protocol: "sse", connection, exchange: 1, at, direction: "down" } as const;

const envelope = (body: string) =>
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://www.w3.org/2005/08/addressing">' +
  `<s:Header><w:MessageID>urn:1</w:MessageID><w:RelatesTo>urn:0</w:RelatesTo></s:Header><s:Body>${body}</s:Body>` +
  "</s:Envelope>";
const soap = (body: string, kind: "request" | "response") => {
  const kept = new TextEncoder().encode(envelope(body));
  const fields = [["Content-Type", 'application/soap+xml; action="urn:a"']] as const;
  const head = { ...(kind === "request" ? request.head : responseHead), fields };
  return { head, body: { bytes: kept.length, kept }, trailers: [] };
};
const soapFault =
  "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>x</s:Value></s:Subcode></s:Code>" +
  "<s:Reason><s:Text>No</s:Text></s:Reason><s:Role>urn:r</s:Role></s:Fault>";

const records: readonly Record[] = [
  {
    ...exchange,
    request: soap("<GetQuote/>", "request") as RequestMessage,
    response: soap(soapFault, "response") as ResponseMessage,
    outcome: "complete",
  },
  ...outcomes.map((outcome) => ({ ...exchange, outcome, error: "e", request })),
  ...bodies.map((body) => ({
    ...exchange,
    request,
    interim: [{ ...responseHead, status: 100 }],
    response: { head: responseHead, body, trailers: [] },
    ms,
    outcome: "complete" as const,
    flags,
    faults,
  })),
  { type: "connection", event: "opened", connection, at, connectMs: 0.5 },
  { type: "connection", event: "opened", connection, at, connectMs: 0.5, tlsMs: 0.2, targetTls: {} },
  { type: "connection", event: "opened", connection, at, connectMs: 0.5, clientTls: tls, targetTls: tls },
  { type: "connection", event: "client-hello", connection, at, hello },
  { type: "connection", event: "client-hello", connection, at, hello: { alpn: [], versions: [] } },
  ...ends.map((end) => ({ ...closedBase, end, exchanges: 0, error: "e", faults })),
  { type: "data", connection, at, direction: "up", offset: 0, body: some },
  { type: "data", connection, at, direction: "down", offset: 5, body: cutBinary },
  { type: "data", connection, at, direction: "up", offset: 0, body: some, http: true },
  ...(["text", "binary", "close", "ping", "pong", "reserved"] as const).map((opcode, i) => ({
    ...socket,
    index: i + 1,
    opcode,
    frames: 1,
    body: some,
    compressedBytes: 2,
    closeCode: 1000,
    error: "e",
  })),
  { ...event, index: 1, event: "message", lastEventId: "7", retry: 10, body: some },
  { ...event, index: 2, event: "x", body: cutBinary },
  { type: "lost", count: 1, from: at, to: at, reason: "slow" },
];

function written(record: Record) {
  const out = new ByteWriter(1);
  createJsonFormat({ limitBytes: 100 })(record, out);
  return JSON.parse(new TextDecoder().decode(out.view()));
}

Deno.test("every kind of record that the log writes is valid, and every field of it is described", () => {
  for (const record of records) {
    const line = written(record);
    assert.ok(validate(line), ajv.errorsText(validate.errors) + JSON.stringify(line));
    assert.ok(validateClosed(line), ajv.errorsText(validateClosed.errors) + JSON.stringify(line));
  }
});

Deno.test("a record with a field that is not known yet is valid", () => {
  for (const record of records) assert.ok(validate({ ...written(record), later: { x: 1 } }));
});

Deno.test("a record without one of the fields that it always has is not valid", () => {
  const optional = new Set([
    "request",
    "response",
    "interim",
    "error",
    "truncated",
    "text",
    "base64",
    "http",
  ]);
  for (const name of ["compressedBytes", "closeCode", "lastEventId", "retry", "faults", "soap"]) {
    optional.add(name);
  }
  for (const record of records) {
    const line = written(record);
    for (const name of Object.keys(line)) {
      const isHello = record.type === "connection" && record.event === "client-hello";
      if (optional.has(name) || (name === "tls" && !isHello)) continue;
      const { [name]: _, ...rest } = line;
      assert.ok(!validate(rest), `${record.type} without ${name}`);
    }
  }
});

Deno.test("a record in which one field is of another kind is not valid", () => {
  for (const record of records) {
    const line = written(record);
    for (const name of Object.keys(line)) {
      assert.ok(!validate({ ...line, [name]: [[null]] }), `${record.type}.${name}`);
    }
  }
});

Deno.test("wrong values inside a record are found", () => {
  const line = written({ ...exchange, request, outcome: "no-response" });
  const wrong = [
    { ...line, time: "2026-11-20 10:31:06" },
    { ...line, outcome: "fine" },
    { ...line, flags: ["odd"] },
    { ...line, interim: [] },
    { ...line, ms: { total: -1 } },
    { ...line, ms: {} },
    { ...line, faults: [] },
    { ...line, faults: [{ fault: "reset", offset: 1 }] },
    { ...line, faults: [{ fault: "reset", offset: -1, seed: 1 }] },
    { ...line, faults: [{ fault: "reset", direction: "left", offset: 1, seed: 1 }] },
    { ...line, soap: {} },
    { ...line, soap: { version: "1.3" } },
    { ...line, soap: { version: "1.2", fault: { code: "s:Sender" } } },
    { ...line, soap: { version: "1.2", relatesTo: [] } },
    { ...line, soap: { version: "1.2", repliesTo: 0 } },
    { ...line, request: { ...line.request, headers: [["A"]] } },
    { ...line, request: { ...line.request, headers: [["A", "b", "c"]] } },
    { ...line, request: { ...line.request, head: "§" } },
    { ...line, request: { ...line.request, redacted: false } },
    { ...line, request: { ...line.request, body: { bytes: 1 } } },
    { ...line, request: { ...line.request, body: { bytes: 1, text: "a", base64: "YQ==" } } },
    { ...line, request: { ...line.request, body: { bytes: 1, text: "a", decoded: { bytes: 0 } } } },
    { ...line, response: { ...line.request } },
    { type: "unknown" },
    {},
    [],
    null,
  ];
  for (const value of wrong) assert.ok(!validate(value), JSON.stringify(value));
});

Deno.test("the reply to an earlier exchange is valid, and what it adds is described", () => {
  const format = createJsonFormat({ limitBytes: 100 });
  const out = new ByteWriter(1);
  const first = soap("<GetQuote/>", "request") as RequestMessage;
  const text = envelope("<GetQuoteResponse/>").replaceAll("urn:1", "urn:2").replaceAll("urn:0", "urn:1");
  const kept = new TextEncoder().encode(text);
  const reply = { ...first, body: { bytes: kept.length, kept } };
  format({ ...exchange, request: first, outcome: "no-response" }, out);
  format({ ...exchange, id: 2, request: reply, outcome: "no-response" }, out);
  const line = JSON.parse(new TextDecoder().decode(out.view()).split("\n")[1]);
  assert.equal(line.soap.repliesTo, 1);
  assert.ok(validateClosed(line), ajv.errorsText(validateClosed.errors) + JSON.stringify(line));
});
