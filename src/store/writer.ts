/**
 * Writes lines of the JSON log into a history: rows, blocks, and nothing that is older than what is to be
 * kept. All that comes at once is one transaction, so that a failure (a full disk) leaves nothing half done
 * and can be tried again.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RecordReader } from "../archive/record_reader.ts";
import type { ConnectionInfo, Record } from "../capture/record.ts";
import { BLOCK_RECORDS, BlockBuilder, type FullBlock } from "./block.ts";
import { Evictor } from "./evictor.ts";
import { Interned } from "./interned.ts";
import type { Keep } from "./keep.ts";
import { linesOf, putLines } from "./lines.ts";
import { Packer } from "./packing.ts";
import { Removals } from "./removals.ts";
import { numbersOf, placeOf } from "./row.ts";
import { RowWriter } from "./row_writer.ts";
import { numberOf, statement } from "./statements.ts";
import { isLike, type ShapeMemo } from "./shape_memo.ts";
import { SHAPE_COLUMNS, shapeValues, type SqlValue } from "./shape.ts";

/** A last block with fewer records is joined with those that follow. */
const SMALL_RECORDS = BLOCK_RECORDS / 4;

const LF = 0x0a;
/** The lines are the log's own, hence UTF-8. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What a writer needs to know. */
export interface WriterSettings {
  /** How much is kept. */
  readonly keep: Keep;
  /** How much of a body is decoded, in bytes. */
  readonly maxBodyBytes: number;
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
}

/** What was written at once. */
export interface Written {
  /** Id of the first record. */
  readonly first: number;
  /** Id of the last record; less than the first: there was none. */
  readonly last: number;
  /** How many lines were no records, and were left out. */
  readonly refused: number;
}

/** A block that grows. */
type Small = { readonly first: number; readonly last: number; readonly count: number };

/** Writes to a history that is open. */
export class HistoryWriter {
  readonly #db: DatabaseSync;
  readonly #records = new RecordReader();
  readonly #shapes: Interned;
  readonly #sides: Interned;
  readonly #builder: BlockBuilder;
  readonly #packer = new Packer();
  readonly #evictor: Evictor;
  readonly #removals: Removals;
  readonly #rows: RowWriter;
  readonly #insertBlock: StatementSync;
  readonly #insertSignature: StatementSync;
  readonly #setLast: StatementSync;
  readonly #run: number;
  #shapeMemos = new WeakMap<ConnectionInfo, ShapeMemo>();
  #sideMemos = new WeakMap<ConnectionInfo, number>();
  #epoch = 0;

  /** Begins a run in a history. */
  constructor(db: DatabaseSync, settings: WriterSettings) {
    this.#db = db;
    this.#builder = new BlockBuilder(settings.maxBodyBytes);
    this.#evictor = new Evictor(db, settings.keep, settings.epochNow);
    this.#removals = new Removals(db, settings.epochNow);
    this.#shapes = new Interned(db, "shapes", SHAPE_COLUMNS);
    this.#sides = new Interned(db, "sides", ["run", "connection", "listener", "client", "target"]);
    this.#rows = new RowWriter(db);
    this.#insertBlock = db.prepare("INSERT OR REPLACE INTO blocks VALUES(?, ?, ?, ?, ?, ?, ?)");
    this.#insertSignature = db.prepare("INSERT OR REPLACE INTO signatures VALUES(?, ?)");
    this.#setLast = db.prepare("UPDATE meta SET value = ? WHERE name = 'last'");
    this.#run = this.#transaction(() => {
      db.exec("UPDATE meta SET value = value + 1 WHERE name = 'run'");
      return this.#meta("run");
    });
  }

  /**
   * Writes lines, and lets go of what is not kept any more.
   *
   * @param lines Whole lines.
   * @throws What SQLite throws; nothing is written then.
   */
  write(lines: Uint8Array): Written {
    return this.#transaction(() => {
      const first = this.#meta("last") + 1;
      let next = first;
      let blockFirst = first;
      let refused = 0;
      // One string for all lines costs half as much as one for each.
      const text = decoder.decode(lines);
      let textFrom = 0;
      for (let from = 0; from < lines.length;) {
        const found = lines.indexOf(LF, from);
        const to = found < 0 ? lines.length : found;
        const line = lines.subarray(from, to);
        from = to + 1;
        const textFound = text.indexOf("\n", textFrom);
        const textTo = textFound < 0 ? text.length : textFound;
        const lineText = text.slice(textFrom, textTo);
        textFrom = textTo + 1;
        if (this.#builder.isFullFor(line.length)) blockFirst = this.#flush(blockFirst);
        if (this.#add(next, line, lineText)) next++;
        else refused++;
      }
      this.#rows.flush();
      if (this.#builder.count > 0) this.#flush(blockFirst);
      this.#setLast.run(next - 1);
      this.#joinSmall();
      this.#evict();
      return { first, last: next - 1, refused };
    });
  }

  /** Lets go of what became too old, or was removed for good. @returns Whether there is more to do. */
  tidy(): boolean {
    return this.#transaction(() => this.#evict());
  }

  /** Lets go at once of what was removed, whenever that was. @returns Whether there was something. */
  eraseRemoved(): boolean {
    const isDone = () => numberOf(this.#db, "SELECT count(*) FROM removed") === 0;
    if (isDone()) return false;
    this.#transaction(() => {
      if (this.#removals.hidesAll()) this.#evictor.eraseAll();
      while (!isDone()) this.#erase(0);
      this.#evictor.shrink();
    });
    return true;
  }

  /** Adds a record to the block at hand. @returns Whether it is one. */
  #add(id: number, line: Uint8Array, text: string): boolean {
    let value: { readonly soap?: { readonly operation?: unknown } };
    let record: Record;
    try {
      value = JSON.parse(text);
      record = this.#records.read(value);
    } catch {
      return false;
    }
    const soap = value.soap === undefined ? null : String(value.soap.operation ?? "");
    const [shape, place] = this.#shapeOf(record, soap);
    const side = record.type === "lost" ? null : this.#sideOf(record.connection);
    const numbers = numbersOf(record);
    this.#rows.add(id, shape, side, place, numbers);
    const at = record.type === "lost" ? record.from : record.at;
    this.#builder.add(line, record, shape, side, at, numbers);
    return true;
  }

  #shapeOf(record: Record, soap: string | null): readonly [shape: number, place: readonly SqlValue[]] {
    if (record.type !== "exchange") return [this.#shapes.id(shapeValues(record, soap)), placeOf(record)];
    const memo = this.#shapeMemos.get(record.connection);
    if (memo !== undefined && soap === null && isLike(record, memo)) {
      return [memo.shape, record.request?.head === memo.request ? memo.place : placeOf(record)];
    }
    const shape = this.#shapes.id(shapeValues(record, soap));
    const place = placeOf(record);
    const { request, response, outcome, error, flags } = record;
    if (soap === null && error === undefined && flags.length === 0) {
      const fresh = { request: request?.head, response: response?.head, outcome, shape, place };
      this.#shapeMemos.set(record.connection, fresh);
    }
    return [shape, place];
  }

  #sideOf(connection: ConnectionInfo): number {
    const known = this.#sideMemos.get(connection);
    if (known !== undefined) return known;
    const { id, listener, client, target } = connection;
    const side = this.#sides.id([this.#run, id, listener, client, target]);
    this.#sideMemos.set(connection, side);
    return side;
  }

  /** Stores the block at hand. @returns The id of the record that begins the next one. */
  #flush(first: number): number {
    const block = this.#builder.take();
    this.#store(first, block, block.count >= SMALL_RECORDS || block.lines.length >= 16 * 1024);
    return first + block.count;
  }

  #store(first: number, block: FullBlock, sealed: boolean): void {
    const { count, newest, lines, summary, signature } = block;
    this.#insertBlock.run(
      first,
      first + count - 1,
      count,
      lines.length,
      newest,
      sealed ? 1 : 0,
      JSON.stringify(summary),
    );
    this.#insertSignature.run(first, signature);
    putLines(this.#db, first, this.#packer.pack(lines));
  }

  /** Makes one block of the small ones at the end, once there are enough of them. */
  #joinSmall(): void {
    const small = statement(this.#db, "SELECT first, last, count FROM blocks WHERE sealed = 0 ORDER BY first")
      .all() as unknown as Small[];
    let run: Small[] = [];
    for (const [i, block] of small.entries()) {
      if (run.length > 0 && run[run.length - 1].last + 1 !== block.first) {
        this.#join(run);
        run = [];
      }
      run.push(block);
      const count = run.reduce((sum, { count }) => sum + count, 0);
      if (count >= BLOCK_RECORDS || (i + 1 < small.length && count + small[i + 1].count > BLOCK_RECORDS)) {
        this.#join(run);
        run = [];
      }
    }
    // What a larger block follows does not grow any more.
    const last = run.at(-1)?.last;
    if (last !== undefined && last < this.#meta("last")) this.#join(run);
  }

  #join(blocks: readonly { readonly first: number; readonly last: number }[]): void {
    for (const { first, last } of blocks) {
      for (const [i, line] of linesOf(this.#db, first).entries()) this.#addAgain(first + i, line);
      this.#evictor.removeBlock(first, last, false);
    }
    this.#store(blocks[0].first, this.#builder.take(), true);
  }

  /** Adds a stored record to the block at hand. */
  #addAgain(id: number, line: Uint8Array): void {
    const row = statement(this.#db, "SELECT shape, side FROM records WHERE id = ?").get(id);
    if (row === undefined || line.length === 0) return this.#builder.skip();
    const record = new RecordReader().read(JSON.parse(decoder.decode(line)));
    const at = record.type === "lost" ? record.from : record.at;
    this.#builder.add(line, record, row.shape as number, row.side as number | null, at, numbersOf(record));
  }

  #evict(): boolean {
    this.#erase();
    const more = this.#evictor.evict();
    if (this.#evictor.forgetUnused(this.#shapes.added + this.#sides.added)) this.#forget();
    return more;
  }

  /** Stores blocks anew without what was removed for good. */
  #erase(undoMs?: number): void {
    for (const { first } of this.#evictor.erase(undoMs)) {
      for (const [i, line] of linesOf(this.#db, first).entries()) this.#addAgain(first + i, line);
      const sealed = numberOf(this.#db, "SELECT sealed FROM blocks WHERE first = ?", first) === 1;
      this.#store(first, this.#builder.take(), sealed);
    }
  }

  #meta(name: "last" | "run" | "epoch"): number {
    return numberOf(this.#db, `SELECT value FROM meta WHERE name = '${name}'`);
  }

  #forget(): void {
    this.#shapes.forget();
    this.#sides.forget();
    this.#shapeMemos = new WeakMap();
    this.#sideMemos = new WeakMap();
  }

  #transaction<Result>(work: () => Result): Result {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      // Another process may have removed shared rows that nothing used.
      const epoch = this.#meta("epoch");
      if (epoch !== this.#epoch) this.#forget();
      this.#epoch = epoch;
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#builder.clear();
      this.#rows.clear();
      this.#forget();
      try {
        this.#db.exec("ROLLBACK");
      } catch {
        // A full disk has rolled it back already.
      }
      throw error;
    }
  }
}
