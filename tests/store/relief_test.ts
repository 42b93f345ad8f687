import assert from "node:assert/strict";
import { FullError } from "../../src/store/full_error.ts";
import { HistoryReader } from "../../src/store/history_reader.ts";
import { openHistory } from "../../src/store/history.ts";
import { Removals } from "../../src/store/removals.ts";
import { Relief } from "../../src/store/relief.ts";
import { Reserve } from "../../src/store/reserve.ts";
import { openToWrite } from "../../src/store/schema.ts";
import { HistoryWriter } from "../../src/store/writer.ts";
import { written } from "../archive/archived.ts";
import { exchange } from "../capture/filter_samples.ts";

const lines = (count: number, id = 1) =>
  new TextEncoder().encode(written(Array.from({ length: count }, (_, i) => exchange({ id: id + i }))));

class Full implements Disposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "tcpmon-test-" });
  readonly path = `${this.#folder}/history`;
  readonly db = openToWrite(this.path);
  readonly #reserve = new Reserve(`${this.path}-reserve`);
  readonly removals = new Removals(this.db, () => 1000);
  readonly relief = new Relief(
    this.db,
    new HistoryWriter(this.db, { keep: {}, maxBodyBytes: 1000, epochNow: () => 1000 }),
    this.#reserve,
  );

  number(sql: string): number {
    return Number(Object.values(this.db.prepare(sql).get()!)[0]);
  }

  /** The file cannot grow any more. */
  fill(): void {
    this.db.exec(`PRAGMA max_page_count = ${this.number("PRAGMA page_count")}`);
  }

  files(): string[] {
    return [...Deno.readDirSync(this.#folder)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    this.#reserve[Symbol.dispose]();
    this.db.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

Deno.test("where the disk is full, what was removed goes at once, and then writing goes on", () => {
  using full = new Full();
  for (let i = 0; i < 10; i++) full.relief.write(lines(500, 1 + 500 * i));
  full.relief.tidy();
  assert.deepEqual(full.files(), ["history", "history-shm", "history-wal"]);
  full.fill();
  assert.throws(() => full.relief.write(lines(5000)), FullError);
  full.relief.tidy();
  assert.throws(() => full.relief.write(lines(5000)), FullError);
  assert.equal(full.number("SELECT count(*) FROM records"), 5000);
  full.removals.remove("all");
  assert.deepEqual(full.relief.write(lines(3000)), { first: 5001, last: 8000, refused: 0 });
  assert.equal(full.number("SELECT count(*) FROM records"), 3000);
  assert.equal(full.number("SELECT count(*) FROM removed"), 0);
});

Deno.test("where the disk is full, what was not removed stays", () => {
  using full = new Full();
  for (let i = 0; i < 10; i++) full.relief.write(lines(500, 1 + 500 * i));
  full.fill();
  assert.throws(() => full.relief.write(lines(5000)), FullError);
  full.removals.remove(Array.from({ length: 4000 }, (_, i) => 100 + i));
  full.relief.write(lines(500));
  assert.equal(full.number("SELECT count(*) FROM records"), 1500);
  assert.equal(full.number("SELECT count(*) FROM records WHERE id BETWEEN 100 AND 4099"), 0);
});

Deno.test("a history that much was removed from gives its room back", () => {
  using full = new Full();
  for (let i = 0; i < 10; i++) full.relief.write(lines(500, 1 + 500 * i));
  const pages = full.number("PRAGMA page_count");
  full.fill();
  assert.throws(() => full.relief.write(lines(5000)), FullError);
  full.removals.remove("all");
  full.relief.write(lines(10));
  assert.ok(full.number("PRAGMA page_count") < pages / 2);
});

Deno.test("removing on a full disk says that it is full", () => {
  using full = new Full();
  full.relief.write(lines(5000));
  full.fill();
  const every = Array.from({ length: 2500 }, (_, i) => 1 + 2 * i);
  assert.throws(() => full.removals.remove(every), /database or disk is full/);
  full.db.exec("PRAGMA max_page_count = 100000");
  assert.equal(full.number("SELECT count(*) FROM removed"), 0);
  full.removals.remove(every);
  assert.equal(full.number("SELECT count(*) FROM removed"), 2500);
});

Deno.test("a full disk is told at the first write that fails, ends waiting, and what ends it is told, too", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-test-" });
  const path = `${folder}/history`;
  const faults: (string | undefined)[] = [];
  const over = Promise.withResolvers<void>();
  const history = await openHistory({ path, keep: {}, maxBodyBytes: 1000, queueBytes: 1 << 20 }, {
    epochNow: Date.now,
    warn() {},
    onStored({ fault }) {
      if (faults.length === 0 || faults.at(-1) !== fault) faults.push(fault);
      if (faults.length === 3) over.resolve();
    },
  });
  const other = openToWrite(path);
  history.write(exchange());
  await history.stored();
  const full = "SELECT RAISE(ROLLBACK, 'database or disk is full')";
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON blocks BEGIN ${full}; END`);
  history.write(exchange());
  const stuck = { message: `cannot store anything in the history ${path}: its disk is full` };
  await assert.rejects(history.stored(), stuck);
  await assert.rejects(history.stored(), stuck);
  assert.equal(history.stats.fault, "its disk is full");
  other.exec("DROP TRIGGER full");
  other.close();
  await over.promise;
  assert.deepEqual(faults, [undefined, "its disk is full", undefined]);
  await history.stored();
  await using reader = await HistoryReader.open({ path, maxBodyBytes: 1000 });
  assert.equal((await reader.count("type:exchange")).count, 2);
  await history.close(5000);
  await reader[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});
