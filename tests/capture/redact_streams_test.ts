/** Stream data that may be HTTP, and heads that were cut. */
import assert from "node:assert/strict";
import type { ConnectionInfo, DataRecord, ExchangeRecord } from "../../src/capture/record.ts";
import { parseCutRequestHead, parseCutResponseHead } from "../../src/http/head_parser.ts";
import { bodyOf, everyText, exchange, redactor, request, response, tagOf } from "./redact_samples.ts";

const { connection } = exchange({});
const encoder = new TextEncoder();

const data = (text: string, http?: true, on: ConnectionInfo = connection): DataRecord => ({
  type: "data",
  connection: on,
  at: 1,
  direction: "up",
  offset: 0,
  body: bodyOf(text),
  ...http && { http },
});

Deno.test("data that may be HTTP keeps its count and none of its bytes", () => {
  const record = redactor()(data('{"password":"hunter2"}', true));
  assert.deepEqual(record, {
    ...data("", true),
    body: { bytes: 22, kept: new Uint8Array(), truncated: true, redacted: true },
    redacted: true,
  });
});

Deno.test("other data stays, until HTTP is named on its connection", () => {
  const redact = redactor();
  const other = { ...connection, id: 9 };
  const plain = [data("EHLO me\r\n"), data("http://a/ HTTP/ /1"), data("")];
  for (const record of plain) assert.equal(redact(record), record);
  for (const text of ["GET / HTTP/2.5\r\nAuthorization: Bearer s3cret", "rest of s3cret"]) {
    assert.ok(!everyText(redact(data(text))).includes("s3cret"), text);
  }
  const record = data("rest of s3cret", undefined, other);
  assert.equal(redact(record), record);
});

Deno.test("no secret of a head that was cut is left at any offset", () => {
  const secrets = ["t0ken-s3cret", "bearer-s3cret", "c00kie-s3cret"];
  const [token, bearer, cookie] = secrets;
  const up =
    `GET /?token=${token}&x=1 HTTP/1.1\r\nAuthorization: Bearer ${bearer}\r\nCookie: sid=${cookie}\r\nX: `;
  const down = `HTTP/1.1 200 OK\r\nSet-Cookie: sid=${cookie}\r\nX-Api-Key: ${bearer}\r\n`;
  const body = bodyOf("");
  const told = (record: ExchangeRecord) => everyText(redactor()(record));
  for (let end = up.indexOf("\n") + 1; end <= up.length; end++) {
    const head = parseCutRequestHead(encoder.encode(up.slice(0, end)));
    assert.ok(typeof head !== "string");
    const text = told(exchange({ request: { ...request([]), head, body } }));
    for (const secret of secrets) assert.ok(!text.includes(secret.slice(0, 6)), up.slice(0, end));
    assert.ok(text.includes(tagOf(token)));
  }
  for (let end = down.indexOf("\n") + 1; end <= down.length; end++) {
    const head = parseCutResponseHead(encoder.encode(down.slice(0, end)));
    assert.ok(typeof head !== "string");
    const text = told(exchange({ response: { ...response([]), head, body } }));
    for (const secret of secrets) assert.ok(!text.includes(secret.slice(0, 6)), down.slice(0, end));
  }
});

Deno.test("what is left of a head that was cut is still cut; one without secrets and half lines stays", () => {
  const head = parseCutRequestHead(encoder.encode("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=s3c"));
  assert.ok(typeof head !== "string");
  const record = redactor()(
    exchange({ request: { ...request([]), head, body: bodyOf("") } }),
  ) as ExchangeRecord;
  const left = record.request!.head;
  assert.equal(new TextDecoder().decode(left.raw), "GET / HTTP/1.1\r\nHost: a\r\n");
  assert.deepEqual([left.exact, left.flags], [false, ["cut-head"]]);
  assert.equal(redactor()(record), record);
});
