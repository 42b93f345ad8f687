/**
 * Lets go of what a history does not keep any more: the oldest blocks first, a few at a time, so that no
 * step takes long; what users removed, once they cannot want it back; and rows that nothing refers to.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Keep } from "./keep.ts";
import { numberOf, statement } from "./statements.ts";

/** How many blocks go in one step: more than one write adds, so that eviction always catches up. */
const STEP_BLOCKS = 16;
/** How long what was removed can be had back. */
export const UNDO_MS = 600_000;
/** Free pages up to that are left for what comes … */
const SPARE_PAGES = 1024;
/** … and more are given back to the file system so many at a time, where they are a third of the file. */
const VACUUM_PAGES = 512;
/** … and where the disk is full, more than may have been written ahead of its place. */
const SHRINK_PAGES = 4096;
/** How many shared rows are added before those that nothing uses are looked for. */
const UNUSED_AFTER = 8192;

/** A block, by the ids of its records. */
export interface BlockSpan {
  /** Id of its first record. */
  readonly first: number;
  /** Id of its last record. */
  readonly last: number;
}

/** Removes from a history. All of it runs inside the caller's transaction. */
export class Evictor {
  readonly #db: DatabaseSync;
  readonly #keep: Keep;
  readonly #epochNow: () => number;
  #unusedAfter = UNUSED_AFTER;

  /** Knows what to keep. */
  constructor(db: DatabaseSync, keep: Keep, epochNow: () => number) {
    this.#db = db;
    this.#keep = keep;
    this.#epochNow = epochNow;
  }

  /** Removes the oldest blocks as far as they are too much. @returns Whether there is more to remove. */
  evict(): boolean {
    for (let step = 0; step < STEP_BLOCKS; step++) {
      const oldest = statement(this.#db, "SELECT first, last, newest FROM blocks ORDER BY first LIMIT 1")
        .get() as
          | { first: number; last: number; newest: number }
          | undefined;
      if (oldest === undefined || !this.#isTooMuch(oldest)) {
        this.#vacuum();
        return false;
      }
      this.removeBlock(oldest.first, oldest.last, true);
      statement(this.#db, "DELETE FROM removed WHERE last <= ?").run(oldest.last);
    }
    return true;
  }

  #isTooMuch({ last, newest }: { readonly last: number; readonly newest: number }): boolean {
    const { count: most, bytes, ageMs } = this.#keep;
    if (most !== undefined && numberOf(this.#db, "SELECT max(id) FROM records") - last >= most) return true;
    if (ageMs !== undefined && newest < this.#epochNow() - ageMs) return true;
    if (bytes === undefined) return false;
    const blocks = numberOf(this.#db, "SELECT count(*) FROM (SELECT 1 FROM blocks LIMIT 2)");
    return blocks > 1 && this.#usedBytes() > bytes;
  }

  #usedBytes(): number {
    const pages = numberOf(this.#db, "PRAGMA page_count") - numberOf(this.#db, "PRAGMA freelist_count");
    return pages * numberOf(this.#db, "PRAGMA page_size");
  }

  /** Removes a block; also its records, unless they go on in another one. */
  removeBlock(first: number, last: number, withRecords: boolean): void {
    for (const table of ["lines", "signatures"]) {
      statement(this.#db, `DELETE FROM ${table} WHERE block = ?`).run(first);
    }
    statement(this.#db, "DELETE FROM blocks WHERE first = ?").run(first);
    if (withRecords) statement(this.#db, "DELETE FROM records WHERE id BETWEEN ? AND ?").run(first, last);
  }

  /**
   * Removes for good what users removed longer ago than they can undo it: whole blocks at once.
   *
   * @param undoMs How long they can.
   * @returns Blocks of which only some records were removed: they are to be stored anew without them.
   */
  erase(undoMs = UNDO_MS): readonly BlockSpan[] {
    const due = statement(
      this.#db,
      "SELECT removed.rowid AS id, first, last FROM removed JOIN removals ON removals.id = removal " +
        "WHERE at <= ? ORDER BY first LIMIT 1",
    ).get(this.#epochNow() - undoMs) as BlockSpan & { readonly id: number } | undefined;
    if (due === undefined) return [];
    const rest: BlockSpan[] = [];
    const blocks = statement(
      this.#db,
      "SELECT first, last FROM blocks WHERE last >= ? AND first <= ? ORDER BY first LIMIT ?",
    ).all(due.first, due.last, STEP_BLOCKS) as unknown as BlockSpan[];
    for (const { first, last } of blocks) {
      if (first >= due.first && last <= due.last) {
        this.removeBlock(first, last, true);
      } else {
        statement(this.#db, "DELETE FROM records WHERE id BETWEEN ? AND ?").run(
          Math.max(first, due.first),
          Math.min(last, due.last),
        );
        rest.push({ first, last });
      }
    }
    if (blocks.length < STEP_BLOCKS) statement(this.#db, "DELETE FROM removed WHERE rowid = ?").run(due.id);
    return rest;
  }

  /**
   * Removes shapes and sides that nothing uses, now and then.
   *
   * @param added How many the caller has added since it last forgot them.
   * @returns Whether it did: then those that the caller remembers may have gone.
   */
  forgetUnused(added: number): boolean {
    if (added < this.#unusedAfter) return false;
    const db = this.#db;
    db.exec("DELETE FROM shapes WHERE id NOT IN (SELECT shape FROM records)");
    db.exec("DELETE FROM sides WHERE id NOT IN (SELECT side FROM records WHERE side IS NOT NULL)");
    db.exec("UPDATE meta SET value = value + 1 WHERE name = 'epoch'");
    const left = numberOf(db, "SELECT (SELECT count(*) FROM shapes) + (SELECT count(*) FROM sides)");
    this.#unusedAfter = Math.max(UNUSED_AFTER, left);
    return true;
  }

  /** Removes all records, for good. */
  eraseAll(): void {
    for (const table of ["records", "lines", "signatures", "blocks", "removed"]) {
      this.#db.exec(`DELETE FROM ${table}`);
    }
  }

  /** Gives many free pages back to the file system. */
  shrink(): void {
    this.#giveBack(SHRINK_PAGES);
  }

  #vacuum(): void {
    const free = numberOf(this.#db, "PRAGMA freelist_count");
    if (free < SPARE_PAGES || free * 3 < numberOf(this.#db, "PRAGMA page_count")) return;
    this.#giveBack(VACUUM_PAGES);
  }

  #giveBack(pages: number): void {
    // Each step gives back one page, and exec() takes a single one.
    this.#db.prepare(`PRAGMA incremental_vacuum(${pages})`).all();
  }
}
