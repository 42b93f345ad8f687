/** What is told to browsers while their pages are open. */
import assert from "node:assert/strict";
import type { LiveEvent, RowView } from "../../src/ui/api.ts";
import { EventStreams, HEARTBEAT_MS, LiveQueue, SAMPLE_MS, SAMPLE_ROWS } from "../../src/ui/events.ts";
import { activeView } from "./fake_admin.ts";
import { settled, Time } from "./time.ts";

function rowView(row: number, url = `/${row}`): RowView {
  return {
    row,
    type: "exchange",
    connection: 1,
    at: 0,
    client: "c",
    target: "t",
    listener: "l",
    url,
    outcome: "complete",
  };
}

function added(first: number, last = first): LiveEvent {
  const rows = Array.from({ length: last - first + 1 }, (_, i) => rowView(last - i));
  return { type: "rows", total: last, newest: last, added: rows.length, rows };
}

function streams() {
  const time = new Time();
  const listeners = new Set<(event: LiveEvent) => void>();
  const all = new EventStreams({
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    now: () => time.now,
    setTimer: time.setTimer,
  });
  const emit = (event: LiveEvent) => {
    for (const listener of listeners) listener(event);
  };
  return { time, listeners, all, emit };
}

/** Reads on, as a browser does, and keeps what came. */
function browser(body: ReadableStream<Uint8Array>) {
  const texts: string[] = [];
  const reader = body.getReader();
  const done = (async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      texts.push(new TextDecoder().decode(value));
    }
  })();
  const events = () =>
    texts.join("").split("\n\n").filter((text) => text.startsWith("data: ")).map((text) =>
      JSON.parse(text.slice("data: ".length)) as LiveEvent
    );
  return { texts, events, done, leave: () => reader.cancel() };
}

Deno.test("events are merged while they wait: one of each type, the newest rows, all that were added", () => {
  const queue = new LiveQueue();
  assert.ok(queue.isEmpty);
  queue.push(added(1, 40));
  queue.push({ type: "lost", count: 1, reason: "full" });
  queue.push(added(41, 60));
  queue.push({ type: "state" });
  queue.push({ type: "state" });
  queue.push({ type: "lost", count: 5, reason: "disk" });
  const [state, rows, lost, ...more] = queue.take();
  assert.deepEqual([state, lost, more], [{ type: "state" }, { type: "lost", count: 5, reason: "disk" }, []]);
  assert.ok(rows.type === "rows");
  assert.deepEqual([rows.total, rows.newest, rows.added, rows.rows.length], [60, 60, 60, SAMPLE_ROWS]);
  assert.deepEqual(rows.rows.map(({ row }) => row), Array.from({ length: SAMPLE_ROWS }, (_, i) => 60 - i));
  assert.ok(queue.isEmpty);
  assert.deepEqual(queue.take(), []);
});

Deno.test("of what is under way, a browser is told the newest there is, also that it is nothing any more", () => {
  const queue = new LiveQueue();
  const active = { type: "active", rows: [activeView()], total: 1 } as const;
  queue.push(active);
  queue.push({ type: "state" });
  assert.equal(queue.isEmpty, false);
  queue.push({ ...active, total: 2 });
  assert.deepEqual(queue.take(), [{ type: "state" }, { ...active, total: 2 }]);
  queue.push(active);
  queue.push({ type: "active", rows: [], total: 0 });
  assert.deepEqual(queue.take(), [{ type: "active", rows: [], total: 0 }]);
  assert.equal(queue.isEmpty, true);
});

Deno.test("rows with very long texts are fewer, but never none", () => {
  const queue = new LiveQueue();
  for (let row = 1; row <= 9; row++) {
    queue.push({ type: "rows", total: row, newest: row, added: 1, rows: [rowView(row, "/".repeat(30_000))] });
  }
  const [rows] = queue.take();
  assert.ok(rows.type === "rows");
  assert.deepEqual(rows.rows.map(({ row }) => row), [9, 8]);
  assert.equal(rows.added, 9);
  queue.push({ type: "rows", total: 1, newest: 1, added: 1, rows: [rowView(1, "/".repeat(1_000_000))] });
  const [long] = queue.take();
  assert.equal(long.type === "rows" && long.rows.length, 1);
});

Deno.test("a removal, which adds nothing, says how many are left", () => {
  const queue = new LiveQueue();
  queue.push(added(1, 3));
  queue.push({ type: "rows", total: 0, newest: 0, added: 0, rows: [] });
  const [rows] = queue.take();
  assert.ok(rows.type === "rows");
  assert.deepEqual([rows.total, rows.newest, rows.added], [0, 0, 3]);
});

Deno.test("the first event is told at once, those that follow are sampled", async () => {
  const { time, all, emit } = streams();
  const { events, leave } = browser(all.open()!.body);
  await settled();
  emit(added(1));
  await time.pass(0);
  assert.equal(events().length, 1);
  for (let row = 2; row <= 1000; row++) emit(added(row));
  await time.pass(SAMPLE_MS - 1);
  assert.equal(events().length, 1);
  await time.pass(1);
  const [, second, ...more] = events();
  assert.ok(second.type === "rows");
  assert.deepEqual([second.added, second.rows.length, second.newest, more], [999, SAMPLE_ROWS, 1000, []]);
  for (let i = 0; i < 1000; i++) {
    emit(added(1001 + i));
    await time.pass(1);
  }
  const count = events().length - 2;
  assert.ok(count >= 9 && count <= 11, `${count}`);
  await leave();
});

Deno.test("a quiet connection is kept alive, and tells browsers when to come back", async () => {
  const { time, all } = streams();
  const { texts, leave } = browser(all.open()!.body);
  await settled();
  await time.pass(3 * HEARTBEAT_MS);
  assert.deepEqual(texts, ["retry: 1000\n\n", ":\n\n", ":\n\n", ":\n\n"]);
  await leave();
});

Deno.test("a browser that does not read gets no more than one event, however many there are; the others get theirs", async () => {
  const { time, all, emit } = streams();
  const slow = all.open()!.body.getReader();
  const quick = browser(all.open()!.body);
  await settled();
  assert.match(new TextDecoder().decode((await slow.read()).value), /^retry/);
  for (let row = 1; row <= 100_000; row++) {
    emit(added(row));
    if (row % 1000 === 0) await time.pass(SAMPLE_MS);
  }
  assert.ok(quick.events().length > 90);
  const first = new TextDecoder().decode((await slow.read()).value);
  assert.equal(JSON.parse(first.slice(6)).added, 1000);
  await time.pass(SAMPLE_MS);
  const rest = JSON.parse(new TextDecoder().decode((await slow.read()).value).slice(6));
  assert.deepEqual([rest.added, rest.rows.length, rest.total], [99_000, SAMPLE_ROWS, 100_000]);
  await slow.cancel();
  await quick.leave();
});

Deno.test("what comes from the wire cannot end an event or begin another", async () => {
  const { time, all, emit } = streams();
  const { texts, events, leave } = browser(all.open()!.body);
  await settled();
  const url = "/a\n\ndata: {}\r\revent: x\u2028\u0000";
  emit({ type: "rows", total: 1, newest: 1, added: 1, rows: [rowView(1, url)] });
  await time.pass(0);
  const [event] = events();
  assert.equal(event.type === "rows" && event.rows[0].url, url);
  assert.equal(texts.join("").split(/\r\n|\n|\r/).length, "retry: 1000\n\ndata: …\n\n".split("\n").length);
  await leave();
});

Deno.test("when the browser goes, nothing is left of it", async () => {
  const { time, listeners, all, emit } = streams();
  const gone = browser(all.open()!.body);
  const stays = browser(all.open()!.body);
  await settled();
  emit(added(1));
  assert.deepEqual([all.size, listeners.size, time.running], [2, 2, 2]);
  await gone.leave();
  assert.deepEqual([all.size, listeners.size, time.running], [1, 1, 1]);
  await time.pass(SAMPLE_MS);
  assert.equal(stays.events().length, 1);
  await stays.leave();
  assert.deepEqual([all.size, listeners.size, time.running], [0, 0, 0]);
});

Deno.test("closing ends all streams at once, also those that nobody reads, and opens no more", async () => {
  const { time, listeners, all, emit } = streams();
  const { done } = browser(all.open()!.body);
  all.open();
  emit(added(1));
  all.close();
  await done;
  assert.deepEqual([all.size, listeners.size, time.running], [0, 0, 0]);
  assert.equal(all.open(), undefined);
  all.close();
});
