/** Traffic while somebody watches: 10,000 exchanges a second, then as many as the relay can, with and without a page. */

import type { BenchContext } from "./context.ts";
import { readMemory } from "./proc.ts";
import { denoCommand, here } from "./programs.ts";
import { median, ratioByRound, rotated } from "./statistics.ts";
import { figure } from "./table.ts";
import { type BenchBrowser, closeWindow, until } from "./viewer_browser.ts";
import { type Drawn, drawnDuring, JERK_MS, smoothnessText } from "./viewer_frames.ts";
import type { PacedReport } from "./viewer_load.ts";
import { atLeast, atMost, type Part } from "./viewer_part.ts";
import { startViewedRelay } from "./viewer_program.ts";
import { runWrk } from "./wrk.ts";

const PER_SECOND = 10_000;
/** It lasts so many times as long as other loads do. */
const TIMES_AS_LONG = 2;
/** What must pass of it. */
const WANTED_PER_SECOND = 9_000;
/** A page that draws nothing for so long seems frozen. */
const FROZEN_MS = 250;
/** The page is there and listens: its counts are. */
const IS_LIVE = `document.querySelector(".banner") === null && document.querySelector(".counts") !== null`;

/** Sends requests at a rate, from a process of its own. */
export async function runPaced(
  { workshop }: BenchContext,
  port: number,
  perSecond: number,
  seconds: number,
): Promise<PacedReport> {
  const command = [...denoCommand(here("viewer_load.ts"), "--allow-net"), port, perSecond, seconds];
  const output = await workshop.run(command.map(String), "load");
  if (output === "") throw new Error("viewer_load.ts ended without a report");
  return JSON.parse(output);
}

/** One load at 10,000 a second. */
interface Live extends PacedReport {
  /** Rows that the history has in the end. */
  readonly stored: number;
  /** Resident memory of the program, when the load was over, and at most. */
  readonly residentMb: number;
  readonly peakMb: number;
  /** What the page drew, where there was one. */
  readonly drawn?: Drawn;
}

async function live(context: BenchContext, browser: BenchBrowser | undefined): Promise<Live> {
  const { workshop, options, say } = context;
  const { running, port, url, api } = await startViewedRelay(context);
  const seconds = options.seconds * TIMES_AS_LONG;
  const load = () => runPaced(context, port, PER_SECOND, seconds);
  let report: PacedReport | undefined;
  let drawn: Drawn | undefined;
  if (browser === undefined) report = await load();
  else {
    const page = await browser.openWindow(url);
    await until(page, IS_LIVE);
    drawn = await drawnDuring(page, async () => {
      report = await load();
    });
    await closeWindow(page);
  }
  const memory = await readMemory(running.pid);
  const { answered } = report!;
  const stored = await api.rests(answered);
  await workshop.stop(running);
  const beside = drawn === undefined ? "without a page" : `with a page: ${smoothnessText(drawn)}`;
  say(`viewer: ${report!.perSecond.toFixed(0)} exchanges/s ${beside}; ${answered - stored} not stored`);
  return {
    ...report!,
    stored,
    residentMb: memory.residentKb * 1024 / 1e6,
    peakMb: memory.peakKb * 1024 / 1e6,
    ...drawn !== undefined && { drawn },
  };
}

/** Throughput of one relay without and with a page open, in every round of both. */
interface Throughput {
  readonly without: readonly number[];
  readonly open: readonly number[];
}

async function throughput(context: BenchContext, browser: BenchBrowser): Promise<Throughput> {
  const { workshop, options } = context;
  const { running, port, url } = await startViewedRelay(context);
  const found: { readonly [kind in keyof Throughput]: number[] } = { without: [], open: [] };
  await runWrk(workshop, port, 1);
  for (let round = 0; round < options.rounds; round++) {
    for (const kind of rotated(["without", "open"] as const, round)) {
      const page = kind === "open" ? await browser.openWindow(url) : undefined;
      if (page !== undefined) await until(page, IS_LIVE);
      found[kind].push((await runWrk(workshop, port, options.seconds)).requestsPerSecond);
      if (page !== undefined) await closeWindow(page);
    }
  }
  await workshop.stop(running);
  return found;
}

function liveRow(what: string, report: Live): readonly [string, string, string] {
  const { perSecond, p50Ms, p99Ms, residentMb, peakMb } = report;
  return [
    what,
    `${figure(perSecond, 0)}/s`,
    `p50 ${figure(p50Ms, 1)}, p99 ${figure(p99Ms, 1)} ms; ${figure(residentMb, 0)} MB, at most ${
      figure(peakMb, 0)
    }`,
  ];
}

/** Measures both; without a browser, what can be without a page. */
export async function watching(context: BenchContext, browser: BenchBrowser | undefined): Promise<Part> {
  const { options, peers } = context;
  const unwatched = await live(context, undefined);
  const watched = browser === undefined ? undefined : await live(context, browser);
  const most = browser === undefined || !peers.has("wrk") ? undefined : await throughput(context, browser);
  const drawn = watched?.drawn;
  const loads = watched === undefined ? [unwatched] : [unwatched, watched];
  const lost = loads.reduce((sum, { answered, stored }) => sum + answered - stored, 0);
  const failed = loads.reduce((sum, load) => sum + load.failed, 0);
  return {
    rows: [
      liveRow(`${PER_SECOND}/s for ${options.seconds * TIMES_AS_LONG} s, no page`, unwatched),
      ...watched === undefined ? [] : [liveRow("the same, a page following", watched)],
      ...drawn === undefined ? [] : [
        [
          `its frames over ${JERK_MS} ms`,
          `${figure(drawn.jerkShare * 100, 1)} %`,
          smoothnessText(drawn),
        ] as const,
      ],
      ...most === undefined ? [] : [
        [
          "as many as pass, a page open / none",
          figure(ratioByRound(most.open, most.without), 2),
          `${figure(median(most.open), 0)} / ${figure(median(most.without), 0)} requests/s`,
        ] as const,
      ],
    ],
    goals: [
      atLeast(`of ${PER_SECOND}/s, a page following`, WANTED_PER_SECOND, watched?.perSecond ?? NaN, "/s", 0),
      atMost("live, longest frame", FROZEN_MS, drawn?.longestMs ?? NaN, "ms", 0),
      atLeast(
        "live, the page says that it samples",
        1,
        drawn === undefined ? NaN : Number(drawn.saysSampled),
        "",
        0,
      ),
      atMost("live, exchanges that are not stored", 0, lost, "", 0),
      atMost("live, requests that failed", 0, failed, "", 0),
    ],
    notes: [],
    raw: { unwatched, watched, most },
  };
}
