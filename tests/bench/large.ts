/** One body of 1 GiB: throughput, processor time, and how much memory tcpmon takes for it. */

import { LARGE_BYTES, LARGE_PATH } from "./backend.ts";
import { type BenchContext, settle } from "./context.ts";
import { readCpuMs, readMemory, resetPeak } from "./proc.ts";
import { type Relay, RELAY_TITLES, type RelayName } from "./relays.ts";
import { median, ratioByRound, rotated } from "./statistics.ts";
import { figure, type Section } from "./table.ts";

const NAMES: readonly RelayName[] = ["direct", "pump", "json", "haproxy"];

/** The client reads with a large buffer, so that it is never what is measured. */
const READ_BUFFER_BYTES = 1024 ** 2;

interface Sample {
  readonly gigabytesPerSecond: number;
  /** Processor time of the relay for the body, in ms; `NaN` where there is no relay. */
  readonly cpuMs: number;
}

/** A way, with what its process held before anything passed. */
interface Contender {
  readonly relay: Relay;
  readonly idleKb: number;
  readonly samples: Sample[];
}

/**
 * Requests the large body from `port` and reads it to its end.
 * @throws Error if fewer bytes come.
 */
async function download(port: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET ${LARGE_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(READ_BUFFER_BYTES);
  let bytes = 0;
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    bytes += count;
  }
  if (bytes < LARGE_BYTES) {
    throw new Error(`large body: found ${bytes} bytes, wanted at least ${LARGE_BYTES}`);
  }
}

async function measure({ relay, samples }: Contender, say: BenchContext["say"]): Promise<void> {
  const cpu = () => relay.running === undefined ? NaN : readCpuMs(relay.running.pid);
  const cpuBefore = await cpu();
  const start = performance.now();
  await download(relay.port);
  const seconds = (performance.now() - start) / 1000;
  const gigabytesPerSecond = LARGE_BYTES / 1e9 / seconds;
  samples.push({ gigabytesPerSecond, cpuMs: await cpu() - cpuBefore });
  say(`large: ${RELAY_TITLES[relay.name]} ${gigabytesPerSecond.toFixed(2)} GB/s`);
}

async function prepare(relay: Relay): Promise<Contender> {
  if (relay.running === undefined) return { relay, idleKb: NaN, samples: [] };
  await settle();
  await resetPeak(relay.running.pid);
  return { relay, idleKb: (await readMemory(relay.running.pid)).residentKb, samples: [] };
}

/** How far the process of `contender` went above what it held when idle, in MB. */
async function memoryOverIdleMb({ relay, idleKb }: Contender): Promise<number> {
  return relay.running === undefined
    ? NaN
    : ((await readMemory(relay.running.pid)).peakKb - idleKb) * 1024 / 1e6;
}

/** Measures the large body. A first download that is not counted fills the page cache and warms each relay up. */
export async function large(context: BenchContext): Promise<Section> {
  const contenders: Contender[] = [];
  for (const name of NAMES.filter((name) => context.relays.available(name))) {
    contenders.push(await prepare(await context.relays.start(name, context.backendPort)));
  }
  for (const { relay } of contenders) await download(relay.port);
  for (let round = 0; round < context.options.rounds; round++) {
    for (const contender of rotated(contenders, round)) await measure(contender, context.say);
  }
  const speeds = (name: RelayName) =>
    contenders.find(({ relay }) => relay.name === name)?.samples.map((one) => one.gigabytesPerSecond) ?? [];
  const memory = new Map<RelayName, number>();
  for (const one of contenders) memory.set(one.relay.name, await memoryOverIdleMb(one));
  for (const { relay } of contenders) {
    if (relay.running !== undefined) await context.workshop.stop(relay.running);
  }
  return {
    title: "One body of 1 GiB",
    columns: ["", "GB/s", "processor ms", "peak MB over idle", "× pump"],
    rows: contenders.map(({ relay: { name }, samples }) => [
      RELAY_TITLES[name],
      figure(median(speeds(name)), 2),
      figure(median(samples.map((sample) => sample.cpuMs)), 0),
      figure(memory.get(name) ?? NaN, 1),
      figure(ratioByRound(speeds(name), speeds("pump")), 2),
    ]),
    goals: [
      {
        what: "large: json, throughput / pump's",
        bound: "at least",
        wanted: 0.95,
        found: ratioByRound(speeds("json"), speeds("pump")),
        unit: "",
        digits: 2,
      },
      {
        what: "large: json, peak memory over idle",
        bound: "at most",
        wanted: 40,
        found: memory.get("json") ?? NaN,
        unit: "MB",
        digits: 1,
      },
    ],
    notes: [],
    raw: contenders.map(({ relay: { name }, samples }) => ({
      name,
      samples,
      peakOverIdleMb: memory.get(name),
    })),
  };
}
