/** What browsers are told of what is under way, and of listeners that change. */
import assert from "node:assert/strict";
import { LOOK_MS, YOUNGEST_MS } from "../../src/ui/active_watch.ts";
import type { ActiveView, LiveEvent } from "../../src/ui/api.ts";
import { whatHappens } from "../../src/ui/happenings.ts";
import { activeView, FakeAdmin } from "./fake_admin.ts";
import { MemorySource } from "./memory_source.ts";
import { Time } from "./time.ts";

const BEGAN = 1_795_170_666_123;

function watched() {
  const time = new Time();
  const admin = new FakeAdmin();
  const source = new MemorySource();
  const clock = { aheadMs: 0 };
  const wallNow = () => BEGAN + time.now + clock.aheadMs;
  const subscribe = whatHappens({ source, admin, wallNow, setTimer: time.setTimer });
  const browser = () => {
    const told: LiveEvent[] = [];
    return { told, leave: subscribe((event) => told.push(event)) };
  };
  return { time, clock, admin, source, browser };
}

const activeOf = (told: readonly LiveEvent[]) => told.filter((event) => event.type === "active");

Deno.test("nobody looks while there is no browser, and one looks for all of them", async () => {
  const { time, admin, source, browser } = watched();
  await time.pass(10 * LOOK_MS);
  assert.deepEqual([admin.looks, time.running], [0, 0]);
  const browsers = [browser(), browser(), browser()];
  assert.equal(time.running, 1);
  const before = admin.looks;
  await time.pass(4 * LOOK_MS);
  assert.equal(admin.looks - before, 4);
  browsers.forEach(({ leave }) => leave());
  assert.deepEqual([time.running, source.listeners, admin.subscribers], [0, 0, 0]);
});

Deno.test("it is told when something changed, also when nothing is under way any more", async () => {
  const { time, admin, browser } = watched();
  const { told, leave } = browser();
  admin.rows = [activeView({ at: BEGAN - 1000 })];
  await time.pass(LOOK_MS);
  await time.pass(4 * LOOK_MS);
  admin.rows = [activeView({ at: BEGAN - 1000, down: 5 })];
  await time.pass(LOOK_MS);
  admin.rows = [];
  await time.pass(2 * LOOK_MS);
  assert.deepEqual(activeOf(told).map(({ rows, total }) => [rows.map(({ down }) => down), total]), [
    [[], 0],
    [[0], 1],
    [[5], 1],
    [[], 0],
  ]);
  leave();
});

Deno.test("a browser that comes later is told at once what the others know", async () => {
  const { time, admin, browser } = watched();
  const first = browser();
  admin.rows = [activeView({ at: BEGAN - 1000 })];
  await time.pass(LOOK_MS);
  const second = browser();
  assert.deepEqual(activeOf(second.told).map(({ total }) => total), [1]);
  first.leave();
  second.leave();
  admin.rows = [];
  const third = browser();
  assert.deepEqual(activeOf(third.told).map(({ total }) => total), [0]);
  third.leave();
});

Deno.test("what has only just begun is left out until it has lasted", async () => {
  const { time, admin, browser } = watched();
  const { told, leave } = browser();
  admin.rows = [activeView({ at: BEGAN + LOOK_MS - YOUNGEST_MS + 1 })];
  await time.pass(LOOK_MS);
  assert.equal(activeOf(told).at(-1)?.total, 0);
  await time.pass(LOOK_MS);
  assert.equal(activeOf(told).at(-1)?.total, 1);
  leave();
});

Deno.test("of very many, and of very long ones, some are told, and how many there are", async () => {
  const { time, admin, browser } = watched();
  const { told, leave } = browser();
  const many = (count: number, url: string): ActiveView[] =>
    Array.from({ length: count }, (_, at) => activeView({ id: at + 1, at: BEGAN - 1000 - at, url }));
  admin.rows = many(3000, "/x");
  await time.pass(LOOK_MS);
  const [few] = activeOf(told).slice(-1);
  assert.deepEqual([few.rows.length, few.total, few.rows[0].id], [50, 3000, 1]);
  admin.rows = many(100, "x".repeat(40_000));
  await time.pass(LOOK_MS);
  assert.equal(activeOf(told).at(-1)?.rows.length, 1);
  leave();
});

Deno.test("that listeners changed is told to every browser", () => {
  const { admin, browser } = watched();
  const browsers = [browser(), browser()];
  admin.change(1, {});
  for (const { told, leave } of browsers) {
    assert.equal(told.filter(({ type }) => type === "state").length, 1);
    leave();
  }
});

Deno.test("a program that cannot say what is under way is asked again, and ends nothing", async () => {
  const { time, admin, browser } = watched();
  const { told, leave } = browser();
  const { active } = admin;
  admin.active = () => {
    throw new Error("not now");
  };
  await time.pass(3 * LOOK_MS);
  admin.active = active;
  admin.rows = [activeView({ at: BEGAN - 1000 })];
  await time.pass(LOOK_MS);
  assert.equal(activeOf(told).at(-1)?.total, 1);
  leave();
});

Deno.test("after a look that took long it looks less often, and soon again once it does not", async () => {
  const { time, clock, admin, browser } = watched();
  const { active } = admin;
  const { leave } = browser();
  admin.active = (until, most) => {
    clock.aheadMs += 40;
    return active.call(admin, until, most);
  };
  await time.pass(LOOK_MS);
  admin.active = active;
  const before = admin.looks;
  await time.pass(700);
  assert.equal(admin.looks, before);
  await time.pass(100);
  assert.equal(admin.looks, before + 1);
  await time.pass(4 * LOOK_MS);
  assert.ok(admin.looks >= before + 4, `${admin.looks - before}`);
  leave();
});

Deno.test("a clock that is set while it looks does not end the looking", async () => {
  const { time, clock, admin, browser } = watched();
  const { active } = admin;
  const { leave } = browser();
  admin.active = (until, most) => {
    clock.aheadMs += 3_600_000;
    return active.call(admin, until, most);
  };
  await time.pass(LOOK_MS);
  admin.active = active;
  const before = admin.looks;
  await time.pass(11_000);
  assert.ok(admin.looks > before);
  leave();
});
