/** A history as the viewer reads it. */
import assert from "node:assert/strict";
import { RecordReader } from "../../src/archive/record_reader.ts";
import type { Record } from "../../src/capture/record.ts";
import { StoredSource } from "../../src/program/history_source.ts";
import type { Keep } from "../../src/store/keep.ts";
import { type History, openHistory } from "../../src/store/history.ts";
import type { ExchangeView, LiveEvent } from "../../src/ui/api.ts";
import { rowRoutes } from "../../src/ui/row_routes.ts";
import { exchangeLine } from "../end_to_end/exported.ts";

/** A history, and how the viewer reads it. */
class Shown implements AsyncDisposable {
  readonly source: StoredSource;
  readonly #history: History;
  readonly #reader = new RecordReader();

  private constructor(history: History, source: StoredSource) {
    this.#history = history;
    this.source = source;
  }

  static async open(keep: Keep = {}): Promise<Shown> {
    const opened: { source?: StoredSource } = {};
    const history = await openHistory(
      { keep, maxBodyBytes: 65536, queueBytes: 1 << 24 },
      { epochNow: Date.now, warn: () => {}, onStored: ({ last }) => opened.source?.stored(last) },
    );
    opened.source = new StoredSource(history.reader);
    await opened.source.start();
    return new Shown(history, opened.source);
  }

  /** Stores lines. */
  async store(...lines: readonly (string | { readonly [name: string]: unknown })[]): Promise<void> {
    for (const line of lines) {
      const record: Record = this.#reader.read(typeof line === "string" ? JSON.parse(line) : line);
      this.source.taken(record);
      this.#history.write(record);
    }
    await this.#history.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.source.stop();
    await this.#history.close(1000);
  }
}

const side = {
  connection: 1,
  listener: "127.0.0.1:8081",
  client: "127.0.0.1:40112",
  target: "127.0.0.1:9080",
  time: "2026-11-20T10:31:06.123Z",
};
const opened = (more: { readonly [name: string]: unknown } = {}) => ({
  type: "connection",
  event: "opened",
  ...side,
  ms: { connect: 1 },
  tls: { target: { version: "TLSv1.3", alpn: "http/1.1" } },
  ...more,
});
const closed = (more: { readonly [name: string]: unknown } = {}) => ({
  type: "connection",
  event: "closed",
  ...side,
  up: 10,
  down: 20,
  ms: { total: 5 },
  exchanges: 0,
  end: "client-closed",
  ...more,
});
const event = (index: number, more: { readonly [name: string]: unknown } = {}) => ({
  type: "message",
  exchange: 1,
  ...side,
  direction: "down",
  index,
  protocol: "sse",
  event: "message",
  bytes: 1,
  text: `${index}`,
  ...more,
});
const lost = { type: "lost", count: 3, from: side.time, to: side.time, reason: "slow" };

const view = async ({ source }: Shown, row: number): Promise<ExchangeView> => {
  const found = await source.view(row, 1000);
  assert.ok(found !== undefined);
  return found;
};

Deno.test("rows are counted as they come, whether or not a page is told of them", async () => {
  await using shown = await Shown.open();
  await shown.store(opened(), exchangeLine(), closed({ exchanges: 1 }), closed({ connection: 2 }), lost);
  assert.equal((await shown.source.page({ limit: 1 })).total, 3);
  assert.equal(await shown.source.remove(undefined), 3);
  assert.equal((await shown.source.page({ limit: 1 })).total, 0);
  assert.equal(await shown.source.undo(), 3);
  const { promise, resolve } = Promise.withResolvers<LiveEvent>();
  const forget = shown.source.subscribe(resolve);
  await shown.store(exchangeLine({ id: 2 }));
  const told = await promise;
  forget();
  assert.ok(told.type === "rows");
  // What nobody was told of is told with it.
  assert.deepEqual([told.total, told.added], [4, 4]);
});

Deno.test("rows that are not kept any more are not counted", async () => {
  await using shown = await Shown.open({ count: 300 });
  const { source } = shown;
  for (let i = 0; i < 20; i++) {
    await shown.store(...Array.from({ length: 100 }, (_, j) => exchangeLine({ id: 100 * i + j + 1 })));
  }
  const { total, rows } = await source.page({ limit: 1000 });
  assert.ok(rows.length >= 300 && rows.length < 500, `${rows.length}`);
  assert.deepEqual([total, (await source.page({ limit: 1 })).total], [rows.length, rows.length]);
  const { promise, resolve } = Promise.withResolvers<LiveEvent>();
  const forget = source.subscribe(resolve);
  await shown.store(exchangeLine({ id: 2001 }));
  const told = await promise;
  forget();
  assert.equal(told.type === "rows" && told.total, (await source.page({ limit: 1000 })).rows.length);
});

Deno.test("removing and having back tell how many rows it really was", async () => {
  await using shown = await Shown.open();
  const { source } = shown;
  await shown.store(opened(), exchangeLine(), event(1), exchangeLine({ id: 2 }), exchangeLine({ id: 3 }));
  const total = async () => (await source.page({ limit: 1 })).total;
  const told: number[] = [];
  source.subscribe((event) => event.type === "rows" && told.push(event.total));
  assert.equal(await source.remove([2, 2, 3, 700, 701]), 1);
  assert.equal(await total(), 2);
  assert.equal(await source.remove([2]), 0);
  assert.equal(await source.undo(), 0);
  assert.equal(await total(), 2);
  assert.equal(await source.remove(undefined), 2);
  assert.equal(await source.undo(), 2);
  assert.equal(await source.undo(), 0);
  assert.deepEqual(told, [2, 2, 2, 0, 2]);
});

Deno.test("orders of those who have gone are called off, and too many are refused", async () => {
  await using shown = await Shown.open();
  const { source } = shown;
  await shown.store(...Array.from({ length: 3000 }, (_, i) => exchangeLine({ id: i + 1 })));
  const query = (i: number) =>
    ({ key: "url", isFalling: true, offset: 0, limit: 1, filter: `-body:none${i}` }) as const;
  const leave = new AbortController();
  const left = [1, 2, 3].map((i) => source.ordered({ ...query(i), signal: leave.signal }));
  left.push(source.page({ limit: 1, filter: "id:1", signal: leave.signal }));
  const settled = Promise.allSettled(left);
  leave.abort(new Error("gone"));
  for (const one of await settled) assert.equal("reason" in one && one.reason.message, "gone");
  const outcomes = await Promise.allSettled([...Array(20).keys()].map((i) => source.ordered(query(i))));
  const reasons = outcomes.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
  assert.ok(reasons.length > 0 && reasons.length < 20);
  const searched = await Promise.allSettled(
    [...Array(16).keys()].map((i) => source.page({ limit: 1000, filter: `-body:any${i}` })),
  );
  for (const one of searched) {
    if (one.status === "fulfilled") continue;
    assert.deepEqual([one.reason.name, one.reason.status], ["Refused", 503]);
    assert.match(one.reason.message, /more searches wait: try again soon/);
  }
  assert.equal(searched.filter(({ status }) => status === "rejected").length, 8);
  for (const { name, status, message } of reasons) {
    assert.deepEqual([name, status], ["Refused", 503]);
    assert.match(message, /orders wait: try again soon/);
  }
});

Deno.test("a browser that goes while its rows are looked for calls that off", async () => {
  await using shown = await Shown.open();
  await shown.store(exchangeLine());
  const rows = rowRoutes(shown.source).find(({ method, path }) => method === "GET" && path === "/api/rows")!;
  for (const query of ["sort=url", "filter=status:200"]) {
    const leave = new AbortController();
    const request = new Request(`http://127.0.0.1/api/rows?${query}`, { signal: leave.signal });
    const answer = Promise.resolve(rows.answer(request, {}));
    leave.abort();
    await assert.rejects(answer, { name: "AbortError" });
  }
  const asked = new Request("http://127.0.0.1/api/rows?sort=url");
  const { total } = await (await rows.answer(asked, {})).json();
  assert.equal(total, 1);
});

Deno.test("times are in order where files with older ones were opened later", async () => {
  await using shown = await Shown.open();
  const at = (minute: string) => exchangeLine({ time: `2026-11-20T10:${minute}:00.000Z` });
  await shown.store(at("30"), at("50"), at("10"), at("40"));
  const rows = async (isFalling: boolean) => {
    const page = await shown.source.ordered({ key: "time", isFalling, offset: 0, limit: 10 });
    return page.rows.map(({ row }) => row);
  };
  assert.deepEqual([await rows(false), await rows(true)], [[3, 1, 4, 2], [2, 4, 1, 3]]);
});

Deno.test("an exchange comes with the opening of its connection, its target's one, and the latest", async () => {
  await using shown = await Shown.open();
  const other = { target: "127.0.0.1:7" };
  await shown.store(
    opened({ tls: { target: { version: "TLSv1.1" } } }),
    opened(),
    opened({ ...other, tls: undefined }),
    lost,
    exchangeLine(),
    exchangeLine({ ...other, id: 2 }),
    exchangeLine({ connection: 3, id: 3 }),
    opened({ connection: 3 }),
    closed(),
  );
  const { opened: found } = await view(shown, 5) as { opened: ReturnType<typeof opened> };
  assert.deepEqual([found.event, found.tls.target], ["opened", { version: "TLSv1.3", alpn: "http/1.1" }]);
  assert.equal((await view(shown, 6) as { opened: { tls?: unknown } }).opened.tls, undefined);
  assert.ok(!("opened" in await view(shown, 7)));
  assert.deepEqual((await view(shown, 9)).opened, found);
});

Deno.test("messages are an exchange's own, records of losses left out", async () => {
  await using shown = await Shown.open();
  const { source } = shown;
  await shown.store(event(1), lost, event(2), event(1, { client: "127.0.0.1:9" }), exchangeLine(), event(3));
  assert.equal((await view(shown, 5)).messages, 3);
  const first = await source.messages(5, 0, 2);
  assert.deepEqual(first.messages.map(({ row }) => row), [1]);
  assert.equal(first.hasMore, true);
  const all = await source.messages(5, 0, 100);
  assert.deepEqual(all.messages.map(({ record }) => (record as { index: number }).index), [1, 2, 3]);
  assert.equal(all.hasMore, false);
  assert.deepEqual(await source.messages(99, 0, 10), { messages: [], hasMore: false });
});

Deno.test("messages of what is under way are there before their exchange is", async () => {
  await using shown = await Shown.open();
  const data = { type: "data", ...side, direction: "up", offset: 0, bytes: 2, text: "hi" };
  await shown.store(event(1), data, event(2), event(9, { exchange: 2 }), event(8, { connection: 2 }));
  const texts = async (id: number | undefined, after: number) => {
    const { connection, listener, client } = side;
    const key = { connection, listener, client, ...id !== undefined && { id } };
    const { messages } = await shown.source.activeMessages(key, after, 10);
    return messages.map(({ record }) => (record as { text: string }).text);
  };
  assert.deepEqual(await texts(1, 0), ["1", "2"]);
  assert.deepEqual(await texts(1, 1), ["2"]);
  assert.deepEqual(await texts(undefined, 0), ["1", "hi", "2", "9"]);
  const hostile = { connection: 1, listener: '" | type:data "', client: '\\" -type:data' };
  assert.deepEqual((await shown.source.activeMessages(hostile, 0, 10)).messages, []);
});

Deno.test("messages that are long together come in several pages", async () => {
  await using shown = await Shown.open();
  const text = "x".repeat(60_000);
  const events = [...Array(200).keys()].map((i) => event(i + 1, { bytes: text.length, text }));
  await shown.store(...events, exchangeLine());
  const indexes: number[] = [];
  let pages = 0;
  for (let after = 0;;) {
    const { messages, hasMore } = await shown.source.messages(201, after, 1000);
    indexes.push(...messages.map(({ record }) => (record as { index: number }).index));
    pages++;
    if (!hasMore) break;
    after = messages[messages.length - 1].row;
  }
  assert.ok(pages > 1 && pages < 10, `${pages}`);
  assert.deepEqual(indexes, [...Array(200).keys()].map((i) => i + 1));
});

Deno.test("lost records are a row that says so, and has nothing that belongs to it", async () => {
  await using shown = await Shown.open();
  await shown.store(exchangeLine(), lost);
  const { rows: [row] } = await shown.source.page({ limit: 10 });
  assert.deepEqual([row.type, row.url, row.outcome, row.isOdd], [
    "stream",
    "3 records were lost here",
    "lost",
    true,
  ]);
  const { messages, record } = await view(shown, row.row);
  assert.deepEqual([messages, (record as { type: string }).type], [0, "lost"]);
  assert.deepEqual(await shown.source.messages(row.row, 0, 10), { messages: [], hasMore: false });
});

Deno.test("rows come in the order of a column, of those that the table shows and that match", async () => {
  await using shown = await Shown.open();
  const { source } = shown;
  const taking = (id: number, total: number) => exchangeLine({ id, ms: { total, wait: total / 2 } });
  await shown.store(
    opened(),
    taking(1, 5),
    taking(2, 50),
    event(1),
    taking(3, 0.5),
    closed({ exchanges: 3 }),
  );
  const ids = async (key: "elapsed" | "timing" | "row", isFalling: boolean, more = {}) => {
    const page = await source.ordered({ key, isFalling, offset: 0, limit: 10, ...more });
    return page.rows.map(({ id }) => id);
  };
  assert.deepEqual(await ids("elapsed", true), [2, 1, 3]);
  assert.deepEqual(await ids("timing", false), [3, 1, 2]);
  assert.deepEqual(await ids("row", false), [1, 2, 3]);
  assert.deepEqual(await ids("elapsed", false, { filter: "duration:>1" }), [1, 2]);
  const first = await source.ordered({ key: "elapsed", isFalling: true, offset: 0, limit: 2 });
  assert.deepEqual([first.total, first.hasMore], [3, true]);
  await shown.store(taking(4, 100));
  const { order } = first;
  const next = await source.ordered({
    key: "elapsed",
    isFalling: true,
    offset: 2,
    limit: 2,
    ...order && { order },
  });
  assert.deepEqual(next.rows.map(({ id }) => id), [3]);
  assert.deepEqual([next.order, next.hasMore], [order, false]);
});
