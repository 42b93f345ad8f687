import assert from "node:assert/strict";
import { bench, cut, sample, send, settle } from "./fakes.ts";

/** When each write came and how large it was. */
function timeline(end: { writes: readonly { at: number; bytes: Uint8Array }[] }): [number, number][] {
  return end.writes.map(({ at, bytes }) => [at, bytes.length]);
}

Deno.test("TCPMon's pair: 20 kB at 1000 bytes and 100 ms take 2 s, in bursts of 4096 bytes", async () => {
  const { timers, conn, target } = bench({ bytesPerPause: "1000", delay: "100ms" });
  const sending = send(conn.up, [sample(20_480)]);
  await timers.pass(3_000);
  await sending;
  // 4096 = 4 × 1000 + 96; the remainders add up: after 5 pieces 480 are left, no fifth pause has come about.
  assert.deepEqual(timeline(target), [[400, 4096], [800, 4096], [1200, 4096], [1600, 4096], [2000, 4096]]);
  conn.detach();
});

Deno.test("TCPMon's pair: no pause before the count is above the number; then one for each whole number in it", async () => {
  const { timers, conn, target } = bench({ bytesPerPause: "1000", delay: "100" });
  await send(conn.up, [sample(1000)]);
  await settle();
  assert.deepEqual(timeline(target), [[0, 1000]]);
  const sending = send(conn.up, [sample(1)]);
  await timers.pass(150);
  await sending;
  assert.deepEqual(timeline(target)[1], [100, 1]);
  // 1 is counted on: 1 + 999 is not above 1000.
  await send(conn.up, [sample(999)]);
  await settle();
  assert.equal(target.writes.length, 3);
  conn.detach();
});

Deno.test("TCPMon's pair counts each direction of each connection for itself", async () => {
  const { timers, conn, target, client } = bench({ bytesPerPause: "100", delay: "50" });
  const sending = [send(conn.up, [sample(60)]), send(conn.down, [sample(60)])];
  await settle();
  assert.equal(target.writes.length + client.writes.length, 2);
  await Promise.all(sending);
  assert.equal(timers.running, 0);
  conn.detach();
});

Deno.test("a rate lets through what it says, however the bytes are cut", async () => {
  for (const sizes of [[100_000], [4096], [1], [1460, 7]]) {
    const { timers, conn, target } = bench({ rate: "up:80kB" });
    const sending = send(conn.up, cut(sample(sizes[0] === 1 ? 2_000 : 100_000), sizes));
    await timers.pass(1_000);
    const passed = target.bytes.length;
    if (sizes[0] === 1) assert.equal(passed, 2_000);
    else assert.ok(passed >= 78_000 && passed <= 80_100, `${passed} for ${sizes}`);
    await timers.pass(1_000);
    await sending;
    conn.detach();
  }
});

Deno.test("the rate is kept although every timer is late", async () => {
  const { timers, conn, target } = bench({ rate: "up:80kB" });
  const after = timers.after.bind(timers);
  timers.after = (ms, call) => after(ms + 1.3, call);
  const sending = send(conn.up, cut(sample(400_000), [4096]));
  await timers.pass(4_000);
  assert.ok(Math.abs(target.bytes.length - 320_000) < 3_200, String(target.bytes.length));
  conn.detach();
  await assert.rejects(sending, { name: "LinkDetached" });
});

Deno.test("a rate that nothing used for a while is not caught up with", async () => {
  const { timers, conn, target } = bench({ rate: "up:80kB" });
  await timers.pass(5_000);
  const sending = send(conn.up, [sample(40_000)]);
  await timers.pass(100);
  assert.ok(target.bytes.length <= 8_000, String(target.bytes.length));
  await timers.pass(1_000);
  await sending;
  conn.detach();
});

Deno.test("latency delays every byte alike, and lets many be on their way at once", async () => {
  const { timers, conn, target } = bench({ latency: "150ms" });
  await send(conn.up, [sample(10)]);
  await timers.pass(50);
  await send(conn.up, [sample(20)]);
  await timers.pass(200);
  assert.deepEqual(timeline(target), [[150, 10], [200, 20]]);
  conn.detach();
});

Deno.test("rate and latency add up: a byte leaves when the rate lets it, and arrives later", async () => {
  const { timers, conn, target } = bench({ rate: "8kbit", latency: "200ms" });
  await send(conn.up, [sample(100)]);
  await timers.pass(400);
  assert.deepEqual(timeline(target), [[300, 100]]);
  conn.detach();
});

Deno.test("jitter stays within its bounds and keeps order", async () => {
  const { timers, conn, target } = bench({ latency: "100ms", jitter: "40ms" });
  const all = sample(200);
  for (let i = 0; i < 200; i += 2) {
    await send(conn.up, [all.subarray(i, i + 2)]);
    await timers.pass(100);
  }
  await timers.pass(200);
  assert.deepEqual(target.bytes, all);
  const delays = target.writes.map(({ at }, i) => at - i * 100);
  assert.ok(delays.every((delay) => delay >= 60 && delay <= 141), delays.join(" "));
  assert.ok(Math.max(...delays) - Math.min(...delays) > 40);
  conn.detach();
});

Deno.test("a preset gives rates and half of the round trip to each direction", async () => {
  const { timers, conn, target, client } = bench({ link: "3g" });
  await send(conn.up, [sample(960)]);
  await send(conn.down, [sample(1000)]);
  await timers.pass(200);
  // 960 bytes at 768 kbit/s are 10 ms, 1000 at 1600 kbit/s 5 ms, and the way is 75 ms.
  assert.deepEqual([timeline(target), timeline(client)], [[[85, 960]], [[80, 1000]]]);
  conn.detach();
});

Deno.test("the slicer cuts writes into small ones, at the same places however reads were cut, told of once", async () => {
  const places: number[][] = [];
  for (const sizes of [[500], [1], [13, 90]]) {
    const { conn, target, notes } = bench({ fault: "up:slicer=20/8" });
    await send(conn.up, cut(sample(500), sizes));
    assert.deepEqual(target.bytes, sample(500));
    let at = 0;
    places.push(target.writes.map(({ bytes }) => at += bytes.length));
    assert.ok(target.writes.every(({ bytes }) => bytes.length <= 28));
    assert.deepEqual(notes, [{ fault: "slicer", offset: 0, direction: "up", seed: 42 }]);
    conn.detach();
  }
  for (const cuts of places.slice(1)) assert.ok(places[0].every((place) => cuts.includes(place)));
});

Deno.test("slices are their delay apart", async () => {
  const { timers, conn, target } = bench({ fault: "up:slicer=10/0/5ms" });
  await send(conn.up, [sample(25)]);
  await timers.pass(100);
  assert.deepEqual(timeline(target), [[0, 10], [5, 10], [10, 5]]);
  conn.detach();
});

Deno.test("slow-close delays the end of the direction, and nothing else", async () => {
  const { timers, conn, target, client, notes } = bench({ fault: "up:slow-close=300ms" });
  await send(conn.up, [sample(10)]);
  const closing = conn.up.closeWrite();
  await conn.down.closeWrite();
  await timers.pass(299);
  assert.deepEqual([timeline(target), target.endedAt, client.endedAt], [[[0, 10]], undefined, 0]);
  await timers.pass(2);
  await closing;
  assert.equal(target.endedAt, 300);
  assert.deepEqual(notes, [{ fault: "slow-close", offset: 10, direction: "up", seed: 42 }]);
  conn.detach();
});

Deno.test("the end of a direction comes after everything before it, through every pace", async () => {
  const paces = [
    { latency: "50ms" },
    { rate: "80kB" },
    { bytesPerPause: "100", delay: "10" },
    { latency: "20ms", jitter: "20ms" },
    { fault: "slicer=7/3/1ms" },
    { fault: "slow-close=40ms" },
    { link: "edge" },
    { dropBytes: "1" },
    { fault: "corrupt" },
  ];
  for (const texts of paces) {
    const { timers, conn, target, client } = bench(texts);
    const sending = send(conn.up, [sample(1_000)]).then(() => conn.up.closeWrite());
    await timers.pass(5_000);
    await sending;
    assert.ok(target.bytes.length >= 999, JSON.stringify(texts));
    assert.ok((target.endedAt ?? -1) >= target.writes.at(-1)!.at, JSON.stringify(texts));
    assert.equal(client.endedAt, undefined, "the other direction goes on");
    const answering = send(conn.down, [sample(10)]);
    await timers.pass(1_000);
    await answering;
    assert.ok(client.bytes.length >= 9, JSON.stringify(texts));
    conn.detach();
    assert.equal(timers.running, 0);
  }
});

Deno.test("a link that is full makes the writer wait", async () => {
  const { timers, conn, target } = bench({ rate: "80kB" });
  let taken = 0;
  const sending = (async () => {
    for (let i = 0; i < 40; i++) taken += await conn.up.write(sample(4096));
  })();
  await timers.pass(10);
  assert.ok(taken > 60_000 && taken < 72_000, String(taken));
  assert.ok(conn.queuedBytes <= 72_000);
  await timers.pass(3_000);
  await sending;
  assert.equal(target.bytes.length, 40 * 4096);
  assert.equal(conn.queuedBytes, 0);
  conn.detach();
});

Deno.test("a peer that takes nothing makes the writer wait, whatever the rules", async () => {
  for (const texts of [{ latency: "1ms" }, { rate: "1gbit" }, { fault: "timeout@1G" }, { dropBytes: "1" }]) {
    const { timers, conn, target } = bench(texts);
    let release = () => {};
    target.blocked = new Promise((resolve) => release = resolve);
    let writes = 0;
    const sending = (async () => {
      for (; writes < 100; writes++) await conn.up.write(sample(65_536));
    })();
    await timers.pass(5_000);
    assert.ok(writes <= 17, `${writes} for ${JSON.stringify(texts)}`);
    release();
    target.blocked = undefined;
    await timers.pass(5_000);
    await sending;
    assert.equal(target.bytes.length, 6_553_600 - (texts.dropBytes ? 1 : 0));
    conn.detach();
  }
});
