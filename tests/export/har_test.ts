import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { ConnectionOpened, ExchangeRecord, Record } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";
import { composeRequestHead, composeResponseHead } from "../../src/http/compose_head.ts";
import { parseResponseHead } from "../../src/http/head_parser.ts";
import { anyText } from "../any_text.ts";
import {
  answered,
  AT,
  bodyOf,
  connection,
  exchange,
  requestHead,
  responseHead,
  utf8,
} from "../log/human_fixtures.ts";
import { harOf } from "./har.ts";

const asked = (body: Uint8Array | string, fields: readonly Field[] = [], target = "/") =>
  exchange({ request: { head: requestHead("POST", target, fields), body: bodyOf(body), trailers: [] } });

const opened = (changes: Partial<ConnectionOpened>): ConnectionOpened => ({
  type: "connection",
  event: "opened",
  connection,
  at: AT,
  connectMs: 1,
  ...changes,
});

Deno.test("an exchange becomes an entry of HAR", () => {
  const record = exchange({
    ms: { connect: 1.5, tls: 1, send: 0.1, wait: 2, receive: 0.4, total: 3.9, relay: 0.05 },
    connection: { ...connection, target: "[::1]:9080" },
  });
  const { entries: [entry], notes } = harOf([record]);
  assert.deepEqual(notes, []);
  assert.equal(entry.startedDateTime, "2026-11-20T10:31:06.123Z");
  assert.equal(entry.time, 4);
  assert.deepEqual(entry.timings, {
    blocked: -1,
    dns: -1,
    connect: 1.5,
    ssl: 1,
    send: 0.1,
    wait: 2,
    receive: 0.4,
  });
  assert.equal(entry.connection, "3");
  assert.equal(entry.serverIPAddress, "::1");
  assert.equal(entry.request.url, "https://localhost:8081/stock");
  assert.deepEqual(entry.request.headers[1], { name: "Content-Length", value: "3" });
  assert.deepEqual(entry.request.postData, { mimeType: "", text: "AAA" });
  assert.equal(entry.request.bodySize, 3);
  assert.deepEqual(entry.response.content, { size: 13, mimeType: "text/plain", text: "hello, world\n" });
  assert.equal(entry._tcpmon.id, 17);
  assert.equal(entry._tcpmon.outcome, "complete");
  assert.deepEqual(entry._tcpmon.ms, record.ms);
});

Deno.test("an export without records is a HAR", () => {
  assert.deepEqual(harOf([]), { entries: [], notes: [] });
});

Deno.test("a URL is what the client asked for, or the target's where Host was rewritten", () => {
  const url = (...records: Record[]) => harOf(records).entries[0].request.url;
  const ask = (target: string, changes: Partial<ExchangeRecord> = {}) => ({
    ...asked("", [["Host", "h:81"]], target),
    ...changes,
  });
  assert.equal(url(ask("/a?b")), "http://h:81/a?b");
  assert.equal(url(ask("http://other/x")), "http://other/x");
  assert.equal(url(ask("*")), "http://h:81/");
  assert.equal(url(opened({ clientTls: {} }), ask("/a")), "https://h:81/a");
  assert.equal(url(opened({ tlsMs: 1, targetTls: {} }), ask("/a")), "http://h:81/a");
  const rewritten = { ...ask("/a").request!, rewritten: [["Host", "api.example"]] as const };
  assert.equal(
    url(opened({ tlsMs: 1, targetTls: {} }), ask("/a", { request: rewritten })),
    "https://api.example/a",
  );
  assert.equal(
    url(exchange({ request: { ...rewritten, rewritten: undefined, head: requestHead("GET", "/") } })),
    "http://localhost:9080/",
  );
  assert.equal(
    url(ask('/a b\u001b"<ü>\\^`{|}%41')),
    "http://h:81/a%20b%1B%22%3C%C3%BC%3E%5C%5E%60%7B%7C%7D%41",
  );
  const tunnel = { head: requestHead("CONNECT", "h:443"), body: bodyOf(""), trailers: [] };
  assert.equal(url(exchange({ request: tunnel })), "https://h:443/");
});

Deno.test("bodies that are text stand there as text, others in base64", () => {
  const content = (body: Uint8Array | string, fields: readonly Field[] = []) =>
    harOf([answered(body, fields)]).entries[0].response.content;
  assert.deepEqual(content(Uint8Array.of(255, 0), [["Content-Type", "image/png"]]), {
    size: 2,
    mimeType: "image/png",
    encoding: "base64",
    text: "/wA=",
  });
  const latin = content(Uint8Array.of(0xe9), [["Content-Type", "text/plain; charset=iso-8859-1"]]);
  assert.equal(latin.text, "é");
  const hostile = 'a"\\\u001b\u202e\u2028\u0085\u0000' + "long ".repeat(50);
  assert.equal(content(hostile).text, hostile);
  assert.deepEqual(content(""), { size: 0, mimeType: "x-unknown" });
  const long = "日本🎉é".repeat(150_000);
  assert.equal(content(long).text, long);
});

Deno.test("content codings are undone, as HAR wants it, and that is told", () => {
  const packed = new Uint8Array(gzipSync("hello ".repeat(100)));
  const fields: Field[] = [["Content-Type", "text/plain"], ["Content-Encoding", "gzip"]];
  const { entries: [{ response }], notes } = harOf([answered(packed, fields)]);
  assert.equal(response.content.text, "hello ".repeat(100));
  assert.equal(response.content.size, 600);
  assert.equal(response.content.compression, 600 - packed.length);
  assert.equal(response.bodySize, packed.length);
  assert.deepEqual(notes, ["content codings: HAR holds bodies decoded, not as they were sent"]);

  const broken = harOf([answered("no gzip", fields)]);
  assert.equal(broken.entries[0].response.content.text, Buffer.from("no gzip").toString("base64"));
  assert.match(broken.entries[0].response.content._error, /^gzip: /);
  assert.deepEqual(broken.notes, ["bodies whose content coding is broken"]);

  const limited = harOf([answered(packed, fields)], { decodedLimitBytes: 10 });
  assert.equal(limited.entries[0].response.content.text, "hello hell");
  assert.ok(limited.notes.includes("decoded bodies past the limit: only their beginning is there"));
});

Deno.test("a request's body is text, or base64 under a name of its own", () => {
  const post = (body: Uint8Array | string, fields: readonly Field[] = []) =>
    harOf([asked(body, fields)]).entries[0].request.postData;
  assert.deepEqual(post("a=b+c&d=%C3%BC&e&f=%zz", [["Content-Type", "application/x-www-form-urlencoded"]]), {
    mimeType: "application/x-www-form-urlencoded",
    params: [
      { name: "a", value: "b c" },
      { name: "d", value: "ü" },
      { name: "e", value: "" },
      { name: "f", value: "%zz" },
    ],
    text: "a=b+c&d=%C3%BC&e&f=%zz",
  });
  assert.deepEqual(post(Uint8Array.of(255)), { mimeType: "", text: "", _base64: "/w==" });
  const packed = new Uint8Array(gzipSync("hello"));
  assert.deepEqual(post(packed, [["Content-Encoding", "gzip"]]), {
    mimeType: "",
    text: "hello",
    _base64: Buffer.from(packed).toString("base64"),
  });
  assert.equal(post(""), undefined);
});

Deno.test("bodies that were cut say so", () => {
  const body = { bytes: 100, kept: utf8("caf\u00e9").subarray(0, 4) };
  const { entries: [entry], notes } = harOf([
    exchange({
      request: { head: requestHead("POST", "/"), body, trailers: [] },
      response: { head: responseHead(200, "OK"), body, trailers: [] },
    }),
  ]);
  assert.deepEqual(entry.response.content, {
    size: 100,
    mimeType: "x-unknown",
    text: "caf",
    comment: "the first 4 of 100 bytes",
  });
  assert.equal(entry.request.postData.comment, "the first 4 of 100 bytes");
  assert.equal(notes.length, 2);
});

Deno.test("a text that is known is not made of bytes again", () => {
  const body = {
    bytes: 5,
    text: "known",
    truncated: false,
    get kept(): Uint8Array {
      throw new Error("nobody wants these");
    },
  };
  const message = { body, trailers: [] };
  const { entries: [entry] } = harOf([
    exchange({
      request: { head: requestHead("POST", "/"), ...message },
      response: { head: responseHead(200, "OK"), ...message },
    }),
  ]);
  assert.equal(entry.request.postData.text, "known");
  assert.equal(entry.response.content.text, "known");
});

Deno.test("cookies and queries are spelled out", () => {
  const { entries: [{ request, response }] } = harOf([
    exchange({
      request: {
        head: requestHead("GET", "/?a=1&a=%20&b&=c", [["Cookie", "x=1; y==; ;z"], ["cookie", "w=2"]]),
        body: bodyOf(""),
        trailers: [],
      },
      response: {
        head: responseHead(302, "Found", [
          [
            "Set-Cookie",
            "s=1; Path=/; Domain=a.b; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Secure; HttpOnly; SameSite=Lax",
          ],
          ["set-cookie", "t; expires=never"],
          ["Location", "/next"],
        ]),
        body: bodyOf(""),
        trailers: [],
      },
    }),
  ]);
  assert.deepEqual(request.cookies, [
    { name: "x", value: "1" },
    { name: "y", value: "=" },
    { name: "z", value: "" },
    { name: "w", value: "2" },
  ]);
  assert.deepEqual(request.queryString, [
    { name: "a", value: "1" },
    { name: "a", value: " " },
    { name: "b", value: "" },
    { name: "", value: "c" },
  ]);
  assert.deepEqual(response.cookies, [
    {
      name: "s",
      value: "1",
      path: "/",
      domain: "a.b",
      expires: "2026-10-21T07:28:00.000Z",
      sameSite: "Lax",
      httpOnly: true,
      secure: true,
    },
    { name: "t", value: "", httpOnly: false, secure: false },
  ]);
  assert.equal(response.redirectURL, "/next");
});

Deno.test("what is odd, and what HAR has no place for, stands in fields of our own", () => {
  const raw = utf8("HTTP/1.1 200 OK\nA: b\n\n");
  const odd = parseResponseHead(raw);
  assert.ok(typeof odd === "object");
  const { entries: [whole, none, unrequested] } = harOf([
    exchange({
      outcome: "response-cut",
      error: "reset",
      flags: ["bare-lf"],
      faults: [{ fault: "reset", offset: 5, seed: 42 }],
      interim: [responseHead(103, "Early Hints", [["Link", "</a>"]])],
      response: { head: odd, body: bodyOf(""), trailers: [["X-Sum", "1"]] },
    }),
    exchange({ response: undefined, outcome: "no-response" }),
    exchange({ request: undefined, outcome: "unrequested" }),
  ]);
  assert.equal(whole.response._error, "reset");
  const { error, flags, faults, interim, responseHead: head, responseTrailers } = whole._tcpmon;
  assert.deepEqual([error, flags, faults], ["reset", ["bare-lf"], [{ fault: "reset", offset: 5, seed: 42 }]]);
  assert.deepEqual(interim, [
    { status: 103, statusText: "Early Hints", headers: [{ name: "Link", value: "</a>" }] },
  ]);
  assert.deepEqual(Buffer.from(head, "base64").toString(), "HTTP/1.1 200 OK\nA: b\n\n");
  assert.deepEqual(responseTrailers, [{ name: "X-Sum", value: "1" }]);
  assert.equal(none.response.status, 0);
  assert.equal(none.response._error, "no-response");
  assert.equal(unrequested.request.method, "");
});

Deno.test("the size of a head is that of its bytes", () => {
  const field = fc.string({ unit: fc.constantFrom(...'ab"\\ü日🎉\t :-'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { maxLength: 3 }), field, (fields, text) => {
      const request = composeRequestHead({ method: "GET", target: text, version: "HTTP/1.1", fields });
      const response = composeResponseHead({ version: "HTTP/1.1", status: 42, reason: text, fields });
      const { entries: [entry] } = harOf([exchange({
        request: { head: request, body: bodyOf(""), trailers: [] },
        response: { head: response, body: bodyOf(""), trailers: [] },
      })]);
      assert.equal(entry.request.headersSize, request.raw.length);
      assert.equal(entry.response.headersSize, response.raw.length);
    }),
  );
});

Deno.test("whatever an exchange holds, the HAR is valid", () => {
  const text = anyText({ maxLength: 12 });
  const fields = fc.array(
    fc.tuple(
      fc.oneof(text, fc.constantFrom("Host", "Cookie", "Set-Cookie", "Content-Type", "Content-Encoding")),
      text,
    ),
    { maxLength: 4 },
  );
  const bytes = fc.uint8Array({ maxLength: 40 });
  const ms = fc.double({ noNaN: true, min: -1, max: 1e7 });
  fc.assert(
    fc.property(
      text,
      fields,
      bytes,
      fields,
      bytes,
      ms,
      fc.nat(),
      (target, asks, sent, answers, body, wait, cut) => {
        const record = exchange({
          at: wait * 1e5,
          connection: { ...connection, target: target },
          request: { head: requestHead("X", target, asks), body: bodyOf(sent), trailers: asks },
          response: {
            head: responseHead(cut % 1000, target, answers),
            body: { bytes: body.length + cut, kept: body },
            trailers: answers,
          },
          ms: { total: wait, wait, connect: wait },
          outcome: cut % 2 === 0 ? "complete" : "upgraded",
        });
        assert.equal(harOf([record]).entries.length, 1);
      },
    ),
  );
});
