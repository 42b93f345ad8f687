import assert from "node:assert/strict";
import { parseFilter } from "../../src/capture/filter/filter.ts";
import type { Record, RequestMessage, ResponseMessage } from "../../src/capture/record.ts";
import * as samples from "./filter_samples.ts";

const { closed, data, exchange, lost, opened, serverSent, webSocket } = samples;

const all: readonly Record[] = [exchange(), opened, closed, data, webSocket, serverSent, lost];

/** Asserts which of all sample records but the lost one, which always passes, a filter lets through. */
function lets(source: string, ...expected: Record[]): void {
  const filter = parseFilter(source);
  const passed = all.filter((record) => filter.matches(record));
  assert.deepEqual(passed.map(nameOf), [...expected, lost].map(nameOf), source);
}

function nameOf(record: Record): string {
  return [record.type, "event" in record ? record.event : "", "protocol" in record ? record.protocol : ""]
    .join(" ");
}

Deno.test("type tells records apart", () => {
  lets("type:exchange", all[0]);
  lets("type:connection", opened, closed);
  lets("type:data,message", data, webSocket, serverSent);
  lets("type:lost");
});

Deno.test("lost records pass every filter", () => {
  for (const source of ["", "status:200", "-status:200", "-type:lost", "-*", "nothing says this"]) {
    assert.ok(parseFilter(source).matches(lost), source);
  }
});

Deno.test("a key that does not apply makes its term false, and the negation true", () => {
  lets("status:200", all[0]);
  lets("-status:200", opened, closed, data, webSocket, serverSent);
  lets("type:exchange -status:404", all[0]);
  lets("-(status:200 | type:connection)", data, webSocket, serverSent);
  lets("method:* | opcode:*", all[0], webSocket);
});

Deno.test("connections fit by their ends, times and events", () => {
  lets("event:opened", opened);
  lets("end:*-reset", closed);
  lets("duration:>1m", closed);
  lets("connect:1..2ms", opened);
  lets("error:peer", closed);
});

Deno.test("a simulated fault is found by its name, on exchanges and on connections", () => {
  const { struck } = samples;
  const refused = exchange({ outcome: "refused", faults: [{ fault: "status=503", offset: 0, seed: 1 }] });
  const passing = (source: string) =>
    [refused, struck, exchange(), closed].filter((record) => parseFilter(source).matches(record));
  assert.deepEqual(passing("fault:*"), [refused, struck]);
  assert.deepEqual(passing("fault:reset"), [struck]);
  assert.deepEqual(passing("fault:SLICER,nothing"), [struck]);
  assert.deepEqual(passing("fault:status*"), [refused]);
  assert.deepEqual(passing("fault:status=503"), [refused]);
  assert.deepEqual(passing("fault:res"), []);
  assert.deepEqual(passing("-fault:* type:connection"), [closed]);
  assert.deepEqual(passing("outcome:refused | end:fault"), [refused, struck]);
});

Deno.test("a connection is found by what its TLS tells, passed through or ended here", () => {
  const { hello, openedWithTls } = samples;
  const passing = (source: string) =>
    [hello, openedWithTls, opened, closed, exchange()].filter((record) =>
      parseFilter(source).matches(record)
    );
  assert.deepEqual(passing("tls:*"), [hello, openedWithTls]);
  assert.deepEqual(passing("tls:hidden.EXAMPLE"), [hello]);
  assert.deepEqual(passing("tls:inner.example"), [openedWithTls]);
  assert.deepEqual(passing("tls:TLSv1.2"), [hello, openedWithTls]);
  assert.deepEqual(passing("tls:=TLSv1.3"), [hello]);
  assert.deepEqual(passing("tls:=h2"), [hello]);
  assert.deepEqual(passing("tls:gcm"), [openedWithTls]);
  assert.deepEqual(passing('tls:"cn=peer"'), [openedWithTls]);
  assert.deepEqual(passing("hidden"), [hello]);
  assert.deepEqual(passing("event:client-hello"), [hello]);
  assert.deepEqual(passing("handshake:>1ms"), [openedWithTls]);
  const first = exchange({ ms: { connect: 20, tls: 15, total: 30 } });
  assert.ok(parseFilter("handshake:15ms connect:20").matches(first));
  const nameless = { ...hello, hello: { alpn: [], versions: [] } };
  assert.ok(!parseFilter("tls:*").matches(nameless));
});

Deno.test("data and messages fit by direction, protocol, text and size", () => {
  lets("direction:up", webSocket);
  lets("direction:down", data, serverSent);
  lets("protocol:websocket", webSocket);
  lets("opcode:ping,text", webSocket);
  lets("event:update", serverSent);
  lets("body:esmtp", data);
  lets('body:"hello socket"', webSocket);
  lets("size:12 -type:exchange", webSocket);
  lets("request-body:* | response-body:*", all[0]);
});

Deno.test("the id of an exchange finds its messages too, the connection everything on it", () => {
  lets("id:17", all[0], webSocket);
  lets("id:18", serverSent);
  lets("connection:3", ...all.slice(0, -1));
  lets("connection:4");
  lets("client:40112 listener:8081 target:9080", ...all.slice(0, -1));
  lets("time:2026-11-20", ...all.slice(0, -1));
});

Deno.test("a bare word is looked for in all that an exchange says", () => {
  for (
    const source of [
      "post",
      "/API/stock?sym",
      "shop.example",
      "200",
      "OK",
      "x-id",
      "text/xml",
      "c0ffee",
      "X-Sum",
      "<quote>acme",
      "größe",
      "nginx*27",
      '"session=abc123; theme"',
    ]
  ) lets(`${source} type:exchange`, all[0]);
  for (const source of ["backend.test", "zzz", "27*nginx", "acme*price", "host-rewritten"]) {
    lets(`${source} type:exchange`);
  }
});

Deno.test("a bare word is looked for in what other records say", () => {
  lets("backend.test", opened, closed);
  lets("reset", closed);
  lets("esmtp", data);
  lets("socket", webSocket);
  lets("update", serverSent);
  lets("rose", serverSent);
});

Deno.test("text that is not UTF-8 is searched all the same", () => {
  const bytes = new Uint8Array([0xff, 0xfe, 0x41, 0x42, 0x80, 0x00]);
  const record = { ...data, body: samples.body(bytes) };
  assert.ok(parseFilter("body:ab").matches(record));
  assert.ok(!parseFilter("body:abc").matches(record));
});

Deno.test("the text of a message's body is asked for once, and only where a term needs it", () => {
  const asked: (RequestMessage | ResponseMessage)[] = [];
  const bodyText = (message: RequestMessage | ResponseMessage) => {
    asked.push(message);
    return message.head.kind === "request" ? "first SECRET" : "decoded text";
  };
  const record = exchange();
  assert.ok(
    parseFilter("body:secret response-body:decoded body:first -body:acme", { bodyText }).matches(record),
  );
  assert.deepEqual(asked, [record.request, record.response]);
  asked.length = 0;
  assert.ok(!parseFilter("body:secret status:404", { bodyText }).matches(record));
  assert.ok(parseFilter("body:nowhere | header:x-id", { bodyText }).matches(record));
  assert.ok(parseFilter("shop.example", { bodyText }).matches(record));
  assert.deepEqual(asked, []);
});

Deno.test("a filter keeps nothing of one record for the next", () => {
  const filter = parseFilter("body:acme");
  const record = exchange();
  assert.ok(filter.matches(record));
  record.request!.body.kept.fill(0x2e);
  assert.ok(!filter.matches(record));
});

Deno.test("a pattern of many parts takes no more than a pass over a hostile text per part", () => {
  const text = "a".repeat(1_000_000);
  const record = { ...data, body: samples.body(text) };
  const started = performance.now();
  assert.ok(!parseFilter(`body:${"a*".repeat(1000)}b`).matches(record));
  assert.ok(!parseFilter(`body:*${"a*".repeat(1000)}b*`).matches(record));
  assert.ok(parseFilter(`body:${"a*".repeat(1000)}a`).matches(record));
  assert.ok(performance.now() - started < 2000);
});
