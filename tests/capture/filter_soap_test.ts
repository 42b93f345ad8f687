/** Filters on SOAP: operations, Faults beside simulated ones, message ids. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { contentOf } from "../../src/capture/content.ts";
import { FilterSyntaxError, parseFilter } from "../../src/capture/filter/filter.ts";
import { recordFilter } from "../../src/capture/filter/record_filter.ts";
import { closed, data, exchange, struck, webSocket } from "./filter_samples.ts";
import {
  addressing,
  answer,
  CALL,
  call,
  envelope,
  failed,
  FAULT,
  SOAP_12,
  SOAP_XML,
  XML,
} from "./soap_samples.ts";

const LIMIT = 1024 * 1024;
const fine = failed({ response: answer(envelope("<GetQuoteResponse/>")) });
const empty = failed({ request: call(envelope("")), response: undefined });
const modern = failed({
  response: answer(
    `<e:Envelope xmlns:e="${SOAP_12}"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode>` +
      "<e:Value>m:Timeout</e:Value></e:Subcode></e:Code><e:Reason><e:Text>Too late</e:Text></e:Reason></e:Fault>" +
      "</e:Body></e:Envelope>",
    400,
    [SOAP_XML],
  ),
});
const all = { plain: exchange(), failed: failed(), fine, empty, modern, struck, closed, data, webSocket };

/** Which of all records a filter lets through. */
function passing(source: string): string[] {
  const matches = recordFilter(source, LIMIT);
  return Object.entries(all).filter(([, record]) => matches(record)).map(([name]) => name);
}

Deno.test("an exchange is found by its operation", () => {
  assert.deepEqual(passing("soap:GetQuote"), ["failed", "fine", "modern"]);
  assert.deepEqual(passing("soap:getquote,Other"), ["failed", "fine", "modern"]);
  assert.deepEqual(passing("soap:Get"), []);
  assert.deepEqual(passing("soap:Get*"), ["failed", "fine", "modern"]);
  assert.deepEqual(passing("soap:*"), ["failed", "fine", "empty", "modern"]);
  assert.deepEqual(passing("type:exchange -soap:*"), ["plain"]);
});

Deno.test("a Fault is found by its codes and its text, beside what a simulated link did", () => {
  assert.deepEqual(passing("fault:*"), ["failed", "modern", "struck"]);
  assert.deepEqual(passing("fault:soap:server"), ["failed"]);
  assert.deepEqual(passing("fault:Server"), ["failed"]);
  assert.deepEqual(passing('fault:"out of stock"'), ["failed"]);
  assert.deepEqual(passing("fault:*stock"), ["failed"]);
  assert.deepEqual(passing("fault:Sender"), ["modern"]);
  assert.deepEqual(passing("fault:m:Timeout,Client"), ["modern"]);
  assert.deepEqual(passing("fault:reset"), ["struck"]);
  assert.deepEqual(passing("fault:stock"), []);
  assert.deepEqual(passing("soap:GetQuote -fault:*"), ["fine"]);
  const late = failed({ request: call(envelope(FAULT)), response: undefined });
  assert.ok(recordFilter("fault:Server", LIMIT)(late), "a Fault that comes as a request");
  assert.ok(recordFilter("fault:*", LIMIT)(failed({ response: answer(envelope("<soap:Fault/>"), 500) })));
});

Deno.test("a message id finds the message and its replies", () => {
  const first = failed({ request: call(envelope(CALL, addressing("urn:uuid:1"))) });
  const reply = failed({ request: call(envelope(CALL, addressing("urn:uuid:2", "urn:uuid:1"))) });
  const inside = failed({ response: answer(envelope(CALL, addressing("urn:uuid:3"))) });
  const found = (source: string) =>
    [first, reply, inside, all.failed, struck].map((record) => recordFilter(source, LIMIT)(record));
  assert.deepEqual(found("message-id:URN:uuid:1"), [true, true, false, false, false]);
  assert.deepEqual(found("message-id:urn:uuid:*"), [true, true, true, false, false]);
  assert.deepEqual(found("message-id:*3"), [false, false, true, false, false]);
});

Deno.test("content codings are undone to the limit that is given, which is then that of the content", () => {
  const packed = new Uint8Array(gzipSync(envelope(CALL)));
  const record = () => failed({ request: call(packed, [XML, ["Content-Encoding", "gzip"]]) });
  const whole = record();
  assert.ok(recordFilter("soap:GetQuote", LIMIT)(whole));
  assert.equal(contentOf(whole.request!, 10)?.truncated, false);
  const cut = record();
  assert.ok(!recordFilter("soap:GetQuote", 50)(cut));
  assert.equal(contentOf(cut.request!, 1000)?.bytes.length, 50);
});

Deno.test("a filter that is not told how to read SOAP finds what links did all the same", () => {
  assert.ok(parseFilter("fault:* -soap:*").matches(struck));
  assert.ok(!parseFilter("fault:*").matches(all.failed));
});

Deno.test("a key that is nearly right is named", () => {
  assert.throws(() => parseFilter("messageid:x"), (error: unknown) => {
    assert.ok(error instanceof FilterSyntaxError);
    assert.match(error.message, /message-id/);
    return true;
  });
});
