/** Intercepted TLS: requests over tunnels that stay open, and handshakes, through tcpmon and mitmdump. */

import { type BenchContext, settle } from "./context.ts";
import { readCpuMs } from "./proc.ts";
import { denoCommand, here, subjectCommand } from "./programs.ts";
import { median, ratioByRound, rotated } from "./statistics.ts";
import { figure, type Section } from "./table.ts";
import { startTlsBackend, type TlsBackend } from "./tls_backend.ts";
import { freePort, type Running } from "./workshop.ts";

/** Tunnels that are open at once. */
const TUNNELS = 16;
const WARM_UP_SECONDS = 1;
/** Handshakes whose median is taken; the first ones make the certificate and are not counted. */
const HANDSHAKES = 60;
const FIRST_HANDSHAKES = 5;

interface Sample {
  readonly requestsPerSecond: number;
  /** Processor time of the proxy for an exchange, in µs. */
  readonly cpuUs: number;
}

interface Contender {
  readonly title: string;
  readonly port: number;
  readonly running: Running;
  readonly caFile: string;
  readonly logFile?: string;
  readonly samples: Sample[];
  readonly handshakesMs: number[];
}

async function tcpmon(context: BenchContext, backend: TlsBackend): Promise<Contender> {
  const { folder } = context.workshop;
  const logFile = `${folder}/intercept.log`;
  const running = context.workshop.start("tcpmon", [
    ...subjectCommand(context.options.subject),
    ...["proxy", "0", "--intercept", "--ca", backend.caFile, "--ca-dir", `${folder}/ca`],
    ...["--format", "json", "--output", logFile],
  ], "relay");
  const port = Number((await running.line(/proxy on \S*:(\d+) /))[1]);
  const caFile = `${folder}/ca/ca.pem`;
  return { title: "tcpmon json", port, running, caFile, logFile, samples: [], handshakesMs: [] };
}

async function mitmdump(context: BenchContext): Promise<Contender> {
  const { workshop } = context;
  const port = freePort();
  const folder = `${workshop.folder}/mitmproxy`;
  const running = workshop.start("mitmdump", [
    ...["mitmdump", "-q", "--ssl-insecure", "--listen-host", "127.0.0.1", "-p", String(port)],
    ...["--set", `confdir=${folder}`],
  ], "relay");
  await running.listening(port);
  const caFile = `${folder}/mitmproxy-ca-cert.pem`;
  return { title: "mitmdump", port, running, caFile, samples: [], handshakesMs: [] };
}

async function runLoad(
  context: BenchContext,
  backend: TlsBackend,
  { port, caFile }: Contender,
  ...what: readonly [tunnels: string, amount: number]
): Promise<
  { readonly requests: number; readonly requestsPerSecond: number; readonly handshakesMs: number[] }
> {
  const output = await context.workshop.run([
    ...denoCommand(here("tunnel_load.ts"), "--allow-net").slice(0, -1),
    ...[
      "--allow-read",
      here("tunnel_load.ts"),
      String(port),
      String(backend.port),
      caFile,
      ...what.map(String),
    ],
  ], "load");
  if (output === "") throw new Error("the load on a proxy failed");
  return JSON.parse(output);
}

async function measure(context: BenchContext, backend: TlsBackend, contender: Contender): Promise<void> {
  const { running, logFile, samples, title } = contender;
  const before = await readCpuMs(running.pid);
  const report = await runLoad(context, backend, contender, String(TUNNELS), context.options.seconds);
  await settle(logFile);
  const cpuUs = (await readCpuMs(running.pid) - before) * 1000 / report.requests;
  samples.push({ requestsPerSecond: report.requestsPerSecond, cpuUs });
  context.say(`intercept: ${title} ${report.requestsPerSecond.toFixed(0)} requests/s`);
}

/** Measures interception; every round loads every contender once, each starting with another. */
export async function intercept(context: BenchContext): Promise<Section> {
  const backend = await startTlsBackend(context.workshop);
  const contenders = [await tcpmon(context, backend)];
  if (context.peers.has("mitmdump")) contenders.push(await mitmdump(context));
  for (const contender of contenders) {
    await runLoad(context, backend, contender, String(TUNNELS), WARM_UP_SECONDS);
    const { handshakesMs } = await runLoad(context, backend, contender, "handshakes", HANDSHAKES);
    contender.handshakesMs.push(...handshakesMs.slice(FIRST_HANDSHAKES));
  }
  for (let round = 0; round < context.options.rounds; round++) {
    for (const contender of rotated(contenders, round)) await measure(context, backend, contender);
  }
  for (const { running } of contenders) await context.workshop.stop(running);
  const throughput = (contender?: Contender) =>
    contender?.samples.map(({ requestsPerSecond }) => requestsPerSecond) ?? [];
  const [own, other] = contenders;
  return {
    title: `Intercepted TLS: small requests, ${TUNNELS} tunnels that stay open`,
    columns: ["", "requests/s", "µs/exchange", "× mitmdump", "handshake ms"],
    rows: contenders.map((contender) => [
      contender.title,
      figure(median(throughput(contender)), 0),
      figure(median(contender.samples.map(({ cpuUs }) => cpuUs)), 1),
      figure(ratioByRound(throughput(contender), throughput(other)), 1),
      figure(median(contender.handshakesMs), 2),
    ]),
    goals: [
      {
        what: "intercept: json, throughput / mitmdump's",
        bound: "at least",
        wanted: 5,
        found: ratioByRound(throughput(own), throughput(other)),
        unit: "",
        digits: 1,
      },
      {
        what: "intercept: handshake with a certificate from the cache",
        bound: "at most",
        wanted: 5,
        found: median(own.handshakesMs),
        unit: "ms",
        digits: 1,
      },
    ],
    notes: ["the load is a Deno program of one thread (tunnel_load.ts), the same for both"],
    raw: Object.fromEntries(
      contenders.map(({ title, samples, handshakesMs }) => [title, { samples, handshakesMs }]),
    ),
  };
}
