/**
 * The viewer: how soon its page can be used, how smoothly it scrolls and follows, what a million rows take over HTTP,
 * memory, and how much a browser loads. Chromium draws on the cores that the relay, the load and the backend have, too.
 */

import { gzipSync } from "node:zlib";
import type { BenchContext } from "./context.ts";
import { here } from "./programs.ts";
import { figure, type Section } from "./table.ts";
import { asking } from "./viewer_api.ts";
import { BenchBrowser } from "./viewer_browser.ts";
import { watching } from "./viewer_live.ts";
import { holding } from "./viewer_memory.ts";
import { opening } from "./viewer_opening.ts";
import { atMost, type Part } from "./viewer_part.ts";
import { scrolling } from "./viewer_scrolling.ts";

/** What a browser loads at most, gzipped. */
const WANTED_KB = 250;
const SCRIPT = "client.js";

/** The files of the page, each gzipped: nothing is gzipped on the way, so this compares with other pages only. */
async function size(): Promise<Part> {
  const folder = here("../../static");
  const sizesKb = new Map<string, number>();
  for await (const { name } of Deno.readDir(folder)) {
    sizesKb.set(name, gzipSync(await Deno.readFile(`${folder}/${name}`)).length / 1000);
  }
  const allKb = [...sizesKb.values()].reduce((sum, kb) => sum + kb, 0);
  const script = `${SCRIPT} ${figure(sizesKb.get(SCRIPT) ?? NaN, 1)} kB`;
  return {
    rows: [["files of the page, gzipped", `${figure(allKb, 1)} kB`, script]],
    goals: [atMost("files of the page, gzipped", WANTED_KB, allKb, "kB", 1)],
    notes: [],
    raw: Object.fromEntries(sizesKb),
  };
}

/** Measures the viewer; where Chromium is missing, what can be measured without a page. */
export async function viewer(context: BenchContext): Promise<Section> {
  const opened = await BenchBrowser.open(context.workshop);
  const browser = typeof opened === "string" ? undefined : opened;
  const parts: Part[] = [];
  if (browser !== undefined) {
    parts.push(await opening(context, browser), await scrolling(context, browser));
  }
  parts.push(await watching(context, browser));
  await browser?.close();
  parts.push(await asking(context), await holding(context), await size());
  return {
    title: "The viewer",
    columns: ["", "", ""],
    rows: parts.flatMap(({ rows }) => rows),
    goals: parts.flatMap(({ goals }) => goals),
    notes: [
      typeof opened === "string"
        ? `what a page draws was not measured: ${opened}`
        : `the page was drawn by Chromium ${opened.version}, without a graphics processor, on the cores of all others`,
      ...parts.flatMap(({ notes }) => notes),
    ],
    raw: parts.map(({ raw }) => raw),
  };
}
