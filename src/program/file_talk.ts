/**
 * What a program and the worker that makes and reads files say to each other. Bodies of some megabytes take seconds in
 * some formats, and a packed file stands for a thousand times its length: nothing that passes traffic may wait for that.
 */
import type { ExportFormat } from "../ui/api.ts";
import { WorkerTalk } from "./worker_talk.ts";

/** Name of the worker: a program that is its own worker file tells by it what it is to be. */
export const FILE_WORKER = "tcpmon-file";

/** A file that is to be made of lines of the JSON log. */
export interface MakeJob {
  /** What it is. */
  readonly kind: "make";
  /** The format. */
  readonly as: ExportFormat;
  /** Version of the program, which some formats name. */
  readonly version: string;
  /** How much of a coded body is decoded, in bytes. */
  readonly maxBodyBytes: number;
}

/** A capture that is to become lines of the JSON log. */
export interface ReadJob {
  /** What it is. */
  readonly kind: "read";
  /** Length of the longest line that is wanted, in bytes, and of the longest line or entry that is read. */
  readonly lineLimitBytes: number;
}

/** What the program says: first a job, then what the worker asks for. */
export type FileSaid =
  | MakeJob
  | ReadJob
  /** Lines of the JSON log, to become a part of the file. */
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  /** Bytes of the capture. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** There is no more of either. */
  | { readonly kind: "end" }
  /** What was given was taken. */
  | { readonly kind: "taken" };

/** What the worker says. */
export type FileHeard =
  /** It waits for a job. */
  | { readonly kind: "ready" }
  /** It wants more: lines, or bytes. */
  | { readonly kind: "more" }
  /** A part of the file. */
  | { readonly kind: "made"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Lines of the JSON log. */
  | { readonly kind: "read"; readonly lines: readonly string[] }
  /** The file is made: what it does not show, in words, and how often. */
  | { readonly kind: "made-all"; readonly notes: readonly (readonly [reason: string, count: number])[] }
  /** The capture is read: the first problem that is no remark, if there is one, and those that are told. */
  | { readonly kind: "read-all"; readonly first?: string; readonly problems: readonly string[] }
  /** It cannot go on: why, in a line. */
  | { readonly kind: "failed"; readonly error: string };

/** What talks with the worker. */
export type FileTalk = WorkerTalk<FileSaid, FileHeard>;

/** The worker's file; a program that was joined to one file is its own. */
const WORKER_URL: string = import.meta.url.endsWith("/src/program/file_talk.ts")
  ? new URL("./file_worker.ts", import.meta.url).href
  : import.meta.url;

/** Starts a worker, which says that it is ready. */
export function startFileTalk(): FileTalk {
  return new WorkerTalk(WORKER_URL, FILE_WORKER);
}
