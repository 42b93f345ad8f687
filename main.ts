/**
 * tcpmon: arguments → command → session, signals and exit codes. The parts are put together in src/program.
 */
import denoJson from "./deno.json" with { type: "json" };
import { filterErrorPlace, FilterSyntaxError, parseFilter } from "./src/capture/filter/filter.ts";
import { parseRedactNames } from "./src/capture/redact/redact.ts";
import { type Command, parseCommand } from "./src/cli/command.ts";
import { print } from "./src/cli/print.ts";
import { UsageError } from "./src/cli/usage_error.ts";
import { reasonOf as reasonOfFile } from "./src/log/destination.ts";
import { Status } from "./src/log/status.ts";
import { AddressError, formatAddress } from "./src/net/address.ts";
import { HostPatterns } from "./src/net/host_patterns.ts";
import { linkProblem, type LinkTexts } from "./src/net/link/spec.ts";
import { ListenError } from "./src/net/listener.ts";
import { lookUp } from "./src/net/look_up.ts";
import { parseUpstreamProxy } from "./src/net/upstream/proxy_address.ts";
import { COMPARE_WORKER } from "./src/program/compare.ts";
import { EXPECT_WORKER } from "./src/program/expectations.ts";
import { Failure } from "./src/program/failure.ts";
import { FILE_WORKER } from "./src/program/file_talk.ts";
import { ignoresHangup } from "./src/program/hangup.ts";
import { parseKeeps } from "./src/store/keep.ts";
import { STORE_WORKER } from "./src/store/protocol.ts";
import { logsToFile, openSession, type Session, type Wanted } from "./src/program/session.ts";

/** How long status lines may take to be written at the end. */
const FLUSH_MS = 3_000;

const EXIT_FAILURE = 1;
const EXIT_SIGNALLED = 130;

const status = new Status((bytes) => Deno.stderr.write(bytes));

async function main(): Promise<number> {
  try {
    const command = await parseCommand({
      args: Deno.args,
      env: (name) => Deno.env.get(name),
      readTextFile: Deno.readTextFileSync,
      warn: (text) => status.line(text),
      checks: {
        "filter": filterProblem,
        "dump-on": filterProblem,
        "keep": keepProblem,
        "redact": redactProblem,
        "upstream-proxy": (text) => text === "env" ? undefined : addressProblem(parseUpstreamProxy, text),
        "no-proxy": (text) => addressProblem(HostPatterns.parse, text),
        "insecure": (text) => addressProblem(HostPatterns.parse, text),
        "intercept": (text) => addressProblem(HostPatterns.parse, text),
        "no-intercept": (text) => addressProblem(HostPatterns.parse, text),
        ...linkChecks(),
      },
    });
    return await run(command);
  } catch (error) {
    if (error instanceof UsageError) {
      status.line(error.message);
      return error.exitCode;
    }
    const isKnown = error instanceof Failure || error instanceof ListenError;
    status.line(isKnown ? error.message : `failed, please report: ${error}`);
    return EXIT_FAILURE;
  }
}

function filterProblem(source: string): string | undefined {
  try {
    parseFilter(source);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return `${error.message}\n${filterErrorPlace(error)}`;
    throw error;
  }
}

function keepProblem(text: string): string | undefined {
  try {
    parseKeeps(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function redactProblem(names: string): string | undefined {
  try {
    parseRedactNames(names);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^--redact: /, "");
  }
}

function addressProblem(parse: (text: string) => unknown, text: string): string | undefined {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof AddressError) return error.message;
    throw error;
  }
}

/** The options of a simulated link, by the names under which it knows them. */
function linkChecks(): Record<string, (text: string) => string | undefined> {
  const names: readonly (readonly [string, keyof LinkTexts])[] = [
    ["bytes-per-pause", "bytesPerPause"],
    ["delay", "delay"],
    ["drop-bytes", "dropBytes"],
    ["rate", "rate"],
    ["latency", "latency"],
    ["jitter", "jitter"],
    ["link", "link"],
    ["fault", "fault"],
  ];
  return Object.fromEntries(names.map(([name, key]) => [name, (text) => linkProblem(key, text)]));
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case "help":
      return await answer(command.text);
    case "completion":
      return await answer(command.script);
    case "version":
      return await answer(`tcpmon ${denoJson.version} (Deno ${Deno.version.deno}, ${Deno.build.target})\n`);
    case "ca":
      return await tellAuthority(command.folder, command.pem);
    case "relay":
      return await capture(command);
    case "send": {
      const { runSend } = await import("./src/program/send.ts");
      return await untilStopped((signal) => runSend(command, status, denoJson.version, signal));
    }
    case "resend": {
      const { runResend } = await import("./src/program/resend.ts");
      return await untilStopped((signal) => runResend(command, status, signal));
    }
    case "diff": {
      const { runDiff } = await import("./src/program/diff.ts");
      return await runDiff(command, status);
    }
    case "export": {
      const { runExport } = await import("./src/program/export.ts");
      await runExport(command, status, denoJson.version);
      return 0;
    }
    case "view": {
      const { runView } = await import("./src/program/view.ts");
      let forgetSignals = () => {};
      const hangup = ignoresHangup();
      await runView(command, status, (session) => forgetSignals = onSignals(session, hangup));
      forgetSignals();
      return 0;
    }
    case "demo": {
      // Loaded only when asked for, as it would cost every other start its time.
      const { runDemo } = await import("./src/program/demo.ts");
      let forgetSignals = () => {};
      const hangup = ignoresHangup();
      await runDemo(command, status, (session) => forgetSignals = onSignals(session, hangup));
      forgetSignals();
      return 0;
    }
  }
}

async function answer(text: string): Promise<number> {
  try {
    await print(text, (bytes) => Deno.stdout.write(bytes));
    return 0;
  } catch (error) {
    throw new Failure(`cannot write to stdout: ${reasonOfFile(error)}`);
  }
}

async function tellAuthority(folder: string | undefined, pem: boolean): Promise<number> {
  const { openAuthority } = await import("./src/program/tls.ts");
  const authority = await openAuthority(folder);
  if (pem) return await answer(authority.certPem);
  const { caHelp } = await import("./src/cli/ca_help.ts");
  return await answer(caHelp({ ...authority, pem: authority.certPem }));
}

async function capture(wanted: Wanted): Promise<number> {
  for (const { target, upstreamProxy = wanted.options.upstreamProxy ?? "" } of wanted.relays) {
    if (target.kind !== "tcp" || upstreamProxy !== "") continue;
    const problem = lookUp(target.host);
    if (problem === undefined) continue;
    const text = `cannot relay to ${formatAddress(target)}: ${problem.reason}`;
    if (problem.final) throw new Failure(text);
    status.line(`${text}; going on, it is looked up again for each connection`);
  }
  // Asked first: it takes as long as opening does. A log in a file is opened anew instead.
  const hangup = logsToFile(wanted.options.output) ? undefined : ignoresHangup();
  const session = await openSession(wanted, status);
  const forgetSignals = onSignals(session, hangup);
  // Whoever is told that it listens may hang up.
  await hangup;
  if (!wanted.options.quiet) { for (const line of session.announcements) status.line(line); }
  for (const line of session.viewerLines) status.line(line);
  await session.stopped;
  await session.end();
  forgetSignals();
  return 0;
}

/** Does something that the first SIGINT or SIGTERM stops in order, the second at once. */
async function untilStopped(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  const forget = onSignals({ stop: () => stopping.abort() });
  try {
    const code = await work(stopping.signal);
    return stopping.signal.aborted ? EXIT_SIGNALLED : code;
  } catch (error) {
    // Whatever a stop made fail is no failure.
    if (stopping.signal.aborted) return EXIT_SIGNALLED;
    throw error;
  } finally {
    forget();
  }
}

/**
 * The first SIGINT or SIGTERM stops in order, the second at once. SIGHUP reopens the log's file; where there is none it
 * stops in order, too, unless it was ignored at the start.
 *
 * @param ignoresHangup Whether it was. Absent: SIGHUP does what it always does.
 */
function onSignals(
  session: Pick<Session, "stop" | "reopen" | "dump">,
  ignoresHangup?: Promise<boolean>,
): () => void {
  const added: [Deno.Signal, () => void][] = [];
  const on = (signal: Deno.Signal, handler: () => void) => {
    try {
      Deno.addSignalListener(signal, handler);
      added.push([signal, handler]);
    } catch {
      // Windows knows SIGINT and SIGBREAK only.
    }
  };
  let stopping = false;
  const stopOnce = () => {
    if (stopping) Deno.exit(EXIT_SIGNALLED);
    stopping = true;
    session.stop();
  };
  on("SIGINT", stopOnce);
  on(Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM", stopOnce);
  if (session.reopen !== undefined) on("SIGHUP", session.reopen);
  // Runtimes take it over that listen to other signals: who is to ignore it must say so. A terminal that closes may
  // send it twice, and the second one ends nothing at once.
  else ignoresHangup?.then((ignored) => on("SIGHUP", ignored ? () => {} : session.stop));
  // It would end the program, as nobody means who sends it.
  let isTold = false;
  const tellOnce = () => {
    if (!isTold) status.line("no --record: nothing to dump");
    isTold = true;
  };
  on("SIGUSR2", session.dump ?? tellOnce);
  return () => added.forEach(([signal, handler]) => Deno.removeSignalListener(signal, handler));
}

if ("WorkerGlobalScope" in globalThis && self.name === STORE_WORKER) {
  // The program joined to one file is its own worker.
  await import("./src/store/worker.ts");
} else if ("WorkerGlobalScope" in globalThis && self.name === COMPARE_WORKER) {
  await import("./src/program/compare_worker.ts");
} else if ("WorkerGlobalScope" in globalThis && self.name === EXPECT_WORKER) {
  await import("./src/program/expect_worker.ts");
} else if ("WorkerGlobalScope" in globalThis && self.name === FILE_WORKER) {
  await import("./src/program/file_worker.ts");
} else if (import.meta.main) {
  const code = await main();
  await status.flush(FLUSH_MS);
  Deno.exit(code);
}
