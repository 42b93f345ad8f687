/** From options to the history that the session keeps. */
import type { Record } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { redactorOf } from "../log/open_log.ts";
import type { Status } from "../log/status.ts";
import { type History, type HistoryStats, openHistory } from "../store/history.ts";
import { parseKeeps } from "../store/keep.ts";
import { Failure } from "./failure.ts";

/** The file of the history's workers: a program that was joined to one file is its own; else `undefined`, the usual one. */
export const WORKER_URL: string | undefined = import.meta.url.endsWith("/src/program/history.ts")
  ? undefined
  : import.meta.url;

/**
 * Opens the history.
 *
 * @param redactKey Key of the tags that stand for secrets.
 * @param onStored Told after each write.
 * @throws {Failure} where its file cannot be had.
 */
export async function openHistoryOf(
  options: CaptureOptions & { readonly history: NonNullable<CaptureOptions["history"]> },
  redactKey: Uint8Array,
  status: Status,
  onStored: (stats: HistoryStats) => void,
): Promise<History> {
  const { history: { path, keep }, maxBodyBytes, logQueueBytes: queueBytes } = options;
  const transform: ((record: Record) => Record) | undefined = redactorOf({ ...options, redactKey });
  try {
    return await openHistory(
      { path, keep: parseKeeps(keep), maxBodyBytes, queueBytes, workerUrl: WORKER_URL },
      {
        epochNow: Date.now,
        warn: (text) => status.line(text),
        transform,
        onStored,
      },
    );
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}
