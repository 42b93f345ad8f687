import assert from "node:assert/strict";
import { encodeText } from "../../src/capture/charset.ts";
import type { ExchangeRecord } from "../../src/capture/record.ts";
import { parseRequestHead, parseResponseHead } from "../../src/http/head_parser.ts";
import { read, written } from "./archived.ts";
import { CHROME, entry, har } from "./har_samples.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** The only exchange of a HAR. */
async function only(file: string): Promise<ExchangeRecord> {
  const { exchanges, problems } = await read(file);
  assert.deepEqual(problems, []);
  assert.equal(exchanges.length, 1);
  return exchanges[0];
}

Deno.test("a page as Chrome exports it becomes its exchanges, whatever the size of the pieces", async () => {
  for (const pieceBytes of [1, 64, 1e6]) {
    const { exchanges, records, problems, archived } = await read(CHROME, { pieceBytes });
    assert.deepEqual(problems, []);
    assert.deepEqual(exchanges.map(({ id }) => id), [1, 2, 4, 5]);
    assert.deepEqual(archived.map(({ place }) => place), [1, 1, 2, 4, 5, 5, 5, 5]);
    const [list, cart, blocked, socket] = exchanges;
    assert.equal(
      text(list.request?.head.raw),
      "GET /list?q=a%20b&n=1 HTTP/1.1\r\nHost: shop.test\r\naccept-encoding: gzip, deflate, br, zstd\r\n\r\n",
    );
    assert.equal(
      text(list.response?.head.raw),
      "HTTP/1.1 200 \r\ncontent-length: 14\r\ncontent-type: text/html; charset=utf-8\r\n" +
        "set-cookie: a=1; Path=/\r\nset-cookie: b=2; Path=/\r\n\r\n",
    );
    assert.equal(text(list.response?.body.kept), "<p>Größe</p>");
    assert.deepEqual(list.ms, { connect: 12.25, tls: 8, send: 0.5, wait: 15, receive: 0.5, total: 31.25 });
    assert.equal(list.connection.target, "shop.test:443");
    assert.equal(list.connection, cart.connection);
    assert.equal(new Date(cart.at).toISOString(), "2026-11-20T10:31:07.000Z");
    assert.equal(text(cart.request?.body.kept), "a=1+%C3%A9&b=");
    assert.match(
      text(cart.request?.head.raw),
      /\r\nContent-Type: application\/x-www-form-urlencoded\r\nContent-Length: 13\r\n/,
    );
    assert.deepEqual([...cart.response!.body.kept], [0x89, 0x50, 0x4e, 0x47]);
    assert.deepEqual(cart.ms, { send: 1, wait: 1, receive: 1, total: 3 });
    assert.deepEqual([blocked.outcome, blocked.response, blocked.error], [
      "no-response",
      undefined,
      "net::ERR_BLOCKED_BY_CLIENT",
    ]);
    assert.equal(socket.outcome, "upgraded");
    const opened = records.filter((record) => record.type === "connection");
    assert.deepEqual(opened.map((record) => record.event === "opened" && record.targetTls), [
      { serverName: "shop.test" },
      { serverName: "shop.test" },
    ]);
    const messages = records.filter((record) => record.type === "message");
    assert.deepEqual(
      messages.map((
        message,
      ) => [message.exchange, message.direction, message.index, message.at, [...message.body.kept]]),
      [[5, "up", 1, 1795170670500, [0x68, 0xc3, 0xa9]], [5, "down", 1, 1795170671250, [0, 1, 2]]],
    );
  }
});

Deno.test("what records cannot show of a HAR is told once for each kind, with how often", async () => {
  const { remarks, order } = await read(CHROME);
  assert.deepEqual(remarks.toSorted(), [
    "1 × body whose content coding was taken off: Content-Encoding left out, Content-Length corrected",
    "1 × entry that is not HTTP (data:, blob: and the like): left out",
    "1 × form whose bytes the file does not have: written anew from its fields",
    "2 × exchange of HTTP/2 or HTTP/3: shown as HTTP/1.1",
  ]);
  assert.deepEqual(order.slice(-4), Array(4).fill("problem -"));
});

Deno.test("records from a HAR are records like any other: the log reads them back", async () => {
  const { records } = await read(CHROME);
  const lines = written(records);
  const again = await read(lines);
  assert.deepEqual(again.problems, []);
  assert.equal(written(again.records), lines);
});

Deno.test("an entry as mitmproxy writes it: versions in capitals, Host among the fields, a body without a mime type", async () => {
  const exchange = await only(har(entry(
    {
      method: "PUT",
      url: "http://api.test:8080/x",
      headers: [
        { name: "Host", value: "api.test:8080" },
        { name: "content-type", value: "application/json" },
        { name: "content-length", value: "7" },
      ],
      postData: { mimeType: "", text: '{"a":1}', params: [] },
      bodySize: 7,
    },
    {
      httpVersion: "HTTP/1.1",
      headers: [{ name: "transfer-encoding", value: "chunked" }],
      content: { size: 2, text: "ok" },
    },
  )));
  assert.equal(
    text(exchange.request?.head.raw),
    "PUT /x HTTP/1.1\r\nHost: api.test:8080\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n",
  );
  assert.deepEqual(exchange.response?.head.fields, [["transfer-encoding", "chunked"]]);
  assert.equal(text(exchange.response?.body.kept), "ok");
});

Deno.test("an entry as Firefox writes it, without much of what HAR asks for", async () => {
  const exchange = await only(har({
    startedDateTime: "2026-11-20T10:31:06.123+00:00",
    request: {
      method: "GET",
      url: "http://a.test",
      headers: [{ name: "Host", value: "a.test" }],
      bodySize: 0,
    },
    response: {
      status: 404,
      statusText: "Not Found",
      headers: [],
      content: { mimeType: "text/plain", size: 9, text: "" },
    },
    timings: {},
  }));
  assert.equal(exchange.request?.head.target, "/");
  assert.deepEqual(exchange.ms, { total: 0 });
  assert.deepEqual([exchange.response?.body.bytes, exchange.response?.body.kept.length], [9, 0]);
});

Deno.test("a body that the file lacks is a body whose bytes were not kept, and told", async () => {
  const { exchanges, remarks } = await read(har(entry(
    { method: "POST", headers: [{ name: "Content-Length", value: "40" }] },
    { headers: [{ name: "Content-Encoding", value: "gzip" }], content: { size: 1234 } },
  )));
  assert.equal(exchanges[0].request?.body.bytes, 40);
  assert.equal(exchanges[0].response?.body.bytes, 1234);
  assert.deepEqual(exchanges[0].response?.head.fields, [["Content-Encoding", "gzip"]]);
  assert.deepEqual(remarks, [
    "1 × request body that the file does not have: only its size is known",
    "1 × response body that the file does not have: only its size is known",
  ]);
});

Deno.test("text goes back into the charset that is declared, and UTF-8 where that has no bytes for it", async () => {
  const type = "text/html; charset=iso-8859-1";
  for (
    const [content, expected] of [["Größe", encodeText("Größe", type)], [
      "日本",
      new TextEncoder().encode("日本"),
    ]]
  ) {
    const headers = [{ name: "Content-Type", value: type }, { name: "Content-Length", value: "1" }];
    const { exchanges } = await read(har(entry({}, { headers, content: { text: content } })));
    assert.deepEqual(exchanges[0].response?.body.kept, expected);
    assert.equal(exchanges[0].response?.head.fields[1][1], String(expected?.length));
  }
});

Deno.test("responses that carry no body have none, whatever a cache had for them", async () => {
  for (const [method, status] of [["HEAD", 200], ["GET", 304], ["GET", 204]] as const) {
    const headers = [{ name: "Content-Length", value: "77" }, { name: "Content-Encoding", value: "gzip" }];
    const { exchanges, remarks } = await read(
      har(entry({ method }, { status, headers, content: { size: 3, text: "abc" } })),
    );
    assert.equal(exchanges[0].response?.body.bytes, 0);
    assert.deepEqual(exchanges[0].response?.head.fields, [["Content-Length", "77"], [
      "Content-Encoding",
      "gzip",
    ]]);
    assert.match(remarks[0], /^1 × content of a response that carries none/);
  }
});

Deno.test("URLs become the target, the path as it is written, and Host where there is none", async () => {
  const urls: readonly (readonly [url: string, target: string, path: string, host: string])[] = [
    ["http://a.test:8080/b/../c?x=%zz#f", "a.test:8080", "/b/../c?x=%zz", "a.test:8080"],
    ["HTTPS://a.test?q", "a.test:443", "/?q", "a.test"],
    ["http://user:pass@a.test:80/", "a.test:80", "/", "a.test"],
    ["http://[::1]:81/x y\t", "[::1]:81", "/x%20y%09", "[::1]:81"],
  ];
  for (const [url, target, path, host] of urls) {
    const { request, connection } = await only(har(entry({ url })));
    assert.deepEqual([connection.target, request?.head.target], [target, path]);
    assert.deepEqual(request?.head.fields, [["Host", host]]);
  }
  const { request } = await only(har(entry({ method: "CONNECT", url: "https://a.test/" })));
  assert.equal(request?.head.target, "a.test:443");
});

Deno.test("nothing in a HAR can add a line to a head", async () => {
  const { exchanges } = await read(har(entry(
    {
      url: "http://a.test/x\r\nX-Evil: 1",
      headers: [{ name: "A", value: "b\r\nX-Evil: 1" }, { name: "X\r\nX-Evil", value: "1" }, {
        name: "C",
        value: "\0d\r",
      }],
      postData: { mimeType: "a\r\nX-Evil: 1", text: "x" },
    },
    { statusText: "OK\r\nX-Evil: 1", headers: [{ name: ":status", value: "200\nX-Evil: 1" }] },
  )));
  const { request, response } = exchanges[0];
  const requestHead = parseRequestHead(request!.head.raw);
  const responseHead = parseResponseHead(response!.head.raw);
  assert.ok(typeof requestHead !== "string" && typeof responseHead !== "string");
  assert.deepEqual(requestHead.fields, request!.head.fields);
  assert.deepEqual(requestHead.fields.map(([name]) => name), ["Host", "A", "A", "C", "Content-Length"]);
  assert.deepEqual(responseHead.fields, response!.head.fields);
});
