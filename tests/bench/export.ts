/** Exporting a large log: megabytes of it a second, and the most memory that it takes. */

import { type BenchContext, settle } from "./context.ts";
import { readMemory } from "./proc.ts";
import { subjectCommand } from "./programs.ts";
import { figure, type Goal, type Section } from "./table.ts";
import { runWrk } from "./wrk.ts";

/** The formats that are measured. */
const FORMATS = ["json", "har", "csv", "pcapng"] as const;
const WANTED_MB_PER_SECOND = 100;
const WANTED_PEAK_MB = 150;
/** How much log for each exchange that the memory part would let pass: 5 GB with `--long`. */
const BYTES_PER_EXCHANGE = 500;
/** How often memory is looked at. */
const SAMPLE_MS = 50;
const MB = 1_000_000;

/** Appends the log to itself until it is so large; its connections repeat, as those of many runs in one file do. */
async function enlarge(logFile: string, bytes: number): Promise<number> {
  const log = await Deno.readFile(logFile);
  using file = await Deno.open(logFile, { append: true });
  let size = log.length;
  while (size < bytes) {
    for (let at = 0; at < log.length;) at += await file.write(log.subarray(at));
    size += log.length;
  }
  return size;
}

/** One export of the whole log. */
async function exported(
  { workshop, options }: BenchContext,
  format: string,
  logFile: string,
): Promise<{ seconds: number; peakMb: number }> {
  const begin = performance.now();
  const command = [...subjectCommand(options.subject), "export", logFile, "--as", format];
  const running = workshop.start(`tcpmon export --as ${format}`, command, "relay");
  let peakKb = 0;
  const sampling = setInterval(() => {
    readMemory(running.pid).then(({ residentKb }) => peakKb = Math.max(peakKb, residentKb || 0), () => {});
  }, SAMPLE_MS);
  await running.ended;
  clearInterval(sampling);
  const seconds = (performance.now() - begin) / 1000;
  await workshop.stop(running);
  return { seconds, peakMb: peakKb * 1024 / MB };
}

/** Records traffic, repeats it to the size that is wanted, and exports it once in each format. */
export async function exporting(context: BenchContext): Promise<Section> {
  const { workshop, options, relays, backendPort } = context;
  const relay = await relays.start("json", backendPort);
  await runWrk(workshop, relay.port, options.seconds);
  await settle(relay.logFile);
  if (relay.running !== undefined) await workshop.stop(relay.running);
  const bytes = await enlarge(relay.logFile!, options.exchanges * BYTES_PER_EXCHANGE);
  const results: { format: string; mbPerSecond: number; peakMb: number }[] = [];
  for (const format of FORMATS) {
    const { seconds, peakMb } = await exported(context, format, relay.logFile!);
    results.push({ format, mbPerSecond: bytes / MB / seconds, peakMb });
    context.say(`export: ${format} ${(bytes / MB / seconds).toFixed(0)} MB/s, ${peakMb.toFixed(0)} MB`);
  }
  await Deno.remove(relay.logFile!);
  const goals = results.flatMap(({ format, mbPerSecond, peakMb }): Goal[] => [
    {
      what: `export as ${format}, of the log`,
      bound: "at least",
      wanted: WANTED_MB_PER_SECOND,
      found: mbPerSecond,
      unit: "MB/s",
      digits: 0,
    },
    {
      what: `export as ${format}, memory at its peak`,
      bound: "at most",
      wanted: WANTED_PEAK_MB,
      found: peakMb,
      unit: "MB",
      digits: 0,
    },
  ]);
  return {
    title: `Export of a log of ${(bytes / MB).toFixed(0)} MB to /dev/null`,
    columns: ["format", "MB/s", "peak MB"],
    rows: results.map((
      { format, mbPerSecond, peakMb },
    ) => [format, figure(mbPerSecond, 0), figure(peakMb, 0)]),
    goals,
    notes: [],
    raw: results,
  };
}
