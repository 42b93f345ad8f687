/** A log of 100,000 rows in the page: scrolling by the wheel, jumping about, and sorting. */

import type { Page } from "playwright-core";
import type { BenchContext } from "./context.ts";
import { median } from "./statistics.ts";
import { figure } from "./table.ts";
import { type BenchBrowser, closeWindow, until } from "./viewer_browser.ts";
import { type Drawn, drawnDuring, JERK_MS, smoothnessText } from "./viewer_frames.ts";
import { SLOWEST_PATH, writeLog } from "./viewer_log.ts";
import { atMost, type Part } from "./viewer_part.ts";
import { startView } from "./viewer_program.ts";

const ROWS = 100_000;
const STEPS = 200;
/** What a notch of a wheel scrolls, times two: somebody in a hurry. */
const STEP_PX = 240;
/** How long the page is left alone, to see what the machine does to frames by itself. */
const REST_MS = 2_000;
/** How often rows are put in order. */
const SORTS = 3;
/** The most frames that may be jerks while somebody scrolls, as a part of all … */
const WANTED_JERK_SHARE = 0.01;
/** … and the longest of them. */
const WANTED_LONGEST_MS = 100;
/** Until rows stand in another order: what somebody waits for without wondering. */
const WANTED_SORT_MS = 500;

/** The rows that are seen, as elements, from top to bottom. */
const SEEN = `[...document.querySelectorAll("[data-row]")].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)`;
const FIRST_URL = `${SEEN}[0]?.querySelector(".c-url").textContent`;

/** Jumps about, a frame or two at each place. The places are the same in every run. */
const JUMP = `(async () => {
  const table = document.getElementById("table");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (let i = 1, at = 1; i <= ${STEPS}; i++) {
    at = at * 16807 % 2147483647;
    table.scrollTop = at / 2147483647 * (table.scrollHeight - table.clientHeight);
    await frame();
    await frame();
  }
})()`;

/** Clicks on a title, and tells how long it took until the frame with the other order was drawn, ms. */
function sortUntil(isThere: string): string {
  return `new Promise((resolve) => {
    const begin = performance.now();
    const look = () => requestAnimationFrame(${isThere} ? () => resolve(performance.now() - begin) : look);
    document.querySelector("[role=columnheader].c-elapsed button").click();
    look();
  })`;
}

function isSorted(column: string, direction: string): string {
  return `document.querySelector("[role=columnheader].c-${column}").ariaSort === "${direction}"`;
}

async function wheel(page: Page): Promise<void> {
  const { x, y } = await page.evaluate(`(() => {
    const { left, top, width, height } = document.getElementById("table").getBoundingClientRect();
    return { x: left + width / 2, y: top + height * 3 / 4 };
  })()`) as { readonly x: number; readonly y: number };
  await page.mouse.move(x, y);
  for (let i = 0; i < STEPS; i++) await page.mouse.wheel(0, STEP_PX);
}

/** Sorts by elapsed, the slowest first, and goes back to newest first, some times. */
async function sortTimes(page: Page): Promise<readonly number[]> {
  const times: number[] = [];
  const slowestFirst = `${isSorted("elapsed", "descending")} && ${FIRST_URL} === "${SLOWEST_PATH}"`;
  for (let i = 0; i < SORTS; i++) {
    times.push(await page.evaluate(sortUntil(slowestFirst)) as number);
    await page.evaluate(sortUntil(isSorted("elapsed", "ascending")));
    await page.evaluate(sortUntil(isSorted("time", "descending")));
    await until(page, `${SEEN}[0]?.dataset.row === "${ROWS}"`);
  }
  return times;
}

function smoothnessRow(what: string, drawn: Drawn): readonly [string, string, string] {
  return [what, `${figure(drawn.jerkShare * 100, 1)} %`, smoothnessText(drawn)];
}

/** Scrolls, jumps and sorts. */
export async function scrolling(context: BenchContext, browser: BenchBrowser): Promise<Part> {
  const { workshop, say } = context;
  const file = `${workshop.folder}/scrolling.jsonl`;
  await writeLog(file, ROWS);
  const { running, url } = await startView(context, file, ROWS);
  const page = await browser.openWindow(url);
  await until(page, `${SEEN}[0]?.dataset.row === "${ROWS}"`);
  const rest = await drawnDuring(page, () => new Promise((resume) => setTimeout(resume, REST_MS)));
  const wheeled = await drawnDuring(page, () => wheel(page));
  const scrolledTo = await page.evaluate(`document.getElementById("table").scrollTop`) as number;
  let fetchMs = 0;
  const jumped = await drawnDuring(page, async () => {
    await page.evaluate(JUMP);
    const begin = performance.now();
    await until(page, `document.querySelector(".hole") === null`);
    fetchMs = performance.now() - begin;
  });
  await page.evaluate(`document.getElementById("table").scrollTop = 0`);
  await until(page, `${SEEN}[0]?.dataset.row === "${ROWS}"`);
  const sortsMs = await sortTimes(page);
  await closeWindow(page);
  await workshop.stop(running);
  const sortMs = median(sortsMs);
  say(`viewer: ${smoothnessText(wheeled)} by the wheel, ${smoothnessText(jumped)} jumping`);
  const jerks = `frames over ${JERK_MS} ms`;
  return {
    rows: [
      smoothnessRow(`${ROWS} rows, page at rest, ${jerks}`, rest),
      smoothnessRow(`${STEPS} wheel steps, ${jerks}`, wheeled),
      smoothnessRow(`${STEPS} jumps, ${jerks}`, jumped),
      ["after the last jump, until its rows were there", `${figure(fetchMs, 0)} ms`, ""],
      ["sorted by elapsed, drawn", `${figure(sortMs, 0)} ms`, `first time ${figure(sortsMs[0], 0)} ms`],
    ],
    goals: [
      atMost(`wheel, part of ${jerks}`, WANTED_JERK_SHARE, wheeled.jerkShare, "", 3),
      atMost("wheel, longest frame", WANTED_LONGEST_MS, wheeled.longestMs, "ms", 0),
      atMost(`jumps, part of ${jerks}`, WANTED_JERK_SHARE, jumped.jerkShare, "", 3),
      atMost("jumps, longest frame", WANTED_LONGEST_MS, jumped.longestMs, "ms", 0),
      atMost(`${ROWS} rows sorted by elapsed, drawn`, WANTED_SORT_MS, sortMs, "ms", 0),
    ],
    notes: [`the wheel went ${figure(scrolledTo, 0)} px down`],
    raw: { rest, wheeled, jumped, fetchMs, sortsMs },
  };
}
