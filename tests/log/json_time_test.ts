import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { JsonTime } from "../../src/log/json_time.ts";

function written(time: JsonTime, at: number): string {
  const out = new ByteWriter(1);
  time.write(out, at);
  return new TextDecoder().decode(out.view());
}

Deno.test("a time is RFC 3339 in UTC with milliseconds, the fraction cut off", () => {
  const time = new JsonTime();
  const at = Date.UTC(2026, 10, 20, 10, 31, 6, 123);
  assert.equal(written(time, at), "2026-11-20T10:31:06.123Z");
  assert.equal(written(time, at + 0.999), "2026-11-20T10:31:06.123Z");
  assert.equal(written(time, at + 876), "2026-11-20T10:31:06.999Z");
  assert.equal(written(time, at + 876.999), "2026-11-20T10:31:06.999Z");
  assert.equal(written(time, at + 877), "2026-11-20T10:31:07.000Z");
});

Deno.test("times that follow each other in any order are each right", () => {
  const at = fc.double({ min: 0, max: 253402300799999, noNaN: true });
  fc.assert(fc.property(fc.array(fc.tuple(at, fc.nat(2000))), (steps) => {
    const time = new JsonTime();
    for (const [base, after] of steps) {
      for (const ms of [base, base + after, base]) {
        assert.equal(written(time, ms), new Date(Math.min(Math.floor(ms), 253402300799999)).toISOString());
      }
    }
  }));
});

Deno.test("a time that RFC 3339 cannot say becomes the nearest that it can", () => {
  const time = new JsonTime();
  assert.equal(written(time, -1), "1970-01-01T00:00:00.000Z");
  assert.equal(written(time, NaN), "1970-01-01T00:00:00.000Z");
  assert.equal(written(time, Infinity), "9999-12-31T23:59:59.999Z");
  assert.equal(written(time, 1e300), "9999-12-31T23:59:59.999Z");
});
