/** Histories for tests: in a folder of their own, written at once. */
import type { Record } from "../../src/capture/record.ts";
import { createJsonFormat } from "../../src/log/json.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import type { Keep } from "../../src/store/keep.ts";
import { linesOf, putLines, textOfLine } from "../../src/store/lines.ts";
import { HistoryIndex } from "../../src/store/reader.ts";
import { openToWrite } from "../../src/store/schema.ts";
import { HistoryWriter } from "../../src/store/writer.ts";

/** How much of a body is decoded. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Time of all clocks; a test may change it. */
export class Clock {
  /** ms since the epoch. */
  at = Date.UTC(2026, 10, 20, 12);
}

/** A history that a test writes and reads. */
export class TestHistory implements Disposable {
  /** Its file. */
  readonly path: string;
  /** Its clock. */
  readonly clock = new Clock();
  /** Its reader. */
  readonly index: HistoryIndex;
  readonly #folder: string;
  readonly #db: ReturnType<typeof openToWrite>;
  readonly #writer: HistoryWriter;
  readonly #format = createJsonFormat({ limitBytes: MAX_BODY_BYTES });

  /** Makes one. */
  constructor(keep: Keep = {}) {
    this.#folder = Deno.makeTempDirSync({ prefix: "tcpmon-test-" });
    this.path = `${this.#folder}/history`;
    const epochNow = () => this.clock.at;
    this.#db = openToWrite(this.path);
    this.#writer = new HistoryWriter(this.#db, { keep, maxBodyBytes: MAX_BODY_BYTES, epochNow });
    this.index = new HistoryIndex(this.path, { maxBodyBytes: MAX_BODY_BYTES, now: () => 0, epochNow });
  }

  /** Writes records, all at once. */
  write(...records: readonly Record[]): void {
    const out = new ByteWriter();
    for (const record of records) this.#format(record, out);
    this.#writer.write(out.copy());
  }

  /** Writes lines. */
  writeText(lines: string) {
    return this.#writer.write(new TextEncoder().encode(lines));
  }

  /** Runs a statement on the connection that writes. */
  run(sql: string): void {
    this.#db.exec(sql);
  }

  /** Changes the lines of a block, and stores them as they are. */
  changeLines(block: number, change: (lines: string) => string): void {
    const lines = linesOf(this.#db, block).map((line) => `${textOfLine(line)}\n`).join("");
    putLines(this.#db, block, new TextEncoder().encode(change(lines)));
  }

  /** Lets go of what is not kept. */
  tidy(): void {
    while (this.#writer.tidy());
  }

  /** The numbers that a statement gives. */
  numbers(sql: string): number[] {
    return this.#db.prepare(sql).all().map((row) => Number(Object.values(row)[0]));
  }

  /** Ids of what passes a filter, newest first, by pages of that many. */
  ids(filter = "", limit = 1000): number[] {
    const ids: number[] = [];
    let before: number | undefined;
    for (;;) {
      const page = this.index.page({ limit, filter, ...before !== undefined && { before } });
      ids.push(...page.rows.map(({ id }) => id));
      if (page.next === undefined) return ids;
      before = page.next;
    }
  }

  /** Closes and removes it. */
  [Symbol.dispose](): void {
    this.index[Symbol.dispose]();
    this.#db.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
