import assert from "node:assert/strict";
import { isNewestFirst, NEWEST_FIRST, nextSort, sortParameter } from "../../../src/ui/client/state/sort.ts";

Deno.test("an order is asked for by its column, larger values first with a minus", () => {
  assert.equal(sortParameter({ column: "elapsed", isDescending: true }), "-elapsed");
  assert.equal(sortParameter({ column: "url", isDescending: false }), "url");
});

Deno.test("the newest come first by time and by number, and no other way", () => {
  assert.ok(isNewestFirst(NEWEST_FIRST));
  assert.ok(isNewestFirst({ column: "row", isDescending: true }));
  assert.ok(!isNewestFirst({ column: "time", isDescending: false }));
  assert.ok(!isNewestFirst({ column: "status", isDescending: true }));
});

Deno.test("a third click on a column gives newest first again", () => {
  const once = nextSort(NEWEST_FIRST, "elapsed");
  const twice = nextSort(once, "elapsed");
  assert.deepEqual(once, { column: "elapsed", isDescending: true });
  assert.deepEqual(twice, { column: "elapsed", isDescending: false });
  assert.ok(isNewestFirst(nextSort(twice, "elapsed")));
});
