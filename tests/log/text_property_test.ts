import assert from "node:assert/strict";
import fc from "fast-check";
import type { Record } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";
import { createShortFormat } from "../../src/log/short.ts";
import { createTextFormat } from "../../src/log/text.ts";
import { anyText } from "../any_text.ts";
import {
  AT,
  bodyOf,
  connection,
  exchange,
  requestHead,
  responseHead,
  utc,
  written,
} from "./human_fixtures.ts";

const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.array(
    fc.constantFrom(
      "#17 x",
      "> GET",
      "< HTTP",
      "! lost",
      "~ Host",
      "\n",
      "\r",
      "\r\n",
      "\n\n",
      "\x1b[2J",
      "é",
      "{",
      "<a>",
    ),
  )
    .map((parts) => new TextEncoder().encode(parts.join(""))),
);
const hostile = fc.oneof(
  anyText({ maxLength: 20 }),
  fc.constantFrom("\n#1 forged", "\r\n> a: b", "\x1b]0;x\x07", "\u202e", "\n\n", "\ud800"),
);
const fields = fc.array(
  fc.oneof(
    fc.tuple(hostile, hostile),
    fc.constantFrom<Field>(["Content-Type", "text/xml"], ["Content-Type", "a/b; charset=utf-16le"]),
    fc.constantFrom<Field>(["Content-Encoding", "gzip"], ["Content-Encoding", "nonsense\x1b"]),
  ),
  { maxLength: 4 },
);

const exchanges: fc.Arbitrary<Record> = fc.record({
  request: fc.option(
    fc.record({
      head: fc.tuple(hostile, hostile, fields),
      body: bytes.map(bodyOf),
      trailers: fields,
      rewritten: fields,
    }),
    { nil: undefined },
  ),
  response: fc.option(
    fc.record({ head: fc.tuple(fc.nat(999), hostile, fields), body: bytes.map(bodyOf), trailers: fields }),
    {
      nil: undefined,
    },
  ),
  error: fc.option(hostile, { nil: undefined }),
}).map(({ request, response, error }) =>
  exchange({
    request: request && { ...request, head: requestHead(...request.head) },
    response: response && { ...response, head: responseHead(...response.head) },
    error,
  })
);

const others: fc.Arbitrary<Record> = fc.oneof(
  bytes.map((body): Record => ({
    type: "data",
    connection,
    at: AT,
    direction: "up",
    offset: 0,
    body: bodyOf(body),
  })),
  fc.tuple(hostile, bytes).map(([event, body]): Record => ({
    type: "message",
    protocol: "sse",
    connection,
    exchange: 1,
    at: AT,
    direction: "down",
    index: 1,
    event,
    lastEventId: event,
    body: bodyOf(body),
  })),
  fc.tuple(hostile, fc.array(hostile, { maxLength: 3 })).map(([serverName, alpn]): Record => ({
    type: "connection",
    event: "client-hello",
    connection,
    at: AT,
    hello: { serverName, alpn, versions: alpn },
  })),
  fc.tuple(hostile, hostile).map(([fault, error]): Record => ({
    type: "connection",
    event: "closed",
    connection,
    at: AT,
    up: 1,
    down: 1,
    totalMs: 1,
    end: "fault",
    exchanges: 0,
    error,
    faults: [{ fault, offset: 1, seed: 1 }],
  })),
  hostile.map((reason): Record => ({ type: "lost", count: 1, from: AT, to: AT, reason })),
);

const records = fc.array(fc.oneof(exchanges, others), { maxLength: 5 });

Deno.test("whatever came over the wire, no text log holds a raw control or loses count of its blocks", () => {
  fc.assert(
    fc.property(records, fc.boolean(), fc.boolean(), (some, pretty, hex) => {
      const format = createTextFormat({ color: false, pretty, hex, limitBytes: 100, zoneOffset: utc });
      const log = written(format, ...some);
      assert.doesNotMatch(log, UNSAFE);
      const blocks = log.split("\n\n");
      assert.equal(blocks.pop(), "");
      assert.equal(blocks.length, some.length);
      blocks.forEach((block, i) => {
        const [summary, ...lines] = block.split("\n");
        assert.match(summary, some[i].type === "lost" ? /^! lost / : /^#c?\d+ 10:31:06\.123 /);
        for (const line of lines) assert.match(line, /^(> |< |~ |! |>$|<$|\[.*\]$| {4})/);
      });
    }),
    { numRuns: 1000 },
  );
});

Deno.test("whatever a certificate says, the TLS of a connection is one line", () => {
  fc.assert(
    fc.property(hostile, hostile, (peer, serverName) => {
      const format = createTextFormat({
        color: false,
        pretty: false,
        hex: false,
        limitBytes: 9,
        zoneOffset: utc,
      });
      const opened = { type: "connection", event: "opened", connection, at: AT, connectMs: 1 } as const;
      const log = written(format, {
        ...opened,
        targetTls: { version: "x", peer },
        clientTls: { serverName },
      });
      assert.doesNotMatch(log, UNSAFE);
      assert.match(log, /^#c3 10:31:06\.123 [^\n]* TLS with target: x, [^\n]*\n\n$/);
    }),
  );
});

Deno.test("a body adds only indented lines and notes, whatever it holds", () => {
  fc.assert(
    fc.property(bytes, fields, fc.boolean(), (body, some, pretty) => {
      const format = createTextFormat({ color: false, pretty, hex: false, limitBytes: 100, zoneOffset: utc });
      const head = responseHead(200, "OK", some);
      const without = written(format, exchange({ response: { head, body: bodyOf(""), trailers: [] } })).split(
        "\n",
      );
      const withBody = written(format, exchange({ response: { head, body: bodyOf(body), trailers: [] } }))
        .split("\n");
      assert.deepEqual(withBody.slice(1, without.length - 2), without.slice(1, -2));
      for (const line of withBody.slice(without.length - 2, -2)) assert.match(line, /^( {4}|\[)/);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("whatever came over the wire, each record is one line of the short log", () => {
  fc.assert(
    fc.property(records, (some) => {
      const log = written(createShortFormat({ color: false, zoneOffset: utc }), ...some);
      assert.doesNotMatch(log, UNSAFE);
      assert.equal(log.split("\n").length - 1, some.length);
    }),
    { numRuns: 500 },
  );
});
