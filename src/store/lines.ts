/** The lines of blocks in their table: in parts, since SQLite reads and writes a value as a whole. */
import type { DatabaseSync } from "node:sqlite";
import { joined } from "../http/joined.ts";

/** Length of a part. */
const PART_BYTES = 256 * 1024;
const LF = 0x0a;

/** Stores the lines of a block, in place of those that it had. */
export function putLines(db: DatabaseSync, block: number, lines: Uint8Array): void {
  db.prepare("DELETE FROM lines WHERE block = ?").run(block);
  const insert = db.prepare("INSERT INTO lines VALUES(?, ?, ?)");
  for (let part = 0; part * PART_BYTES < lines.length; part++) {
    insert.run(block, part, lines.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
  }
}

/** The lines of a block, in order, without their line feeds; an empty one stands for a record that is gone. */
export function linesOf(db: DatabaseSync, block: number): readonly Uint8Array[] {
  const parts = db.prepare("SELECT bytes FROM lines WHERE block = ? ORDER BY part").all(block);
  const bytes = joined(parts.map((part) => part.bytes as Uint8Array));
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = bytes.indexOf(LF, from);
    if (to < 0) break;
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return lines;
}
