import assert from "node:assert/strict";
import { draw } from "../../../src/net/link/draw.ts";
import { Link } from "../../../src/net/link/link.ts";
import { parseLink } from "../../../src/net/link/spec.ts";
import { bench, sample, send, settle } from "./fakes.ts";

const RUNS = 1_000;

/** Within 4.5 standard deviations of what was asked: a fair draw fails that once in 150,000 times. */
function assertRate(hits: number, percent: number, of: number): void {
  const p = percent / 100;
  const tolerance = 4.5 * Math.sqrt(of * p * (1 - p));
  assert.ok(Math.abs(hits - of * p) <= tolerance, `${hits} of ${of}, asked for ${percent} %`);
}

Deno.test("draws are spread evenly, and each input makes a difference", () => {
  const buckets = new Array<number>(20).fill(0);
  let sum = 0;
  for (let i = 0; i < 20_000; i++) {
    const drawn = draw({ seed: i % 7, connectionId: i, direction: "up" }, "reset 0", i % 3);
    assert.ok(drawn >= 0 && drawn < 1);
    buckets[Math.floor(drawn * 20)]++;
    sum += drawn;
  }
  for (const count of buckets) assertRate(count, 5, 20_000);
  assert.ok(Math.abs(sum / 20_000 - 0.5) < 0.01);
  const chance = { seed: 1, connectionId: 1, direction: "up" } as const;
  const drawn = new Set([
    draw(chance, "a", 0),
    draw(chance, "a", 1),
    draw(chance, "b", 0),
    draw({ ...chance, direction: "down" }, "a", 0),
    draw({ ...chance, direction: "both" }, "a", 0),
    draw({ ...chance, connectionId: 2 }, "a", 0),
    draw({ ...chance, seed: 2 }, "a", 0),
    draw({ ...chance, seed: 1 + 2 ** 32 }, "a", 0),
  ]);
  assert.equal(drawn.size, 8);
  assert.equal(draw(chance, "a", 0), draw({ ...chance }, "a", 0));
});

Deno.test("each fault of a connection strikes as often as asked, over 1,000 seeded connections", async () => {
  const faults = ["reset", "timeout", "limit-data=0", "cut-after=0", "slicer=3", "slow-close=1ms"];
  for (const fault of faults) {
    for (const percent of [1, 10, 50]) {
      let hits = 0;
      for (let connection = 1; connection <= RUNS; connection++) {
        const { conn, notes } = bench({ fault: `${fault}@${percent}%` }, connection);
        void send(conn.up, [sample(10)]);
        if (fault.startsWith("slow")) void conn.up.closeWrite();
        if (notes.length > 0) hits++;
        conn.detach();
      }
      await settle();
      assertRate(hits, percent, RUNS);
    }
  }
});

Deno.test("refuse and status strike as often as asked, each on its own", () => {
  const link = new Link(parseLink({ seed: 9, fault: "refuse@5%,status=503@5%,status=404@20%" }));
  let refused = 0;
  const answered = new Map<number | undefined, number>();
  for (let connection = 1; connection <= RUNS; connection++) {
    if (link.refuses(connection) !== undefined) refused++;
    for (let request = 0; request < 10; request++) {
      const status = link.statusFor(connection, request);
      answered.set(status, (answered.get(status) ?? 0) + 1);
    }
  }
  assertRate(refused, 5, RUNS);
  assertRate(answered.get(503)!, 5, 10 * RUNS);
  assertRate(answered.get(404)!, 0.95 * 20, 10 * RUNS);
  const all = new Link(parseLink({ seed: 9, fault: "refuse,status=503" }));
  assert.deepEqual(all.refuses(1), { fault: "refuse", offset: 0, seed: 9 });
  assert.equal(all.statusFor(1, 0), 503);
  assert.deepEqual(all.statusNote(70), { fault: "status", direction: "up", offset: 70, seed: 9 });
});

Deno.test("corrupt hits as many KiB as asked", async () => {
  for (const percent of [0.5, 10, 60]) {
    const { conn, notes } = bench({ fault: `up:corrupt@${percent}%` });
    await send(conn.up, [sample(4 * 1024 * 1024)]);
    assertRate(notes.length, percent, 4 * 1024);
    conn.detach();
  }
});

Deno.test("one decision holds for both directions, unless they are asked for apart", async () => {
  let oneOnly = 0;
  for (let connection = 1; connection <= 200; connection++) {
    const { conn, notes } = bench({ fault: "timeout@50%" }, connection);
    const apart = bench({ fault: "up:timeout@50%,down:timeout@50%" }, connection);
    for (const each of [conn, apart.conn]) {
      void send(each.up, [sample(1)]);
      void send(each.down, [sample(1)]);
    }
    assert.ok(notes.length === 0 || notes.length === 2);
    if (apart.notes.length === 1) oneOnly++;
    conn.detach();
    apart.conn.detach();
  }
  await settle();
  assertRate(oneOnly, 50, 200);
});

Deno.test("the same seed and the same traffic give the same faults in any order of connections; another seed others", async () => {
  const fault = "reset@10%,corrupt@30%,slicer=20/5@50%,timeout=1s@5%";
  const run = async (seed: number, connections: number[]) => {
    const lines: string[] = [];
    for (const connection of connections) {
      const { conn, target, notes } = bench({ seed, fault, dropBytes: "3/500" }, connection);
      void send(conn.up, [sample(3_000), sample(2_000)]);
      await settle();
      lines.push(JSON.stringify([connection, notes, [...target.bytes]]));
      conn.detach();
    }
    return lines.toSorted();
  };
  const ids = Array.from({ length: 40 }, (_, i) => i + 1);
  const first = await run(7, ids);
  assert.deepEqual(await run(7, ids.toReversed()), first);
  assert.notDeepEqual(await run(8, ids), first);
});
