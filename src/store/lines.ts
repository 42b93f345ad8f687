/** The lines of blocks in their table: packed, and in parts, since SQLite reads and writes a value as a whole. */
import type { DatabaseSync } from "node:sqlite";
import { RecordReader } from "../archive/record_reader.ts";
import type { Record } from "../capture/record.ts";
import { joined } from "../http/joined.ts";
import { unpacked } from "./packing.ts";
import { numberOf, statement } from "./statements.ts";

/** Length of a part. */
const PART_BYTES = 256 * 1024;
const LF = 0x0a;
/** In place of each line of a block that is damaged: no UTF-8. */
const DAMAGED = Uint8Array.of(0xff);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Stores the lines of a block, in place of those that it had.
 *
 * @param lines As a {@link Packer} gives them.
 */
export function putLines(db: DatabaseSync, block: number, lines: Uint8Array): void {
  statement(db, "DELETE FROM lines WHERE block = ?").run(block);
  const insert = statement(db, "INSERT INTO lines VALUES(?, ?, ?)");
  for (let part = 0; part * PART_BYTES < lines.length; part++) {
    insert.run(block, part, lines.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
  }
}

/**
 * The lines of a block, in order, without their line feeds; an empty one stands for a record that is gone,
 * and one that is no UTF-8 for a record that is damaged.
 */
export function linesOf(db: DatabaseSync, block: number): readonly Uint8Array[] {
  const parts = statement(db, "SELECT bytes FROM lines WHERE block = ? ORDER BY part").all(block);
  let bytes: Uint8Array;
  try {
    bytes = unpacked(joined(parts.map((part) => part.bytes as Uint8Array)));
  } catch {
    return Array(numberOf(db, "SELECT count FROM blocks WHERE first = ?", block)).fill(DAMAGED);
  }
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = bytes.indexOf(LF, from);
    if (to < 0) break;
    lines.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return lines;
}

/**
 * The text of a line.
 *
 * @throws {TypeError} Where it is not UTF-8: the file is damaged.
 */
export function textOfLine(line: Uint8Array): string {
  return decoder.decode(line);
}

/**
 * The record of a line.
 *
 * @param reader Knows the connections of the lines before it.
 * @throws {Error} Where it is none: the file is damaged.
 */
export function recordOf(line: Uint8Array, reader = new RecordReader()): Record {
  return reader.read(JSON.parse(textOfLine(line)));
}
