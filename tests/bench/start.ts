/** Start to listening: from the spawn to the status line, from source and from the binary. */

import type { BenchContext } from "./context.ts";
import { BINARY, exists, subjectCommand } from "./programs.ts";
import { RELAYING } from "./relays.ts";
import { median } from "./statistics.ts";
import { figure, type Goal, type Section } from "./table.ts";

/** How many starts the median is taken of. */
const STARTS = 10;

/** A start that is measured, and how long it may take, in ms. */
interface Starter {
  readonly name: string;
  readonly subject: string;
  readonly wantedMs: number;
  readonly samplesMs: number[];
}

async function startMs(context: BenchContext, subject: string): Promise<number> {
  const log = `${context.workshop.folder}/start.log`;
  const relay = `127.0.0.1:0=127.0.0.1:${context.backendPort}`;
  const command = [...subjectCommand(subject), "relay", relay, "--format", "json", "--output", log];
  const begin = performance.now();
  const running = context.workshop.start("tcpmon", command, "relay");
  await running.line(RELAYING);
  const elapsed = performance.now() - begin;
  await context.workshop.stop(running);
  return elapsed;
}

/** What is started: the subject asked for, and the binary beside the source where it is built. */
async function starters(subject: string): Promise<readonly Starter[]> {
  const source = { name: "source", subject: "source", wantedMs: 150, samplesMs: [] };
  const binary = { name: "binary", subject: "binary", wantedMs: 100, samplesMs: [] };
  if (subject === "source" || subject === "binary") return await exists(BINARY) ? [source, binary] : [source];
  const wantedMs = subject.endsWith(".ts") ? source.wantedMs : binary.wantedMs;
  return [{ name: subject, subject, wantedMs, samplesMs: [] }];
}

/** Measures starts, taking turns; one of each before is not counted, for Deno's own cache of the source. */
export async function start(context: BenchContext): Promise<Section> {
  const all = await starters(context.options.subject);
  for (const { subject } of all) await startMs(context, subject);
  for (let round = 0; round < STARTS; round++) {
    for (const { subject, samplesMs } of all) samplesMs.push(await startMs(context, subject));
  }
  for (const { name, samplesMs } of all) context.say(`start: ${name} ${median(samplesMs).toFixed(0)} ms`);
  return {
    title: `Start to listening, median of ${STARTS}`,
    columns: ["", "ms", "least", "most"],
    rows: all.map(({ name, samplesMs }) => [
      name,
      figure(median(samplesMs), 0),
      figure(Math.min(...samplesMs), 0),
      figure(Math.max(...samplesMs), 0),
    ]),
    goals: all.map(({ name, wantedMs, samplesMs }): Goal => ({
      what: `start: ${name}`,
      bound: "at most",
      wanted: wantedMs,
      found: median(samplesMs),
      unit: "ms",
      digits: 0,
    })),
    notes: all.length > 1 || context.options.subject !== "source"
      ? []
      : ["dist/tcpmon is not there: deno task compile makes it"],
    raw: Object.fromEntries(all.map(({ name, samplesMs }) => [name, samplesMs])),
  };
}
