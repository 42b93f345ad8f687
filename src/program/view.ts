/**
 * `tcpmon view`: saved captures in a browser. It is a session in which nothing listens but the viewer, until its page
 * adds a listener, or opens a capture more.
 */
import { captureOptions, settle } from "../cli/settings.ts";
import type { ViewCommand } from "../cli/tool_commands.ts";
import type { Status } from "../log/status.ts";
import { readCapture } from "./captures.ts";
import { Intake, unless } from "./history_intake.ts";
import { openSession, type Session } from "./session.ts";

/** How much is kept where no file is given: what is opened and what passes. Of files that are given all is. */
const KEEP = "4G";

/**
 * Runs the command until it is told to stop.
 *
 * @param started Told of the session, so that signals can stop it.
 * @throws {UsageError} and {Failure} where a capture cannot be read, or the address cannot be had.
 */
export async function runView(
  { files, viewer, maxBodyBytes, quiet }: ViewCommand,
  status: Status,
  started: (session: Session) => void,
): Promise<void> {
  const options = {
    ...captureOptions(settle([])),
    format: "none",
    viewer,
    history: { keep: files.length > 0 ? "" : KEEP },
    maxBodyBytes,
    quiet,
  } as const;
  const session = await openSession({ relays: [], proxies: [], options, files }, status);
  started(session);
  try {
    for (const line of session.viewerLines) status.line(line);
    const stopping = new AbortController();
    session.stopped.then(() => stopping.abort());
    try {
      const records = await readFiles(files, session, maxBodyBytes, status, stopping.signal);
      if (!quiet && files.length > 0) {
        status.line(`${records} records of ${files.join(", ")}; Ctrl-C ends it`);
      }
    } catch (error) {
      // Whatever a stop made fail is no failure.
      if (!stopping.signal.aborted) throw error;
    }
    await session.stopped;
  } finally {
    await session.end();
  }
}

/** Takes the captures into the history. @returns How many records they have. */
async function readFiles(
  files: readonly string[],
  { history, ids }: Session,
  maxBodyBytes: number,
  status: Status,
  signal: AbortSignal,
): Promise<number> {
  if (history === undefined) return 0;
  const taken = new Intake({ history, ids, maxBodyBytes }, signal);
  for (const file of files) {
    const batches = readCapture(file, { strict: false, status });
    try {
      for (;;) {
        const { value, done } = await unless(signal, batches.next());
        if (done === true) break;
        for (const { record } of value) await taken.take(record);
      }
    } finally {
      // A pipe may stay open for as long as nothing comes: where it was ended, that is not waited for.
      batches.return(undefined).catch(() => {});
    }
  }
  await taken.flush();
  return taken.records;
}
