/** The lines of a history by the ids of their records: those of the block that was read last are kept. */
import { Buffer } from "node:buffer";
import type { DatabaseSync } from "node:sqlite";
import { linesOf } from "./lines.ts";
import { statement } from "./statements.ts";

interface OpenBlock {
  readonly first: number;
  readonly last: number;
  readonly lines: readonly Uint8Array[];
}

/** Gives lines. */
export class StoredLines {
  readonly #db: DatabaseSync;
  #open: OpenBlock | undefined;

  /** Nothing is read yet. */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** The line of a record, without line feed; empty or `undefined`: there is none with that id. */
  at(id: number): Uint8Array | undefined {
    const open = this.#open;
    if (open !== undefined && id >= open.first && id <= open.last) return open.lines[id - open.first];
    const block = statement(
      this.#db,
      "SELECT first, last FROM blocks WHERE first <= ? ORDER BY first DESC LIMIT 1",
    ).get(id);
    if (block === undefined || id > (block.last as number)) return undefined;
    const first = block.first as number;
    const lines = linesOf(this.#db, first);
    this.#open = { first, last: first + lines.length - 1, lines };
    return lines[id - first];
  }

  /** The line of a record as Latin-1 in lower case: each byte is one character. */
  lowerAt(id: number): string {
    const line = this.at(id);
    if (line === undefined) return "";
    return Buffer.from(line.buffer, line.byteOffset, line.length).toString("latin1").toLowerCase();
  }
}
