/**
 * The benchmark, `deno task bench`: tcpmon beside a bare pump, HAProxy and mitmdump, on this machine, in one run.
 * It prints tables, then every wanted figure with what was found. It is no test: what it finds depends on the machine
 * and on what else runs there, so nothing fails by it.
 *
 * How the figures are taken
 * - Everything is on loopback. Backend: nginx with one worker that answers from memory (or tests/bench/backend.ts
 *   where nginx is missing); load: wrk with one thread and 32 connections. tcpmon writes its log to a file.
 * - Relays take turns: each round loads every relay once, starting with another one each time. A figure is the median
 *   over the rounds; a ratio or difference is taken within each round, and the median of those is shown, since a
 *   disturbance that lasts then falls on both sides.
 * - Processor time is user and system time of the relay's process from /proc, from before the load until it has come
 *   to rest (so a log that is written late counts), for each request that wrk counted. It is the steadier figure:
 *   throughput also depends on who gets the cores.
 * - On two cores, load, backend and relay share them. Binding load and backend to core 0 and the relay to core 1
 *   (`--pin`) was tried on a machine with other users: the pump's throughput scattered more, and its p99 rose up to
 *   tenfold, since whoever else got the relay's core could not be evaded; and load and backend together need nearly
 *   as much of their core as the relay of its own, so that they cap what is faster. So by default the scheduler
 *   places them.
 * - Logs grow over all rounds, as logs do: emptying one just before a load had the kernel (of a virtual machine that
 *   gives free memory back to its host) work on the freed pages during it, which cost tcpmon a fifth of its throughput.
 * - mitmdump runs with its default of capturing and writing nothing, which is its fastest way; HAProxy on one thread.
 * - Memory is VmRSS, its peak VmHWM, reset once the relay is idle.
 * - All that is started is ended by its pid, and the temporary folder (the logs are in it) is removed, on Ctrl-C too.
 */

import { startBackend } from "./backends.ts";
import { connections } from "./connections.ts";
import type { BenchContext } from "./context.ts";
import { exporting } from "./export.ts";
import { intercept } from "./intercept.ts";
import { large } from "./large.ts";
import { link } from "./link.ts";
import { memory } from "./memory.ts";
import { type BenchOptions, HELP, parseOptions, type SectionName } from "./options.ts";
import { findPeers, missingPeers, type Peers } from "./peers.ts";
import { exists, subjectFile } from "./programs.ts";
import { RelayStarter } from "./relays.ts";
import { proxy } from "./proxy.ts";
import { resend } from "./resend.ts";
import { small } from "./small.ts";
import { start } from "./start.ts";
import { goalTable, type Section, sectionText, verdict } from "./table.ts";
import { store } from "./store.ts";
import { tls } from "./tls.ts";
import { viewer } from "./viewer.ts";
import { Workshop } from "./workshop.ts";

const PARTS: Readonly<Record<SectionName, (context: BenchContext) => Promise<Section>>> = {
  small,
  large,
  memory,
  connections,
  start,
  proxy,
  tls,
  intercept,
  link,
  resend,
  export: exporting,
  store,
  viewer,
};

/** The parts that cannot be measured without wrk. */
const NEED_WRK: readonly SectionName[] = ["small", "memory", "proxy", "tls", "resend", "export"];

function closing(options: BenchOptions, peers: Peers, skipped: readonly SectionName[]): string {
  const present = [...peers].map(([peer, version]) => `${peer} ${version}`).join(", ");
  const missing = missingPeers(peers).join(", ");
  return [
    `Taken on ${navigator.hardwareConcurrency} cores with Deno ${Deno.version.deno}, tcpmon from ${options.subject}, ` +
    `medians of ${options.rounds} rounds of ${options.seconds} s, relays taking turns in each; ratios within a round, ` +
    `then their median. Load, backend and relay shared the cores` +
    `${options.pin ? ", load and backend bound to core 0, the relay to core 1" : ""}; logs went to a file.`,
    `Present: ${present || "none"}. Missing: ${missing || "none"}.`,
    ...peers.has("nginx")
      ? []
      : ["Without nginx the backend was a Deno program, slower: ratios come out closer to 1."],
    ...skipped.length === 0 ? [] : [`Not measured, for want of wrk: ${skipped.join(", ")}.`],
  ].join("\n");
}

async function measure(workshop: Workshop, options: BenchOptions): Promise<void> {
  const peers = await findPeers(workshop);
  const skipped = options.only.filter((name) => NEED_WRK.includes(name) && !peers.has("wrk"));
  const context: BenchContext = {
    workshop,
    options,
    peers,
    relays: new RelayStarter(workshop, options.subject, peers),
    backendPort: await startBackend(workshop, peers),
    say: (text) => console.error(`bench: ${text}`),
  };
  const sections = new Map<SectionName, Section>();
  for (const name of options.only.filter((name) => !skipped.includes(name))) {
    const section = await PARTS[name](context);
    sections.set(name, section);
    console.log(`${sectionText(section)}\n`);
  }
  const goals = [...sections.values()].flatMap((section) => section.goals);
  console.log(`${goalTable(goals)}\n\n${closing(options, peers, skipped)}`);
  if (options.jsonFile === undefined) return;
  const report = {
    time: new Date().toISOString(),
    machine: { ...Deno.build, cores: navigator.hardwareConcurrency, deno: Deno.version.deno },
    peers: Object.fromEntries(peers),
    options,
    sections: Object.fromEntries([...sections].map(([name, { raw }]) => [name, raw])),
    goals: goals.map((goal) => ({ ...goal, verdict: verdict(goal) })),
  };
  await Deno.writeTextFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
}

/** How the benchmark ended; `error` is what could not be run. */
interface Outcome {
  readonly status: number;
  readonly error?: unknown;
}

/** Comes true on SIGINT or SIGTERM, with the status a shell expects: 128 and the signal's number. */
function interrupted(): Promise<Outcome> {
  return new Promise((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve({ status: 130 }));
    Deno.addSignalListener("SIGTERM", () => resolve({ status: 143 }));
  });
}

/** Runs the benchmark and gives the exit status: 0, 1 if something could not be run, 2 for bad usage. */
async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\n\n${HELP}`);
    return 2;
  }
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const subject = subjectFile(options.subject);
  if (Deno.build.os !== "linux" || !await exists(subject)) {
    console.error(
      Deno.build.os === "linux"
        ? `bench: cannot measure ${options.subject}: ${subject} is not there`
        : "bench: figures are read from /proc, so this runs on Linux only",
    );
    return 1;
  }
  await using workshop = await Workshop.open(options.pin);
  const measured = measure(workshop, options).then(
    (): Outcome => ({ status: 0 }),
    (error) => ({ status: 1, error }),
  );
  const { status, error } = await Promise.race([measured, interrupted()]);
  if (error !== undefined) console.error(`bench: ${error instanceof Error ? error.message : error}`);
  return status;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
