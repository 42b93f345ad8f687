import assert from "node:assert/strict";
import {
  afterRemoval,
  everything,
  extended,
  moved,
  NOTHING,
  only,
  onlyActive,
  type Order,
  placeAfter,
  RECENT,
  type Selection,
  toggled,
} from "../../../src/ui/client/state/selection.ts";

const ORDER = [50, 40, 30, 20, 10];

function chosen({ rows }: Selection): number[] {
  return [...rows].sort((a, b) => b - a);
}

Deno.test("Ctrl and a click take a row in, and out again", () => {
  const two = toggled(only(40), 20);
  assert.deepEqual(chosen(two), [40, 20]);
  assert.deepEqual(chosen(toggled(two, 40)), [20]);
});

Deno.test("Shift and a click take all rows between, whichever way", () => {
  assert.deepEqual(chosen(extended(only(40), 20, ORDER)), [40, 30, 20]);
  assert.deepEqual(chosen(extended(only(20), 50, ORDER)), [50, 40, 30, 20]);
  // The range turns around where it began.
  assert.deepEqual(chosen(extended(extended(only(30), 10, ORDER), 50, ORDER)), [50, 40, 30]);
});

Deno.test("a range that began at a row which is gone is the one row", () => {
  assert.deepEqual(extended(only(99), 20, ORDER), only(20));
});

Deno.test("the first step of the keyboard leads to the first row", () => {
  assert.deepEqual(moved(NOTHING, 1, ORDER, false), only(50));
  assert.deepEqual(moved(NOTHING, -1, ORDER, false), only(50));
  assert.deepEqual(moved(NOTHING, 1e9, ORDER, false), only(10));
});

Deno.test("above the first row stands Most Recent, and below it the first row again", () => {
  assert.deepEqual(moved(only(50), -1, ORDER, false), RECENT);
  assert.deepEqual(moved(RECENT, -1, ORDER, false), RECENT);
  assert.deepEqual(moved(RECENT, 1, ORDER, false), only(50));
});

Deno.test("the keyboard stops at the last row", () => {
  assert.deepEqual(moved(only(20), 1e9, ORDER, false), only(10));
});

Deno.test("with Shift the keyboard takes rows along", () => {
  const two = moved(only(40), 1, ORDER, true);
  assert.deepEqual(chosen(two), [40, 30]);
  assert.deepEqual(chosen(moved(two, -1, ORDER, true)), [40]);
});

Deno.test("the keyboard goes nowhere where there are no rows", () => {
  assert.deepEqual(moved(NOTHING, 1, [], false), NOTHING);
});

Deno.test("all rows can be selected at once", () => {
  assert.deepEqual(chosen(everything(ORDER, NOTHING)), ORDER);
});

Deno.test("after a removal the keyboard stands at the row that took the place", () => {
  assert.deepEqual(afterRemoval(only(30), new Set([30]), ORDER), only(20));
  assert.deepEqual(afterRemoval(only(10), new Set([10, 20]), ORDER), only(30));
  assert.deepEqual(afterRemoval(only(30), new Set(ORDER), ORDER), NOTHING);
});

Deno.test("a removal elsewhere leaves what is selected", () => {
  const three = toggled(toggled(only(40), 20), 10);
  assert.deepEqual(chosen(afterRemoval(three, new Set([40]), ORDER)), [20, 10]);
});

/** Rows of which only some are known. */
function gaps(...rows: readonly (number | undefined)[]): Order {
  return { length: rows.length, at: (line) => rows[line], indexOf: (row) => rows.indexOf(row) };
}

Deno.test("between Most Recent and the first row the keyboard stops at what is under way", () => {
  const active = ["active a", "active b"] as const;
  assert.deepEqual(moved(RECENT, 1, ORDER, false, active), onlyActive("active a"));
  assert.deepEqual(moved(onlyActive("active a"), 1, ORDER, false, active), onlyActive("active b"));
  assert.deepEqual(moved(onlyActive("active b"), 1, ORDER, false, active), only(50));
  assert.deepEqual(moved(only(50), -1, ORDER, false, active), onlyActive("active b"));
  assert.deepEqual(moved(onlyActive("active a"), -1, ORDER, false, active), RECENT);
  assert.deepEqual(moved(NOTHING, 1, ORDER, false, active), only(50));
  assert.deepEqual(moved(NOTHING, 1, [], false, active), onlyActive("active b"));
  // What is not under way any more was above the rows.
  assert.deepEqual(moved(onlyActive("active z"), 1, ORDER, false, active), onlyActive("active a"));
});

Deno.test("a range ends at the first row, whatever stands above it", () => {
  assert.deepEqual(chosen(moved(only(40), -9, ORDER, true, ["active a"])), [50, 40]);
});

Deno.test("in rows of which some are not known the keyboard goes to the line, and stays until its row is there", () => {
  const order = gaps(50, undefined, undefined, 20);
  assert.deepEqual(placeAfter(50, 2, order), { kind: "line", line: 2 });
  assert.deepEqual(moved(only(50), 2, order, false), only(50));
  assert.deepEqual(moved(only(50), 1e9, order, false), only(20));
  assert.deepEqual(chosen(extended(only(50), 20, order)), [50, 20]);
  assert.deepEqual(chosen(everything(order, NOTHING)), [50, 20]);
  assert.deepEqual(afterRemoval(only(50), new Set([50]), order), only(20));
});
