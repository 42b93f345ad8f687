/** `tcpmon send`: words → a request → an exchange, shown as the log shows it; or many, and their summary. */
import type { ExchangeRecord } from "../capture/record.ts";
import type { SendCommand } from "../cli/tool_commands.ts";
import { UsageError } from "../cli/usage_error.ts";
import { joined } from "../http/joined.ts";
import { reasonOf } from "../log/destination.ts";
import type { Log } from "../log/open_log.ts";
import type { Status } from "../log/status.ts";
import { AddressError, formatAddress, parseListen, type Target } from "../net/address.ts";
import { isAnswered } from "../send/answered.ts";
import { buildRequest, type BuiltRequest } from "../send/build_request.ts";
import { ClientConnection } from "../send/client.ts";
import { Redirects } from "../send/follow.ts";
import { formatSummary } from "../send/format_summary.ts";
import { runLoad } from "../send/load.ts";
import { readItems } from "../send/request_items.ts";
import { SendError, SendUsageError } from "../send/send_error.ts";
import { throughUpstream } from "../send/upstream.ts";
import { type Client, openClient } from "./client.ts";
import { type Check, readExpectations } from "./expectations.ts";
import { Failure } from "./failure.ts";
import { openLogOf, redactKeyOf } from "./log.ts";
import { jsonLine, writeOut } from "./write_out.ts";

/** How long the log may take to be written at the end. */
const FLUSH_MS = 3_000;
/** Something was not as expected. */
const EXIT_UNEXPECTED = 3;
const EXIT_FAILURE = 1;

/** What sends and looks at the answers. */
interface Sender {
  readonly client: Client;
  /** The relay that requests go through, where there is one. */
  readonly via: Target | undefined;
  readonly check: Check | undefined;
  readonly signal: AbortSignal;
  readonly status: Status;
}

/**
 * Runs the command.
 *
 * @param version Version of the program, for User-Agent.
 * @param signal Ends it.
 * @returns The exit code.
 * @throws {UsageError} where there is no such request, {Failure} where it cannot be sent.
 */
export async function runSend(
  command: SendCommand,
  status: Status,
  version: string,
  signal: AbortSignal,
): Promise<number> {
  const { options } = command;
  using expectations = await readExpectations(command, { maxBodyBytes: options.maxBodyBytes, signal });
  const { check } = expectations;
  const via = command.via === undefined ? undefined : viaOf(command.via);
  const built = await asUsage(() => build(command, version));
  if (command.print !== undefined) return await show(built, command.print);
  const isLoad = command.repeat > 1 || command.ratePerSecond !== undefined || command.concurrency > 1;
  // A load shows its summary; each exchange only where that was asked for, in a file.
  const logged = isLoad && options.output === undefined ? { ...options, format: "none" as const } : options;
  const ended = new AbortController();
  const log = await openLogOf(
    { ...logged, exitOnBrokenPipe: true },
    redactKeyOf(options),
    status,
    () => ended.abort(),
    // One exchange, just now.
    isLoad,
  );
  let code: number;
  try {
    const client = await openClient(
      options,
      { timeoutMs: command.timeoutMs, listener: "send", emit: log.write },
      status,
    );
    const sender = { client, via, check, signal: AbortSignal.any([signal, ended.signal]), status };
    code = isLoad ? await load(built, command, sender) : await sendOne(built, command, sender, log);
  } finally {
    await log.close(FLUSH_MS);
  }
  // What came could not be shown, unless its reader had seen enough.
  const isLost = log.lost > 0 && !isLoad && !ended.signal.aborted;
  return code === 0 && isLost ? EXIT_FAILURE : code;
}

async function build(command: SendCommand, version: string): Promise<BuiltRequest> {
  const items = await readItems(command.items, readFile);
  return buildRequest({ ...command, items, data: await readData(command.data) }, {
    version,
    boundary: () => `tcpmon-${crypto.randomUUID().replaceAll("-", "")}`,
  });
}

async function readData(data: string | undefined): Promise<string | Uint8Array | undefined> {
  if (data === "-") return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
  return data?.startsWith("@") ? await readFile(data.slice(1)) : data;
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new Failure(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** A relay that listens there; it speaks TLS with the target itself, if need be. */
function viaOf(text: string): Target {
  try {
    const listen = parseListen(text);
    return listen.kind === "unix" ? listen : { ...listen, http: true };
  } catch (error) {
    throw error instanceof AddressError ? new UsageError(`cannot read --via: ${error.message}`) : error;
  }
}

async function asUsage<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw error instanceof SendUsageError ? new UsageError(`cannot send this: ${error.message}`) : error;
  }
}

/** Prints the request instead of sending it. */
async function show(built: BuiltRequest, as: "bytes" | "curl"): Promise<number> {
  if (as === "bytes") await writeOut(joined(built.pieces));
  else {
    const { curlCommand } = await import("../export/curl.ts");
    const { request, body, url, target } = built;
    const to = target.kind === "unix" ? formatAddress(target) : `${url.scheme}://${formatAddress(target)}`;
    const message = { head: request, body: { bytes: body.length, kept: body }, trailers: [] };
    await writeOut(`${curlCommand(message, to)}\n`);
  }
  return 0;
}

/** Sends one request, and those that redirects lead to. */
async function sendOne(
  built: BuiltRequest,
  { follow }: SendCommand,
  { client: { context, network }, via, check, signal, status }: Sender,
  log: Log,
): Promise<number> {
  const redirects = new Redirects();
  for (let request = built;;) {
    const target = via ?? request.target;
    const { pieces } = await asUsage(() => via ? request : throughUpstream(request, network.upstreamFor));
    const exchange = await exchangeWith(target, pieces);
    const { response } = exchange;
    const problem = unanswered(exchange);
    if (problem !== undefined) {
      throw new Failure(`${problem[0]} from ${formatAddress(target)}: ${problem[1]}`);
    }
    const next = follow && response !== undefined ? redirects.next(request, response.head) : undefined;
    if (next?.kind === "next") {
      if (next.dropped.length > 0) {
        status.line(
          `not sent to ${formatAddress(next.next.target)}: ${next.dropped.join(", ")} of another host`,
        );
      }
      request = next.next;
      continue;
    }
    await shown(log, signal);
    if (next?.kind === "refused") throw new Failure(next.error);
    const complaint = await check?.(exchange);
    if (complaint === undefined) return 0;
    status.line(complaint);
    return EXIT_UNEXPECTED;
  }

  async function exchangeWith(target: Target, pieces: readonly Uint8Array[]): Promise<ExchangeRecord> {
    try {
      const connection = await ClientConnection.open(context, target, signal);
      try {
        return await connection.exchange(pieces, signal);
      } finally {
        connection.close();
      }
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      throw new Failure(`cannot send to ${formatAddress(target)}: ${error.message}`);
    }
  }
}

/** Why an exchange counts as not answered, in two parts; `undefined`: it was. */
function unanswered(
  exchange: ExchangeRecord,
): readonly [string, string] | undefined {
  if (isAnswered(exchange)) return undefined;
  const { outcome, error, response } = exchange;
  return [
    response === undefined ? "no answer" : "no complete answer",
    error ??
      (outcome === "no-response"
        ? "it ended the connection"
        : outcome === "not-http"
        ? "what it sent is not HTTP"
        : outcome),
  ];
}

/** Waits until what was logged is written, but not for ever: a full disk never takes it. */
async function shown(log: Log, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await Promise.race([log.flush(), pause(FLUSH_MS, AbortSignal.any([signal, over.signal]))]);
  over.abort();
}

/** Sends it many times. */
async function load(
  built: BuiltRequest,
  { repeat, concurrency, ratePerSecond, options }: SendCommand,
  { client: { context, network }, via, check, signal }: Sender,
): Promise<number> {
  const target = via ?? built.target;
  const { pieces } = await asUsage(() => via ? built : throughUpstream(built, network.upstreamFor));
  const summary = await runLoad({
    repeat,
    concurrency,
    ratePerSecond,
    pieces,
    open: (signal) => ClientConnection.open(context, target, signal),
    now: () => context.clock.now(),
    pause,
    check,
  }, signal);
  if (options.format !== "none") {
    const text = options.format === "json" ? jsonLine(summary) : formatSummary(summary);
    await writeOut(text);
  }
  if (summary.succeeded === summary.count) return 0;
  return check === undefined ? EXIT_FAILURE : EXIT_UNEXPECTED;
}

/** Resolves after a while, or when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", onAbort);
}
