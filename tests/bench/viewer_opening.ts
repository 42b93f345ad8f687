/** How soon the page can be used: from the address being asked for to rows that are drawn and a filter box with the focus. */

import type { BenchContext } from "./context.ts";
import { median } from "./statistics.ts";
import { figure } from "./table.ts";
import { type BenchBrowser, closeWindow, until } from "./viewer_browser.ts";
import { writeLog } from "./viewer_log.ts";
import { atMost, type Part } from "./viewer_part.ts";
import { startView } from "./viewer_program.ts";

const ROWS = 1_000;
/** How many openings the median is taken of. */
const OPENINGS = 9;
const WANTED_MS = 300;

/**
 * Watches the page from within. The frame that has the rows is drawn once the next one begins. The page's clock starts
 * with the navigation, before the token is taken and the browser led on.
 */
const WATCH = `(() => {
  const look = () => {
    const input = document.getElementById("filter");
    input?.focus();
    if (input === null || document.activeElement !== input || document.querySelector("[data-row]") === null) {
      return requestAnimationFrame(look);
    }
    requestAnimationFrame(() => window.benchUsableMs = performance.now());
  };
  requestAnimationFrame(look);
})()`;

async function usableMs(browser: BenchBrowser, url: string): Promise<number> {
  const page = await browser.openWindow(url, WATCH);
  await until(page, "window.benchUsableMs");
  const ms = await page.evaluate("benchUsableMs") as number;
  await closeWindow(page);
  return ms;
}

/** Opens the page again and again, each time as a browser that has never seen it. */
export async function opening(context: BenchContext, browser: BenchBrowser): Promise<Part> {
  const { workshop, say } = context;
  const file = `${workshop.folder}/opening.jsonl`;
  await writeLog(file, ROWS);
  const { running, url } = await startView(context, file, ROWS);
  // The first one also starts what the browser needs to draw anything.
  await usableMs(browser, url);
  const samplesMs: number[] = [];
  for (let i = 0; i < OPENINGS; i++) samplesMs.push(await usableMs(browser, url));
  await workshop.stop(running);
  const found = median(samplesMs);
  say(`viewer: page usable after ${found.toFixed(0)} ms`);
  const [least, most] = [Math.min(...samplesMs), Math.max(...samplesMs)].map((ms) => figure(ms, 0));
  return {
    rows: [[`page usable, ${ROWS} rows`, `${figure(found, 0)} ms`, `${least} to ${most} ms`]],
    goals: [atMost("page usable after it is asked for", WANTED_MS, found, "ms", 0)],
    notes: [],
    raw: { samplesMs },
  };
}
