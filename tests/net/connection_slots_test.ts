import assert from "node:assert/strict";
import { ConnectionSlots, descriptorsBesides, roomForConnections } from "../../src/net/connection_slots.ts";

/** Whether a promise is settled once all that can run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return settled;
}

/** Descriptors for every connection. */
const enough = () => 1_000;

Deno.test("places are taken at once up to the limit, then in the order of asking as they become free", async () => {
  const slots = new ConnectionSlots(2, enough, () => {});
  await slots.take();
  await slots.take();
  const third = slots.take();
  const fourth = slots.take();
  assert.equal(await isSettled(third), false);
  slots.give();
  assert.equal(await isSettled(third), true);
  assert.equal(await isSettled(fourth), false);
  slots.give();
  assert.equal(await isSettled(fourth), true);
});

Deno.test("places that were given back can be taken again, never more of them than the limit", async () => {
  const slots = new ConnectionSlots(3, enough, () => {});
  let used = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 50 }, async () => {
    await slots.take();
    most = Math.max(most, ++used);
    await Promise.resolve();
    used--;
    slots.give();
  }));
  assert.equal(most, 3);
  assert.equal(await isSettled(slots.take()), true);
});

Deno.test("that someone has to wait is told once", async () => {
  let told = 0;
  const slots = new ConnectionSlots(1, enough, () => told++);
  await slots.take();
  assert.equal(told, 0);
  const waiting = [slots.take(), slots.take()];
  assert.equal(told, 1);
  slots.give();
  slots.give();
  await Promise.all(waiting);
  assert.equal(told, 1);
});

/** Descriptors of which only some can be open. */
function descriptors(limit: number) {
  const state = { open: 0, most: 0 };
  const open = () => {
    if (state.open === limit) throw new Error("too many open files");
    state.open++;
    state.most = Math.max(state.most, state.open);
    return { [Symbol.dispose]: () => void state.open-- };
  };
  return { state, open };
}

Deno.test("room is what descriptors allow, two for each connection, some kept for everything else", () => {
  const { state, open } = descriptors(264);
  assert.equal(roomForConnections(0, 2, open), 100);
  assert.equal(roomForConnections(50, 2, open), 75);
  assert.equal(roomForConnections(0, 5, open), 40);
  assert.equal(roomForConnections(0, 2, open, 100), 50);
  assert.equal(state.open, 0);
  assert.equal(roomForConnections(0, 2, descriptors(64).open), 0);
  assert.equal(roomForConnections(0, 2, descriptors(0).open), 0);
});

Deno.test("where there are plenty, only as many are opened as will be needed soon", () => {
  const { state, open } = descriptors(1_000_000);
  const room = roomForConnections(0, 2, open);
  assert.ok(room >= 100 && room < 1_000, `${room}`);
  assert.ok(state.most < 2_000);
  assert.equal(state.open, 0);
});

Deno.test("places end where descriptors do, and whoever waits is told how many are in use", async () => {
  let left = 30;
  const told: number[] = [];
  const slots = new ConnectionSlots(1_000, () => left, (used) => told.push(used));
  const taken: Promise<boolean>[] = [];
  // Some are given without a look; each look then gives what is left.
  while (told.length === 0) {
    taken.push(slots.take());
    if (taken.length > 8) left = 0;
  }
  assert.deepEqual(told, [38]);
  assert.equal(taken.length, 39);
  assert.equal(await isSettled(taken[37]), true);
  assert.equal(await isSettled(taken[38]), false);
  slots.give();
  assert.equal(await isSettled(taken[38]), true);
});

Deno.test("a place that is only wanted if it is free is taken at once or not, and never before who waits", async () => {
  const slots = new ConnectionSlots(2, enough, () => {});
  assert.equal(slots.tryTake(), true);
  assert.equal(slots.tryTake(), true);
  assert.equal(slots.tryTake(), false);
  const waiting = slots.take();
  slots.give();
  assert.equal(await isSettled(waiting), true);
  assert.equal(slots.tryTake(), false);
  slots.give();
  assert.equal(slots.tryTake(), true);
});

Deno.test("when connections take more descriptors it is looked anew before the next place is given", async () => {
  let [room, looks] = [100, 0];
  const slots = new ConnectionSlots(1_000, () => {
    looks++;
    return room;
  }, () => {});
  for (let i = 0; i < 20; i++) await slots.take();
  assert.equal(looks, 1);
  room = 0;
  slots.lookAgain();
  assert.equal(slots.tryTake(), false);
  assert.equal(looks, 2);
  slots.give();
  assert.equal(slots.tryTake(), true);
});

Deno.test("a few places are given whatever a look finds: where none is in use, nobody would give one back", async () => {
  const slots = new ConnectionSlots(1_000, () => 0, () => assert.fail());
  slots.lookAgain();
  assert.equal(await isSettled(slots.take()), true);
  slots.give();
  slots.lookAgain();
  assert.equal(slots.tryTake(), true);
  const single = new ConnectionSlots(1, () => 0, () => {});
  assert.equal(single.tryTake(), true);
  assert.equal(single.tryTake(), false);
});

Deno.test("while somebody waits it is looked again: descriptors come free elsewhere, too", async () => {
  let room = 0;
  const slots = new ConnectionSlots(1_000, () => room, () => {}, 1);
  while (slots.tryTake());
  const waiting = [slots.take(), slots.take(), slots.take()];
  assert.equal(await isSettled(waiting[0]), false);
  room = 2;
  assert.deepEqual(await Promise.all(waiting.slice(0, 2)), [true, true]);
  room = 0;
  assert.equal(slots.tryTake(), false);
  slots.give();
  assert.equal(await waiting[2], true);
});

Deno.test("whoever no longer waits takes no place, and the next one has the turn", async () => {
  const slots = new ConnectionSlots(1, enough, () => {});
  await slots.take();
  const ending = new AbortController();
  const [gone, next] = [slots.take(ending.signal), slots.take()];
  ending.abort();
  assert.equal(await gone, false);
  assert.equal(await slots.take(ending.signal), false);
  slots.give();
  assert.equal(await next, true);
  slots.give();
  assert.equal(slots.tryTake(), true);
});

Deno.test("what is left for others is what they may take, and at most a quarter of all", () => {
  assert.equal(descriptorsBesides(128, descriptors(200).open), 50);
  assert.equal(descriptorsBesides(128, descriptors(0).open), 0);
  const { state, open } = descriptors(1_000_000);
  assert.equal(descriptorsBesides(128, open), 128);
  assert.ok(state.most < 1_000);
  assert.equal(state.open, 0);
});
