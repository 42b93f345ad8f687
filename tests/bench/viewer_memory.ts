/** Memory of a relay whose history is at its limit, while exchanges come in and a page listens. */

import type { BenchContext } from "./context.ts";
import { readMemory } from "./proc.ts";
import { median } from "./statistics.ts";
import { figure } from "./table.ts";
import { runPaced } from "./viewer_live.ts";
import { atMost, type Part } from "./viewer_part.ts";
import { startViewedRelay } from "./viewer_program.ts";

const PER_SECOND = 2_000;
const KEPT_ROWS = 50_000;
/** For each exchange that the section `memory` lets pass: two minutes, or twenty with `--long`. */
const SECONDS_PER_EXCHANGE = 120 / 1_000_000;
/** Figures are medians over so long, as collections of garbage come and go; the history is full after the first ones. */
const SPAN_SECONDS = 30;
const SAMPLE_SECONDS = 5;
const SPAN_SAMPLES = SPAN_SECONDS / SAMPLE_SECONDS;
const WANTED_RATIO = 1.2;

/** Lets exchanges pass, and looks at memory. */
export async function holding(context: BenchContext): Promise<Part> {
  const { workshop, options, say } = context;
  const { running, port, api } = await startViewedRelay(context, ["--keep", String(KEPT_ROWS)]);
  const seconds = Math.round(options.exchanges * SECONDS_PER_EXCHANGE);
  const stopListening = await api.listen();
  const residentMb: number[] = [];
  const sampling = setInterval(() => {
    readMemory(running.pid).then(({ residentKb }) => residentMb.push(residentKb * 1024 / 1e6), () => {});
  }, SAMPLE_SECONDS * 1000);
  const { perSecond, failed } = await runPaced(context, port, PER_SECOND, seconds).finally(() =>
    clearInterval(sampling)
  );
  await stopListening();
  const { peakKb } = await readMemory(running.pid);
  const stored = await api.stored();
  await workshop.stop(running);
  const peakMb = peakKb * 1024 / 1e6;
  const firstMb = median(residentMb.slice(SPAN_SAMPLES, 2 * SPAN_SAMPLES));
  const lastMb = median(residentMb.slice(-SPAN_SAMPLES));
  const [from, to] = [SPAN_SECONDS, 2 * SPAN_SECONDS];
  say(`viewer: ${figure(firstMb, 0)} MB after ${from} to ${to} s, ${figure(lastMb, 0)} MB in the last ones`);
  return {
    rows: [
      [
        `${PER_SECOND}/s, --keep ${KEPT_ROWS}, resident after ${from} to ${to} s`,
        `${figure(firstMb, 0)} MB`,
        `${figure(perSecond, 0)}/s passed, ${failed} failed`,
      ],
      [
        `the same in the last ${SPAN_SECONDS} of ${seconds} s`,
        `${figure(lastMb, 0)} MB`,
        `at most ${figure(peakMb, 0)} MB; ${stored} rows kept`,
      ],
    ],
    goals: [
      atMost(
        `memory in the last ${SPAN_SECONDS} of ${seconds} s / after ${from} to ${to} s`,
        WANTED_RATIO,
        lastMb / firstMb,
        "",
        2,
      ),
    ],
    notes: [],
    raw: { perSecond, failed, residentMb, lastMb, peakMb, stored },
  };
}
