import assert from "node:assert/strict";
import { wireOf } from "../../src/capture/wire.ts";
import type { Record } from "../../src/capture/record.ts";
import { joined } from "../../src/http/joined.ts";
import { readHistory } from "../../src/store/read_history.ts";
import { HistoryIndex } from "../../src/store/reader.ts";
import { written } from "../archive/archived.ts";
import * as samples from "../capture/filter_samples.ts";
import { get, ok, Script } from "../capture/connection_script.ts";
import { MAX_BODY_BYTES, TestHistory } from "./stored.ts";

const { exchange, request, response } = samples;
/** A connection that carried no exchange; every other one carried two. */
const stream = (i: number): Record => ({ ...samples.closed, exchanges: i % 2 * 2 });
const every: readonly Record[] = [
  exchange(),
  samples.opened,
  samples.hello,
  samples.openedWithTls,
  samples.closed,
  samples.struck,
  samples.data,
  samples.webSocket,
  samples.serverSent,
  samples.lost,
];

async function readAll(path: string) {
  const problems: string[] = [];
  const archived = [];
  for await (const batch of readHistory(path, { onProblem: ({ message }) => problems.push(message) })) {
    archived.push(...batch);
  }
  return { archived, problems };
}

Deno.test("every record comes back as it was, with its id as its place", async () => {
  using history = new TestHistory();
  history.write(...every);
  const { archived, problems } = await readAll(history.path);
  assert.deepEqual(problems, []);
  assert.deepEqual(archived.map(({ place }) => place), every.map((_, i) => i + 1));
  assert.equal(written(archived.map(({ record }) => record)), written(every));
  every.forEach((record, i) => assert.equal(written([history.index.record(i + 1)!]), written([record])));
});

Deno.test("heads that are odd come back byte for byte", () => {
  using history = new TestHistory();
  const script = new Script({});
  script.step(["up", get("/a", "X:  odd \r\n and folded\n")]);
  script.step(["down", ok("x")]);
  script.step(["end"]);
  history.write(...script.records);
  const before = script.records.find((record) => record.type === "exchange")!;
  const [id] = history.ids("type:exchange");
  const after = history.index.record(id);
  assert.ok(after?.type === "exchange" && before.type === "exchange");
  assert.deepEqual(joined(wireOf(after.request!).pieces), joined(wireOf(before.request!).pieces));
});

Deno.test("records that come one by one are joined to blocks, and stay where they are", async () => {
  using history = new TestHistory();
  const records = Array.from(
    { length: 700 },
    (_, i) => exchange({ id: i + 1, response: response(200 + i % 100) }),
  );
  for (const record of records) history.write(record);
  assert.ok(history.numbers("SELECT count(*) FROM blocks")[0] < 140);
  assert.deepEqual(history.ids(), records.map(({ id }) => id).toReversed());
  assert.deepEqual(history.ids("status:217"), [618, 518, 418, 318, 218, 118, 18]);
  const { archived } = await readAll(history.path);
  assert.equal(written(archived.map(({ record }) => record)), written(records));
  history.write(...records);
  assert.equal(history.ids("status:217").length, 14);
});

Deno.test("a body of many parts is read in parts", () => {
  using history = new TestHistory();
  const large = crypto.getRandomValues(new Uint8Array(60_000));
  const body = joined(Array.from({ length: 20 }, () => large));
  history.write(
    exchange({ request: request("PUT /large", [], body), response: response(200, [], "done") }),
    exchange(),
  );
  assert.ok(history.numbers("SELECT count(*) FROM lines WHERE block = 1")[0] > 4);
  const part = history.index.body(1, "request", 600_000, 1000);
  assert.deepEqual(part?.part, body.slice(600_000, 601_000));
  assert.deepEqual([part?.kept, part?.bytes], [1_200_000, 1_200_000]);
  assert.deepEqual(history.index.body(1, "request", 1_199_999, 1000)?.part.length, 1);
  assert.deepEqual(history.index.body(1, "request", 5_000_000, 10)?.part.length, 0);
  assert.equal(history.index.body(1, "body", 0, 10), undefined);
  assert.equal(history.index.body(99, "request", 0, 10), undefined);
});

Deno.test("rows show what a table shows", () => {
  using history = new TestHistory();
  history.write(exchange({ request: request("GET /Mixed?Case=1") }), samples.closed);
  const [closed, row] = history.index.page({ limit: 2 }).rows;
  assert.deepEqual(
    [
      row.id,
      row.type,
      row.method,
      row.url,
      row.status,
      row.host,
      row.responseMime,
      row.bytes,
      row.ms.duration,
    ],
    [1, "exchange", "GET", "/Mixed?Case=1", 200, "shop.example:8081", "application/json", 32, 512.346],
  );
  assert.deepEqual(row.flags, ["bare-lf", "host-rewritten"]);
  assert.deepEqual([row.exchange, row.connection, row.client], [17, 3, "[::1]:40112"]);
  assert.deepEqual([closed.end, closed.ms.duration, "method" in closed], ["target-reset", 90_000, false]);
});

Deno.test("what was removed is gone at once, comes back with undo, and goes for good later", () => {
  using history = new TestHistory();
  const records = Array.from({ length: 400 }, (_, i) => exchange({ id: i + 1 }));
  history.write(...records);
  const { removal: some } = history.index.remove([5, 7, 6, 300]);
  assert.equal(history.ids().length, 396);
  assert.equal(history.index.count().count, 396);
  assert.equal(history.index.record(6), undefined);
  const { removal: all } = history.index.remove("all");
  assert.deepEqual(history.ids("status:200"), []);
  history.write(exchange());
  assert.deepEqual(history.ids(), [401]);
  history.index.undo(all);
  assert.equal(history.ids().length, 397);
  history.clock.at += 3_600_000;
  history.tidy();
  history.write(exchange());
  history.index.undo(some);
  assert.equal(history.ids().length, 398);
  assert.deepEqual(history.numbers("SELECT count(*) FROM records WHERE id IN (5, 6, 7, 300)"), [0]);
  assert.equal(history.index.record(8) !== undefined && history.index.record(6) === undefined, true);
  const line = history.index.line(301);
  assert.match(line!, /"id":301,/);
  history.index.remove("all");
  history.clock.at += 3_600_000;
  for (let i = 0; i < 5; i++) history.tidy();
  assert.equal(history.index.span(), undefined);
  assert.deepEqual(history.numbers("SELECT count(*) FROM lines"), [0]);
  history.write(exchange());
  assert.deepEqual(history.ids(), [403]);
});

Deno.test("records are counted without those that were removed, whoever has to be asked", () => {
  using history = new TestHistory();
  const records = Array.from(
    { length: 700 },
    (_, i) =>
      i % 7 === 0 ? stream(i) : exchange({ id: i + 1, response: response(200, [], i % 2 ? "odd" : "even") }),
  );
  for (let i = 0; i < records.length; i += 70) history.write(...records.slice(i, i + 70));
  const filters = ["", "status:200", "body:odd", "-body:odd", "type:exchange | type:connection exchanges:0"];
  const check = () => {
    for (const filter of filters) {
      const { length } = history.ids(filter);
      assert.deepEqual(history.index.count(filter), { count: length, isPartial: false }, filter);
      assert.deepEqual(history.index.total(filter), { count: length, isPartial: false }, filter);
    }
  };
  check();
  history.index.remove(Array.from({ length: 200 }, (_, i) => 90 + 3 * i));
  check();
  history.index.remove([1, 2, 3, 4]);
  check();
});

Deno.test("a total that is asked for again is right after whatever happened meanwhile", () => {
  using history = new TestHistory({ count: 500 });
  const filter = "type:exchange | type:connection exchanges:0";
  const total = () => history.index.total(filter).count;
  const check = () => assert.equal(total(), history.ids(filter).length);
  const write = (count: number) =>
    history.write(...Array.from({ length: count }, (_, i) => i % 5 === 0 ? stream(i) : exchange()));
  for (let i = 0; i < 30; i++) {
    write(17 + i);
    check();
  }
  const { first, last } = history.index.span()!;
  const { removal, count } = history.index.remove("all", filter);
  assert.ok(count > 300 && total() === 0);
  write(10);
  check();
  assert.equal(history.index.undo(removal, filter), count);
  check();
  const middle = [...Array(200).keys()].map((i) => first + 100 + i);
  const removed = history.index.remove(middle, filter);
  assert.equal(history.index.remove(middle, filter).count, 0);
  check();
  // What can be seen again is all that is not hidden twice.
  assert.equal(history.index.undo(removed.removal, filter), 0);
  history.clock.at += 3_600_000;
  for (let i = 0; i < 5; i++) history.tidy();
  check();
  assert.ok(history.numbers("SELECT count(*) FROM removed")[0] === 0 && last > first);
  write(1200);
  check();
});

Deno.test("a total goes on where its time ran out", () => {
  using history = new TestHistory();
  for (let i = 0; i < 4; i++) history.write(...Array.from({ length: 128 }, () => exchange()));
  let now = 0;
  using index = new HistoryIndex(history.path, { maxBodyBytes: 100, now: () => now++, epochNow: () => 0 });
  assert.deepEqual(index.total("", 1), { count: 128, isPartial: true });
  assert.deepEqual(index.total("", 2), { count: 384, isPartial: true });
  assert.deepEqual(index.total("", 2), { count: 512, isPartial: false });
});

Deno.test("what is removed before it is there is not hidden later", () => {
  using history = new TestHistory();
  history.write(exchange(), exchange());
  const { removal, count } = history.index.remove([2, 3, 4, 2, 900]);
  assert.equal(count, 1);
  history.write(exchange(), exchange());
  assert.deepEqual(history.ids(), [4, 3, 1]);
  assert.equal(history.index.undo(removal), 1);
});

Deno.test("others have their turn while records are searched, and a search is called off between turns", async () => {
  using history = new TestHistory();
  history.write(...Array.from({ length: 300 }, (_, i) => exchange({ id: i + 1 })));
  let now = 0;
  const pauses: (() => void)[] = [];
  using index = new HistoryIndex(history.path, {
    maxBodyBytes: 100,
    now: () => now++,
    epochNow: () => 0,
    pause: () => new Promise((resolve) => pauses.push(resolve)),
  });
  // Each record has to be read.
  const filter = "-body:none";
  const leave = new AbortController();
  const left = index.pageInTurn({ limit: 300, filter }, leave.signal);
  const found = index.pageInTurn({ limit: 300, filter });
  const counted = index.countInTurn(filter);
  assert.equal((await index.pageInTurn({ limit: 5 })).rows.length, 5);
  assert.equal((await index.pageInTurn({ limit: 5, filter: "status:200" })).rows.length, 5);
  const settled = Promise.allSettled([left, found, counted]);
  let turns = 0;
  let isDone = false;
  settled.then(() => isDone = true);
  while (!isDone) {
    if (turns++ === 3) leave.abort(new Error("gone"));
    pauses.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const [gone, page, count] = await settled;
  assert.equal("reason" in gone && gone.reason.message, "gone");
  assert.equal("value" in page && page.value.rows.length, 300);
  assert.deepEqual("value" in count && count.value, { count: 300, isPartial: false });
  assert.ok(turns > 20, `${turns}`);
});

Deno.test("a line that is no record is left out, and told", () => {
  using history = new TestHistory();
  const line = written([exchange()]);
  const { first, last, refused } = history.writeText(`${line}{"type":"x"}\nnonsense\n\n${line}`);
  assert.deepEqual([first, last, refused], [1, 2, 3]);
  assert.deepEqual(history.ids(), [2, 1]);
});

Deno.test("what is damaged is told, and what is around it is read", async () => {
  using history = new TestHistory();
  history.write(...every);
  history.changeLines(1, (lines) => lines.replace('"type":"data"', '"type":"dat"'));
  const { archived, problems } = await readAll(history.path);
  assert.equal(archived.length, every.length - 1);
  assert.match(problems.join(), /^record 7: found what is no record/);
});

Deno.test("of a block that cannot be unpacked every record is told, and the others are read", async () => {
  using history = new TestHistory();
  const records = Array.from({ length: 300 }, (_, i) => exchange({ id: i + 1 }));
  history.write(...records);
  history.run("UPDATE lines SET bytes = x'789cffffffffff' WHERE block = 1");
  const { archived, problems } = await readAll(history.path);
  assert.equal(problems.length, 128);
  assert.match(problems[127], /^record 128: found what is no record/);
  assert.equal(archived.length, 172);
  assert.equal(history.ids("cookie:zz").length, 128);
});

Deno.test("lines that an older version stored as they are can be read, and so can those of noise", () => {
  using history = new TestHistory();
  const noise = crypto.getRandomValues(new Uint8Array(3000));
  const records = Array.from(
    { length: 300 },
    (_, i) => exchange({ id: i + 1, request: request("PUT /", [], noise.map((byte) => byte ^ i * i * 7)) }),
  );
  history.write(...records);
  const [line] = history.index.lines([130]);
  const block = history.numbers("SELECT max(first) FROM blocks WHERE first <= 130")[0];
  history.changeLines(block, (lines) => lines);
  using index = new HistoryIndex(history.path, {
    maxBodyBytes: MAX_BODY_BYTES,
    now: () => 0,
    epochNow: () => 0,
  });
  assert.deepEqual(index.lines([130]), [line]);
  records.forEach((record, i) => assert.equal(written([index.record(i + 1)!]), written([record])));
});

Deno.test("a full disk leaves nothing half done, and what could not be written can be tried again", () => {
  using history = new TestHistory();
  history.write(...every);
  const pages = history.numbers("PRAGMA page_count")[0];
  history.run(`PRAGMA max_page_count = ${pages + 2}`);
  const many = Array.from({ length: 2000 }, () => exchange());
  assert.throws(() => history.write(...many), /full/);
  assert.equal(history.ids().length, every.length);
  history.run("PRAGMA max_page_count = 1000000");
  history.write(...many);
  assert.equal(history.ids("", 5000).length, every.length + 2000);
});

Deno.test("time that is limited gives a part, and where to go on", () => {
  using history = new TestHistory();
  const records = Array.from(
    { length: 2000 },
    (_, i) => exchange({ id: i + 1, response: response(200, [], `n${i}`) }),
  );
  for (let i = 0; i < records.length; i += 500) history.write(...records.slice(i, i + 500));
  let now = 0;
  using index = new HistoryIndex(history.path, {
    maxBodyBytes: MAX_BODY_BYTES,
    now: () => now++,
    epochNow: () => 0,
  });
  const ids: number[] = [];
  let parts = 0;
  let before: number | undefined;
  for (;;) {
    const page = index.page({
      limit: 100,
      filter: "body:n77",
      budgetMs: 0,
      ...before !== undefined && { before },
    });
    ids.push(...page.rows.map(({ id }) => id));
    if (page.isPartial) parts++;
    if (page.next === undefined) break;
    before = page.next;
  }
  const expected = records.filter((_, i) => `n${i}`.includes("n77")).map(({ id }) => id);
  assert.deepEqual(ids, expected.toReversed());
  assert.ok(parts > 1);
  assert.equal(index.count("body:n77", undefined, 0).isPartial, true);
});
