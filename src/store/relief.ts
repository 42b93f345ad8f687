/**
 * Writes to a history whose disk may become full: then it makes room as far as it can, and writes again only once there is
 * some. What users removed to make room cannot be had back.
 */
import type { DatabaseSync } from "node:sqlite";
import { FullError, saysFull } from "./full_error.ts";
import type { Reserve } from "./reserve.ts";
import type { HistoryWriter, Written } from "./writer.ts";

/** Makes room. */
export class Relief {
  readonly #db: DatabaseSync;
  readonly #writer: HistoryWriter;
  readonly #reserve: Reserve;
  #isFull = false;

  /** Makes room in `db`, which `writer` writes to. */
  constructor(db: DatabaseSync, writer: HistoryWriter, reserve: Reserve) {
    this.#db = db;
    this.#writer = writer;
    this.#reserve = reserve;
  }

  /**
   * Writes lines. Where the disk is full, what was removed goes for good.
   *
   * @param lines Whole lines.
   * @throws {FullError} Where there is no room; nothing is written then.
   * @throws as {@link HistoryWriter.write}.
   */
  write(lines: Uint8Array): Written {
    if (this.#isFull) this.#makeRoom();
    const written = this.#tryTo(() => this.#writer.write(lines));
    if (written === undefined) throw new FullError();
    return written;
  }

  /** Does what is due without any write. */
  tidy(): void {
    if (this.#isFull) return;
    this.#tryTo(() => this.#writer.tidy());
    // What is full now is told by the next write.
    if (!this.#isFull) this.#reserve.take();
  }

  /** @returns Nothing, where the disk is full. */
  #tryTo<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!saysFull(error)) throw error;
      this.#isFull = true;
      emptyJournal(this.#db);
      // For those who remove something. Nothing else may take it now, such as what is brought to its place.
      this.#reserve.letGo();
      return undefined;
    }
  }

  /** @throws {FullError} Where there is none. */
  #makeRoom(): void {
    // What does not fit into the cache would be written, only to be thrown away.
    this.#db.exec("PRAGMA cache_spill = 0");
    try {
      if (this.#writer.eraseRemoved()) emptyJournal(this.#db);
    } catch (error) {
      if (!saysFull(error)) throw error;
    } finally {
      this.#db.exec("PRAGMA cache_spill = 1");
    }
    // The room has to be there before anything is written: what is left is for those who remove something.
    if (!this.#reserve.take()) throw new FullError();
    this.#isFull = false;
  }
}

/** Brings what is written ahead to its place, as far as there is room, and gives its own room back. */
function emptyJournal(db: DatabaseSync): void {
  try {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // It stays where it is.
  }
}
