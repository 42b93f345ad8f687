/** `tcpmon resend`: a capture → requests, edited or not → exchanges, compared with the recorded ones or not. */
import type { Archived } from "../archive/archive.ts";
import { recordFilter } from "../capture/filter/record_filter.ts";
import type { ResendCommand } from "../cli/tool_commands.ts";
import { UsageError } from "../cli/usage_error.ts";
import { reasonOf } from "../log/destination.ts";
import type { Status } from "../log/status.ts";
import { AddressError, parseTarget, type Target } from "../net/address.ts";
import { type ReadyEdits, readyEdits } from "../resend/apply_edits.ts";
import { EditError, parseEdit } from "../resend/edit.ts";
import { resend, type ResendResult, type ResendTotals } from "../resend/run.ts";
import { ClientConnection } from "../send/client.ts";
import { parseWanted, readCapture, selectCapture } from "./captures.ts";
import { openClient } from "./client.ts";
import { requestTitle } from "./differences.ts";
import { Failure } from "./failure.ts";
import { openLogOf, redactKeyOf } from "./log.ts";
import { Outlines } from "./outlines.ts";
import { ResendDiff } from "./resend_diff.ts";
import { pause } from "./send.ts";

/** How long the log may take to be written at the end. */
const FLUSH_MS = 3_000;
/** How long a dialogue waits for what the target had said, before it goes on without. */
const DIALOGUE_TIMEOUT_MS = 5_000;
const EXIT_FAILURE = 1;
const EXIT_DIFFERENT = 3;

/**
 * Runs the command.
 *
 * @param signal Stops it: what is under way is ended, and nothing more is begun.
 * @returns The exit code.
 * @throws {UsageError} and {Failure} where it cannot be done as asked.
 */
export async function runResend(
  command: ResendCommand,
  status: Status,
  signal: AbortSignal,
): Promise<number> {
  const { options, diff } = command;
  const ended = new AbortController();
  const stopping = AbortSignal.any([signal, ended.signal]);
  const onAbandoned = () => ended.abort();
  const outlines = new Outlines((error) => {
    if (!(error instanceof Deno.errors.BrokenPipe)) status.line(`cannot write to stdout: ${reasonOf(error)}`);
    onAbandoned();
  });
  const warn = (text: string) => status.line(text);
  using comparing = diff ? new ResendDiff(command, { outlines, warn, signal: stopping }) : undefined;
  const to = command.to === undefined ? undefined : targetOf(command.to);
  const edits = await editsOf(command.edits);
  const { source, wants } = await sourceOf(command, status);
  // With --diff stdout is for differences; exchanges go to a file, if anywhere.
  const logged = diff && options.output === undefined ? { ...options, format: "none" as const } : options;
  const log = await openLogOf(
    { ...logged, exitOnBrokenPipe: true },
    redactKeyOf(options),
    status,
    onAbandoned,
  );
  // A reader that stalls is waited for, but not by who was told to stop.
  const stopped = new Promise<void>((resolve) => {
    stopping.addEventListener("abort", () => resolve(), { once: true });
  });
  let totals: ResendTotals;
  try {
    const { context, network } = await openClient(
      options,
      { timeoutMs: command.timeoutMs, listener: "resend", emit: log.write },
      status,
    );
    totals = await resend(source, {
      to,
      keepHost: options.host === "keep",
      keepConnections: command.keepConnections,
      concurrency: command.concurrency,
      speed: command.speed,
      edits,
      timeoutMs: command.timeoutMs,
      dialogueTimeoutMs: DIALOGUE_TIMEOUT_MS,
      upstreamFor: network.upstreamFor,
    }, {
      open: (target, signal) => ClientConnection.open(context, target, signal),
      wants,
      onResult(result) {
        const compared = comparing?.take(result);
        tell(result, status, options.quiet);
        const waiting = compared ?? outlines.room();
        return waiting && Promise.race([waiting, stopped]);
      },
      now: () => context.clock.now(),
      pause,
      randomMask: (mask) => void crypto.getRandomValues(mask),
    }, stopping);
    await Promise.race([outlines.flush(), stopped]);
    if (!options.quiet) { for (const line of totalLines(totals, comparing)) status.line(line); }
  } finally {
    await log.close(FLUSH_MS);
  }
  if (comparing !== undefined && comparing.differing + comparing.unclear > 0) return EXIT_DIFFERENT;
  if (comparing?.compared === 0 && totals.failed === 0 && !stopping.aborted) {
    status.line("nothing was compared: wanted at least one exchange that can be sent again and was answered");
    return EXIT_DIFFERENT;
  }
  const isEmpty = totals.sent + totals.dialogues === 0;
  const isLost = log.lost > 0 && !ended.signal.aborted;
  return totals.failed > 0 || isEmpty || isLost ? EXIT_FAILURE : 0;
}

function targetOf(text: string): Target {
  try {
    return parseTarget(text);
  } catch (error) {
    throw error instanceof AddressError ? new UsageError(`cannot read --to: ${error.message}`) : error;
  }
}

async function editsOf(texts: readonly string[]): Promise<ReadyEdits | undefined> {
  if (texts.length === 0) return undefined;
  try {
    return await readyEdits(texts.map(parseEdit), {
      readFile: (name) => Deno.readFile(name),
      loadSelecting: () => import("../select/selector.ts"),
    });
  } catch (error) {
    if (error instanceof EditError) throw new UsageError(error.message.replace("the edit", "--set"));
    throw error instanceof Error && / \(os error /.test(error.message)
      ? new Failure(`cannot read the file of --set: ${reasonOf(error)}`)
      : error;
  }
}

/** What is sent: the records of the capture, and which of them are meant. */
async function sourceOf(
  command: ResendCommand,
  status: Status,
): Promise<{
  readonly source: AsyncIterable<readonly Archived[]>;
  readonly wants: (archived: Archived) => boolean;
}> {
  const { file, options } = command;
  const reading = { strict: command.strict, status };
  const fits = options.filter === undefined ? () => true : recordFilter(options.filter, options.maxBodyBytes);
  const wanted = command.ids.map(parseWanted);
  if (wanted.length === 0) {
    return { source: await edited(readCapture(file, reading), command), wants: ({ record }) => fits(record) };
  }
  const { source, belongs } = await selectCapture(file, wanted, reading);
  const wants = (archived: Archived) =>
    archived.record.type === "exchange" && belongs(archived) && fits(archived.record);
  return { source: await edited(source, command, wants), wants };
}

/** With `--edit` each exchange passes through an editor first. */
async function edited(
  source: AsyncIterable<readonly Archived[]>,
  { edit }: ResendCommand,
  wants: (archived: Archived) => boolean = () => true,
): Promise<AsyncIterable<readonly Archived[]>> {
  if (!edit) return source;
  const { inEditor } = await import("./editor.ts");
  return inEditor(source, wants);
}

/** Tells what went wrong. */
function tell(result: ResendResult, status: Status, quiet: boolean): void {
  if (result.kind === "skipped") return;
  const title = result.kind === "exchange"
    ? requestTitle(result.recorded)
    : `connection ${result.connection.id}`;
  if (result.error !== undefined) status.line(`${title}: ${result.error}`);
  if (result.kind === "exchange" && !quiet) {
    for (const note of result.notes) status.line(`${title}: ${note}`);
  }
}

function totalLines(totals: ResendTotals, comparing: ResendDiff | undefined): string[] {
  const { sent, failed, dialogues, retried, elapsedMs, perSecond, skipped, statuses } = totals;
  const answers = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status} × ${count}`);
  const parts = [
    sent + failed + dialogues + skipped.size === 0
      ? "nothing to send: found no exchange that is meant"
      : `${sent} sent in ${(elapsedMs / 1000).toFixed(2)} s (${Math.round(perSecond)} a second)`,
    ...answers.length > 0 ? [answers.join(", ")] : [],
    ...dialogues > 0 ? [`${dialogues} streams`] : [],
    ...failed > 0 ? [`${failed} failed`] : [],
    ...retried > 0 ? [`${retried} sent twice, as their connection was just closing`] : [],
    ...comparing === undefined || comparing.compared === 0
      ? []
      : [comparing.differing === 0 ? "no differences" : `${comparing.differing} differ`],
  ];
  return [
    parts.join("; "),
    ...[...skipped].map(([reason, count]) => `${count} not sent: ${reason}`),
    ...comparing?.notes() ?? [],
  ];
}
