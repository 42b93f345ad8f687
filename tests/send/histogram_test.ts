/** Durations in buckets against durations that were all kept. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Histogram } from "../../src/send/histogram.ts";

Deno.test("nothing has no distribution", () => {
  assert.equal(new Histogram().distribution(), undefined);
  assert.equal(new Histogram().percentile(50), 0);
});

Deno.test("percentiles are off by less than one in a hundred, or 1 µs", () => {
  const durations = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 10_000, noNaN: true }),
    fc.double({ min: 0, max: 1e8, noNaN: true }),
  );
  fc.assert(fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), (all) => {
    const histogram = new Histogram();
    for (const ms of all) histogram.add(ms);
    const sorted = [...all].sort((a, b) => a - b);
    const found = histogram.distribution();
    assert.ok(found !== undefined);
    assert.equal(histogram.count, all.length);
    assert.equal(found.min, sorted[0]);
    assert.equal(found.max, sorted[sorted.length - 1]);
    for (
      const [percent, ms] of [[50, found.p50], [90, found.p90], [95, found.p95], [99, found.p99]] as const
    ) {
      const exact = sorted[Math.max(1, Math.ceil(all.length * percent / 100)) - 1];
      assert.ok(Math.abs(ms - exact) <= Math.max(0.001, exact / 100), `p${percent}: ${ms} for ${exact}`);
    }
    assert.ok(found.min <= found.p50 && found.p50 <= found.p90 && found.p90 <= found.p95);
    assert.ok(found.p95 <= found.p99 && found.p99 <= found.max);
  }));
});

Deno.test("what is beyond all buckets, below zero or endless breaks nothing", () => {
  const histogram = new Histogram();
  for (const ms of [-1, 1e12, Number.MAX_VALUE]) histogram.add(ms);
  const found = histogram.distribution();
  assert.equal(found?.min, 0);
  assert.equal(found?.max, Number.MAX_VALUE);
});
