import assert from "node:assert/strict";
import { pressOf } from "../../../src/ui/client/keys/press.ts";
import { commandFor } from "../../../src/ui/client/shell/empty.tsx";
import { readPreferences } from "../../../src/ui/client/state/preferences.ts";
import { Rate } from "../../../src/ui/client/state/rate.ts";
import { readRoute, writeRoute } from "../../../src/ui/client/state/route.ts";
import { DEFAULT_WIDTHS, gridTemplate } from "../../../src/ui/client/table/columns.ts";
import { scaleOf, stepsOf } from "../../../src/ui/client/table/steps.ts";
import { scrollTo, slotsOf, windowOf } from "../../../src/ui/client/table/window.ts";
import {
  counted,
  fullTimeText,
  rowTimeText,
  stateOf,
  statusClass,
} from "../../../src/ui/client/table/words.ts";
import { madeUpRow } from "../many_rows.ts";

Deno.test("only lines near what is seen are drawn", () => {
  assert.deepEqual(windowOf(0, 260, 26, 100_000), { first: 0, end: 18 });
  assert.deepEqual(windowOf(26_000, 260, 26, 100_000), { first: 992, end: 1018 });
  assert.deepEqual(windowOf(26_000, 260, 26, 1000), { first: 992, end: 1000 });
  assert.deepEqual(windowOf(-30, 260, 26, 0), { first: 0, end: 0 });
});

Deno.test("no more lines are drawn than there are slots for, however it is scrolled", () => {
  for (const heightPx of [0, 1, 26, 259, 260, 261, 1000]) {
    for (let scrollPx = 0; scrollPx < 600; scrollPx++) {
      const { first, end } = windowOf(scrollPx, heightPx, 26, 1e6);
      assert.ok(end - first <= slotsOf(heightPx, 26), `${end - first} lines at ${scrollPx} of ${heightPx}`);
    }
  }
});

Deno.test("a line is scrolled to only where it is not seen", () => {
  assert.equal(scrollTo(5, 26, 0, 260), 0);
  assert.equal(scrollTo(10, 26, 0, 260), 26);
  assert.equal(scrollTo(1, 26, 100, 260), 26);
});

Deno.test("the steps of an exchange share its part of the common scale", () => {
  const steps = stepsOf({ connect: 1, send: 1, wait: 2, receive: 0, total: 4 }, 8);
  assert.deepEqual(steps.map(({ name, share }) => [name, share]), [
    ["connect", 0.125],
    ["send", 0.125],
    ["wait", 0.25],
    ["receive", 0],
  ]);
});

Deno.test("odd durations never make a bar longer than the whole", () => {
  for (
    const ms of [{ wait: 5, total: 1e9 }, { wait: -1, send: NaN }, {}, { total: 5 }, { send: 9, wait: 9 }]
  ) {
    const sum = stepsOf(ms, 10).reduce((all, { share }) => all + share, 0);
    assert.ok(sum >= 0 && sum <= 1 + 1e-9, JSON.stringify(ms));
  }
});

Deno.test("the scale of the bars changes in large steps", () => {
  const scale = (total: number) => scaleOf([{ ...madeUpRow(1), ms: { total } }]);
  assert.deepEqual([0, 3, 50, 51, 120].map(scale), [0.1, 5, 50, 100, 200]);
});

Deno.test("the state of a row is said in words; unknown ones as they are", () => {
  const words = (outcome: string, rest = {}) => stateOf({ ...madeUpRow(1), outcome, ...rest }).words;
  assert.equal(words("complete"), "Done");
  assert.equal(words("complete", { isOdd: true }), "Done, odd");
  assert.equal(words("complete", { fault: "Server: no" }), "Fault");
  assert.equal(words("connect-failed"), "Not reached");
  assert.equal(words("target-closed"), "Target closed");
});

Deno.test("a status has the colour of its class", () => {
  assert.deepEqual([204, 301, 404, 599, 100, 999, 0].map(statusClass), [
    "s2",
    "s3",
    "s4",
    "s5",
    "s1",
    "s0",
    "s0",
  ]);
});

Deno.test("times are short today, with the day before that, and never fail", () => {
  const noon = new Date(2026, 10, 20, 12, 0, 1, 5).getTime();
  assert.equal(rowTimeText(noon, noon), "12:00:01.005");
  assert.equal(rowTimeText(noon, noon + 86_400_000), "11-20 12:00:01");
  assert.equal(fullTimeText(NaN), "");
  assert.equal(fullTimeText(1e300), "");
  assert.equal(rowTimeText(NaN, noon).includes("undefined"), false);
});

Deno.test("counts have their nouns", () => {
  assert.deepEqual([0, 1, 12_345].map((count) => counted(count, "row")), ["0 rows", "1 row", "12,345 rows"]);
});

Deno.test("a row has an address of its own", () => {
  for (const route of [17, "recent", undefined] as const) assert.equal(readRoute(writeRoute(route)), route);
  for (const hash of ["#/row/0", "#/row/x", "#/row/1e9", "#/row/17/", "#", "#/row/99999999999999999"]) {
    assert.equal(readRoute(hash), undefined, hash);
  }
});

Deno.test("the rate is that of the last second", () => {
  const rate = new Rate();
  rate.add(100, 0);
  rate.add(50, 600);
  assert.equal(rate.perSecond(900), 150);
  assert.equal(rate.perSecond(1100), 50);
  assert.equal(rate.perSecond(5000), 0);
});

Deno.test("preferences that cannot be used are left out", () => {
  assert.deepEqual(readPreferences(null), {});
  for (const text of ["", "{", "7", "null", '{"layout":"x","theme":1,"tableShare":"a","widths":3}']) {
    assert.deepEqual(readPreferences(text), {}, text);
  }
  const { widths, tableShare, layout } = readPreferences(
    '{"layout":"stacked","tableShare":7,"widths":{"url":9999,"state":"a"}}',
  );
  assert.deepEqual([layout, tableShare, widths?.url, widths?.state], [
    "stacked",
    0.85,
    1200,
    DEFAULT_WIDTHS.state,
  ]);
});

Deno.test("the request takes the width that is left", () => {
  assert.match(gridTemplate(DEFAULT_WIDTHS), /minmax\(150px, 1fr\)/);
});

Deno.test("key presses have the names by which the bindings know them", () => {
  const press = (key: string, ctrlKey = false, shiftKey = false) =>
    pressOf({ key, ctrlKey, shiftKey, metaKey: false });
  assert.equal(press("j"), "j");
  assert.equal(press("J", false, true), "Shift+J");
  assert.equal(press("?", false, true), "?");
  assert.equal(press("ArrowDown", false, true), "Shift+ArrowDown");
  assert.equal(press("A", true, true), "Ctrl+a");
});

Deno.test("the first command fits the listener", () => {
  assert.equal(commandFor({ address: "127.0.0.1:8081", target: "a:1" }), "curl http://127.0.0.1:8081/");
  assert.equal(commandFor({ address: "0.0.0.0:8081", target: "a:1" }), "curl http://localhost:8081/");
  assert.equal(
    commandFor({ address: "[::]:8888" }),
    "curl --proxy http://localhost:8888 http://example.com/",
  );
  assert.equal(
    commandFor({ address: "unix:/run/a", target: "a:1" }),
    "curl --unix-socket /run/a http://localhost/",
  );
});
