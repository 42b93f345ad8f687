import assert from "node:assert/strict";
import fc from "fast-check";
import { differenceByRound, median, ratioByRound, rotated } from "./statistics.ts";

Deno.test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 2, 9, 1]), 5.5);
  assert.equal(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("the median leaves its input as it was and has no more than half of the values on either side", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
    const before = [...values];
    const middle = median(values);
    assert.deepEqual(values, before);
    assert.ok(values.filter((value) => value < middle).length <= values.length / 2);
    assert.ok(values.filter((value) => value > middle).length <= values.length / 2);
  }));
});

Deno.test("a ratio is taken within a round, so a round that is slow on both sides does not change it", () => {
  assert.equal(ratioByRound([90, 9, 900], [100, 10, 1000]), 0.9);
  assert.ok(Number.isNaN(ratioByRound([90, 9, 900], [])));
});

Deno.test("a difference is taken within a round", () => {
  assert.equal(differenceByRound([18, 28, 19], [16, 26, 16]), 2);
  assert.ok(Number.isNaN(differenceByRound([], [1])));
});

Deno.test("over as many rounds as there are contenders, each one comes first once", () => {
  const names = ["a", "b", "c"];
  assert.deepEqual([0, 1, 2, 3].map((round) => rotated(names, round).join("")), ["abc", "bca", "cab", "abc"]);
  assert.deepEqual(rotated([], 3), []);
});
