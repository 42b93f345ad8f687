/** A captured request in the editor, and what is sent of it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ExchangeRecord } from "../../../../src/capture/record.ts";
import { draftOf, speaksTls } from "../../../../src/ui/client/actions/captured_draft.ts";
import {
  bodyLength,
  type Draft,
  EMPTY_DRAFT,
  readHeaders,
  requestOf,
} from "../../../../src/ui/client/actions/draft.ts";
import { readSent, withSent } from "../../../../src/ui/client/actions/sent_history.ts";
import type { ExchangeJson } from "../../../../src/ui/client/exchange/record_json.ts";
import { jsonOf } from "../../memory_source.ts";
import { type ExchangeParts, gzipped, Recorder } from "../exchange/records.ts";

function captured(parts: ExchangeParts): Draft {
  const record: ExchangeRecord = new Recorder().exchange(parts);
  const json = jsonOf(record, 1 << 24) as ExchangeJson;
  return draftOf(json, 7, record.request!.body.kept, speaksTls(json) ?? false);
}

function connectionTo(target: string) {
  return { id: 1, listener: "127.0.0.1:8081", client: "127.0.0.1:40112", target };
}

function posted(
  body: string | Uint8Array,
  type?: string,
  fields: readonly (readonly [string, string])[] = [],
) {
  return captured({ method: "POST", request: { body, fields, ...type !== undefined && { type } } });
}

Deno.test("a captured request goes where it went, with the fields that were sent on", () => {
  const draft = captured({
    method: "PUT",
    target: "/a?b=1",
    ms: { total: 1 },
    request: {
      fields: [["X-Id", "1"], ["Content-Length", "3"], ["X-Id", "2"]],
      rewritten: [["Host", "www.example.com"]],
      body: "AAA",
    },
  });
  assert.equal(draft.url, "http://localhost:8080/a?b=1");
  assert.equal(draft.headers, "Host: www.example.com\nX-Id: 1\nX-Id: 2");
  assert.deepEqual([draft.method, draft.body, draft.from], ["PUT", "AAA", { row: 7, id: 1 }]);
});

Deno.test("the URL tells TLS by the target, leaves usual ports out, and makes Host needless where it says the same", () => {
  const url = (target: string, parts: ExchangeParts = {}) =>
    captured({ ms: { total: 1 }, connection: connectionTo(target), ...parts });
  assert.equal(url("example.com:80").url, "http://example.com/");
  assert.equal(url("example.com:443").url, "https://example.com/");
  assert.equal(url("example.com:8443", { ms: { total: 1, tls: 1 } }).url, "https://example.com:8443/");
  assert.equal(url("[::1]:80").url, "http://[::1]/");
  assert.equal(url("localhost:8081").headers, "");
  assert.equal(url("localhost:9080").headers, "Host: localhost:8081");
  assert.equal(url("x:1", { target: "http://example.com/p" }).url, "http://example.com/p");
  assert.deepEqual([url("unix:/run/a.sock").url, url("unix:/run/a.sock").to], [
    "http://localhost/",
    "unix:/run/a.sock",
  ]);
});

Deno.test("a body that nobody touches is sent byte for byte, whatever it is", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(undefined, "text/plain; charset=latin1", "text/plain"),
      (bytes, type) => {
        const draft = posted(bytes, type);
        const { body } = requestOf(draft);
        assert.equal(bodyLength(draft), bytes.length);
        assert.equal(body.base64 ?? "", btoa(String.fromCharCode(...bytes)));
      },
    ),
  );
});

Deno.test("an edited body is written in its charset and with its line ends, and is as long as its bytes", () => {
  const latin = { ...posted(new Uint8Array([0xe9]), "text/plain; charset=iso-8859-1"), body: "éé" };
  assert.deepEqual(requestOf(latin).body, { base64: btoa("\xe9\xe9") });
  assert.equal(bodyLength(latin), 2);
  const utf8 = { ...posted("a"), body: "é€" };
  assert.deepEqual(requestOf(utf8).body, { text: "é€" });
  assert.equal(bodyLength(utf8), 5);
  const lines = posted("a\r\nb\r\n");
  assert.equal(lines.body, "a\nb\n");
  assert.deepEqual(requestOf({ ...lines, body: "a\nc\n" }).body, { text: "a\r\nc\r\n" });
  const mixed = posted("a\r\nb\n");
  assert.match(mixed.notes.join(), /different ways/);
  assert.deepEqual(requestOf({ ...mixed, body: "a\nc\n" }).body, { text: "a\nc\n" });
  assert.throws(() => requestOf({ ...latin, body: "漢" }), /cannot be written in iso-8859-1/);
  assert.throws(() => requestOf({ ...utf8, body: "\ud800" }), /half a character/);
});

Deno.test("what a content coding hid is edited as text and sent with its coding again", async () => {
  const bytes = await gzipped('{"a":1}');
  const draft = posted(bytes, "application/json", [["Content-Encoding", "gzip"]]);
  assert.equal(draft.body, '{"a":1}');
  assert.equal(bodyLength(draft), bytes.length);
  const edited = { ...draft, body: "{}" };
  assert.deepEqual(requestOf(edited).body, { text: "{}" });
  assert.equal(bodyLength(edited), undefined);
  assert.match(draft.headers, /Content-Encoding: gzip/);
});

Deno.test("what is no text, and what would be lost in a text field, is kept as bytes", () => {
  for (const body of [new Uint8Array([0xff, 0xfe, 0xfd]), "a\0b"]) {
    const draft = posted(body);
    assert.equal(draft.kept?.text, undefined);
    assert.equal(draft.body, "");
  }
});

Deno.test("headers are read line by line, and what is none is named", () => {
  assert.deepEqual(readHeaders("A: 1\n\n b : x: y \nC:"), [["A", "1"], ["b", "x: y"], ["C", ""]]);
  assert.throws(() => readHeaders("A: 1\nbad"), /Headers, line 2: found "bad", wanted Name: value/);
  assert.throws(() => readHeaders("a b: 1"), /line 1/);
});

Deno.test("a request needs a method and a URL; http:// may be left out", () => {
  const draft = { ...EMPTY_DRAFT, url: " localhost:8080/x " };
  assert.deepEqual(requestOf(draft), {
    method: "GET",
    url: "http://localhost:8080/x",
    headers: [],
    body: {},
  });
  assert.throws(() => requestOf(EMPTY_DRAFT), /Wanted a URL/);
  assert.throws(() => requestOf({ ...draft, method: "" }), /Wanted a method/);
  const soap = { ...draft, to: " h:1 ", soap: "1.1", soapAction: "urn:a", from: { row: 3 } } as const;
  const { to, soap: version, soapAction, from } = requestOf(soap);
  assert.deepEqual([to, version, soapAction, from], ["h:1", "1.1", "urn:a", 3]);
});

Deno.test("what was sent is kept newest first, once each, bounded, and without long bodies", () => {
  let entries = readSent(null);
  const url = (i: number) => ({ ...EMPTY_DRAFT, url: `http://h/${i}` });
  for (let i = 0; i < 50; i++) entries = withSent(entries, { at: i, draft: url(i), status: 200 });
  assert.equal(entries.length, 30);
  entries = withSent(entries, { at: 50, draft: url(30) });
  assert.deepEqual([entries.length, entries[0].draft.url, entries[1].draft.url], [
    30,
    "http://h/30",
    "http://h/49",
  ]);
  entries = withSent([], { at: 1, draft: { ...url(1), body: "x".repeat(100_000) } });
  assert.deepEqual([entries[0].draft.body, entries[0].draft.notes.length], ["", 1]);
  assert.deepEqual(readSent(JSON.stringify(entries)), entries);
  assert.equal(
    JSON.stringify(withSent([], { at: 1, draft: posted(new Uint8Array([255])) })).includes("base64"),
    false,
  );
});

Deno.test("what was stored may be anything", () => {
  for (const text of ["", "{", "null", "{}", "[1,null,[],{}]", '[{"at":1,"draft":null}]']) {
    assert.deepEqual(readSent(text), [], text);
  }
  const [{ draft }] = readSent('[{"at":1,"draft":{"method":5,"url":"u","soap":"9","notes":[1,"n"]}}]');
  assert.deepEqual(draft, { ...EMPTY_DRAFT, method: "", url: "u", notes: ["n"] });
});
