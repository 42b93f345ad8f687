import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { writeTimings } from "../../src/log/json_timings.ts";
import type { Timings } from "../../src/capture/record.ts";

function written(ms: Timings): string {
  const out = new ByteWriter(1);
  writeTimings(out, ms);
  return new TextDecoder().decode(out.view());
}

Deno.test("durations stand in the order in which they took place, without trailing zeros", () => {
  assert.equal(
    written({ connect: 0.41, tls: 0.32, send: 0.1, wait: 1.2, receive: 0.3, total: 2.0, relay: 0.06 }),
    ',"ms":{"connect":0.41,"tls":0.32,"send":0.1,"wait":1.2,"receive":0.3,"total":2,"relay":0.06',
  );
});

Deno.test("durations that did not take place are absent", () => {
  assert.equal(written({ total: 15 }), ',"ms":{"total":15');
  assert.equal(written({ wait: 0, total: 0.001 }), ',"ms":{"wait":0,"total":0.001');
  assert.equal(written({ total: 100.1, relay: 909.01 }), ',"ms":{"total":100.1,"relay":909.01');
});

Deno.test("the longest durations that there are have room, all of them together", () => {
  const longest = { connect: 1e300, tls: 1e300, send: 1e300, wait: 1e300, receive: 1e300, total: 1e300 };
  const read = JSON.parse(`{${written({ ...longest, relay: 1e300 }).slice(1)}}}`).ms;
  assert.deepEqual(Object.values(read), Array(7).fill(9007199254740.99));
});

Deno.test("a duration is rounded to microseconds, and counts as none where the clock went back", () => {
  assert.equal(written({ total: 0.0004 }), ',"ms":{"total":0');
  assert.equal(written({ total: 0.9996 }), ',"ms":{"total":1');
  assert.equal(written({ total: 999.9996 }), ',"ms":{"total":1000');
  assert.equal(written({ total: -3 }), ',"ms":{"total":0');
  assert.equal(written({ total: NaN }), ',"ms":{"total":0');
});

Deno.test("every duration reads back as what it is in microseconds, however long it took", () => {
  const ms = fc.oneof(
    fc.double({ min: 0, max: 2000, noNaN: true }),
    fc.nat(2_000_000).map((micros) => micros / 1000),
    fc.double({ min: 0, max: 9e12, noNaN: true }),
  );
  fc.assert(fc.property(ms, (total) => {
    assert.equal(JSON.parse(written({ total }).slice(6) + "}").total, Math.round(total * 1000) / 1000);
  }));
  assert.equal(written({ total: Infinity }), ',"ms":{"total":9007199254740.99');
});
