/** From options to the history that the session keeps. */
import { dirname } from "node:path";
import type { Record } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { reasonOf } from "../log/destination.ts";
import { redactorOf } from "../log/open_log.ts";
import { fileFault, folderFault } from "../log/recorder/trusted_path.ts";
import type { Status } from "../log/status.ts";
import { type History, type HistoryStats, openHistory } from "../store/history.ts";
import { parseKeeps } from "../store/keep.ts";
import { Failure } from "./failure.ts";

/** The file of the history's workers: a program that was joined to one file is its own; else `undefined`, the usual one. */
export const WORKER_URL: string | undefined = import.meta.url.endsWith("/src/program/history.ts")
  ? undefined
  : import.meta.url;

/** Beside the file itself, what SQLite writes to. */
const COMPANIONS = ["", "-wal", "-shm", "-journal"];

/**
 * Makes a history's file where there is none, and looks whether it leads to where another user wants it to.
 *
 * @throws {Error} One line for people, where it does.
 */
export async function refuseForeign(path: string): Promise<void> {
  try {
    const fault = await folderFault(dirname(path)) ?? await faultOfFiles(path);
    if (fault !== undefined) throw new Error(fault);
  } catch (error) {
    throw new Error(`cannot open the history ${path}: ${reasonOf(error)}`);
  }
}

async function faultOfFiles(path: string): Promise<string | undefined> {
  // Made first: nobody can put another one in its place then. What is wrong with the path itself SQLite says.
  await Deno.open(path, { write: true, createNew: true, mode: 0o600 }).then((file) => file.close(), () => {});
  const faults = await Promise.all(COMPANIONS.map((companion) => fileFault(path + companion)));
  return faults.find((fault) => fault !== undefined);
}

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
    if (path !== undefined) await refuseForeign(path);
    return await openHistory(
      { path, keep: keep === "" ? {} : parseKeeps(keep), maxBodyBytes, queueBytes, workerUrl: WORKER_URL },
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
