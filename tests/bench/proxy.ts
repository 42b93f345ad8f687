/** Proxy mode: small requests in absolute-form through tcpmon, tinyproxy and squid, beside the relay. All of them log. */

import { type BenchContext, settle } from "./context.ts";
import { readCpuMs } from "./proc.ts";
import { subjectCommand } from "./programs.ts";
import { median, ratioByRound, rotated } from "./statistics.ts";
import { figure, type Goal, type Section } from "./table.ts";
import { freePort, type Running } from "./workshop.ts";
import { runWrk, type WrkReport } from "./wrk.ts";

/** Before the first round every contender is loaded this long. */
const WARM_UP_SECONDS = 1;

type Name = "relay" | "proxy" | "tinyproxy" | "squid";

const TITLES: Readonly<Record<Name, string>> = {
  relay: "tcpmon json, relay",
  proxy: "tcpmon json, proxy",
  tinyproxy: "tinyproxy, logging",
  squid: "squid, logging, no cache",
};

interface Sample extends WrkReport {
  /** Processor time for an exchange, in µs. */
  readonly cpuUs: number;
}

interface Contender {
  readonly name: Name;
  readonly port: number;
  readonly running: Running;
  /** What wrk asks for: the path, or the whole URL. */
  readonly target: string;
  readonly logFile?: string;
  readonly samples: Sample[];
}

async function tcpmon(context: BenchContext, name: "relay" | "proxy"): Promise<Contender> {
  const logFile = `${context.workshop.folder}/${name}.log`;
  const what = name === "relay" ? ["relay", `127.0.0.1:0=127.0.0.1:${context.backendPort}`] : ["proxy", "0"];
  const command = [
    ...subjectCommand(context.options.subject),
    ...what,
    "--format",
    "json",
    "--output",
    logFile,
  ];
  const running = context.workshop.start(TITLES[name], command, "relay");
  const port = Number((await running.line(/(?:relaying|proxy on) \S*:(\d+) /))[1]);
  const target = name === "relay" ? "/" : `http://127.0.0.1:${context.backendPort}/`;
  return { name, port, running, target, logFile, samples: [] };
}

async function peer(context: BenchContext, name: "tinyproxy" | "squid"): Promise<Contender> {
  const { workshop } = context;
  // Started as root, squid goes on as another user.
  const folder = `${workshop.folder}/${name}`;
  await Deno.mkdir(folder);
  await Deno.chmod(folder, 0o777);
  const port = freePort();
  const tinyproxy = `Port ${port}
Listen 127.0.0.1
Timeout 600
MaxClients 100
LogFile "${folder}/access.log"
LogLevel Connect
`;
  const squid = `http_port 127.0.0.1:${port}
visible_hostname bench
pid_filename none
cache deny all
cache_log ${folder}/cache.log
access_log stdio:${folder}/access.log
coredump_dir ${folder}
shutdown_lifetime 0 seconds
pinger_enable off
http_access allow all
`;
  await Deno.writeTextFile(`${folder}/conf`, name === "squid" ? squid : tinyproxy);
  const own = `b${crypto.randomUUID().slice(0, 8)}`;
  const command = name === "squid"
    ? ["squid", "-N", "-n", own, "-f", `${folder}/conf`]
    : ["tinyproxy", "-d", "-c", `${folder}/conf`];
  const running = workshop.start(name, command, "relay");
  await running.listening(port);
  return { name, port, running, target: `http://127.0.0.1:${context.backendPort}/`, samples: [] };
}

async function load(
  context: BenchContext,
  { name, port, target }: Contender,
  seconds: number,
): Promise<WrkReport> {
  const script = `${context.workshop.folder}/${name}.lua`;
  await Deno.writeTextFile(script, `wrk.path = "${target}"\n`);
  return await runWrk(context.workshop, port, seconds, ["-s", script]);
}

async function measure(context: BenchContext, contender: Contender): Promise<void> {
  const { running, logFile, samples, name } = contender;
  const before = await readCpuMs(running.pid);
  const report = await load(context, contender, context.options.seconds);
  await settle(logFile);
  samples.push({ ...report, cpuUs: (await readCpuMs(running.pid) - before) * 1000 / report.requests });
  context.say(`proxy: ${TITLES[name]} ${report.requestsPerSecond.toFixed(0)} requests/s`);
}

function goals(contenders: readonly Contender[]): readonly Goal[] {
  const of = (name: Name) =>
    contenders.find((contender) => contender.name === name)?.samples.map(({ requestsPerSecond }) =>
      requestsPerSecond
    );
  const own = of("proxy") ?? [];
  const goal = (what: string, wanted: number, base: readonly number[] | undefined): readonly Goal[] =>
    base === undefined ? [] : [{
      what: `proxy: json, throughput / ${what}`,
      bound: "at least",
      wanted,
      found: ratioByRound(own, base),
      unit: "",
      digits: 2,
    }];
  const peers = [of("tinyproxy"), of("squid")].filter((samples) => samples !== undefined);
  const faster = peers.sort((a, b) => median(b) - median(a))[0];
  return [
    ...goal("the relay's", 0.75, of("relay")),
    ...goal("the faster of tinyproxy's and squid's", 3, faster),
  ];
}

/** Measures proxy mode; every round loads every contender once, each starting with another. */
export async function proxy(context: BenchContext): Promise<Section> {
  const contenders = [await tcpmon(context, "relay"), await tcpmon(context, "proxy")];
  for (const name of ["tinyproxy", "squid"] as const) {
    if (context.peers.has(name)) contenders.push(await peer(context, name));
  }
  for (const contender of contenders) await load(context, contender, WARM_UP_SECONDS);
  for (let round = 0; round < context.options.rounds; round++) {
    for (const contender of rotated(contenders, round)) await measure(context, contender);
  }
  for (const { running } of contenders) await context.workshop.stop(running);
  const relay = contenders[0].samples.map(({ requestsPerSecond }) => requestsPerSecond);
  return {
    title: "Proxy mode: small requests in absolute-form, 32 keep-alive connections",
    columns: ["", "requests/s", "p50 ms", "p99 ms", "µs/exchange", "× relay", "errors"],
    rows: contenders.map(({ name, samples }) => [
      TITLES[name],
      figure(median(samples.map(({ requestsPerSecond }) => requestsPerSecond)), 0),
      figure(median(samples.map(({ p50Ms }) => p50Ms)), 2),
      figure(median(samples.map(({ p99Ms }) => p99Ms)), 2),
      figure(median(samples.map(({ cpuUs }) => cpuUs)), 1),
      figure(ratioByRound(samples.map(({ requestsPerSecond }) => requestsPerSecond), relay), 2),
      String(samples.reduce((sum, { errors }) => sum + errors, 0)),
    ]),
    goals: goals(contenders),
    notes: ["tinyproxy opens a connection to the target for each request; that is how it works"],
    raw: Object.fromEntries(contenders.map(({ name, samples }) => [name, samples])),
  };
}
