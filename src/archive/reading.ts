/** What every reader of a kind of file gives: records in batches, and problems between them, in the order of the file. */
import type { Record } from "../capture/record.ts";

/** A record, and where it stands. */
export interface Archived {
  /** The record. */
  readonly record: Record;
  /** The line on which it stands (JSON lines), or begins (saved text), or the number of its entry (HAR), from 1. */
  readonly place: number;
}

/** Something that could not be read, or not be represented. */
export interface ArchiveProblem {
  /** The line or entry that is concerned; absent where it is the file as a whole. */
  readonly place?: number;
  /** What was found and what was wanted, on one line, its place included, without the name of the file. */
  readonly message: string;
  /** Set for a remark, which is no failure: what the records cannot show or leave out, told at the end of the file. */
  readonly isRemark?: true;
}

/** Records that follow each other, or a problem. */
export type Reading = readonly Archived[] | ArchiveProblem;

/** Reads a file that comes in pieces. It keeps no piece without copying it. */
export interface ArchiveReader {
  /** Reads the next piece. */
  push(piece: Uint8Array): Iterable<Reading>;
  /** The file is over. */
  end(): Iterable<Reading>;
}

/** Limits of a reader. */
export interface ReadingLimits {
  /** Length of the longest line or entry that is read, in bytes. */
  readonly lineLimitBytes: number;
}

/** Whether something is a problem. */
export function isProblem(reading: Reading): reading is ArchiveProblem {
  return "message" in reading;
}

/** Counts what the records of a file cannot show, so that each kind of it is told once. */
export class Remarks {
  readonly #counts = new Map<string, number>();

  /** Counts one case. */
  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** What was counted, as `12 × …`. */
  *tell(): Generator<ArchiveProblem> {
    for (const [what, times] of this.#counts) yield { message: `${times} × ${what}`, isRemark: true };
  }
}
