import assert from "node:assert/strict";
import { type HistorySettings, openHistory } from "../../src/store/history.ts";
import { HistoryReader } from "../../src/store/history_reader.ts";
import { openToWrite } from "../../src/store/schema.ts";
import { written } from "../archive/archived.ts";
import { data, exchange } from "../capture/filter_samples.ts";

const settings: HistorySettings = { keep: {}, maxBodyBytes: 65536, queueBytes: 1 << 24 };

function open(changes: Partial<HistorySettings> = {}) {
  const warnings: string[] = [];
  return {
    warnings,
    opened: openHistory({ ...settings, ...changes }, {
      epochNow: Date.now,
      warn: (text) => warnings.push(text),
    }),
  };
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-test-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a temporary history takes records, gives them back, and leaves no file behind, not even while it runs", async () => {
  const before = temporaryFiles();
  const { opened, warnings } = open();
  const history = await opened;
  const early = temporaryFiles();
  for (let i = 0; i < 3000; i++) history.write(exchange({ id: i + 1 }));
  history.write(data);
  await history.flush();
  assert.deepEqual([history.stats.first, history.stats.last, history.lost], [1, 3001, 0]);
  const { rows } = await history.reader.page({ limit: 2, filter: "id:1,3000" });
  assert.deepEqual(rows.map(({ id }) => id), [3000, 1]);
  assert.equal((await history.reader.count("type:data")).count, 1);
  assert.equal(written([(await history.reader.record(3001))!]), written([data]));
  assert.deepEqual((await history.reader.body(3001, "body", 0, 3))?.part, data.body.kept.slice(0, 3));
  // Files of other programs come and go; one of its own would stay.
  const late = temporaryFiles();
  const stayed = early.filter((name) => late.includes(name) && !before.includes(name));
  if (Deno.build.os !== "windows") assert.deepEqual(stayed, []);
  await history.close(5000);
  const left = temporaryFiles();
  assert.deepEqual(stayed.filter((name) => left.includes(name)), []);
  assert.deepEqual(warnings, []);
});

function temporaryFiles(): string[] {
  const folder = Deno.env.get("TMPDIR") ?? "/tmp";
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    /^tcpmon-.*\.sqlite/.test(name)
  ).sort();
}

Deno.test("a file is its owner's alone, is gone on with, and can be read while it is written", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/history`;
    for (let run = 1; run <= 2; run++) {
      const history = await open({ path }).opened;
      history.write(exchange());
      await history.flush();
      await using reader = await HistoryReader.open({ path, maxBodyBytes: 65536 });
      assert.deepEqual(await reader.span(), { first: 1, last: 2 * run - 1 });
      history.write(exchange());
      await history.flush();
      assert.equal((await reader.page({ limit: 10 })).rows.length, 2 * run);
      if (Deno.build.os !== "windows") {
        for (const { name } of Deno.readDirSync(folder)) {
          assert.equal(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600, name);
        }
      }
      await history.close(5000);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["history"]);
  });
});

Deno.test("a file that cannot be had is told in one line, and nothing stays open", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/history`;
    await Deno.writeTextFile(path, "not a database, whatever its name may say".repeat(50));
    await assert.rejects(open({ path }).opened, /^Error: cannot open the history .*not a database$/);
    await assert.rejects(open({ path: `${folder}/a/b` }).opened, /^Error: cannot open the history/);
    await assert.rejects(HistoryReader.open({ path, maxBodyBytes: 1 }), /not a database/);
  });
});

Deno.test("a reader says what is wrong with a filter", async () => {
  const history = await open().opened;
  await assert.rejects(history.reader.page({ limit: 1, filter: "(" }), /never closed|wanted a term/);
  await history.close(5000);
});

Deno.test("where the file cannot be written, records wait, are lost past the limit, are counted and told, and then it goes on", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/history`;
    const { opened, warnings } = open({ path, queueBytes: 100_000 });
    const history = await opened;
    const other = openToWrite(path);
    // A file that another program has changed beyond use, and then mends.
    other.exec("ALTER TABLE records RENAME TO elsewhere");
    for (let i = 0; i < 2000; i++) history.write(exchange({ id: i + 1 }));
    while (!warnings.some((text) => text.startsWith("cannot write to"))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.ok(history.lost > 0);
    other.exec("ALTER TABLE elsewhere RENAME TO records");
    other.close();
    await history.flush();
    history.write(exchange());
    await history.flush();
    const { rows } = await history.reader.page({ limit: 1, filter: "type:lost" });
    assert.equal(rows[0].type, "lost");
    const stored = await history.reader.count("type:exchange -type:lost");
    assert.equal(stored.count - 1 + history.lost, 2001);
    assert.equal(
      warnings.filter((text) => text.startsWith("cannot write to")).length,
      1,
      warnings.join("\n"),
    );
    await history.close(5000);
  });
});

Deno.test("redaction comes before storing", async () => {
  const history = await openHistory(settings, {
    epochNow: Date.now,
    warn() {},
    transform: (record) => record.type === "exchange" ? { ...record, error: "redacted" } : record,
  });
  history.write(exchange());
  await history.flush();
  assert.equal((await history.reader.page({ limit: 1 })).rows[0].error, "redacted");
  await history.close(5000);
});

Deno.test("a history of an older version is gone on with, and that is said once", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/history`;
    const db = openToWrite(path);
    db.exec("PRAGMA user_version = 1");
    db.close();
    for (const wanted of [1, 0]) {
      const { opened, warnings } = open({ path });
      await (await opened).close(5000);
      assert.equal(warnings.length, wanted);
      if (wanted > 0) assert.match(warnings[0], /^the history .* was of version 1 and is of 2 now: .*older/);
    }
  });
});

Deno.test("what is asked of a reader is called off, and too many orders are refused", async () => {
  const { opened } = open();
  const history = await opened;
  const { reader } = history;
  for (let i = 0; i < 3000; i++) history.write(exchange({ id: i + 1 }));
  await history.flush();
  const asked = { key: "url", isFalling: true, offset: 0, limit: 1 } as const;
  const leave = new AbortController();
  const left: Promise<unknown>[] = [1, 2, 3, 4].map((id) =>
    reader.ordered({ ...asked, filter: `id:>${id}` }, leave.signal)
  );
  left.push(reader.page({ limit: 1, filter: "id:7" }, leave.signal));
  const settled = Promise.allSettled(left);
  leave.abort(new Error("gone"));
  assert.deepEqual(
    (await settled).map((one) => "reason" in one && one.reason.message),
    Array(5).fill("gone"),
  );
  await assert.rejects(reader.page({ limit: 1 }, leave.signal), /gone/);
  assert.equal((await reader.ordered(asked)).total, 3000);
  // It takes a while to ask each record.
  const many = [...Array(20).keys()].map((i) => reader.ordered({ ...asked, filter: `-body:none${i}` }));
  const outcomes = await Promise.allSettled(many);
  const refused = outcomes.filter((one) => one.status === "rejected");
  assert.ok(refused.length > 0 && refused.every(({ reason }) => reason.name === "BusyError"));
  const searches = Promise.allSettled(
    [...Array(16).keys()].map((i) => reader.page({ limit: 1000, filter: `-body:any${i}` })),
  );
  // What needs no search does not wait for them.
  assert.equal((await reader.page({ limit: 1 })).rows.length, 1);
  const names = (await searches).map((one) => one.status === "rejected" ? one.reason.name : "");
  assert.deepEqual(names, [...Array(8).fill(""), ...Array(8).fill("BusyError")]);
  await history.close(5000);
});
