/** Whatever passes on whatever connections, the export holds it byte for byte in TCP that is right. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Record } from "../../src/capture/record.ts";
import { wireOf } from "../../src/capture/wire.ts";
import { joined } from "../../src/http/joined.ts";
import { Conversation } from "../../src/export/pcapng_conversation.ts";
import { AddressBook } from "../../src/export/pcapng_address.ts";
import { SEGMENT_BYTES, SegmentWriter } from "../../src/export/pcapng_segment.ts";
import { writeSectionHead } from "../../src/export/pcapng_block.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { bytesOf, captured, connection, exported, get, ok, START, type Step } from "./pcapng_records.ts";
import { conversationsOf, readPcapng } from "./pcapng_reader.ts";

const body = fc.string({ unit: "binary-ascii", maxLength: 60 });
const exchange: fc.Arbitrary<readonly Step[]> = fc.tuple(
  body,
  body,
  fc.constantFrom("plain", "chunked", "pipelined", "raw"),
)
  .map(([sent, answered, kind]): readonly Step[] => {
    const request = `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${sent.length}\r\n\r\n${sent}`;
    if (kind === "pipelined") return [["up", request + request], ["down", ok(answered)], ["down", ok(sent)]];
    if (kind === "raw") return [["up", "\0raw"], ["down", answered], ["up", sent], ["down", "\x01"]];
    if (kind === "plain") return [["up", request], ["down", ok(answered)]];
    const size = answered.length.toString(16);
    const chunk = answered === "" ? "" : `${size}\r\n${answered}\r\n`;
    return [["up", get("/")], [
      "down",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
    ]];
  });

const target = fc.constantFrom("10.0.0.1:80", "[::1]:8080", "a.example:443", "unix:/run/a", "localhost:6379");
const end = fc.constantFrom(
  "client-closed",
  "target-closed",
  "client-reset",
  "target-reset",
  "open" as const,
);
const connected = fc.record({
  target,
  end,
  steps: fc.array(exchange, { maxLength: 4 }).map((steps) => steps.flat()),
  startMs: fc.integer({ min: 0, max: 40 }),
  cutTimes: fc.boolean(),
  maxBody: fc.constantFrom(1 << 20, 20),
});

/** What one direction must hold, by the records alone: HTTP first, then data. */
function wanted(records: readonly Record[], direction: "up" | "down"): Uint8Array {
  const http: Uint8Array[] = [], data: Uint8Array[] = [];
  for (const record of records) {
    if (record.type === "data" && record.direction === direction) data.push(record.body.kept);
    if (record.type !== "exchange") continue;
    const message = direction === "up" ? record.request : record.response;
    if (message === undefined) continue;
    const { pieces } = wireOf(message);
    const isCut = record.outcome === (direction === "up" ? "request-cut" : "response-cut");
    const isChunked = pieces.length > 2;
    http.push(...isCut && isChunked ? pieces.slice(0, -1) : pieces);
  }
  return joined([new Uint8Array(0), ...http, ...data]);
}

/** Records of several logs as one: each keeps its order, the first of all by time. */
function merged(logs: readonly (readonly Record[])[]): Record[] {
  const rest = logs.map((log) => [...log]);
  const all: Record[] = [];
  const timeOf = (record: Record) =>
    record.type === "exchange" ? record.at + record.ms.total : record.type === "lost" ? 0 : record.at;
  while (rest.some((log) => log.length > 0)) {
    const next = rest.filter((log) => log.length > 0).reduce((a, b) => timeOf(b[0]) < timeOf(a[0]) ? b : a);
    all.push(next.shift()!);
  }
  return all;
}

Deno.test("each conversation holds what each side sent, in order, for any window", () => {
  fc.assert(
    fc.property(
      fc.array(connected, { maxLength: 5 }),
      fc.constantFrom(undefined, 700, 3000),
      (all, window) => {
        const logs = all.map(({ target, steps, ...setting }, i) =>
          captured(connection(i + 1, target), steps, setting)
        );
        const told = conversationsOf(readPcapng(exported(merged(logs), window).file));
        const byClient = new Map(told.map((one) => [one.packets[0].comment?.split(":")[0], one]));
        for (const [i, log] of logs.entries()) {
          const one = byClient.get(`connection ${i + 1}`);
          if (one === undefined) {
            assert.ok(log.length === 1, "only what was opened and nothing else is left out");
            continue;
          }
          if (window !== undefined && log.some(({ type }) => type === "data")) continue;
          assert.deepEqual(one.up.bytes, wanted(log, "up"));
          assert.deepEqual(one.down.bytes, wanted(log, "down"));
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("numbers go from 2^32 - 1 to 0", () => {
  // The number whose product with the step is 2^32 - 1000: the step is odd, so that it has an inverse.
  let inverse = 1;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(0x9e3779b1, inverse));
  const number = Math.imul(-1000, inverse);
  const out = new ByteWriter();
  writeSectionHead(out);
  const context = { segments: new SegmentWriter(), addresses: new AddressBook(), note: () => {} };
  const conversation = new Conversation(context, connection(1), number);
  const bytes = bytesOf("x".repeat(5000));
  const rest = {
    kind: "stream",
    at: START,
    until: START,
    parts: [bytes],
    bytes: 5000,
    wireBytes: 5000,
  } as const;
  conversation.stream({ direction: "up", ...rest }, 1);
  conversation.stream({ direction: "down", ...rest }, 2);
  conversation.stream({ direction: "up", ...rest }, 3);
  while (!conversation.isDrained) conversation.step(out);
  const [{ up, packets }] = conversationsOf(readPcapng(out.view()));
  assert.equal(packets[0].sequence, 2 ** 32 - 1000);
  assert.ok(packets.some(({ sequence }) => sequence === 4001));
  assert.equal(up.bytes.length, 10_000);
});

Deno.test("checksums are right for every length and every address", () => {
  const writer = new SegmentWriter();
  const out = new ByteWriter();
  const flow = fc.oneof(
    fc.record({
      source: fc.uint8Array({ minLength: 4, maxLength: 4 }),
      destination: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    }),
    fc.record({
      source: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      destination: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    }),
  );
  const port = fc.integer({ min: 0, max: 65_535 }), number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const size = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: SEGMENT_BYTES - 4, max: SEGMENT_BYTES }),
  );
  const fill = fc.constantFrom(0, 1, 255);
  fc.assert(
    fc.property(
      flow,
      port,
      port,
      number,
      size,
      fill,
      fc.string({ unit: "grapheme" }),
      (ends, a, b, sequence, bytes, byte, comment) => {
        out.reset();
        writeSectionHead(out);
        const payload = new Uint8Array(bytes).fill(byte);
        const half = bytes >> 1;
        writer.put(payload, 0, half);
        writer.put(payload, half, bytes);
        const head = { at: START, flags: 16, sequence, acknowledged: 7, comment };
        writer.write(out, { ...ends, sourcePort: a, destinationPort: b }, head);
        const { packets: [packet] } = readPcapng(out.view());
        assert.deepEqual(packet.payload, payload);
        assert.equal(packet.comment, comment.toWellFormed());
        assert.equal(packet.sequence, sequence);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("what a hostile log claims makes a file all the same", () => {
  const records = captured(connection(1), [["up", "\0raw"], ["up", get("/")], ["down", "\x01"]]);
  const numbers = fc.constantFrom(0, -1, 1, 2 ** 31, 2 ** 33);
  fc.assert(
    fc.property(numbers, numbers, fc.double({ min: 0, max: 4e15, noNaN: true }), (offset, bytes, at) => {
      const hostile = records.map((record) =>
        record.type === "data"
          ? { ...record, offset, at, body: { ...record.body, bytes } }
          : { ...record, at } as Record
      );
      readPcapng(exported(hostile).file);
    }),
    { numRuns: 20 },
  );
});
