/**
 * tcpmon: composes options → log → listeners, and waits. The only place that knows arguments, signals and exit codes.
 */
import denoJson from "./deno.json" with { type: "json" };
import { BodyMemory } from "./src/capture/body_keeper.ts";
import { createClock } from "./src/capture/clock.ts";
import { filterErrorPlace, FilterSyntaxError, parseFilter } from "./src/capture/filter/filter.ts";
import { parseRedactNames } from "./src/capture/redact/redact.ts";
import { type Command, parseCommand } from "./src/cli/command.ts";
import { print } from "./src/cli/print.ts";
import type { Relay } from "./src/cli/relay_spec.ts";
import type { CaptureOptions } from "./src/cli/settings.ts";
import { UsageError } from "./src/cli/usage_error.ts";
import { reasonOf as reasonOfFile } from "./src/log/destination.ts";
import { type Log, openLog } from "./src/log/open_log.ts";
import { Status } from "./src/log/status.ts";
import { formatAddress } from "./src/net/address.ts";
import { ConnectionSlots, MOST_CONNECTIONS, roomForConnections } from "./src/net/connection_slots.ts";
import { directDial, loopFreeDial, reasonOf } from "./src/net/dial.ts";
import { formatEndpoint, isLoopback } from "./src/net/endpoint.ts";
import { ListenError, RelayListener } from "./src/net/listener.ts";
import { lookUp } from "./src/net/look_up.ts";

/** Memory that bodies in flight may take together, beyond which their ends are not kept. */
const BODY_BUDGET_BYTES = 256 * 1024 * 1024;
/** How long the log may take to be written at the end, where the drain time is shorter. */
const FLUSH_MS = 3_000;
/** A stop that takes longer than this is explained. */
const TELL_MS = 300;

const EXIT_FAILURE = 1;
const EXIT_SIGNALLED = 130;

const status = new Status((bytes) => Deno.stderr.write(bytes));

/** A failure at run time, in one line for the user. */
class Failure extends Error {}

async function main(): Promise<number> {
  try {
    const command = await parseCommand({
      args: Deno.args,
      env: (name) => Deno.env.get(name),
      readTextFile: Deno.readTextFileSync,
      checkFilter,
      checkRedact,
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

function checkFilter(source: string): string | undefined {
  try {
    parseFilter(source);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return `${error.message}\n${filterErrorPlace(error)}`;
    throw error;
  }
}

function checkRedact(names: string): string | undefined {
  try {
    parseRedactNames(names);
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^--redact: /, "");
  }
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case "help":
      return await answer(command.text);
    case "completion":
      return await answer(command.script);
    case "version":
      return await answer(`tcpmon ${denoJson.version} (Deno ${Deno.version.deno}, ${Deno.build.target})\n`);
    case "relay":
      return await relay(command.relays, command.options);
    case "demo":
      return await demo(command);
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

/** Everything that runs while traffic passes. */
interface Session {
  readonly listeners: readonly RelayListener[];
  /** Resolves when the program was told to stop. */
  readonly stopped: Promise<void>;
  /** Tells it to stop. */
  stop(): void;
  /** Writes to the log what waits. */
  flush(): Promise<void>;
  /** Lets exchanges finish, and writes what waits. */
  end(): Promise<void>;
}

async function relay(relays: readonly Relay[], options: CaptureOptions): Promise<number> {
  for (const { target } of relays) {
    if (target.kind !== "tcp") continue;
    const problem = lookUp(target.host);
    if (problem === undefined) continue;
    const text = `cannot relay to ${formatAddress(target)}: ${problem.reason}`;
    if (problem.final) throw new Failure(text);
    status.line(`${text}; going on, it is looked up again for each connection`);
  }
  const session = await open(relays, options);
  if (!options.quiet) announce(session.listeners);
  await session.stopped;
  await session.end();
  return 0;
}

function announce(listeners: readonly RelayListener[]): void {
  for (const { address, target } of listeners) {
    status.line(`relaying ${formatEndpoint(address)} → ${target.name}`);
    if (!isLoopback(address)) status.line(`${formatEndpoint(address)} can be reached from other machines`);
  }
}

async function open(relays: readonly Relay[], options: CaptureOptions): Promise<Session> {
  const clock = createClock(() => performance.now(), Date.now);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const log = await openLogOf(options, stop);
  let [exchanges, connections] = [0, 0];
  const listeners: RelayListener[] = [];
  const slots = slotsOf(options, listeners);
  const context = {
    capture: {
      emit: log.write,
      wall: clock.wall,
      nextId: () => ++exchanges,
      memory: new BodyMemory(options.maxBodyBytes, BODY_BUDGET_BYTES),
    },
    clock,
    dial: loopFreeDial(
      directDial(options.connectTimeoutMs),
      () => listeners.map(({ address }) => address),
      clock.now,
    ),
    idleTimeoutMs: options.idleTimeoutMs,
    warn: (text: string) => status.line(text),
    nextConnectionId: () => ++connections,
  };
  try {
    for (const { listen, target, hostField } of relays) {
      const to = { target, name: formatAddress(target), hostField };
      listeners.push(await RelayListener.open(listen, to, context, slots));
    }
  } catch (error) {
    for (const listener of listeners) await listener.stop(0, clock.now);
    await log.close(0);
    throw error;
  }
  // A file was moved away, or the terminal closed; else SIGHUP does what it always does, and nohup prevents it.
  const reopen = options.output === undefined ? undefined : () => void log.reopen();
  const forgetSignals = onSignals(stop, reopen ?? (isTerminal(options) ? stop : undefined));
  for (const listener of listeners) listener.start();
  return {
    listeners,
    stopped,
    stop,
    flush: () => log.flush(),
    async end() {
      const told = setTimeout(
        () => status.line("waiting for exchanges to end, Ctrl-C again ends at once"),
        TELL_MS,
      );
      await Promise.all(listeners.map((listener) => listener.stop(options.drainMs, clock.now)));
      clearTimeout(told);
      await log.close(Math.max(options.drainMs, FLUSH_MS));
      if (log.lost > 0) status.line(`${log.lost} records were lost in all`);
      forgetSignals();
    },
  };
}

function slotsOf({ maxConnections }: CaptureOptions, listeners: readonly RelayListener[]): ConnectionSlots {
  const dialling = () => listeners.reduce((count, listener) => count + listener.dialling, 0);
  // Windows has neither such a file nor such a limit.
  const room = Deno.build.os === "windows"
    ? () => Infinity
    : () => roomForConnections(dialling(), () => Deno.openSync("/dev/null"));
  return new ConnectionSlots(maxConnections ?? MOST_CONNECTIONS, room, (used) => {
    const open = used === 1 ? "1 connection is open" : `${used} connections are open`;
    status.line(`${open}, further ones wait until one ends (--max-connections, or ulimit -n)`);
  });
}

async function openLogOf(options: CaptureOptions, stop: () => void): Promise<Log> {
  const toTerminal = isTerminal(options);
  const wanted = toTerminal && (Deno.env.get("NO_COLOR") ?? "") === "";
  const { output, redactKey } = options;
  try {
    return await openLog({
      ...options,
      dated: !toTerminal,
      color: options.color === "always" || (options.color === "auto" && wanted),
      redactKey: redactKey === undefined
        ? crypto.getRandomValues(new Uint8Array(32))
        : new TextEncoder().encode(redactKey),
    }, {
      epochNow: Date.now,
      warn: (text) => status.line(text),
      onClosed() {
        if (options.exitOnBrokenPipe) return stop();
        status.line(`${output ?? "stdout"} was closed, the log ends here; traffic goes on, Ctrl-C stops it`);
      },
    });
  } catch (error) {
    throw new Failure(`cannot open --output ${output}: ${reasonOfFile(error)}`);
  }
}

/** Whether the log goes to a terminal. */
function isTerminal(options: CaptureOptions): boolean {
  return options.output === undefined && Deno.stdout.isTerminal();
}

/** The first SIGINT or SIGTERM stops in order, the second at once. */
function onSignals(stop: () => void, hangup: (() => void) | undefined): () => void {
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
    stop();
  };
  on("SIGINT", stopOnce);
  on(Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM", stopOnce);
  if (hangup !== undefined) on("SIGHUP", hangup);
  return () => added.forEach(([signal, handler]) => Deno.removeSignalListener(signal, handler));
}

async function demo(command: Command & { kind: "demo" }): Promise<number> {
  // Loaded only when asked for, as it would cost every other start its time.
  const { startBackend } = await import("./src/demo/backend.ts");
  const { sendDemoExchanges } = await import("./src/demo/send_exchanges.ts");
  const { demoHints } = await import("./src/demo/hints.ts");
  const backend = startBackend({});
  try {
    const target = { kind: "tcp", host: "127.0.0.1", port: backend.port, http: false } as const;
    const listen = { kind: "tcp", host: "127.0.0.1", port: command.port } as const;
    const session = await open([{ listen, target }], command.options);
    const address = session.listeners[0].address as Deno.NetAddr;
    if (!command.options.quiet) {
      status.line(`demo backend on ${backend.address}: SOAP, JSON, gzip, events, errors`);
      announce(session.listeners);
      await status.flush(FLUSH_MS);
    }
    const sending = new AbortController();
    session.stopped.then(() => sending.abort());
    let failure: unknown;
    try {
      await sendDemoExchanges(address, { signal: sending.signal, paced: !command.once });
    } catch (error) {
      if (!sending.signal.aborted) failure = error;
    }
    if (command.once || failure !== undefined) session.stop();
    await Promise.race([session.flush(), session.stopped]);
    if (!sending.signal.aborted && !command.options.quiet) status.text(demoHints(formatEndpoint(address)));
    await session.stopped;
    await session.end();
    if (failure !== undefined) throw new Failure(reasonOf(failure));
    return 0;
  } finally {
    await backend.stop();
  }
}

if (import.meta.main) {
  const code = await main();
  await status.flush(FLUSH_MS);
  Deno.exit(code);
}
