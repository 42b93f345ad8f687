import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { encodeText } from "../../src/capture/charset.ts";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { wireOf } from "../../src/capture/wire.ts";
import type {
  ConnectionInfo,
  ExchangeRecord,
  Record,
  RequestMessage,
  ResponseMessage,
} from "../../src/capture/record.ts";
import { decodeContent } from "../../src/http/coding.ts";
import { joined } from "../../src/http/joined.ts";
import { get, ok, post, Script, type Step } from "../capture/connection_script.ts";
import { bodyOf, redactor, requestHead, responseHead } from "../capture/redact_samples.ts";
import { latin1 } from "../http/events.ts";
import { GROUPS } from "../http/corpus/all.ts";
import { type Coming, read, written } from "./archived.ts";

/** Records are told again as the same lines, in pieces of any size; what came back. */
async function assertSameAgain(records: readonly Record[], coming?: Coming): Promise<readonly Record[]> {
  const lines = written(records);
  const { records: again, problems, archived } = await read(lines, coming);
  assert.deepEqual(problems, []);
  assert.equal(written(again), lines);
  assert.deepEqual(archived.map(({ place }) => place), records.map((_, i) => i + 1));
  return again;
}

const connection: ConnectionInfo = { id: 7, listener: "[::1]:1", client: "unix:", target: "unix:/x y" };
const base = { connection, at: 1795170666123 };
const faults = [
  { fault: "reset", direction: "down" as const, offset: 3, bytes: 4, seed: -5 },
  { fault: "drop", offset: 0, seed: 5 },
];

const exchange = (request?: RequestMessage, response?: ResponseMessage): ExchangeRecord => ({
  type: "exchange",
  id: 1,
  ...base,
  ...request && { request },
  interim: [],
  ...response && { response },
  ms: { total: 1.25 },
  outcome: "complete",
  flags: [],
});

const others: readonly Record[] = [
  { type: "connection", event: "opened", ...base, connectMs: 0.41 },
  {
    type: "connection",
    event: "opened",
    ...base,
    connectMs: 3,
    tlsMs: 2.5,
    clientTls: { version: "TLSv1.3", cipher: "X", alpn: "h2", serverName: "a", peer: "CN=é" },
    targetTls: {},
  },
  { type: "connection", event: "client-hello", ...base, hello: { alpn: [], versions: ["TLSv1.3"] } },
  {
    type: "connection",
    event: "client-hello",
    ...base,
    hello: { serverName: "a.b", alpn: ["h2", "http/1.1"], versions: [] },
  },
  {
    type: "connection",
    event: "closed",
    ...base,
    up: 3,
    down: 2 ** 40,
    totalMs: 1234.567,
    end: "fault",
    error: 'a "word"\u2028',
    exchanges: 2,
    faults,
  },
  { type: "connection", event: "closed", ...base, up: 0, down: 0, totalMs: 0, end: "stopped", exchanges: 0 },
  { type: "data", ...base, direction: "up", offset: 9, body: bodyOf(Uint8Array.of(0, 255), 40) },
  { type: "data", ...base, direction: "down", offset: 0, body: bodyOf("tëxt\0") },
  {
    type: "message",
    protocol: "websocket",
    exchange: 4,
    ...base,
    direction: "down",
    index: 2,
    opcode: "close",
    frames: 1,
    body: bodyOf(Uint8Array.of(3, 232)),
    compressedBytes: 9,
    closeCode: 1000,
    error: "cut",
  },
  {
    type: "message",
    protocol: "sse",
    exchange: 4,
    ...base,
    direction: "down",
    index: 1,
    event: "tick",
    lastEventId: "",
    retry: 3000,
    body: bodyOf("a\nb"),
  },
  { type: "lost", count: 4, from: 1795170666123, to: 1795170667123, reason: "the disk is full" },
  { ...exchange(), outcome: "connect-failed", error: "refused", flags: ["not-http"], faults },
];

Deno.test("every kind of record comes back as the same line, in pieces of any size", async () => {
  await assertSameAgain(others);
  for (const pieceBytes of [1, 7, 100]) await assertSameAgain(others, { pieceBytes });
});

Deno.test("everything that the parser is tested with comes back as the same line, and as the same bytes", async () => {
  for (const cases of Object.values(GROUPS)) {
    for (const { name, kind, wire } of cases) {
      const script = new Script({ connectMs: 1, tlsMs: 0.5, hostField: "target:1" });
      if (kind === "response") { for (let i = 0; i < 5; i++) script.step(["up", get(`/${i}`)]); }
      for (let at = 0; at < wire.length; at += 40) {
        script.step([kind === "request" ? "up" : "down", wire.slice(at, at + 40)]);
      }
      if (kind === "request") script.step(["down", ok("a") + ok("")]);
      script.step(["end"]);
      assert.ok(script.records.length > 0, name);
      const again = await assertSameAgain(script.records);
      again.forEach((record, i) => assertSameWire(record, script.records[i]));
    }
  }
});

/** Heads, bodies and trailers are the bytes that came; heads have the flags that they had. */
function assertSameWire(record: Record, original: Record): void {
  if (record.type !== "exchange" || original.type !== "exchange") return;
  for (const name of ["request", "response"] as const) {
    const message: RequestMessage | ResponseMessage | undefined = record[name];
    const before: RequestMessage | ResponseMessage | undefined = original[name];
    if (message === undefined || before === undefined) return assert.equal(message, before);
    assert.deepEqual(joined(wireOf(message).pieces), joined(wireOf(before).pieces));
    assert.deepEqual(message.head.flags, before.head.flags);
    assert.equal(message.head.exact, before.head.exact);
  }
}

const chunked = (body: string) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n${
    body.length.toString(16)
  }\r\n${body}\r\n0\r\nX: é\r\n\r\n`;
const exchanges: fc.Arbitrary<readonly Step[]> = fc.oneof(
  fc.tuple(fc.constantFrom(get("/"), get("/é", "X:1\r\n"), get("/b", "A: b \r\n c\r\n")), fc.string()).map(
    ([head, body]): readonly Step[] => [["up", head], ["down", ok(body.replace(/[^ -~]/g, ""))]],
  ),
  fc.string({ unit: fc.constantFrom("a", "\xff", "\xc3\xa9", "\0", '"', "\\", "\n", "<") }).map(
    (body): readonly Step[] => [
      ["up", post("/p", body, "Content-Type: text/plain; charset=iso-8859-1\r\n")],
      ["down", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\nLink: </a>\n\n"],
      ["down", body === "" ? ok("") : chunked(body)],
    ],
  ),
  fc.constant<readonly Step[]>([["up", "POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"]]),
);

Deno.test("whatever is captured comes back as the same line", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(exchanges, { maxLength: 5 }),
      fc.constantFrom(5, 1000),
      fc.integer({ min: 1, max: 3000 }),
      async (steps, keptBytes, pieceBytes) => {
        const script = new Script({ memory: new BodyMemory(keptBytes, 1 << 20) });
        for (const step of steps.flat()) script.step(step);
        script.step(["end"]);
        await assertSameAgain(script.records, { pieceBytes });
        const redact = redactor({ list: "+x,+a" });
        await assertSameAgain(script.records.map(redact), { pieceBytes });
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("bodies come back in their charset, coded, cut and empty", async () => {
  const type = "text/html; charset=shift_jis";
  const japanese = encodeText("日本語", type)!;
  const packed = new Uint8Array(gzipSync("hello, world"));
  const utf16 = "text/plain; charset=utf-16le";
  const bodies: readonly (readonly [fields: [string, string][], body: ReturnType<typeof bodyOf>])[] = [
    [[["Content-Type", type]], bodyOf(japanese)],
    [[["Content-Type", type]], bodyOf(Uint8Array.of(0x80, 0xfd, 0xff))],
    [[["Content-Type", utf16]], bodyOf(encodeText("né\u{1f600}", utf16)!)],
    [[["Content-Encoding", "gzip"]], bodyOf(packed)],
    [[["Content-Encoding", "gzip"]], bodyOf(packed.subarray(0, 15), 99)],
    [[["Content-Encoding", "br"]], bodyOf("no brotli")],
    [[["Content-Type", "text/plain"]], bodyOf("cut", 1e15)],
    [[["Content-Type", "text/plain"]], bodyOf("", 4)],
    [[], bodyOf("\ufeffwith a mark")],
  ];
  const records = bodies.map(([fields, body]) =>
    exchange({ head: requestHead(fields), body, trailers: [["A", ""], ["A", "b"]] }, {
      head: responseHead(fields),
      body,
      trailers: [],
    })
  );
  const again = await assertSameAgain(records);
  again.forEach((record, i) => {
    assert.ok(record.type === "exchange");
    assert.deepEqual(record.response?.body.kept, bodies[i][1].kept);
    assert.equal(record.response?.body.bytes, bodies[i][1].bytes);
  });
});

Deno.test("what redaction replaced stays marked, whole and cut bodies stay told apart", async () => {
  const secret = '{"password":"a very long secret indeed","x":1}';
  const redact = redactor({ decode: decodeContent });
  const fields: [string, string][] = [["Content-Type", "application/json"], [
    "Authorization",
    "Bearer abcdef",
  ]];
  const records: Record[] = [
    exchange({ head: requestHead(fields), body: bodyOf(secret), trailers: [], rewritten: fields }),
    exchange({ head: requestHead(fields), body: bodyOf(secret, 4000), trailers: [] }),
    exchange({ head: requestHead(fields), body: bodyOf('{"password":"x"}'), trailers: [] }),
    exchange({ head: requestHead(fields), body: bodyOf('{"password":"x"}', 17), trailers: [] }),
    exchange(undefined, {
      head: responseHead([...fields, ["Content-Encoding", "gzip"]]),
      body: bodyOf(new Uint8Array(gzipSync(secret))),
      trailers: [],
    }),
    {
      type: "message",
      protocol: "websocket",
      exchange: 1,
      ...base,
      direction: "up",
      index: 1,
      opcode: "text",
      frames: 1,
      body: bodyOf(secret),
    },
  ];
  const redacted = records.map(redact);
  redacted.forEach((record, i) => assert.notEqual(record, records[i]));
  const again = await assertSameAgain(redacted);
  for (const record of again) {
    if (record.type !== "exchange") continue;
    assert.equal(((record.request ?? record.response) as { redacted?: boolean }).redacted, true);
  }
});

Deno.test("records of a connection share one object, heads that repeat another", async () => {
  const script = new Script({ hostField: "t:1" });
  for (const path of ["/a", "/a", "/b", "/b"]) {
    script.step(["up", get(path)]);
    script.step(["down", ok("x")]);
  }
  script.step(["end"]);
  const [a, b, c, d] = (await read(written(script.records))).exchanges;
  assert.equal(a.connection, d.connection);
  assert.equal(a.request!.head, b.request!.head);
  assert.notEqual(b.request!.head, c.request!.head);
  assert.equal(c.request!.head, d.request!.head);
  assert.equal(a.request!.rewritten, d.request!.rewritten);
  assert.equal(a.response!.head, d.response!.head);
});

Deno.test("the same number with other ends is another connection, also after the first was closed", async () => {
  const other = { ...connection, client: "unix:2" };
  const records: Record[] = [
    { type: "data", ...base, direction: "up", offset: 0, body: bodyOf("a") },
    { type: "data", ...base, connection: other, direction: "up", offset: 0, body: bodyOf("b") },
    others[5],
    { type: "data", ...base, direction: "up", offset: 0, body: bodyOf("c") },
  ];
  const again = (await assertSameAgain(records)).map((record) => "connection" in record && record.connection);
  assert.notEqual(again[0], again[1]);
  assert.notEqual(again[0], again[3]);
});

Deno.test("heads that were cut come back as such, redacted or not, and so does data that may be HTTP", async () => {
  const script = new Script();
  const steps: Step[] = [
    ["up", `${get("/a")}GET /b?token=s3cret HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Api-K`],
    ["down", `${ok("1")}HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nX:`],
    ["end"],
  ];
  for (const step of steps) script.step(step);
  const rubbish = new Script();
  for (const step of [["up", `${get("/a")}rubbish\n`], ["end"]] as const) rubbish.step(step);
  const records = [...script.records, ...rubbish.records];
  for (const told of [records, records.map(redactor())]) {
    const again = await assertSameAgain(told);
    const heads = again.flatMap((record) =>
      record.type === "exchange" && record.flags.includes("cut-head") ? [record.request!.head.flags] : []
    );
    assert.deepEqual(heads, [["cut-head"]]);
    assert.ok(again.some((record) => record.type === "data" && record.http === true));
  }
  const [, cut] = script.exchanges;
  assert.equal(latin1(joined(wireOf(cut.request!).pieces)), latin1(cut.request!.head.raw));
});
