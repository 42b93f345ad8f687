import assert from "node:assert/strict";
import { createClock } from "../../src/capture/clock.ts";

/** A clock over two times that the test sets, and how often wall time was asked for. */
function fakeClock(monotonic: number, epoch: number) {
  const times = { monotonic, epoch, asked: 0 };
  const clock = createClock(() => times.monotonic, () => {
    times.asked++;
    return times.epoch;
  });
  const pass = (ms: number, correctionMs = 0) => {
    times.monotonic += ms;
    times.epoch += ms + correctionMs;
  };
  return { clock, times, pass };
}

Deno.test("durations come from the monotonic source, wall time is derived from it with its fraction", () => {
  const { clock, pass } = fakeClock(100, 1_700_000_000_000);
  pass(10.25);
  assert.equal(clock.now(), 110.25);
  assert.equal(clock.wall(clock.now()), 1_700_000_000_010.25);
  assert.equal(clock.wall(105), 1_700_000_000_005, "a moment that is past");
});

Deno.test("wall time is looked up once a second at most", () => {
  const { clock, times, pass } = fakeClock(0, 1_700_000_000_000);
  times.asked = 0;
  for (let i = 0; i < 1000; i++) {
    pass(10);
    clock.wall(clock.now());
  }
  assert.ok(times.asked <= 10, `${times.asked} times in 10 s`);
});

Deno.test("a corrected system clock shows after a second", () => {
  const { clock, pass } = fakeClock(0, 1_700_000_000_000);
  pass(500, 3_600_000);
  assert.equal(clock.wall(clock.now()), 1_700_000_000_500);
  pass(501);
  assert.equal(clock.wall(clock.now()), 1_700_003_601_001);
});

Deno.test("rounding of the system clock does not make times jump", () => {
  const { clock, times } = fakeClock(0, 1_700_000_000_000);
  let last = 0;
  for (let i = 1; i < 5000; i++) {
    times.monotonic = i * 1.37;
    times.epoch = Math.floor(1_700_000_000_000 + times.monotonic);
    const wall = clock.wall(clock.now());
    assert.ok(wall > last, "it goes forward");
    last = wall;
  }
});

Deno.test("what came together shares a look at the clock, and never gets a time before one that was told", async () => {
  let time = 0;
  const clock = createClock(() => ++time, () => 0);
  const inTurn = [clock.turn(), clock.turn()];
  assert.equal(inTurn[0], inTurn[1]);
  const sentAt = clock.now();
  assert.equal(clock.turn(), sentAt, "the time that was read last");
  await Promise.resolve();
  assert.ok(clock.turn() > sentAt, "the next turn looks again");
});

Deno.test("promises that are resolved together are one turn", async () => {
  let time = 0;
  const clock = createClock(() => ++time, () => 0);
  const events = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const turns: number[] = [];
  const waiting = events.map(async ({ promise }) => {
    await promise;
    turns.push(clock.turn());
  });
  for (const { resolve } of events) resolve();
  await Promise.all(waiting);
  assert.deepEqual(turns, Array(5).fill(turns[0]));
});
