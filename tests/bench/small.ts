/** Small keep-alive JSON responses on 32 connections: throughput, latency and processor time of every relay. */

import { type BenchContext, settle } from "./context.ts";
import { countLog } from "./log_count.ts";
import { readCpuMs } from "./proc.ts";
import { type Relay, RELAY_NAMES, RELAY_TITLES, type RelayName } from "./relays.ts";
import { differenceByRound, median, ratioByRound, rotated } from "./statistics.ts";
import { figure, type Goal, type Section } from "./table.ts";
import { runWrk, type WrkReport } from "./wrk.ts";

/** One load on one relay. */
interface Sample extends WrkReport {
  /** Processor time of the relay for an exchange, in µs; `NaN` where there is no relay. */
  readonly cpuUs: number;
  /** Exchanges in the JSON log for each that the load counted; `NaN` where there is no such log. */
  readonly logged: number;
}

type Samples = ReadonlyMap<RelayName, readonly Sample[]>;

/** mitmdump is so much slower that a short load says enough, and it must not take most of the time. */
const MITMDUMP_SECONDS = 2;

/** Before the first round every relay is loaded this long, so that no round measures the compiler. */
const WARM_UP_SECONDS = 1;

async function measure(context: BenchContext, relay: Relay): Promise<Sample> {
  const { workshop, options } = context;
  const seconds = relay.name === "mitmdump" ? Math.min(MITMDUMP_SECONDS, options.seconds) : options.seconds;
  // Emptying the log here would have the kernel take its memory back while the load runs.
  const logStart = relay.logFile === undefined ? 0 : (await Deno.stat(relay.logFile)).size;
  const cpu = () => relay.running === undefined ? NaN : readCpuMs(relay.running.pid);
  const before = await cpu();
  const report = await runWrk(workshop, relay.port, seconds);
  await settle(relay.logFile);
  const cpuUs = (await cpu() - before) * 1000 / report.requests;
  const countable = relay.logFile !== undefined && relay.name.startsWith("json");
  const logged = countable ? (await countLog(relay.logFile, logStart)).exchanges / report.requests : NaN;
  context.say(`small: ${RELAY_TITLES[relay.name]} ${report.requestsPerSecond.toFixed(0)} requests/s`);
  return { ...report, cpuUs, logged };
}

function goals(samples: Samples): readonly Goal[] {
  const of = (name: RelayName, key: keyof Sample) => (samples.get(name) ?? []).map((sample) => sample[key]);
  const throughput = (name: RelayName, base: RelayName) =>
    ratioByRound(of(name, "requestsPerSecond"), of(base, "requestsPerSecond"));
  const atLeast = (what: string, wanted: number, found: number, digits = 2): Goal => (
    { what, bound: "at least", wanted, found, unit: "", digits }
  );
  return [
    atLeast("small: json, throughput / pump's", 0.85, throughput("json", "pump")),
    atLeast("small: json, throughput / HAProxy's", 0.80, throughput("json", "haproxy")),
    atLeast("small: json, throughput / mitmdump's", 40, throughput("json", "mitmdump"), 0),
    atLeast("small: text, throughput / pump's", 0.80, throughput("text", "pump")),
    {
      what: "small: json, p99 / pump's",
      bound: "at most",
      wanted: 1.5,
      found: ratioByRound(of("json", "p99Ms"), of("pump", "p99Ms")),
      unit: "",
      digits: 2,
    },
    {
      what: "small: json, processor an exchange on top of pump's",
      bound: "at most",
      wanted: 2.5,
      found: differenceByRound(of("json", "cpuUs"), of("pump", "cpuUs")),
      unit: "µs",
      digits: 1,
    },
    atLeast("small: json, exchanges logged / relayed, least", 1, Math.min(...of("json", "logged"))),
  ];
}

function rows(samples: Samples): readonly (readonly string[])[] {
  return [...samples].map(([name, own]) => {
    const of = (key: keyof Sample) => median(own.map((sample) => sample[key]));
    const against = (base: RelayName) =>
      ratioByRound(
        own.map((sample) => sample.requestsPerSecond),
        (samples.get(base) ?? []).map((sample) => sample.requestsPerSecond),
      );
    return [
      RELAY_TITLES[name],
      figure(of("requestsPerSecond"), 0),
      figure(of("p50Ms"), 2),
      figure(of("p99Ms"), 2),
      figure(of("cpuUs"), 1),
      figure(against("pump"), 2),
      figure(against("haproxy"), 2),
      figure(against("mitmdump"), 1),
      String(own.reduce((sum, sample) => sum + sample.errors, 0)),
    ];
  });
}

/** Measures small exchanges; every round loads every relay once, each starting with another. */
export async function small(context: BenchContext): Promise<Section> {
  const relays: Relay[] = [];
  for (const name of RELAY_NAMES.filter((name) => context.relays.available(name))) {
    relays.push(await context.relays.start(name, context.backendPort));
  }
  for (const relay of relays) await runWrk(context.workshop, relay.port, WARM_UP_SECONDS);
  const samples = new Map<RelayName, Sample[]>(relays.map(({ name }) => [name, []]));
  for (let round = 0; round < context.options.rounds; round++) {
    for (const relay of rotated(relays, round)) samples.get(relay.name)?.push(await measure(context, relay));
  }
  for (const { running } of relays) if (running !== undefined) await context.workshop.stop(running);
  return {
    title: "Small keep-alive JSON responses, 32 connections",
    columns: [
      "",
      "requests/s",
      "p50 ms",
      "p99 ms",
      "µs/exchange",
      "× pump",
      "× HAProxy",
      "× mitmdump",
      "errors",
    ],
    rows: rows(samples),
    goals: goals(samples),
    notes: [
      "µs/exchange is processor time of the relay; mitmdump captures and writes nothing, its fastest way",
    ],
    raw: Object.fromEntries(samples),
  };
}
