import assert from "node:assert/strict";
import fc from "fast-check";
import { linesOf, linesOfOrder } from "../../../src/ui/client/state/lines.ts";
import {
  missingCount,
  missingPage,
  orderBegun,
  type OrderedList,
  PAGE_LINES,
  withOrderedPage,
  withoutOrdered,
} from "../../../src/ui/client/state/order_list.ts";
import { begunWith, HELD_LIMIT } from "../../../src/ui/client/state/row_list.ts";
import { madeUpRow } from "../many_rows.ts";

const WISH = { sort: "-up", filter: "" };

/** A page of an order in which the row of a line is the line's number and one more. */
function page(offset: number, total: number, length = PAGE_LINES) {
  const rows = Array.from(
    { length: Math.min(length, total - offset) },
    (_, at) => madeUpRow(offset + at + 1),
  );
  return { rows, hasMore: offset + length < total, total, order: 1 };
}

function known(list: OrderedList): number {
  return list.lines.filter((row) => row !== undefined).length;
}

Deno.test("an order has all its lines from the beginning, and the rows of the page that is known", () => {
  const list = orderBegun(WISH, page(0, 100_000), 0);
  const lines = linesOfOrder(list);
  assert.equal(lines.count, 100_000);
  assert.equal(known(list), PAGE_LINES);
  assert.equal(lines.at(0)?.row, 1);
  assert.equal(lines.at(50_000), undefined);
  assert.equal(lines.order.length, 100_000);
});

Deno.test("a page from the middle stands in the middle, and nothing before it is fetched", () => {
  const begun = orderBegun(WISH, page(0, 100_000), 0);
  assert.equal(missingPage(begun, 50_010, 50_030), 50_000);
  const list = withOrderedPage(begun, page(50_000, 100_000), 50_000);
  assert.equal(linesOfOrder(list).at(50_010)?.row, 50_011);
  assert.equal(linesOfOrder(list).order.indexOf(50_011), 50_010);
  assert.equal(known(list), 2 * PAGE_LINES);
  assert.equal(missingCount(list, 50_190, 50_210), 10);
});

Deno.test("what is near what is seen is fetched, too, below it first", () => {
  const list = orderBegun(WISH, page(400, 1000), 400);
  assert.equal(missingPage(list, 410, 430), 200);
  assert.equal(missingPage(list, 570, 590), 600);
  assert.equal(missingPage(list, 490, 510), undefined);
});

Deno.test("rows that went meanwhile leave a line that is not asked for again", () => {
  const begun = orderBegun(WISH, page(0, 1000), 0);
  const list = withOrderedPage(begun, page(200, 1000, 150), 200);
  assert.equal(linesOfOrder(list).at(380), undefined);
  assert.equal(missingCount(list, 200, 400), 0);
  assert.equal(missingPage(list, 300, 330), undefined);
});

Deno.test("an order of more rows than are held ends there, and one without rows has no lines", () => {
  assert.equal(orderBegun(WISH, page(0, 1_000_000), 0).lines.length, HELD_LIMIT);
  assert.equal(orderBegun(WISH, { rows: [], hasMore: false, total: 0, order: 1 }, 0).lines.length, 0);
  // The place that was looked at lies behind the end by now.
  assert.equal(orderBegun(WISH, { rows: [], hasMore: false, total: 10, order: 1 }, 400).lines.length, 10);
});

Deno.test("of an order removed rows go, and what is below them goes up", () => {
  const begun = orderBegun(WISH, page(0, 1000), 0);
  const list = withoutOrdered(begun, new Set([2, 3, 999]));
  assert.equal(list.total, 998);
  assert.equal(list.lines.length, 998);
  assert.deepEqual([0, 1, 2].map((line) => linesOfOrder(list).at(line)?.row), [1, 4, 5]);
});

Deno.test("newest first the keyboard goes as far as rows are held", () => {
  const lines = linesOf(begunWith({ rows: [madeUpRow(9), madeUpRow(8)], hasMore: true, total: 9 }));
  assert.equal(lines.count, 22);
  assert.equal(lines.order.length, 2);
  assert.equal(lines.order.indexOf(8), 1);
  assert.equal(lines.order.indexOf(7), -1);
});

Deno.test("wherever somebody looks, what is missing is fetched in few pages", () => {
  const total = 5000;
  fc.assert(fc.property(fc.array(fc.nat(total), { maxLength: 20 }), (places) => {
    let list = orderBegun(WISH, page(0, total), 0);
    for (const first of places) {
      for (let pages = 0;; pages++) {
        const offset = missingPage(list, first, first + 40);
        if (offset === undefined) break;
        assert.ok(pages < 3 && offset % PAGE_LINES === 0, `${pages} pages for line ${first}`);
        list = withOrderedPage(list, page(offset, total), offset);
      }
      assert.equal(missingCount(list, first, first + 40), 0);
    }
    list.lines.forEach((row, line) => assert.ok(row === undefined || row?.row === line + 1));
  }));
});
