import assert from "node:assert/strict";
import fc from "fast-check";
import { type LinkTexts, NO_LINK, parseLink } from "../../../src/net/link/spec.ts";
import { Link } from "../../../src/net/link/link.ts";
import { bench, cut, FakeEnd, FakeTimers, sample, SEED, send, settle } from "./fakes.ts";

const rules = (texts: LinkTexts) => parseLink({ seed: SEED, ...texts });

Deno.test("a plain link hands the write to the connection and gives back the promise of that", () => {
  const { conn, target } = bench({ fault: "down:reset,up:reset@0.000001%" });
  const promise = Promise.resolve(3);
  target.write = () => promise;
  assert.equal(conn.up.write(sample(3)), promise);
  conn.detach();
});

Deno.test("rules come to running connections, and go again", async () => {
  const { timers, link, conn, target } = bench({});
  await send(conn.up, [sample(5)]);
  assert.equal(target.writes.length, 1);
  link.set(rules({ latency: "100ms" }));
  await send(conn.up, [sample(5)]);
  await timers.pass(50);
  assert.equal(target.writes.length, 1);
  // What is on its way goes out at once, and before what comes now.
  link.set(NO_LINK);
  await send(conn.up, [sample(7)]);
  assert.deepEqual(target.writes.map(({ at, bytes }) => [at, bytes.length]), [[0, 5], [50, 5], [50, 7]]);
  const promise = Promise.resolve(1);
  target.write = () => promise;
  assert.equal(conn.up.write(sample(1)), promise, "nothing of the link is left");
  conn.detach();
});

Deno.test("a changed rate and latency hold for what has not left, and what has left keeps its way", async () => {
  const { timers, link, conn, target } = bench({ rate: "8kbit" });
  await send(conn.up, [sample(1_460), sample(1_460), sample(1_460)]);
  await timers.pass(1_500);
  assert.equal(target.bytes.length, 1_460);
  link.set(rules({ rate: "8mbit" }));
  await timers.pass(10);
  assert.deepEqual(target.bytes.length, 3 * 1_460);
  conn.detach();
});

Deno.test("lifting a timeout lets go what it held, in order", async () => {
  const { timers, link, conn, target } = bench({ fault: "up:timeout@3" });
  await send(conn.up, [sample(10)]);
  const closing = conn.up.closeWrite();
  await timers.pass(10_000);
  assert.equal(target.bytes.length, 3);
  link.set(rules({ latency: "5ms" }));
  await timers.pass(10);
  await closing;
  assert.deepEqual(target.bytes, sample(10));
  assert.equal(target.endedAt, 10_000);
  conn.detach();
});

Deno.test("places of new faults count from the change, notes from the beginning; faults that stay go on", async () => {
  const { link, conn, target, notes } = bench({ dropBytes: "up:2/10" });
  await send(conn.up, [sample(9)]);
  link.set(rules({ dropBytes: "up:2/10", fault: "up:corrupt@4" }));
  await send(conn.up, [sample(9)]);
  assert.deepEqual(notes.map(({ fault, offset }) => [fault, offset]), [["drop", 10], ["corrupt", 13]]);
  assert.equal(target.bytes.length, 16);
  conn.detach();
});

Deno.test("a link that comes to a running connection is told how much was sent before", async () => {
  const timers = new FakeTimers();
  const link = new Link(NO_LINK, timers);
  const offsets: number[] = [];
  const target = new FakeEnd(timers);
  const conn = link.attach({
    connectionId: 1,
    client: new FakeEnd(timers),
    target,
    note: ({ offset }) => offsets.push(offset),
    end() {},
    sentBytes: () => 1_000,
  });
  await send(conn.up, [sample(1_000)]);
  link.set(rules({ dropBytes: "1" }));
  await send(conn.up, [sample(5)]);
  assert.deepEqual([offsets, target.bytes.length], [[1_000], 1_004]);
  conn.detach();
});

Deno.test("a connection that has ended hears of no change", async () => {
  const { timers, link, conn } = bench({ latency: "5ms" });
  await send(conn.up, [sample(5)]);
  conn.detach();
  link.set(rules({ latency: "10ms" }));
  await settle();
  assert.equal(timers.running, 0);
});

Deno.test("whoever waits for delivery is told when the last byte is sent, or that it never will be", async () => {
  const { timers, conn, client } = bench({ latency: "down:20ms" });
  assert.equal(conn.delivered(), undefined);
  await send(conn.down, [sample(5)]);
  let delivered = false;
  const waiting = conn.delivered()!.then(() => delivered = true);
  await timers.pass(15);
  assert.deepEqual([delivered, client.bytes.length], [false, 0]);
  await timers.pass(6);
  await waiting;
  assert.equal(client.bytes.length, 5);
  assert.equal(conn.delivered(), undefined);
  await send(conn.down, [sample(5)]);
  const inVain = conn.delivered();
  conn.detach();
  await assert.rejects(inVain!, /what was on its way is lost/);
});

Deno.test("a client that has ended frees a connection that a fault holds, before or after", async () => {
  for (const endsFirst of [true, false]) {
    const made = bench({ fault: "down:timeout@3" });
    if (endsFirst) made.conn.clientEnded();
    await send(made.conn.down, [sample(2)]);
    assert.deepEqual([made.endedAt, made.conn.held], [undefined, false]);
    void send(made.conn.down, [sample(2)]);
    await made.timers.pass(5);
    if (!endsFirst) {
      assert.deepEqual([made.endedAt, made.conn.held], [undefined, true]);
      made.conn.clientEnded();
    }
    assert.notEqual(made.endedAt, undefined);
    made.conn.detach();
  }
});

/** Rules under which every byte arrives. */
const harmless = fc.record({
  rate: fc.constantFrom("80kbit", "1mbit", "1gbit", "3kB"),
  latency: fc.constantFrom("1ms", "50ms", "0"),
  jitter: fc.constantFrom("1ms", "30ms"),
  link: fc.constantFrom("3g", "edge", "satellite"),
  fault: fc.constantFrom(
    "slicer=7/3",
    "slicer=100/0/1ms",
    "slow-close=20ms",
    "timeout=1h@1G",
    "reset@1G",
    "timeout",
  ),
  bytesPerPause: fc.constant("200"),
  dropBytes: fc.constant("1/1G"),
}, { requiredKeys: [] });

Deno.test("whatever the link, its changes and the cuts: every byte arrives, once, in order, before the end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(harmless, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 0, max: 60 }),
      async (texts, sizes, length, most, everyMs) => {
        const all = texts.map((each) => rules(each.bytesPerPause ? { ...each, delay: "3" } : each));
        const { timers, link, conn, target, client, notes } = bench({});
        target.most = most;
        link.set(all[0]);
        const sending = send(conn.up, cut(sample(length), sizes)).then(() => conn.up.closeWrite());
        sending.catch(() => {});
        const answering = send(conn.down, cut(sample(length), [1_000]));
        for (const next of [...all.slice(1), all[0], NO_LINK]) {
          await timers.pass(everyMs);
          link.set(next);
        }
        await timers.pass(1_000);
        await Promise.all([sending, answering]);
        assert.deepEqual(target.bytes, sample(length));
        assert.deepEqual(client.bytes, sample(length));
        assert.notEqual(target.endedAt, undefined);
        assert.deepEqual(notes.filter(({ fault }) => !/slicer|slow-close|timeout/.test(fault)), []);
        conn.detach();
        assert.equal(timers.running, 0);
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("what is dropped, changed and cut does not depend on how reads were cut", async () => {
  const texts = { dropBytes: "3/70", fault: "corrupt,reset@1500" };
  const runWith = async (sizes: number[]) => {
    const { conn, target, notes } = bench(texts);
    await send(conn.up, cut(sample(2_000), sizes)).catch(() => {});
    return { bytes: target.bytes, notes };
  };
  const whole = await runWith([2_000]);
  for (let at = 1; at < 2_000; at += 13) assert.deepEqual(await runWith([at, 2_000]), whole);
  assert.deepEqual(await runWith([1]), whole);
});
