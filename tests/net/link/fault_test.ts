import assert from "node:assert/strict";
import { bench, cut, sample, send, settle } from "./fakes.ts";

const CUTS = [[10_000], [1], [7, 100], [64, 1, 999]];

/** `sample` without some of its bytes. */
function without(length: number, ...runs: [number, number][]): Uint8Array {
  return sample(length).filter((_, i) => !runs.some(([from, bytes]) => i >= from && i < from + bytes));
}

Deno.test("drop-bytes N takes the first N bytes of each direction", async () => {
  for (const sizes of CUTS) {
    const { conn, target, client, notes } = bench({ dropBytes: "5" });
    await send(conn.up, cut(sample(300), sizes));
    await send(conn.down, cut(sample(300), sizes));
    assert.deepEqual(target.bytes, without(300, [0, 5]));
    assert.deepEqual(client.bytes, without(300, [0, 5]));
    assert.deepEqual(notes, [
      { fault: "drop", direction: "up", offset: 0, bytes: 5, seed: 42 },
      { fault: "drop", direction: "down", offset: 0, bytes: 5, seed: 42 },
    ]);
    conn.detach();
  }
});

Deno.test("drop-bytes N/EVERY takes N after every EVERY bytes that passed, each noted where it was", async () => {
  for (const sizes of CUTS) {
    const { conn, target, notes } = bench({ dropBytes: "up:10/100" });
    await send(conn.up, cut(sample(325), sizes));
    assert.deepEqual(target.bytes, without(325, [100, 10], [210, 10], [320, 5]));
    assert.deepEqual(notes.map(({ offset, bytes }) => [offset, bytes]), [[100, 10], [210, 10]]);
    // A run that is not complete is told of when the direction ends.
    await conn.up.closeWrite();
    assert.deepEqual(notes.map(({ offset, bytes }) => [offset, bytes]), [[100, 10], [210, 10], [320, 5]]);
    conn.detach();
    assert.equal(notes.length, 3);
  }
});

Deno.test("corrupt changes one byte of each KiB, at the same places however reads were cut", async () => {
  const seen = new Set<string>();
  for (const sizes of CUTS) {
    const { conn, target, notes } = bench({ fault: "up:corrupt" });
    const sent = sample(10 * 1024);
    const kept = sent.slice();
    await send(conn.up, cut(sent, sizes));
    assert.deepEqual(sent, kept, "what others look at too is not touched");
    const came = target.bytes;
    const changed = [...came.keys()].filter((i) => came[i] !== kept[i]);
    assert.deepEqual(changed.map((i) => i >> 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(notes.map(({ offset, bytes }) => [offset, bytes]), changed.map((i) => [i, 1]));
    seen.add(came.toString());
    conn.detach();
  }
  assert.equal(seen.size, 1);
});

Deno.test("corrupt@OFFSET changes the byte there, and none where there is none", async () => {
  const { conn, target, notes } = bench({ fault: "corrupt@3" });
  await send(conn.up, [sample(3)]);
  assert.deepEqual([target.bytes, notes], [sample(3), []]);
  await send(conn.up, [Uint8Array.of(9, 9)]);
  assert.notEqual(target.bytes[3], 9);
  assert.equal(target.bytes[4], 9);
  assert.deepEqual(notes, [{ fault: "corrupt", direction: "up", offset: 3, bytes: 1, seed: 42 }]);
  conn.detach();
});

Deno.test("reset ends the connection at the first byte, reset@OFFSET after so many, and nothing more passes", async () => {
  for (const [fault, place] of [["reset", 0], ["reset@64", 64], ["cut-after=64", 64]] as const) {
    for (const sizes of CUTS) {
      const made = bench({ fault });
      const { conn, target, notes } = made;
      const sending = send(conn.up, cut(sample(300), sizes));
      await assert.rejects(sending, { name: "LinkDetached" });
      assert.deepEqual(target.bytes, sample(300).subarray(0, place));
      assert.equal(made.endedAt, 0);
      assert.equal(target.endedAt, undefined, "no orderly end");
      const name = fault.replace(/[@=].*/, "");
      assert.deepEqual(notes, [{ fault: name, direction: "up", offset: place, seed: 42 }]);
    }
  }
});

Deno.test("a reset strikes as soon as its place is reached, not with the next byte", async () => {
  const made = bench({ fault: "up:reset@10" });
  await assert.rejects(send(made.conn.up, [sample(10)]), { name: "LinkDetached" });
  assert.equal(made.target.bytes.length, 10);
  assert.equal(made.endedAt, 0);
});

Deno.test("what came before a reset arrives before it, also over a slow link", async () => {
  const made = bench({ fault: "reset@100", latency: "50ms", rate: "80kB" });
  const sending = send(made.conn.up, [sample(60), sample(60)]);
  await made.timers.pass(40);
  assert.equal(made.endedAt, undefined);
  await made.timers.pass(60);
  await assert.rejects(sending, { name: "LinkDetached" });
  assert.equal(made.target.bytes.length, 100);
  assert.equal(made.timers.running, 0);
});

Deno.test("limit-data ends the direction in order, lets the sender finish, and then ends the connection", async () => {
  for (const sizes of CUTS) {
    const made = bench({ fault: "up:limit-data=64" });
    const { conn, target, timers, notes } = made;
    await send(conn.up, cut(sample(300), sizes));
    await settle();
    assert.deepEqual(target.bytes, sample(64));
    assert.equal(target.endedAt, 0);
    assert.equal(made.endedAt, undefined);
    await send(conn.down, [sample(7)]);
    assert.equal(made.client.bytes.length, 7);
    const closing = conn.up.closeWrite();
    await timers.pass(60);
    await assert.rejects(closing, { name: "LinkDetached" });
    assert.equal(made.endedAt, 50);
    assert.deepEqual(notes, [{ fault: "limit-data", direction: "up", offset: 64, seed: 42 }]);
  }
});

Deno.test("limit-data strikes where the data ends exactly at the limit, and not where it ends before", async () => {
  const exact = bench({ fault: "limit-data=64" });
  await send(exact.conn.down, [sample(64)]);
  await exact.timers.pass(60);
  assert.deepEqual([exact.client.endedAt, exact.endedAt], [0, 50]);
  const fewer = bench({ fault: "limit-data=64" });
  await send(fewer.conn.down, [sample(63)]);
  await fewer.conn.down.closeWrite();
  await fewer.timers.pass(60);
  assert.deepEqual([fewer.endedAt, fewer.notes], [undefined, []]);
  fewer.conn.detach();
});

Deno.test("timeout lets nothing pass from its place on, and leaves the connection open", async () => {
  const made = bench({ fault: "up:timeout@10" });
  const { conn, target, client, timers, notes } = made;
  await send(conn.up, [sample(30)]);
  const closing = conn.up.closeWrite();
  await send(conn.down, [sample(5)]);
  await timers.pass(3_600_000);
  assert.equal(target.bytes.length, 10);
  assert.deepEqual([target.endedAt, made.endedAt, client.bytes.length], [undefined, undefined, 5]);
  assert.deepEqual(notes, [{ fault: "timeout", direction: "up", offset: 10, seed: 42 }]);
  // The other side ends as well: nobody is left to wait for what is held.
  const other = conn.down.closeWrite();
  await settle();
  assert.notEqual(made.endedAt, undefined);
  await Promise.allSettled([closing, other]);
});

Deno.test("timeout=TIME ends the connection so long after it struck, whatever comes meanwhile", async () => {
  const made = bench({ fault: "up:timeout=500ms" });
  await made.timers.pass(100);
  await send(made.conn.up, [sample(1)]);
  for (let i = 0; i < 4; i++) {
    await made.timers.pass(100);
    await send(made.conn.up, [sample(10)]);
  }
  assert.equal(made.endedAt, undefined);
  await made.timers.pass(200);
  assert.equal(made.endedAt, 600);
  assert.equal(made.target.bytes.length, 0);
});

Deno.test("what a timeout holds is bounded", async () => {
  const { conn, timers } = bench({ fault: "timeout" });
  let writes = 0;
  const sending = (async () => {
    for (; writes < 1_000; writes++) await conn.up.write(sample(4096));
  })();
  await timers.pass(1_000);
  assert.ok(conn.queuedBytes <= 70_000, String(conn.queuedBytes));
  conn.detach();
  await assert.rejects(sending, { name: "LinkDetached" });
});

Deno.test("several faults act together: what drops and changes bytes, and what ends the connection", async () => {
  const made = bench({ dropBytes: "2/4", fault: "up:corrupt@0,up:cut-after=11" });
  await assert.rejects(send(made.conn.up, [sample(40)]), { name: "LinkDetached" });
  const expected = without(11, [4, 2], [10, 1]);
  assert.deepEqual(made.target.bytes.subarray(1), expected.subarray(1));
  assert.notEqual(made.target.bytes[0], expected[0]);
  assert.deepEqual(made.notes.map(({ fault, offset }) => `${fault}@${offset}`), [
    "corrupt@0",
    "drop@4",
    "cut-after@11",
    "drop@10",
  ]);
});

Deno.test("an error of the receiver comes out of the write, or of the next one, or of the end", async () => {
  const broken = new Deno.errors.BrokenPipe("Broken pipe");
  for (const texts of [{}, { dropBytes: "1" }]) {
    const { conn, target } = bench(texts);
    target.failure = broken;
    await assert.rejects(conn.up.write(sample(10)), broken);
    conn.detach();
  }
  for (const next of ["write", "closeWrite"] as const) {
    const { conn, target, timers } = bench({ latency: "10ms" });
    target.failure = broken;
    await conn.up.write(sample(10));
    await timers.pass(20);
    await assert.rejects(next === "write" ? conn.up.write(sample(1)) : conn.up.closeWrite(), broken);
    await conn.down.write(sample(1));
    conn.detach();
  }
});

Deno.test("detaching stops timers and rejects what waits, even where nobody looks", async () => {
  const { conn, timers } = bench({ latency: "1s", fault: "timeout=1s,slow-close=1s" });
  void conn.up.write(sample(2_000_000));
  void conn.down.closeWrite();
  await settle();
  assert.notEqual(timers.running, 0);
  conn.detach();
  conn.detach();
  await settle();
  assert.equal(timers.running, 0);
  await assert.rejects(conn.up.write(sample(1)), { name: "LinkDetached" });
});
