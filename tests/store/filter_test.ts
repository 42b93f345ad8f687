import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { recordFilter } from "../../src/capture/filter/record_filter.ts";
import { KEYS } from "../../src/capture/filter/filter.ts";
import type { ExchangeRecord, Record } from "../../src/capture/record.ts";
import * as samples from "../capture/filter_samples.ts";
import { MAX_BODY_BYTES, TestHistory } from "./stored.ts";

const { exchange, request, response } = samples;
const packed = new Uint8Array(gzipSync("The Needle in gzip"));

/** Records that differ in all that filters ask of. */
const pool: readonly Record[] = [
  exchange(),
  samples.opened,
  samples.hello,
  samples.openedWithTls,
  samples.closed,
  samples.struck,
  samples.data,
  samples.webSocket,
  samples.serverSent,
  samples.lost,
  exchange({ id: 18, response: response(503, [], "sorry"), flags: [], error: "it \u212aelvin broke" }),
  exchange({
    request: request("GET http://Host.example/Mixed/Case?Q=Ä"),
    response: undefined,
    outcome: "no-response",
  }),
  exchange({ request: request("CONNECT a.b:443", []), outcome: "upgraded" }),
  exchange({ request: request("GET /ÄÖ/K\u212a", []), response: response(204) }),
  exchange({ request: undefined, outcome: "unrequested" }),
  exchange({ request: request("OPTIONS *"), ms: { total: 0.0004 } }),
  exchange({ connection: { ...samples.connection, id: 4, target: "tls://x:443", client: "unix:" } }),
  exchange({
    response: response(200, [["Content-Encoding", "gzip"], ["Content-Type", "text/plain"]], packed),
  }),
  exchange({
    response: response(200, [["Content-Type", "text/plain; charset=latin1"]], Uint8Array.of(0x4e, 0xe9)),
  }),
  exchange({ response: response(200, [], Uint8Array.of(0, 255, 78, 97, 100, 101, 108)) }),
  { ...samples.data, body: samples.body(Uint8Array.of(0, 255, 78, 97, 100, 101, 108)) },
  {
    ...samples.webSocket,
    opcode: "close",
    closeCode: 1000,
    error: "cut",
    body: samples.body('a "quoted" \\ text\n'),
  },
  soap("GetQuote"),
  soap("Buy"),
];

function soap(operation: string): ExchangeRecord {
  const envelope =
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><m:${operation} xmlns:m="u"/>` +
    "</e:Body></e:Envelope>";
  return exchange({ request: request("POST /soap", [["Content-Type", "text/xml"]], envelope) });
}

const wanted = [
  ...KEYS.map(({ example }) => example),
  ...KEYS.filter(({ kind }) => kind === "text").map(({ name }) => `${name}:*`),
  ...'needle nadel acme größe kelvin k "\\"quoted\\"" /api stock 503 session x-sum update closed tls_aes sorry zz'
    .split(" "),
  ..."path:/api/* path:*stock path:a*k path:=/soap url:http* url:*mixed* query:symbol query:=q=ä path:/äö scheme:https"
    .split(" "),
  ..."host:shop.example client:unix: target:x:443 method:get,post status:2xx status:>299 duration:<1ms duration:>=512ms"
    .split(" "),
  ..."connect:12 size:0 request-size:>0 handshake:1ms..2ms soap:* soap:getquote fault:reset fault:* id:17 connection:4"
    .split(" "),
  ..."header:host=shop* header:x* cookie:theme=dark body:quote response-body:nadel time:2026-11-20 flag:bare-lf *"
    .split(" "),
  "type:lost",
  'body:"a \\"quoted\\" \\\\ text"',
].filter((term) => term !== "");

const term = fc.constantFrom(...wanted);
const filter: fc.Arbitrary<string> = fc.oneof(
  term,
  term.map((one) => `-${one}`),
  fc.tuple(term, term).map(([a, b]) => `${a} ${b}`),
  fc.tuple(term, term, term).map(([a, b, c]) => `(${a} | -${b}) -${c}`),
  fc.tuple(term, term, term).map(([a, b, c]) => `-(${a} ${b}) | ${c}`),
);

function assertSame(history: TestHistory, records: readonly Record[], source: string, limit: number) {
  const matches = recordFilter(source, MAX_BODY_BYTES);
  const expected = records.flatMap((record, i) => matches(record) ? [i + 1] : []);
  assert.deepEqual(history.ids(source, limit), expected.toReversed(), source);
  assert.equal(history.index.count(source).count, expected.length, source);
}

Deno.test("each term of a filter finds in a history what it finds in the records", () => {
  using history = new TestHistory();
  for (const record of pool) history.write(record);
  for (const source of wanted) {
    assertSame(history, pool, source, 100);
    assertSame(history, pool, `-${source}`, 100);
  }
});

Deno.test("whatever is asked of whatever was stored, a history answers as the filter does", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 200 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.array(filter, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      (batches, sources, limit) => {
        using history = new TestHistory();
        for (const batch of batches) history.write(...batch);
        for (const source of sources) assertSame(history, batches.flat(), source, limit);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("pages go up as they go down", () => {
  using history = new TestHistory();
  history.write(...pool, ...pool, ...pool, ...pool, ...pool, ...pool, ...pool);
  for (const source of ["", "status:200", "needle"]) {
    const up: number[] = [];
    for (let after = 0;;) {
      const page = history.index.page({ after, limit: 3, filter: source });
      up.push(...page.rows.map(({ id }) => id));
      if (page.next === undefined) break;
      after = page.next;
    }
    assert.deepEqual(up.toReversed(), history.ids(source, 7));
  }
});

Deno.test("a search takes its text as it stands, beside a filter", () => {
  using history = new TestHistory();
  history.write(...pool);
  const found = (search: string, filter = "type:exchange") =>
    history.index.page({ limit: 100, search, filter }).rows.filter(({ type }) => type !== "lost").length;
  assert.equal(
    found('"price": 42'),
    pool.filter((one) =>
      one.type === "exchange" && one.response?.head.status === 200 &&
      new TextDecoder().decode(one.response.body.kept).includes("price")
    ).length,
  );
  assert.equal(found("status:503"), 0);
  assert.equal(found("*"), 1);
  assert.equal(found("needle", "status:404"), 0);
});

Deno.test("a filter that cannot be read is told", () => {
  using history = new TestHistory();
  assert.throws(() => history.index.page({ limit: 1, filter: "stat:1" }), /unknown key "stat"/);
});

Deno.test("filters and searches of any length are answered", () => {
  using history = new TestHistory();
  history.write(...pool);
  const long = "The Needle in gzip".repeat(3000);
  const many = Array.from({ length: 3000 }, (_, i) => `/api/st*${i}*k,/api/stock`).join();
  for (const source of [`"${long}"`, `path:${many}`, Array(2000).fill("path:/api/stock").join(" | ")]) {
    assertSame(history, pool, source, 100);
  }
});
