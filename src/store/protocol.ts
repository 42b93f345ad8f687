/** What a program and the worker that keeps its history say to each other. */
import type { ReaderSettings } from "./page.ts";
import type { Keep } from "./keep.ts";

/** The first bytes of every SQLite database, hence of every history. */
export const SQLITE_MAGIC = "SQLite format 3\0";

/** Name of the worker: a program that is its own worker file tells by it what it is to be. */
export const STORE_WORKER = "tcpmon-store";

/** Name of what is no call: the one of the same number is not wanted any more, and may stay without a reply. */
export const CALL_OFF = "callOff";

/** What the worker is to do; it answers each with {@link Reply}, save {@link CALL_OFF}. */
export interface Call {
  /** Number of the call; the reply has it too. */
  readonly id: number;
  /** What to do: `openWriter`, `openReader`, `write`, `close`, {@link CALL_OFF}, or a method of the reader. */
  readonly name: string;
  /** With what. */
  readonly parameters: readonly unknown[];
}

/** What came of a call. Number 0: the worker is there. */
export type Reply =
  | { readonly id: number; readonly value?: unknown }
  | { readonly id: number; readonly error: string; readonly kind?: "busy" | "full" };

/** What a worker that writes needs. */
export interface WriterOpening {
  /** The file. */
  readonly path: string;
  /** How much is kept. */
  readonly keep: Keep;
  /** How much of a body is decoded, in bytes. */
  readonly maxBodyBytes: number;
}

/** What a worker that reads needs. */
export interface ReaderOpening extends Pick<ReaderSettings, "maxBodyBytes"> {
  /** The file. */
  readonly path: string;
}

/** What opening a history to write it came to. */
export interface WriterOpened {
  /** Versions of a file that was brought up to date: before, and now. */
  readonly migrated?: { readonly from: number; readonly to: number };
}

/** What one write came to. */
export interface WriteReply {
  /** How many lines were no records. */
  readonly refused: number;
  /** Id of the oldest record that is kept; more than {@link last}: there is none. */
  readonly first: number;
  /** Id of the newest record. */
  readonly last: number;
  /** How much room the history takes, in bytes, free pages left out. */
  readonly bytes: number;
  /**
   * The memory that the lines came in, to be used again: made anew each time, it would wait for the garbage
   * collection.
   */
  readonly buffer: ArrayBuffer;
}
