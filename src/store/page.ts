/** What is asked of a history, and what it answers. */
import type { Body, Record } from "../capture/record.ts";
import type { HistoryRow } from "./history_row.ts";

/** Which rows are wanted. */
export interface PageRequest {
  /** Rows before this id, newest first. */
  readonly before?: number;
  /** Rows after this id, oldest first. Without both: the newest ones, newest first. */
  readonly after?: number;
  /** How many at most. */
  readonly limit: number;
  /** A filter expression; absent or "": all rows. */
  readonly filter?: string;
  /** A text that is looked for in heads and bodies, as it stands. */
  readonly search?: string;
  /** After which to give what was found so far, in ms; absent: there is no limit. */
  readonly budgetMs?: number;
}

/** Rows, and where to go on. */
export interface Page {
  /** The rows, in the order that was asked for. */
  readonly rows: readonly HistoryRow[];
  /** What to give as `before` (or `after`) for those that follow; absent: there are none. */
  readonly next?: number;
  /** Whether the time ran out: then `next` is where it was. */
  readonly isPartial: boolean;
}

/** A part of a body. */
export interface BodyPart {
  /** How many bytes of the body there are in the history. */
  readonly kept: number;
  /** How many bytes there were. */
  readonly bytes: number;
  /** The part. */
  readonly part: Uint8Array;
}

/** What was removed. */
export interface Removed {
  /** Number of the removal, to undo it with. */
  readonly removal: number;
  /** How many records went, of those that were asked about. */
  readonly count: number;
}

/** Which body of a record: `body` is that of data and messages. */
export type BodyName = "request" | "response" | "body";

/** What a reader needs from its surroundings. */
export interface ReaderSettings {
  /**
   * How much of a body is decoded where a filter asks about it, in bytes; as large as when it was written.
   */
  readonly maxBodyBytes: number;
  /** A monotonic clock, ms. */
  readonly now: () => number;
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Resolves when others that wait for the same processor have worked; absent: there are none. */
  readonly pause?: () => Promise<void>;
}

/** A body of a record; `undefined`: it has none of that name. */
export function bodyOf(record: Record, which: BodyName): Body | undefined {
  if (record.type === "exchange") return which === "body" ? undefined : record[which]?.body;
  return which === "body" && (record.type === "data" || record.type === "message") ? record.body : undefined;
}
