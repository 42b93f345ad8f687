/** Whatever bytes come, in whatever cuts and order: nothing throws, nothing is lost, nothing is told twice. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { Direction, Outcome } from "../../src/capture/record.ts";
import { get, lineOf, ok, post, Script, textOf } from "./connection_script.ts";
import { CHUNKED_DOWN, CHUNKED_UP, CHUNKS, DOWN, type Segment, traffic, UP } from "./connection_traffic.ts";

const plain = traffic(UP, DOWN);
const chunked = traffic([...UP, CHUNKED_UP, ...CHUNKS], [...DOWN, CHUNKED_DOWN, ...CHUNKS]);
const endings = fc.subarray(["up-end", "down-end"] as const);
const hostField = fc.constantFrom(undefined, "b.example");

/** Runs segments, each cut into pieces of at most so many bytes. */
function capture(
  segments: readonly Segment[],
  pieceBytes: number,
  ends: readonly ("up-end" | "down-end")[],
  hostField?: string,
  outcome?: Outcome,
): Script {
  const script = new Script({ hostField, memory: new BodyMemory(1_000, BUDGET) });
  for (const { direction, text } of segments) {
    for (let at = 0; at < text.length; at += pieceBytes) {
      script.step([direction, text.slice(at, at + pieceBytes)]);
    }
  }
  for (const end of ends) script.step([end]);
  script.step(["end", undefined, outcome]);
  return script;
}

const BUDGET = 1 << 20;

function wireOf(segments: readonly Segment[], direction: Direction): string {
  return segments.filter((segment) => segment.direction === direction).map(({ text }) => text).join("");
}

/** The wire without what data records told of; each stands where it says, and none overlaps another. */
function withoutData(script: Script, wire: string, direction: Direction): string {
  let rest = "";
  let at = 0;
  for (const record of script.records) {
    if (record.type !== "data" || record.direction !== direction) continue;
    assert.ok(record.offset >= at, `data ${direction} at ${record.offset} comes after ${at}`);
    assert.equal(record.body.bytes, record.body.kept.length);
    assert.equal(textOf(record.body.kept), wire.slice(record.offset, record.offset + record.body.bytes));
    rest += wire.slice(at, record.offset);
    at = record.offset + record.body.bytes;
  }
  return rest + wire.slice(at);
}

Deno.test("every byte is in an exchange or, at its offset, in a data record: once", () => {
  fc.assert(
    fc.property(plain, fc.integer({ min: 1, max: 40 }), endings, hostField, (segments, piece, ends, host) => {
      const script = capture(segments, piece, ends, host);
      const requests = [...script.exchanges].sort((a, b) => a.id - b.id)
        .flatMap(({ request }) => request ? [textOf(request.head.raw) + textOf(request.body.kept)] : []);
      assert.equal(requests.join(""), withoutData(script, wireOf(segments, "up"), "up"));
      const responses = script.exchanges.flatMap(({ interim, response }) => [
        ...interim.map(({ raw }) => textOf(raw)),
        ...response ? [textOf(response.head.raw) + textOf(response.body.kept)] : [],
      ]);
      // Exchanges end in another order than their responses began where an upload lasts longer: compare what there is.
      const rest = withoutData(script, wireOf(segments, "down"), "down");
      assert.equal(responses.join("").length, rest.length);
      assert.equal([...responses.join("")].sort().join(""), [...rest].sort().join(""));
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("with chunked bodies, data records stand at their offsets and bodies add up", () => {
  fc.assert(
    fc.property(
      chunked,
      fc.integer({ min: 1, max: 40 }),
      endings,
      hostField,
      (segments, piece, ends, host) => {
        const script = capture(segments, piece, ends, host);
        for (const direction of ["up", "down"] as const) {
          const rest = withoutData(script, wireOf(segments, direction), direction);
          let told = 0;
          for (const { interim, request, response } of script.exchanges) {
            const message = direction === "up" ? request : response;
            if (message !== undefined) {
              told += message.head.raw.length + message.body.bytes;
              assert.equal(message.body.kept.length, message.body.bytes);
              assert.ok(rest.includes(textOf(message.head.raw)));
            }
            if (direction === "down") told += interim.reduce((sum, { raw }) => sum + raw.length, 0);
          }
          assert.ok(told <= rest.length, `${told} bytes told, ${rest.length} came`);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

/** What was told, apart from how reads cut it: data joined, and the mark that depends on one read's end left out. */
function essence(script: Script): unknown {
  const data = { up: "", down: "" };
  for (const record of script.records) {
    if (record.type === "data") data[record.direction] += textOf(record.body.kept);
  }
  const exchanges = script.exchanges.map((exchange) =>
    lineOf({ ...exchange, flags: exchange.flags.filter((flag) => flag !== "bytes-after-end") })
  );
  return { exchanges, data };
}

Deno.test("cuts inside what one side sends at a time change nothing", () => {
  fc.assert(
    fc.property(
      chunked,
      fc.integer({ min: 1, max: 40 }),
      endings,
      hostField,
      (segments, piece, ends, host) => {
        assert.deepEqual(
          essence(capture(segments, piece, ends, host)),
          essence(capture(segments, Infinity, ends, host)),
        );
      },
    ),
    { numRuns: 3_000 },
  );
});

Deno.test("when a connection is over, every exchange is recorded once, and no duration is negative", () => {
  fc.assert(
    fc.property(
      chunked,
      fc.integer({ min: 1, max: 40 }),
      endings,
      fc.constantFrom<Outcome | undefined>(undefined, "connect-failed"),
      (segments, piece, ends, outcome) => {
        const script = capture(segments, piece, ends, undefined, outcome);
        const ids = script.exchanges.map(({ id }) => id).sort((a, b) => a - b);
        assert.deepEqual(ids, ids.map((_, i) => i + 1));
        assert.equal(script.capture.exchanges, ids.length);
        for (const { ms, flags } of script.exchanges) {
          assert.equal(new Set(flags).size, flags.length);
          for (const part of Object.values(ms)) {
            assert.ok(part === undefined || part >= 0, JSON.stringify(ms));
          }
        }
        const told = script.lines.length;
        script.step(["end"]);
        assert.equal(script.lines.length, told);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("all bodies in flight of any traffic give their memory back", () => {
  const large = "x".repeat(5_000);
  const up = [post("/a", large), post("/b", large).slice(0, -9), get("/u", "Upgrade: x\r\n"), "\0"];
  const down = [ok(large), ok(large).slice(0, -9), "HTTP/1.1 101 x\r\n\r\n", "HTTP/1.1 100 x\r\n\r\n", "\0"];
  fc.assert(fc.property(traffic(up, down), endings, (segments, ends) => {
    const memory = new BodyMemory(1 << 20, BUDGET);
    const script = new Script({ memory });
    for (const { direction, text } of segments) script.step([direction, text]);
    for (const end of [...ends, "end"] as const) script.step([end]);
    assert.ok(memory.take(BUDGET) !== undefined);
  }));
});
