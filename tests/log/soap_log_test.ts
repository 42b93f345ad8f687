/**
 * SOAP in the log formats: what the summary and the JSON lines tell of it, and how multipart bodies are
 * shown.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import { createShortFormat } from "../../src/log/short.ts";
import { createTextFormat, type TextOptions } from "../../src/log/text.ts";
import { addressing, CALL, envelope, FAULT, mtom, MTOM_TYPE, XML } from "../capture/soap_samples.ts";
import { answered, bodyOf, exchange, requestHead, responseHead, utc, written } from "./human_fixtures.ts";

const call = (content: string): RequestMessage => ({
  head: requestHead("POST", "/soap", [XML, ["SOAPAction", '"urn:q"']]),
  body: bodyOf(content),
  trailers: [],
});
const answer = (content: string, status = 200, reason = "OK"): ResponseMessage => ({
  head: responseHead(status, reason, [XML]),
  body: bodyOf(content),
  trailers: [],
});
const failed = (fault: string, status = 500) =>
  exchange({ request: call(envelope(CALL)), response: answer(envelope(fault), status, "Oh") });

/** What `short` says from the method to the duration. */
function said(...records: ExchangeRecord[]): string[] {
  const text = written(createShortFormat({ color: false, zoneOffset: utc }), ...records);
  return text.trimEnd().split("\n").map((line) => /POST (.*) \d+\.\d ms/.exec(line)?.[1] ?? line);
}

Deno.test("operation and Fault stand in the summary", () => {
  assert.deepEqual(said(failed(FAULT)), ['/soap GetQuote 500 Oh fault soap:Server "Out of stock"']);
  assert.deepEqual(said(failed("<GetQuoteResponse/>", 200)), ["/soap GetQuote 200 Oh"]);
  assert.deepEqual(said(failed("<soap:Fault/>")), ["/soap GetQuote 500 Oh fault"]);
  assert.deepEqual(said(exchange()), ["/stock 200 OK"]);
  assert.deepEqual(said({ ...failed(FAULT), response: undefined, outcome: "no-response" }), [
    "/soap GetQuote no-response",
  ]);
  const block = written(
    createTextFormat({ color: false, pretty: false, hex: false, limitBytes: 1000, zoneOffset: utc }),
    failed(FAULT),
  );
  assert.match(block, /^#17 .* POST \/soap GetQuote 500 Oh fault soap:Server "Out of stock" 2\.0 ms/);
});

Deno.test("what the wire says in a summary is one line, short and escaped, and cannot leave its quotes", () => {
  const [line] = said(failed(
    '<soap:Fault><faultcode>soap:\x1b[31mServer</faultcode><faultstring>\n  No\r\n\t \u202estock \\" 200 OK \\x1b' +
      `</faultstring></soap:Fault>`,
  ));
  assert.equal(
    line,
    '/soap GetQuote 500 Oh fault soap:\\x1b[31mServer "No \\u{202e}stock \\\\\\x22 200 OK \\\\x1b"',
  );
  const long = said(failed(FAULT.replace("Out of stock", "x".repeat(79) + "😀 and more")))[0];
  assert.ok(long.endsWith(`"${"x".repeat(79)}…"`), long);
  const operation = said(exchange({ request: call(envelope(`<${"n".repeat(200)}/>`)) }))[0];
  assert.ok(operation.startsWith(`/soap ${"n".repeat(79)}… 200`), operation);
});

Deno.test("the reply to an earlier exchange says so, in each format for itself", () => {
  const first = exchange({ id: 12, request: call(envelope(CALL, addressing("urn:a"))) });
  const reply = exchange({ id: 17, request: call(envelope("<Done/>", addressing("urn:b", "urn:a"))) });
  const short = written(createShortFormat({ color: false, zoneOffset: utc }), first, reply);
  assert.match(
    short,
    /^#12 .*GetQuote 200 OK [^\n]* B\n#17 .* POST \/soap Done 200 OK 2\.0 ms [^\n]*↓13 B reply to #12\n$/,
  );
  const lines = written(createJsonFormat({ limitBytes: 1000 }), first, reply).split("\n");
  assert.deepEqual(JSON.parse(lines[0]).soap, {
    operation: "GetQuote",
    version: "1.1",
    action: "urn:q",
    messageId: "urn:a",
  });
  assert.deepEqual(JSON.parse(lines[1]).soap, {
    operation: "Done",
    version: "1.1",
    action: "urn:q",
    messageId: "urn:b",
    relatesTo: ["urn:a"],
    repliesTo: 12,
  });
});

Deno.test("a JSON line has soap at its end where there is some, else not", () => {
  const write = createJsonFormat({ limitBytes: 1000 });
  const line = written(write, failed(FAULT));
  assert.ok(
    line.endsWith(
      '"outcome":"complete","flags":[],"soap":{"operation":"GetQuote","version":"1.1","action":"urn:q",' +
        '"fault":{"code":"soap:Server","string":"Out of stock"}}}\n',
    ),
    line,
  );
  assert.ok(written(write, exchange()).endsWith('"outcome":"complete","flags":[]}\n'));
  const hostile = failed(`<soap:Fault><faultcode>"\x1b\u202e</faultcode></soap:Fault>`);
  const text = written(write, hostile);
  assert.ok(text.includes('"code":"\\"\\u001b\\u202e"'), text);
  assert.equal(JSON.parse(text).soap.fault.code, '"\x1b\u202e');
});

/** The lines after the response's head. */
function bodyLines(record: ExchangeRecord, options: Partial<TextOptions> = {}): string[] {
  const defaults = { color: false, pretty: false, hex: false, limitBytes: 10_000, zoneOffset: utc };
  const text = written(createTextFormat({ ...defaults, ...options }), record);
  return text.slice(text.indexOf("\n<\n") + 3, -2).split("\n");
}

const PICTURE = Uint8Array.from({ length: 600 }, (_, i) => i & 255);
const TYPE: Field = ["Content-Type", MTOM_TYPE];

Deno.test("an MTOM message is shown by its parts: those that are text as text, others by name, type and size", () => {
  const parts = [
    "[part 2: photo@example.org, image/png, 600 B, included]",
    "[part 3: text/plain, 10 B]",
    "    by the way",
  ];
  const lines = bodyLines(answered(mtom(PICTURE), [TYPE]));
  assert.match(lines[0], /^\[part 1: root@example\.org, application\/xop\+xml, \d+ B, root\]$/);
  assert.match(lines[1], /^ {4}<soap:Envelope .*<\/soap:Envelope>$/);
  assert.deepEqual(lines.slice(2), parts);
  const packed = bodyLines(answered(gzipSync(mtom(PICTURE)), [TYPE, ["Content-Encoding", "gzip"]]));
  assert.match(packed[0], /^\[gzip, /);
  assert.deepEqual(packed.slice(1), lines);
  const indented = bodyLines(answered(mtom(PICTURE), [TYPE]), { pretty: true });
  assert.ok(indented.length > 8);
  assert.deepEqual(indented.slice(-3), parts);
  assert.match(bodyLines(answered(mtom(PICTURE), [TYPE]), { hex: true })[0], /^ {4}00000000 {2}2d 2d/);
});

Deno.test("a multipart body that is text as a whole is shown as it is", () => {
  const lines = bodyLines(answered(mtom(new TextEncoder().encode("no picture")), [TYPE]));
  assert.equal(lines[0], "    --MIME_boundary");
  assert.equal(lines.at(-1), "    --MIME_boundary--");
});

Deno.test("of a multipart body that was cut, the last part says so", () => {
  const bytes = mtom(PICTURE);
  const kept = bytes.subarray(0, bytes.length - 200);
  const record = exchange({
    response: { head: responseHead(200, "OK", [TYPE]), body: { bytes: bytes.length, kept }, trailers: [] },
  });
  const lines = bodyLines(record);
  assert.match(lines[2], /^\[part 2: photo@example\.org, image\/png, first \d+ B, included\]$/);
  assert.match(lines[3], /^\[200 of \d+ B not kept/);
});

Deno.test("what is included and is not there is told, and names from the wire are escaped", () => {
  const text =
    '--b\r\n\r\n<a><i:Include href="cid:gone"/></a>\r\n--b\r\nContent-ID: <\x1b[2J>\r\n\r\n\0\r\n--b--';
  const lines = bodyLines(answered(text, [["Content-Type", "multipart/related; boundary=b"]]));
  assert.deepEqual(lines, [
    "[part 1: 35 B, root]",
    '    <a><i:Include href="cid:gone"/></a>',
    "[part 2: \\x1b[2J, 1 B]",
    "[no part gone, which is included]",
  ]);
});

Deno.test("a form with a file is shown by its parts too", () => {
  const text = '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--b\r\n' +
    'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\0\r\n--b--';
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  assert.deepEqual(bodyLines(answered(bytes, [["Content-Type", "multipart/form-data; boundary=b"]])), [
    "[part 1: note, 5 B]",
    "    hello",
    "[part 2: a.png, image/png, 5 B]",
  ]);
});
