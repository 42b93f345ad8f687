import assert from "node:assert/strict";
import type { Record } from "../../src/capture/record.ts";
import { Destinations } from "../../src/resend/destination.ts";
import { Feed } from "../../src/resend/feed.ts";
import { OrderWindow, WINDOW_RECORDS } from "../../src/resend/order.ts";
import { Planner } from "../../src/resend/plan.ts";
import { Preparer } from "../../src/resend/prepare.ts";
import { get, ok, Script } from "../capture/connection_script.ts";
import fc from "fast-check";
import { batches, towards } from "./backend.ts";

/** Requests that began at these times (ms). */
function beganAt(times: readonly number[]): Record[] {
  return times.flatMap((at) => {
    const script = new Script();
    script.step(["up", get(`/${at}`), at]);
    script.step(["down", ok("ok")]);
    return towards(script.records, "127.0.0.1:1");
  });
}

/** When each request is given, by a clock that moves only in pauses. */
async function givenAt(records: readonly Record[], speed: number): Promise<[target: string, at: number][]> {
  let now = 5_000;
  const destinations = new Destinations({ keepHost: false });
  const planner = new Planner({
    destinations,
    preparer: new Preparer(destinations),
    wants: () => true,
    tellsEnds: false,
    randomMask: () => {},
  });
  const pacing = {
    speed,
    now: () => now,
    pause: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const feed = new Feed(batches(records), planner, pacing, new AbortController().signal);
  const given: [string, number][] = [];
  for (;;) {
    const item = feed.take();
    if (item?.kind === "request") given.push([item.exchange.request!.head.target, now - 5_000]);
    else if (item === undefined && !await feed.wait()) return given;
  }
}

Deno.test("requests are given with the recorded pauses, in half of them, or without", async () => {
  const records = beganAt([100, 350, 355, 90_000]);
  assert.deepEqual(await givenAt(records, 1), [["/100", 0], ["/350", 250], ["/355", 255], [
    "/90000",
    89_900,
  ]]);
  assert.deepEqual(await givenAt(records, 2), [["/100", 0], ["/350", 125], ["/355", 127.5], [
    "/90000",
    44_950,
  ]]);
  assert.deepEqual((await givenAt(records, Infinity)).map(([, at]) => at), [0, 0, 0, 0]);
});

Deno.test("the order is that of the beginning, and the first one begins at once", async () => {
  assert.deepEqual(await givenAt(beganAt([300, 100, 200]), 1), [["/100", 0], ["/200", 100], ["/300", 200]]);
});

Deno.test("an empty capture gives nothing", async () => {
  assert.deepEqual(await givenAt([], 1), []);
});

Deno.test("what goes wrong with reading is thrown", async () => {
  const destinations = new Destinations({ keepHost: false });
  const preparer = new Preparer(destinations);
  const planner = new Planner({
    destinations,
    preparer,
    wants: () => true,
    tellsEnds: false,
    randomMask: () => {},
  });
  // deno-lint-ignore require-yield -- fails before
  const source = async function* () {
    await Promise.resolve();
    throw new Error("line 3: no JSON");
  };
  const pacing = { speed: 1, now: () => 0, pause: () => Promise.resolve() };
  const feed = new Feed(source(), planner, pacing, new AbortController().signal);
  assert.equal(feed.take(), undefined);
  await assert.rejects(feed.wait(), /line 3/);
});

Deno.test("property: a window gives records by their time, equal times in the order of the file", () => {
  const [record] = beganAt([1]);
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
    const window = new OrderWindow();
    times.forEach((at, place) => window.push({ record: { ...record, at } as Record, place }));
    const given: [number, number][] = [];
    for (let next = window.pop(); next !== undefined; next = window.pop()) {
      given.push([(next.record as { readonly at: number }).at, next.place]);
    }
    const wanted = times.map((at, place): [number, number] => [at, place]).sort((a, b) =>
      a[0] - b[0] || a[1] - b[1]
    );
    assert.deepEqual(given, wanted);
    assert.equal(window.fill, 0);
  }));
});

Deno.test("of a long capture no more is read ahead than the window holds", async () => {
  const [record] = beganAt([1]);
  let read = 0;
  let given = 0;
  let most = 0;
  const source = async function* () {
    for (let i = 0; i < 50_000; i += 100) {
      await Promise.resolve();
      read += 100;
      most = Math.max(most, read - given);
      yield Array.from(
        { length: 100 },
        (_, k) => ({ record: { ...record, at: i + k } as Record, place: i + k }),
      );
    }
  };
  const destinations = new Destinations({ keepHost: false });
  const preparer = new Preparer(destinations);
  const planner = new Planner({
    destinations,
    preparer,
    wants: () => true,
    tellsEnds: false,
    randomMask: () => {},
  });
  const pacing = { speed: Infinity, now: () => 0, pause: () => Promise.resolve() };
  const feed = new Feed(source(), planner, pacing, new AbortController().signal);
  for (;;) {
    if (feed.take() !== undefined) given++;
    else if (!await feed.wait()) break;
  }
  assert.equal(given, 50_000);
  assert.ok(most <= WINDOW_RECORDS + 200, `${most} records were ahead`);
});

Deno.test("nothing waits for the end of a stream that is not sent", async () => {
  const connection = { id: 9, listener: "127.0.0.1:1", client: "127.0.0.1:9", target: "127.0.0.1:1" };
  const body = { bytes: 1, kept: new Uint8Array(1) };
  const stream: Record[] = [
    { type: "data", connection, at: 100, direction: "up", offset: 0, body },
    {
      type: "connection",
      event: "closed",
      connection,
      at: 60_000,
      up: 1,
      down: 0,
      totalMs: 59_900,
      end: "client-closed",
      exchanges: 0,
    },
  ];
  const destinations = new Destinations({ keepHost: false });
  const planner = new Planner({
    destinations,
    preparer: new Preparer(destinations),
    wants: ({ record }) => record.type === "exchange",
    tellsEnds: false,
    randomMask: () => {},
  });
  const pacing = { speed: 1, now: () => 0, pause: () => assert.fail("it waited") };
  const feed = new Feed(
    batches([...beganAt([100]), ...stream]),
    planner,
    pacing,
    new AbortController().signal,
  );
  const kinds: string[] = [];
  for (;;) {
    const item = feed.take();
    if (item !== undefined) kinds.push(item.kind);
    else if (!await feed.wait()) break;
  }
  assert.deepEqual(kinds, ["request"]);
});
