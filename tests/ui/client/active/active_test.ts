import assert from "node:assert/strict";
import type { ActiveView } from "../../../../src/ui/api.ts";
import { activeElementId } from "../../../../src/ui/client/active/active_row.tsx";
import {
  activeName,
  blockLines,
  hasEnded,
  heldLines,
  isRowOf,
  linesOfActive,
  roomFor,
} from "../../../../src/ui/client/active/active_state.ts";
import { askedText, elapsedText } from "../../../../src/ui/client/active/words.ts";
import { activeView } from "../../fake_admin.ts";
import { madeUpRow } from "../../many_rows.ts";

function several(count: number): ActiveView[] {
  return Array.from({ length: count }, (_, at) => activeView({ id: count - at, at: 1000 * (count - at) }));
}

Deno.test("what is under way keeps its name while more of it passes, and has no other's", () => {
  const view = activeView({ id: 3 });
  assert.equal(activeName(view), activeName({ ...view, up: 9, down: 9, status: 200 }));
  for (const other of [{ id: 4 }, { connection: 2 }, { client: "x" }, { listener: "x" }]) {
    assert.notEqual(activeName(view), activeName({ ...view, ...other }));
  }
  const { id: _, ...stream } = view;
  assert.notEqual(activeName(view), activeName(stream));
  assert.match(activeElementId(activeName(view)), /^[\w.:-]+$/);
});

Deno.test("as many lines are shown as there is room for; the others are counted", () => {
  const rows = several(20);
  const lines = linesOfActive({ rows, total: 60 }, 8);
  assert.equal(lines.lines.length, 8);
  assert.equal(lines.more, 52);
  assert.equal(blockLines(lines), 9);
  assert.equal(blockLines(linesOfActive({ rows: several(8), total: 8 }, 8)), 8);
  assert.equal(blockLines(linesOfActive({ rows: several(9), total: 9 }, 8)), 9);
  assert.equal(linesOfActive({ rows: several(9), total: 9 }, 8).more, 0);
  assert.equal(blockLines(linesOfActive({ rows: [], total: 0 }, 8)), 0);
});

Deno.test("what the keyboard stands at has a line, however many are newer", () => {
  const rows = several(20);
  const chosen = activeName(rows[15]);
  const { lines, more } = linesOfActive({ rows, total: 20 }, 3, chosen);
  assert.deepEqual(lines.map(({ view }) => view.id), [20, 19, 5]);
  assert.equal(more, 17);
  const gone = activeName(activeView({ id: 99 }));
  assert.equal(linesOfActive({ rows, total: 20 }, 3, gone).lines.length, 3);
});

Deno.test("rows that ended have at least half of the table", () => {
  assert.equal(roomFor(2000, 26), 8);
  assert.equal(roomFor(170, 26), 3);
  assert.equal(roomFor(0, 26), 2);
});

Deno.test("lines that are held neither go nor come: what ended says so, what goes on goes on", () => {
  const [second, first] = several(2);
  const held = linesOfActive({ rows: [second, first], total: 2 }, 8);
  const later = { ...first, down: 500 };
  const now = heldLines(held, { rows: [activeView({ id: 9, at: 9000 }), later], total: 2 });
  assert.deepEqual(now.lines.map(({ view, hasEnded }) => [view.id, view.down, hasEnded]), [
    [2, 0, true],
    [1, 500, false],
  ]);
});

Deno.test("where only the newest was told, what is older may go on", () => {
  const [third, second, first] = several(3);
  assert.equal(hasEnded(first, { rows: [third, second], total: 2 }), true);
  assert.equal(hasEnded(first, { rows: [third, second], total: 70 }), false);
  assert.equal(hasEnded(second, { rows: [third, first], total: 70 }), true);
  assert.equal(hasEnded(second, { rows: [], total: 0 }), true);
});

Deno.test("its row is that of the same id on the same connection of the same client and listener", () => {
  const row = { ...madeUpRow(5), id: 17, connection: 3, listener: "l", client: "c" };
  const view = activeView({ id: 17, connection: 3, listener: "l", client: "c" });
  assert.ok(isRowOf(view, row));
  for (const other of [{ id: 18 }, { connection: 4 }, { listener: "m" }, { client: "d" }]) {
    assert.ok(!isRowOf(view, { ...row, ...other }), JSON.stringify(other));
  }
  const stream = activeView({ type: "stream", connection: 3, listener: "l", client: "c" });
  assert.ok(!isRowOf(stream, row), "an exchange before the stream");
  assert.ok(isRowOf(stream, { ...row, outcome: "upgraded" }));
  assert.ok(isRowOf(stream, { ...row, type: "stream", id: undefined }));
});

Deno.test("how long it goes on is told as people read it, also by a clock that is behind", () => {
  assert.equal(elapsedText(0, 400), "0.4 s");
  assert.equal(elapsedText(0, 12_340), "12.3 s");
  assert.equal(elapsedText(0, 61_000), "1m 01s");
  assert.equal(elapsedText(0, 2 * 3_600_000 + 5 * 60_000), "2h 05m");
  assert.equal(elapsedText(5000, 0), "0.0 s");
});

Deno.test("what asks for nothing is said to be what it is", () => {
  assert.equal(askedText(activeView({ url: "/a" })), "/a");
  assert.match(askedText(activeView({ type: "stream" })), /nothing passed yet/);
  assert.match(askedText(activeView({ type: "stream", up: 1 })), /not HTTP/);
});
