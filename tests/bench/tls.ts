/** TLS to the target: small requests from clients without TLS to an https backend, tcpmon beside HAProxy doing the same. */

import { type BenchContext, settle } from "./context.ts";
import { readCpuMs } from "./proc.ts";
import { subjectCommand } from "./programs.ts";
import { RELAYING } from "./relays.ts";
import { median, ratioByRound, rotated } from "./statistics.ts";
import { figure, type Section } from "./table.ts";
import { startTlsBackend, type TlsBackend } from "./tls_backend.ts";
import { freePort, type Running } from "./workshop.ts";
import { runWrk, type WrkReport } from "./wrk.ts";

/** Before the first round every contender is loaded this long. */
const WARM_UP_SECONDS = 1;

interface Sample extends WrkReport {
  /** Processor time for an exchange, in µs. */
  readonly cpuUs: number;
}

interface Contender {
  readonly title: string;
  readonly port: number;
  readonly running: Running;
  readonly logFile?: string;
  readonly samples: Sample[];
}

async function tcpmon(
  context: BenchContext,
  backend: TlsBackend,
  title: string,
  trust: readonly string[],
): Promise<Contender> {
  const logFile = `${context.workshop.folder}/${title.replaceAll(/\W+/g, "-")}.log`;
  const running = context.workshop.start(title, [
    ...subjectCommand(context.options.subject),
    ...["relay", `127.0.0.1:0=https://localhost:${backend.port}`, ...trust],
    ...["--format", "json", "--output", logFile],
  ], "relay");
  return { title, port: Number((await running.line(RELAYING))[1]), running, logFile, samples: [] };
}

async function haproxy(context: BenchContext, backend: TlsBackend): Promise<Contender> {
  const { workshop } = context;
  const port = freePort();
  const file = `${workshop.folder}/haproxy-tls.cfg`;
  await Deno.writeTextFile(
    file,
    `global
  nbthread 1
  maxconn 1000
defaults
  mode tcp
  timeout connect 5s
  timeout client 600s
  timeout server 600s
listen relay
  bind 127.0.0.1:${port}
  server backend 127.0.0.1:${backend.port} ssl verify none sni str(localhost)
`,
  );
  const running = workshop.start("haproxy", ["haproxy", "-db", "-f", file], "relay");
  await running.listening(port);
  return { title: "HAProxy, TCP mode", port, running, samples: [] };
}

async function measure(context: BenchContext, contender: Contender): Promise<void> {
  const { running, logFile, samples, title, port } = contender;
  const before = await readCpuMs(running.pid);
  const report = await runWrk(context.workshop, port, context.options.seconds);
  await settle(logFile);
  samples.push({ ...report, cpuUs: (await readCpuMs(running.pid) - before) * 1000 / report.requests });
  context.say(`tls: ${title} ${report.requestsPerSecond.toFixed(0)} requests/s`);
}

/** Measures TLS to the target; every round loads every contender once, each starting with another. */
export async function tls(context: BenchContext): Promise<Section> {
  const backend = await startTlsBackend(context.workshop);
  const contenders = [
    await tcpmon(context, backend, "tcpmon json, verified", ["--ca", backend.caFile]),
    await tcpmon(context, backend, "tcpmon json, --insecure", ["--insecure"]),
  ];
  if (context.peers.has("haproxy")) contenders.push(await haproxy(context, backend));
  for (const { port } of contenders) await runWrk(context.workshop, port, WARM_UP_SECONDS);
  for (let round = 0; round < context.options.rounds; round++) {
    for (const contender of rotated(contenders, round)) await measure(context, contender);
  }
  for (const { running } of contenders) await context.workshop.stop(running);
  const throughput = ({ samples }: Contender) => samples.map(({ requestsPerSecond }) => requestsPerSecond);
  const base = contenders.length > 2 ? throughput(contenders[2]) : [];
  return {
    title: "TLS to the target: small requests, 32 keep-alive connections without TLS before it",
    columns: ["", "requests/s", "p50 ms", "p99 ms", "µs/exchange", "× HAProxy", "errors"],
    rows: contenders.map((contender) => [
      contender.title,
      figure(median(throughput(contender)), 0),
      figure(median(contender.samples.map(({ p50Ms }) => p50Ms)), 2),
      figure(median(contender.samples.map(({ p99Ms }) => p99Ms)), 2),
      figure(median(contender.samples.map(({ cpuUs }) => cpuUs)), 1),
      figure(ratioByRound(throughput(contender), base), 2),
      String(contender.samples.reduce((sum, { errors }) => sum + errors, 0)),
    ]),
    goals: [{
      what: "tls: json, verified, throughput / HAProxy's",
      bound: "at least",
      wanted: 0.7,
      found: ratioByRound(throughput(contenders[0]), base),
      unit: "",
      digits: 2,
    }],
    notes: ["HAProxy does not verify the certificate and writes no log"],
    raw: Object.fromEntries(contenders.map(({ title, samples }) => [title, samples])),
  };
}
