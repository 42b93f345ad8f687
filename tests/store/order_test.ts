import assert from "node:assert/strict";
import type { ExchangeRecord, Record } from "../../src/capture/record.ts";
import type { OrderKey } from "../../src/store/ordering.ts";
import { HistoryIndex } from "../../src/store/reader.ts";
import { closed, exchange, lost, request, response } from "../capture/filter_samples.ts";
import { MAX_BODY_BYTES, TestHistory } from "./stored.ts";

/** An exchange with values of its own. */
function of(url: string, changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return exchange({ request: request(`GET ${url}`), ...changes });
}

async function order(
  history: TestHistory,
  key: OrderKey,
  isFalling = false,
  filter = "",
): Promise<readonly number[]> {
  const { rows } = await history.index.ordered({ key, isFalling, offset: 0, limit: 1000, filter });
  return rows.map(({ id }) => id);
}

Deno.test("texts are in the order of their letters and numbers, whatever their case, equal ones newest first", async () => {
  using history = new TestHistory();
  const urls = ["/b", "/A10", "/a9", "/a9", "/a", "/B/1", "/a010", "/ä", "/a9x", "/"];
  history.write(...urls.map((url) => of(url)));
  const named = (ids: readonly number[]) => ids.map((id) => `${urls[id - 1]}${id}`);
  assert.deepEqual(named(await order(history, "url")), [
    "/10",
    "/a5",
    "/a94",
    "/a93",
    "/a9x9",
    "/a0107",
    "/A102",
    "/b1",
    "/B/16",
    "/ä8",
  ]);
  assert.deepEqual(named(await order(history, "url", true)), [
    "/ä8",
    "/B/16",
    "/b1",
    "/a0107",
    "/A102",
    "/a9x9",
    "/a94",
    "/a93",
    "/a5",
    "/10",
  ]);
});

Deno.test("texts that differ only behind their first words are told apart", async () => {
  using history = new TestHistory();
  const urls = Array.from({ length: 300 }, (_, i) => `/${"same/".repeat(i % 3)}${(i * 7919) % 307}`);
  history.write(...urls.map((url) => of(url)));
  const collator = new Intl.Collator("en", { numeric: true });
  const wanted = urls.map((url, i) => ({ url, id: i + 1 })).sort((a, b) =>
    collator.compare(a.url, b.url) || b.id - a.id
  ).map(({ id }) => id);
  assert.deepEqual(await order(history, "url"), wanted);
});

Deno.test("numbers rise or fall, and rows without one come last either way", async () => {
  using history = new TestHistory();
  const ms = (total: number, wait?: number) => ({ ms: { total, ...wait !== undefined && { wait } } });
  history.write(
    of("/1", ms(5, 3)),
    of("/2", ms(0.25)),
    of("/3", ms(70_000_000, 3)),
    lost,
    of("/5", ms(5, 0.001)),
  );
  assert.deepEqual(await order(history, "duration"), [2, 5, 1, 3, 4]);
  assert.deepEqual(await order(history, "duration", true), [3, 5, 1, 2, 4]);
  assert.deepEqual(await order(history, "wait"), [5, 3, 1, 4, 2]);
  assert.deepEqual(await order(history, "wait", true), [3, 1, 5, 4, 2]);
});

Deno.test("every column has an order", async () => {
  using history = new TestHistory();
  const other = { ...closed.connection, client: "10.0.0.9:5", target: "a:1" };
  const records: readonly Record[] = [
    of("/1", { outcome: "response-cut", response: response(404, [["content-type", "text/html"]], "four") }),
    exchange({ connection: other, request: request("POST /2", [], "12"), response: response(200, [], "") }),
    closed,
  ];
  history.write(...records);
  const orders = {
    id: [1, 2, 3],
    outcome: [2, 1, 3],
    client: [2, 3, 1],
    target: [2, 3, 1],
    method: [1, 2, 3],
    url: [1, 2, 3],
    status: [2, 1, 3],
    mime: [1, 3, 2],
    up: [1, 2, 3],
    down: [2, 1, 3],
  } as const;
  for (const [key, ids] of Object.entries(orders)) {
    assert.deepEqual(await order(history, key as OrderKey), ids, key);
  }
  assert.deepEqual(await order(history, "id", true), [3, 2, 1]);
});

Deno.test("an order holds for all that pass a filter, whoever has to be asked", async () => {
  using history = new TestHistory();
  const records = Array.from(
    { length: 600 },
    (_, i) =>
      i % 3 === 0 ? closed : of(`/${i * 7 % 601}`, { response: response(200, [], i % 2 ? "odd" : "even") }),
  );
  for (let i = 0; i < records.length; i += 50) history.write(...records.slice(i, i + 50));
  for (
    const filter of ["body:odd", "path:/1", "-body:odd", "(type:exchange | type:connection exchanges:0)"]
  ) {
    const wanted = history.ids(filter);
    const found = await order(history, "url", true, filter);
    assert.deepEqual([...found].sort((a, b) => b - a), wanted, filter);
    assert.ok(wanted.length > 0, filter);
  }
  await assert.rejects(order(history, "url", true, "("), /never closed|wanted a term/);
});

Deno.test("pages are taken from an order as it was; what has gone since is passed over", async () => {
  using history = new TestHistory();
  for (let i = 0; i < 10; i++) history.write(of(`/${9 - i}`));
  const asked = { key: "url", isFalling: false, limit: 4 } as const;
  const first = await history.index.ordered({ ...asked, offset: 0 });
  assert.deepEqual([first.rows.map(({ id }) => id), first.total, first.hasMore], [[10, 9, 8, 7], 10, true]);
  history.write(of("/"));
  history.index.remove([5]);
  const second = await history.index.ordered({ ...asked, offset: 4, order: first.order });
  assert.deepEqual([second.rows.map(({ id }) => id), second.order], [[6, 4, 3], first.order]);
  const last = await history.index.ordered({ ...asked, offset: 8, order: first.order });
  assert.deepEqual([last.rows.map(({ id }) => id), last.hasMore], [[2, 1], false]);
  const anew = await history.index.ordered({ ...asked, offset: 0 });
  assert.deepEqual([anew.rows.map(({ id }) => id), anew.total], [[11, 10, 9, 8], 10]);
  assert.notEqual(anew.order, first.order);
  // The number of an order belongs to its column, direction and filter.
  const other = await history.index.ordered({ ...asked, isFalling: true, offset: 0, order: first.order });
  assert.notEqual(other.order, first.order);
  assert.deepEqual(other.rows[0].id, 1);
});

Deno.test("the last four orders are known", async () => {
  using history = new TestHistory();
  history.write(of("/a"), of("/b"));
  const page = (key: OrderKey, order?: number) =>
    history.index.ordered({ key, isFalling: true, offset: 0, limit: 1, ...order !== undefined && { order } });
  const url = await page("url");
  for (const key of ["method", "up", "down"] as const) await page(key);
  assert.equal((await page("url", url.order)).order, url.order);
  for (const key of ["status", "mime", "wait", "client"] as const) await page(key);
  assert.notEqual((await page("url", url.order)).order, url.order);
});

Deno.test("others are answered while an order is made, and it ends where the history is closed", async () => {
  using history = new TestHistory();
  const records = Array.from({ length: 2000 }, (_, i) => of(`/${i}`));
  history.write(...records);
  let now = 0;
  let resume = () => {};
  let paused: () => void;
  const isPaused = new Promise<void>((resolve) => paused = resolve);
  const index = new HistoryIndex(history.path, {
    maxBodyBytes: MAX_BODY_BYTES,
    now: () => now += 100,
    epochNow: () => 0,
    pause: () => {
      paused();
      return new Promise((resolve) => resume = resolve);
    },
  });
  const request = { key: "url", isFalling: false, offset: 0, limit: 1 } as const;
  const first = index.ordered(request);
  const same = index.ordered(request);
  await isPaused;
  assert.equal(index.page({ limit: 5 }).rows.length, 5);
  index[Symbol.dispose]();
  resume();
  await assert.rejects(first, /the history is closed/);
  await assert.rejects(same, /the history is closed/);
});

/** An index that goes on at `step`, and what it has paused for. */
class Stepping implements Disposable {
  readonly index: HistoryIndex;
  #resume: (() => void) | undefined;
  #paused = Promise.withResolvers<void>();
  #now = 0;

  constructor(history: TestHistory) {
    this.index = new HistoryIndex(history.path, {
      maxBodyBytes: MAX_BODY_BYTES,
      now: () => this.#now += 100,
      epochNow: () => 0,
      pause: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#resume = resolve;
        this.#paused.resolve();
        return promise;
      },
    });
  }

  /** Resolves when it has paused. */
  async paused(): Promise<void> {
    await this.#paused.promise;
  }

  /** Goes on, until `end` is there. */
  async stepUntil(end: Promise<unknown>): Promise<void> {
    let isOver = false;
    const over = end.then(() => isOver = true, () => isOver = true);
    while (!isOver) {
      this.#resume?.();
      this.#resume = undefined;
      await new Promise((resolve) => setTimeout(resolve));
    }
    await over;
  }

  [Symbol.dispose](): void {
    this.index[Symbol.dispose]();
  }
}

const asked = (filter: string) => ({ key: "url", isFalling: false, offset: 0, limit: 1, filter }) as const;

Deno.test("an order that nobody waits for any more is not made, and holds up no other", async () => {
  using history = new TestHistory();
  history.write(...Array.from({ length: 300 }, (_, i) => of(`/${i}`)));
  using stepping = new Stepping(history);
  const { index } = stepping;
  const leaves = Array.from({ length: 5 }, () => new AbortController());
  const left = leaves.map(({ signal }, i) => index.ordered(asked(`path:${i}`), signal));
  const stays = index.ordered(asked("path:0"));
  const gone = Promise.allSettled(left);
  await stepping.paused();
  for (const leave of leaves) leave.abort(new Error("gone"));
  assert.deepEqual((await gone).map(({ status }) => status), Array(5).fill("rejected"));
  // Their places are free at once.
  const more = ["path:7", "path:8", "path:9"].map((filter) => index.ordered(asked(filter)));
  const all = Promise.all([stays, ...more]);
  await stepping.stepUntil(all);
  assert.deepEqual((await all).map(({ order }) => order), [1, 2, 3, 4]);
  await assert.rejects(index.ordered(asked("path:7"), leaves[0].signal), /gone/);
});

Deno.test("an order that is being made ends where the last who waited has gone", async () => {
  using history = new TestHistory();
  history.write(...Array.from({ length: 300 }, (_, i) => of(`/${i}`)));
  using stepping = new Stepping(history);
  const leave = new AbortController();
  const left = stepping.index.ordered(asked(""), leave.signal);
  await stepping.paused();
  leave.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  // The same is made anew, and gets the first number.
  const again = stepping.index.ordered(asked(""));
  await stepping.stepUntil(again);
  assert.equal((await again).order, 1);
});

Deno.test("only so many orders wait", async () => {
  using history = new TestHistory();
  history.write(...Array.from({ length: 300 }, (_, i) => of(`/${i}`)));
  using stepping = new Stepping(history);
  const { index } = stepping;
  const taken = [0, 1, 2, 3, 4].map((i) => index.ordered(asked(`path:${i}`)));
  await assert.rejects(index.ordered(asked("path:5")), { name: "BusyError", message: /4 more orders wait/ });
  // Who wants one of those waits with the others.
  const all = Promise.all([...taken, index.ordered(asked("path:4"))]);
  await stepping.stepUntil(all);
  assert.deepEqual((await all).map(({ order }) => order), [1, 2, 3, 4, 5, 5]);
  const next = index.ordered(asked("path:5"));
  await stepping.stepUntil(next);
});

Deno.test("times are in order, whenever their records came", async () => {
  using history = new TestHistory();
  const times = [2000, 1000, 253_402_300_799_000, 2001, -5000, 1000];
  history.write(...times.map((at) => of("/", { at })));
  assert.deepEqual(await order(history, "at"), [5, 6, 2, 1, 4, 3]);
  assert.deepEqual(await order(history, "at", true), [3, 4, 1, 6, 2, 5]);
});

Deno.test("many lines are given at once, up to some MiB", () => {
  using history = new TestHistory();
  history.write(
    ...Array.from(
      { length: 300 },
      (_, i) => of(`/${i}`, { response: response(200, [], "x".repeat(30_000)) }),
    ),
  );
  history.index.remove([3]);
  assert.deepEqual(history.index.lines([2, 3, 999]), [history.index.line(2), undefined, undefined]);
  const ids = Array.from({ length: 300 }, (_, i) => i + 1);
  const some = history.index.lines(ids);
  assert.ok(some.length > 100 && some.length < 200, String(some.length));
  assert.deepEqual(some[100], history.index.line(101));
  assert.deepEqual(history.index.lines([]), []);
});
