/** What is under way, of which the newest are shown. */
import assert from "node:assert/strict";
import type { Active, IsWanted } from "../../src/capture/active.ts";
import { openAdmin } from "../../src/program/listener_admin.ts";
import type { Listeners } from "../../src/program/listeners.ts";

const CONNECTION = { id: 1, client: "127.0.0.1:1", listener: "127.0.0.1:2", target: "127.0.0.1:3" };

/** Exchanges that began at these times, the oldest first; counts those that are put together. */
function underWay(times: readonly number[]) {
  let made = 0;
  const active = (isWanted: IsWanted): Active[] =>
    times.flatMap((at, i) => {
      if (!isWanted(at)) return [];
      made++;
      return [{ type: "exchange", connection: CONNECTION, id: i, at, up: 0, down: 0 }];
    });
  const listeners = { all: [], active, onLeft() {} } as unknown as Listeners;
  const options = { quiet: true } as Parameters<typeof openAdmin>[1]["options"];
  const admin = openAdmin(listeners, {
    options,
    version: "1",
    others: () => [],
    epochNow: () => 0,
    tell() {},
  });
  return { admin, made: () => made };
}

Deno.test("of thousands only the newest are put together, and all are counted", () => {
  for (const order of [(i: number) => i, (i: number) => 8000 - i, (i: number) => (i * 4793) % 8000]) {
    const { admin, made } = underWay(Array.from({ length: 8000 }, (_, i) => order(i)));
    const { rows, total } = admin.active(7989, 50);
    assert.deepEqual([total, rows.length, made()], [order(0) === 8000 ? 7989 : 7990, 50, 50]);
    assert.deepEqual(rows.map(({ at }) => at), Array.from({ length: 50 }, (_, i) => 7989 - i));
  }
});

Deno.test("no more are shown than are wanted, though many began at once; few are all shown", () => {
  const many = underWay(Array(200).fill(5)).admin.active(5, 50);
  assert.deepEqual([many.total, many.rows.length], [200, 50]);
  const few = underWay([3, 1, 2, 9]).admin.active(8, 50);
  assert.deepEqual([few.total, few.rows.map(({ at }) => at)], [3, [3, 2, 1]]);
  assert.deepEqual(underWay([]).admin.active(8, 50), { rows: [], total: 0 });
});
