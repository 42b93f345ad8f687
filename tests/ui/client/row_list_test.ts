import assert from "node:assert/strict";
import fc from "fast-check";
import type { RowView } from "../../../src/ui/api.ts";
import {
  begunWith,
  EMPTY_LIST,
  HELD_LIMIT,
  lineCount,
  refreshed,
  type RowList,
  withNewer,
  withOlder,
  without,
} from "../../../src/ui/client/state/row_list.ts";
import { madeUpRow } from "../many_rows.ts";

function rows(...numbers: readonly number[]): RowView[] {
  return numbers.map(madeUpRow);
}

function numbers(list: RowList): number[] {
  return list.rows.map(({ row }) => row);
}

Deno.test("older rows go below, and those that are held already do not come twice", () => {
  const list = begunWith({ rows: rows(9, 8, 7), hasMore: true, total: 9 });
  const more = withOlder(list, { rows: rows(7, 6, 5), hasMore: false });
  assert.deepEqual(numbers(more), [9, 8, 7, 6, 5]);
  assert.equal(more.hasMore, false);
  assert.equal(more.total, 9);
});

Deno.test("newer rows go on top where none is missing between", () => {
  const list = begunWith({ rows: rows(3, 2, 1), hasMore: false });
  assert.deepEqual(numbers(withNewer(list, rows(5, 4), 2, 5)), [5, 4, 3, 2, 1]);
});

Deno.test("rows that the list has already show that none is missing", () => {
  const list = begunWith({ rows: rows(3, 2, 1), hasMore: false });
  assert.deepEqual(numbers(withNewer(list, rows(4, 3, 2), 100, 4)), [4, 3, 2, 1]);
});

Deno.test("the newest page joins the list where they overlap, else the list begins with it", () => {
  const list = begunWith({ rows: rows(3, 2, 1), hasMore: false });
  assert.deepEqual(numbers(refreshed(list, { rows: rows(4, 3), hasMore: true })), [4, 3, 2, 1]);
  const anew = refreshed(list, { rows: rows(9, 8), hasMore: true, total: 7 });
  assert.deepEqual(numbers(anew), [9, 8]);
  assert.equal(anew.total, 7);
  assert.deepEqual(refreshed(list, { rows: [], hasMore: false }), EMPTY_LIST);
});

Deno.test("where rows are missing between, the list begins anew, so that it never has a gap", () => {
  const list = begunWith({ rows: rows(3, 2, 1), hasMore: false });
  const next = withNewer(list, rows(1000, 999), 997, 1000);
  assert.deepEqual(numbers(next), [1000, 999]);
  assert.equal(next.hasMore, true);
  assert.equal(next.total, 1000);
});

Deno.test("rows in any order are put newest first", () => {
  assert.deepEqual(numbers(begunWith({ rows: rows(1, 3, 2), hasMore: false })), [3, 2, 1]);
});

Deno.test("no new rows leave the list as it is, but for how many there are in all", () => {
  const list = begunWith({ rows: rows(2, 1), hasMore: false, total: 2 });
  assert.deepEqual(withNewer(list, [], 0, 7), { ...list, total: 7 });
});

Deno.test("removed rows go, and are no longer counted", () => {
  const list = begunWith({ rows: rows(4, 3, 2), hasMore: true, total: 4 });
  const left = without(list, new Set([3, 99]));
  assert.deepEqual(numbers(left), [4, 2]);
  assert.equal(left.total, 3);
});

Deno.test("no more rows are held than the limit says", () => {
  const many = Array.from({ length: HELD_LIMIT }, (_, at) => madeUpRow(HELD_LIMIT - at));
  const next = withNewer(begunWith({ rows: many, hasMore: false }), rows(HELD_LIMIT + 1), 1, HELD_LIMIT + 1);
  assert.equal(next.rows.length, HELD_LIMIT);
  assert.equal(next.rows[0].row, HELD_LIMIT + 1);
  assert.equal(next.hasMore, true);
  assert.equal(lineCount(next), HELD_LIMIT);
});

Deno.test("a table has lines for rows that are yet to be fetched", () => {
  assert.equal(lineCount(EMPTY_LIST), 0);
  assert.equal(lineCount(begunWith({ rows: rows(3, 2), hasMore: false, total: 2 })), 2);
  assert.equal(lineCount(begunWith({ rows: rows(900, 899), hasMore: true, total: 900 })), 900);
  assert.equal(lineCount(begunWith({ rows: rows(9, 8), hasMore: true })), 22);
  assert.equal(lineCount(begunWith({ rows: rows(9, 8), hasMore: true, total: 1e9 })), HELD_LIMIT);
});

Deno.test("whatever comes in, the rows fall, and lie without a gap in the history", () => {
  const events = fc.array(fc.record({ added: fc.nat(8), sent: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 12,
  });
  fc.assert(fc.property(events, (steps) => {
    let newest = 5;
    let list = begunWith({ rows: rows(5, 4, 3), hasMore: true });
    for (const { added, sent } of steps) {
      newest += added;
      const shown = Array.from({ length: Math.min(added, sent) }, (_, at) => newest - at);
      list = withNewer(list, rows(...shown), added, newest);
      const held = numbers(list);
      assert.ok(held.every((row, at) => at === 0 || row === held[at - 1] - 1), held.join());
    }
  }));
});
