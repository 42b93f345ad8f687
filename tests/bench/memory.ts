/** Memory over many exchanges: what tcpmon holds after one hundred thousand, and after a million or ten. */

import { type BenchContext, settle } from "./context.ts";
import { readMemory } from "./proc.ts";
import { figure, type Section } from "./table.ts";
import { runWrk } from "./wrk.ts";

/** Where the first figure is taken: caches are filled and the code is compiled by then. */
const FIRST_EXCHANGES = 100_000;

/** No load lasts longer, since the log is emptied between them: it would fill a disk over ten million exchanges. */
const LOAD_SECONDS = 10;

interface Reading {
  readonly exchanges: number;
  readonly residentKb: number;
}

/** Relays `exchanges` and reads the resident memory after each load; wrk counts time, so it overshoots a little. */
async function watch(context: BenchContext): Promise<readonly Reading[]> {
  const { workshop, options, relays, backendPort, say } = context;
  const { port, running, logFile } = await relays.start("json", backendPort);
  if (running === undefined || logFile === undefined) {
    throw new Error("tcpmon runs without a process or a log");
  }
  const readings: Reading[] = [];
  let exchanges = 0;
  let perSecond = FIRST_EXCHANGES;
  while (exchanges < options.exchanges) {
    const missing = (exchanges < FIRST_EXCHANGES ? FIRST_EXCHANGES : options.exchanges) - exchanges;
    const seconds = Math.min(LOAD_SECONDS, Math.max(1, Math.ceil(missing / perSecond)));
    const report = await runWrk(workshop, port, seconds);
    exchanges += report.requests;
    perSecond = report.requestsPerSecond;
    await settle(logFile);
    const { residentKb } = await readMemory(running.pid);
    if (exchanges >= FIRST_EXCHANGES) readings.push({ exchanges, residentKb });
    await Deno.truncate(logFile);
    say(`memory: ${exchanges} exchanges, ${(residentKb / 1000).toFixed(1)} MB resident`);
  }
  await workshop.stop(running);
  return readings;
}

/** Watches memory, with `--format json`. */
export async function memory(context: BenchContext): Promise<Section> {
  const readings = await watch(context);
  const first = readings[0];
  const last = readings[readings.length - 1];
  return {
    title: "Resident memory over many exchanges, tcpmon json",
    columns: ["exchanges", "resident MB"],
    rows: [first, last].map((one) => [String(one.exchanges), figure(one.residentKb * 1024 / 1e6, 1)]),
    goals: [{
      what: `memory: after ${last.exchanges} exchanges / after ${first.exchanges}`,
      bound: "at most",
      wanted: 1.2,
      found: last.residentKb / first.residentKb,
      unit: "",
      digits: 2,
    }],
    notes: [],
    raw: readings,
  };
}
