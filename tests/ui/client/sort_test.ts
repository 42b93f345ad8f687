import assert from "node:assert/strict";
import type { RowView } from "../../../src/ui/api.ts";
import { isNewestFirst, NEWEST_FIRST, nextSort, sorted } from "../../../src/ui/client/state/sort.ts";
import { madeUpRow } from "../many_rows.ts";

function row(number: number, rest: Partial<RowView>): RowView {
  return { ...madeUpRow(number), ...rest };
}

function numbers(rows: readonly RowView[]): number[] {
  return rows.map(({ row }) => row);
}

Deno.test("newest first is the order in which rows come: nothing is sorted", () => {
  const rows = [row(2, {}), row(1, {})];
  assert.equal(sorted(rows, NEWEST_FIRST), rows);
});

Deno.test("rows without a value come last, whichever way they are sorted", () => {
  const rows = [row(3, { status: 200 }), row(2, { status: undefined }), row(1, { status: 500 })];
  assert.deepEqual(numbers(sorted(rows, { column: "status", isDescending: true })), [1, 3, 2]);
  assert.deepEqual(numbers(sorted(rows, { column: "status", isDescending: false })), [3, 1, 2]);
});

Deno.test("equal rows stay newest first", () => {
  const rows = [row(3, { method: "GET" }), row(2, { method: "PUT" }), row(1, { method: "GET" })];
  assert.deepEqual(numbers(sorted(rows, { column: "method", isDescending: false })), [3, 1, 2]);
});

Deno.test("numbers inside texts are compared as numbers", () => {
  const rows = [row(2, { client: "127.0.0.1:10000" }), row(1, { client: "127.0.0.1:9000" })];
  assert.deepEqual(numbers(sorted(rows, { column: "client", isDescending: false })), [1, 2]);
});

Deno.test("a third click on a column gives newest first again", () => {
  const once = nextSort(NEWEST_FIRST, "elapsed");
  const twice = nextSort(once, "elapsed");
  assert.deepEqual(once, { column: "elapsed", isDescending: true });
  assert.deepEqual(twice, { column: "elapsed", isDescending: false });
  assert.ok(isNewestFirst(nextSort(twice, "elapsed")));
});
