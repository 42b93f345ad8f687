import assert from "node:assert/strict";
import fc from "fast-check";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import { encodeText } from "../../src/capture/charset.ts";
import type { Body, Record } from "../../src/capture/record.ts";
import { type Field, fieldValue } from "../../src/http/head.ts";
import { parseRequestHead, parseResponseHead } from "../../src/http/head_parser.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import { anyText } from "../any_text.ts";
import schema from "../../static/record.schema.json" with { type: "json" };

const validate = new Ajv2020().compile(schema as AnySchemaObject);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What must never stand raw in a line. */
// deno-lint-ignore no-control-regex
const RAW_CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const text = anyText({ maxLength: 30 });
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  text.map((t) => encoder.encode(t)),
  fc.string().map((t) => encoder.encode(t)),
);
const body: fc.Arbitrary<Body> = fc.tuple(content, fc.constantFrom(0, 0, 1, 1e12))
  .map(([kept, more]) => ({ kept, bytes: kept.length + more }));
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.tuple(fc.constantFrom("X", "X-Y", "content-type", "Content-Encoding"), fc.string({ maxLength: 20 })),
  fc.tuple(
    fc.constantFrom("Content-Type"),
    fc.constantFrom(
      "text/plain",
      "a/b; charset=latin1",
      "a/b;charset=utf-16le",
      "a/b; charset=shift_jis",
      "a;charset=?",
    ),
  ),
);

/** Field lines as senders write them, well and badly. */
const lines = fc.array(
  fc.tuple(field, fc.constantFrom(": ", ":", " : ", ":  "), fc.constantFrom("\r\n", "\r\n", "\n")),
)
  .map((all) => all.map(([[name, value], colon, end]) => name + colon + value + end).join(""));
/** Some bytes of a head, replaced by others. */
const noise = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 9, max: 255 })), { maxLength: 2 });
const rawHead = (startLine: string) =>
  fc.tuple(lines, fc.option(noise, { freq: 2 })).map(([fields, changes]) => {
    const raw = encoder.encode(`${startLine}\r\n${fields}\r\n`);
    for (const [at, byte] of changes ?? []) {
      if (at > startLine.length + 2 && at < raw.length - 2) raw[at] = byte;
    }
    return raw;
  });
const requestHead = rawHead("POST /stock?a=b HTTP/1.1").map(parseRequestHead).filter((head) =>
  typeof head !== "string"
);
const responseHead = rawHead("HTTP/1.1 200 All right").map(parseResponseHead).filter((head) =>
  typeof head !== "string"
);

const connection = fc.record({
  id: fc.integer({ min: 1, max: 1e9 }),
  listener: text,
  client: text,
  target: text,
});
const at = fc.double({ min: 0, max: 4e12, noNaN: true });
const count = fc.maxSafeNat();
const ms = fc.double({ min: 0, max: 1e7, noNaN: true });
const direction = fc.constantFrom("up" as const, "down" as const);
const trailers = fc.array(fc.tuple(text, text), { maxLength: 2 });
const index = fc.integer({ min: 1, max: 1e9 });

const exchange = fc.record({
  type: fc.constant("exchange" as const),
  id: index,
  connection,
  at,
  request: fc.record({ head: requestHead, body, trailers, rewritten: trailers }, {
    requiredKeys: ["head", "body", "trailers"],
  }),
  interim: fc.array(responseHead, { maxLength: 1 }),
  response: fc.record({ head: responseHead, body, trailers }),
  ms: fc.record({ connect: ms, send: ms, wait: ms, receive: ms, total: ms, relay: ms }, {
    requiredKeys: ["total"],
  }),
  outcome: fc.constantFrom("complete" as const, "response-cut" as const),
  error: text,
  flags: fc.subarray(["bare-lf" as const, "cl-and-te" as const]),
}, { requiredKeys: ["type", "id", "connection", "at", "interim", "ms", "outcome", "flags"] });
const data = fc.record({
  type: fc.constant("data" as const),
  connection,
  at,
  direction,
  offset: count,
  body,
});
const webSocket = fc.record({
  type: fc.constant("message" as const),
  protocol: fc.constant("websocket" as const),
  connection,
  exchange: index,
  at,
  direction,
  index,
  opcode: fc.constantFrom("text" as const, "ping" as const),
  frames: index,
  body,
});
const event = fc.record({
  type: fc.constant("message" as const),
  protocol: fc.constant("sse" as const),
  connection,
  exchange: index,
  at,
  direction,
  index,
  event: text,
  lastEventId: text,
  body,
});
const lost = fc.record({ type: fc.constant("lost" as const), count: index, from: at, to: at, reason: text });
const record: fc.Arbitrary<Record> = fc.oneof(
  { weight: 3, arbitrary: exchange },
  data,
  webSocket,
  event,
  lost,
);

/** The kept bytes, from what a line says of them. */
function bytesOf(logged: { text?: string; base64?: string }, contentType?: string): Uint8Array {
  if (logged.base64 !== undefined) return Uint8Array.from(atob(logged.base64), (c) => c.charCodeAt(0));
  assert.equal(typeof logged.text, "string");
  if (logged.text === "") return new Uint8Array(0);
  const bytes = encodeText(logged.text!, contentType);
  assert.ok(bytes !== undefined);
  return bytes;
}

function assertBody(
  logged: { bytes: number; text?: string; truncated?: true },
  kept: Body,
  contentType?: string,
) {
  assert.equal(logged.bytes, kept.bytes);
  assert.equal(logged.truncated ?? false, kept.kept.length < kept.bytes);
  const rebuilt = bytesOf(logged, contentType);
  const cut = kept.kept.length - rebuilt.length;
  assert.ok(cut === 0 || logged.truncated === true && logged.text !== undefined && cut > 0 && cut <= 3);
  assert.deepEqual([...rebuilt], [...kept.kept.subarray(0, rebuilt.length)]);
}

// deno-lint-ignore no-explicit-any
function assertHead(logged: any, startLine: string, raw: Uint8Array, exact: boolean) {
  assert.equal(logged.head === undefined, exact);
  if (!exact) return assert.deepEqual([...bytesOf({ base64: logged.head })], [...raw]);
  const fields = logged.headers.map(([name, value]: Field) => `${name}: ${value}\r\n`).join("");
  assert.equal(`${startLine}\r\n${fields}\r\n`, decoder.decode(raw));
}

Deno.test("every record is one valid line without raw controls, from which bodies and heads can be rebuilt", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), (records) => {
      const format = createJsonFormat({ limitBytes: 100 });
      const out = new ByteWriter(1);
      // Each twice: the second time what repeats is copied.
      const twice = records.flatMap((one) => [one, one, one]);
      for (const one of twice) format(one, out);
      const written = decoder.decode(out.view()).split("\n");
      assert.equal(written.pop(), "");
      assert.equal(written.length, twice.length);
      written.forEach((line, i) => {
        assert.doesNotMatch(line, RAW_CONTROL);
        const logged = JSON.parse(line);
        assert.ok(validate(logged), line);
        assertSame(logged, twice[i]);
      });
    }),
    { numRuns: 300 },
  );
});

// deno-lint-ignore no-explicit-any
function assertSame(logged: any, one: Record) {
  assert.equal(logged.type, one.type);
  if (one.type === "lost") return assert.equal(logged.reason, one.reason);
  const { id, listener, client, target } = one.connection;
  assert.deepEqual([logged.connection, logged.listener, logged.client, logged.target], [
    id,
    listener,
    client,
    target,
  ]);
  if (one.type === "data" || one.type === "message") return assertBody(logged, one.body);
  if (one.type !== "exchange") return;
  const { request, response, interim } = one;
  assert.equal(logged.request !== undefined, request !== undefined);
  assert.equal(logged.response !== undefined, response !== undefined);
  if (request !== undefined) {
    assertHead(logged.request, "POST /stock?a=b HTTP/1.1", request.head.raw, request.head.exact);
    assertBody(logged.request.body, request.body, fieldValue(request.head.fields, "content-type"));
    assert.deepEqual(logged.request.rewritten, request.rewritten);
  }
  if (response !== undefined) {
    assertHead(logged.response, "HTTP/1.1 200 All right", response.head.raw, response.head.exact);
    assertBody(logged.response.body, response.body, fieldValue(response.head.fields, "content-type"));
    assert.deepEqual(logged.response.trailers ?? [], response.trailers);
  }
  interim.forEach((head, i) => assertHead(logged.interim[i], "HTTP/1.1 200 All right", head.raw, head.exact));
  assert.equal(logged.error, one.error);
  assert.deepEqual(logged.flags, one.flags);
}
