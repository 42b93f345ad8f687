import assert from "node:assert/strict";
import fc from "fast-check";
import type { Record } from "../../../src/capture/record.ts";
import { ByteWriter } from "../../../src/log/byte_writer.ts";
import { createJsonFormat } from "../../../src/log/json.ts";
import { completedAtMs } from "../../../src/log/recorder/line_time.ts";
import { RecentLines } from "../../../src/log/recorder/recent_lines.ts";
import { anyText } from "../../any_text.ts";
import { AT, bodyOf, connection, exchange, requestHead, responseHead, utf8 } from "../human_fixtures.ts";

const NOW = Math.floor(AT);

function lineOf(record: Record): Uint8Array {
  const out = new ByteWriter();
  createJsonFormat({ limitBytes: 1000 })(record, out);
  return out.copy();
}

const timeOf = (record: Record) => {
  const line = lineOf(record);
  return completedAtMs(line, 0, line.length - 1);
};

Deno.test("an exchange was complete when it began and how long it took", () => {
  assert.equal(timeOf(exchange({ ms: { total: 0 } })), NOW);
  assert.equal(timeOf(exchange({ ms: { connect: 5, total: 61_234.5, relay: 0.25 } })), NOW + 61_234);
  assert.equal(timeOf(exchange({ ms: { total: 30 }, error: "x".repeat(500), flags: ["bare-lf"] })), NOW + 30);
});

Deno.test("other records say it as they do", () => {
  const base = { connection, at: AT };
  assert.equal(timeOf({ type: "connection", event: "opened", ...base, connectMs: 99 }), NOW);
  const closed = { up: 1, down: 2, totalMs: 700, end: "client-closed", exchanges: 1 } as const;
  assert.equal(timeOf({ type: "connection", event: "closed", ...base, ...closed }), NOW + 700);
  const hello = { alpn: [], versions: [] };
  assert.equal(timeOf({ type: "connection", event: "client-hello", ...base, hello }), NOW);
  const total = bodyOf('{"total":1,"time":"2001-01-01T00:00:00.000Z"}');
  assert.equal(timeOf({ type: "data", ...base, direction: "up", offset: 0, body: total }), NOW);
  const message = { type: "message", ...base, exchange: 1, direction: "up", index: 1 } as const;
  const frame = { protocol: "websocket", opcode: "text", frames: 1, body: total } as const;
  assert.equal(timeOf({ ...message, ...frame }), NOW);
  assert.equal(timeOf({ ...message, protocol: "sse", event: '"time":"', body: total }), NOW);
  assert.equal(timeOf({ type: "lost", count: 3, from: AT - 5000, to: AT, reason: "slow" }), NOW);
});

Deno.test("nothing from the wire passes for the time of its record", () => {
  const hostile = fc.oneof(
    anyText(),
    fc.constantFrom(
      '"time":"2001-01-01T00:00:00.000Z"',
      ',"total":99999',
      '"},"ms":{"total":7',
      "time",
      "total",
      '\\","total":5',
      "\\",
    ),
  );
  fc.assert(fc.property(hostile, hostile, hostile, fc.nat(100_000), (a, b, c, total) => {
    const fields = [[a, b], ["time", c], ["total", a], [c, "time"]] as const;
    const record = exchange({
      connection: { id: 1, listener: a, client: b, target: c },
      request: { head: requestHead(a, b, fields), body: bodyOf(c), trailers: [["total", b]] },
      response: { head: responseHead(200, c, fields), body: bodyOf(a), trailers: [] },
      ms: { total },
      error: b,
    });
    assert.equal(timeOf(record), NOW + total);
  }));
});

Deno.test("lines that do not say when they were are not thrown away", () => {
  const odd = [
    "",
    "{}",
    "no json",
    '{"type":"exchange","time":"',
    '{"type":"exchange","time":"soon and very soon!"',
  ];
  for (const text of odd) assert.equal(completedAtMs(utf8(text), 0, text.length), undefined, text);
  const lines = new RecentLines(NOW);
  const text = odd.map((line) => line + "\n").join("");
  assert.equal(new TextDecoder().decode(lines.push(utf8(text))), text);
  assert.equal(lines.count, odd.length);
});

Deno.test("lines are taken from a time on, the same however they come, and half a line at the end is not", () => {
  const records = [5000, 0, 999, 1000, 1001, 3000].map((ms, id) => exchange({ id, ms: { total: ms } }));
  const parts = records.map(lineOf);
  const all = utf8(
    parts.map((part) => new TextDecoder().decode(part)).join("") + '{"type":"exchange","id":99',
  );
  const wanted = [0, 3, 4, 5].map((id) => new TextDecoder().decode(parts[id])).join("");
  const read = (pieces: readonly Uint8Array[]) => {
    const lines = new RecentLines(NOW + 1000);
    const text = pieces.map((piece) => new TextDecoder().decode(lines.push(piece))).join("");
    assert.equal(lines.count, 4);
    return text;
  };
  assert.equal(read([all]), wanted);
  assert.equal(read([...all].map((byte) => Uint8Array.of(byte))), wanted);
  for (let cut = 0; cut <= all.length; cut++) {
    assert.equal(read([all.subarray(0, cut), all.subarray(cut)]), wanted);
  }
});
