import assert from "node:assert/strict";
import type { Record } from "../../../src/capture/record.ts";
import {
  dumpFiles,
  failed,
  files,
  idsOf,
  KIB,
  MIB,
  numbered,
  range,
  record,
  recordedIds,
  segmentFiles,
  until,
} from "./recording.ts";

/** Asks for a dump as `status:5xx` would. */
const onServerError = (record: Record) =>
  record.type === "exchange" && (record.response?.head.status ?? 0) >= 500;

Deno.test("a dump has what was recorded within the window, what still waits included, and is told of", async () => {
  await using recording = await record({ limitBytes: 64 * KIB, dumpWindowMs: 50 });
  const { recorder, folder, write, told } = recording;
  for (const id of range(1, 200)) write(id);
  const path = await recorder.dump("SIGUSR2");
  assert.equal(path, `${folder}/dump-20261120T103106.323Z-SIGUSR2.jsonl`);
  assert.deepEqual(idsOf(path), range(151, 200));
  assert.deepEqual(told, [`wrote the last 50 ms, 50 records, to ${path}: SIGUSR2`]);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  assert.ok(recordedIds(folder).length > 0, "the ring is as it was");
});

Deno.test("an exchange belongs by its end, however long ago it began", async () => {
  await using recording = await record({ dumpWindowMs: 10 });
  const { recorder, write, clock } = recording;
  write(1, { ms: { total: 1 } });
  clock.now += 60_000;
  write(2, { ms: { total: 90_000 } });
  write(3);
  assert.deepEqual(idsOf(await recorder.dump("test")), [2, 3]);
});

Deno.test("what is recorded while a dump is written is not in it, and two at once are each whole", async () => {
  await using recording = await record({
    limitBytes: 256 * KIB,
    segmentBytes: 16 * KIB,
    dumpWindowMs: 60_000,
  });
  const { recorder, folder, write, told } = recording;
  for (const id of range(1, 200)) write(id);
  const first = recorder.dump("one");
  for (const id of range(201, 300)) write(id);
  const second = recorder.dump("one");
  for (const id of range(301, 350)) write(id);
  assert.deepEqual(idsOf(await first), range(1, 200));
  assert.deepEqual(idsOf(await second), range(1, 300));
  await recorder.flush();
  assert.deepEqual(recordedIds(folder), range(1, 350));
  assert.equal(told.length, 2);
  const third = recorder.dump("one");
  const fourth = recorder.dump("one");
  assert.notEqual(await third, await fourth, "the same name gets a number");
  assert.match(await fourth, /-one-2\.jsonl$/);
});

Deno.test("a dump goes back beyond a restart", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using recording = await record({ folder });
    for (const id of range(1, 50)) recording.write(id);
  }
  {
    await using recording = await record({ folder, dumpWindowMs: 40 });
    recording.clock.now += 60;
    for (const id of range(51, 60)) recording.write(id);
    const path = await recording.recorder.dump("test");
    assert.deepEqual(idsOf(path), range(31, 60));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("half a line that a crash left is not in a dump", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using recording = await record({ folder });
    for (const id of range(1, 3)) recording.write(id);
  }
  const path = `${folder}/${segmentFiles(folder)[0]}`;
  Deno.truncateSync(path, Deno.statSync(path).size - 20);
  {
    await using recording = await record({ folder });
    recording.write(4);
    assert.deepEqual(idsOf(await recording.recorder.dump("test")), [1, 2, 4]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a record that asks for a dump is in it", async () => {
  await using recording = await record({ dumpOn: onServerError });
  const { folder, write, told } = recording;
  for (const id of range(1, 9)) write(id);
  write(10, failed);
  for (const id of range(11, 20)) write(id);
  await until(() => told.length > 0);
  const [name] = dumpFiles(folder);
  assert.equal(name, "dump-20261120T103106.132Z-exchange-10-503.jsonl");
  assert.deepEqual(idsOf(`${folder}/${name}`), range(1, 10));
  assert.equal(told[0], `wrote the last 1 s, 10 records, to ${folder}/${name}: exchange 10 503`);
});

Deno.test("many that ask within a window get two dumps: one at once, one for the others at its end", async () => {
  await using recording = await record({ dumpOn: onServerError });
  const { folder, write, told, clock } = recording;
  for (const id of range(1, 500)) write(id, failed);
  await until(() => told.length === 1);
  for (const id of range(501, 900)) write(id, failed);
  clock.now += 200;
  await until(() => told.length === 2);
  const [first, second] = dumpFiles(folder);
  assert.deepEqual(idsOf(`${folder}/${first}`), [1]);
  // From the dump before on, though the window is shorter than what has passed.
  assert.deepEqual(idsOf(`${folder}/${second}`), range(1, 900));
  assert.match(told[1], /: exchange 2 503, and 898 more$/);
  assert.equal(dumpFiles(folder).length, 2);
});

Deno.test("where the end comes first, those that got no dump are told of", async () => {
  const folder = await Deno.makeTempDir();
  const recording = await record({ folder, dumpOn: onServerError, dumpWindowMs: 60_000 });
  for (const id of range(1, 3)) recording.write(id, failed);
  await recording.recorder.close(2000);
  assert.deepEqual(dumpFiles(folder).map((name) => idsOf(`${folder}/${name}`)), [[1]]);
  assert.equal(recording.told[0], `no dump for the last 2 that asked for one: they are in ${folder}`);
  assert.deepEqual(recordedIds(folder), [1, 2, 3]);
  await assert.rejects(
    recording.recorder.dump("late"),
    /^Error: cannot write a dump for late: tcpmon is ending$/,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("when dumps have taken as much room as the ring may, only people get more", async () => {
  const folder = await Deno.makeTempDir();
  const full = `${folder}/dump-20261120T093106.123Z-old.jsonl`;
  Deno.writeTextFileSync(full, "x".repeat(64 * KIB));
  {
    await using recording = await record({ folder, limitBytes: 64 * KIB, dumpOn: onServerError });
    const { recorder, told, write } = recording;
    write(1, failed);
    await until(() => told.length > 0);
    assert.equal(
      told[0],
      `no dump for exchange 1 503: dumps in ${folder} take 64.0 KiB (--record-size) already; move some away`,
    );
    assert.deepEqual(idsOf(await recorder.dump("SIGUSR2")), [1]);
    assert.equal(dumpFiles(folder).length, 2);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("segments that are removed while a dump is written are in it all the same", async () => {
  const slow: (() => void)[] = [];
  let isHeld = false;
  const disk = {
    ...Deno,
    async open(path: string | URL, options?: Deno.OpenOptions) {
      const file = await Deno.open(path, options);
      // Holds the dump when it has begun its file: the segments are open by its first write.
      if (!String(path).endsWith(".jsonl.part")) return file;
      const write = file.write.bind(file);
      let isFirst = true;
      file.write = async (bytes) => {
        if (isFirst) await new Promise<void>((resolve) => (isHeld = true, slow.push(resolve)));
        isFirst = false;
        return await write(bytes);
      };
      return file;
    },
  };
  await using recording = await record({
    limitBytes: 128 * KIB,
    segmentBytes: 16 * KIB,
    dumpWindowMs: 60_000,
    disk,
  });
  const { recorder, folder, write, told } = recording;
  for (const id of range(1, 100)) write(id, {}, 500);
  const dump = recorder.dump("test");
  await until(() => isHeld);
  const gone = segmentFiles(folder);
  for (const id of range(101, 600)) write(id, {}, 500);
  await recorder.flush();
  assert.ok(segmentFiles(folder).every((name) => !gone.includes(name)));
  slow[0]();
  assert.deepEqual(idsOf(await dump), range(1, 100));
  assert.doesNotMatch(told[0], /could not be read/);
});

Deno.test("a segment that somebody took away is told of, the others are in the dump", async () => {
  await using recording = await record({ limitBytes: 64 * KIB, dumpWindowMs: 60_000 });
  const { recorder, folder, write, told } = recording;
  for (const id of range(1, 60)) write(id);
  await recorder.flush();
  const [first] = segmentFiles(folder);
  const left = recordedIds(folder).slice(idsOf(`${folder}/${first}`).length);
  Deno.removeSync(`${folder}/${first}`);
  const path = await recorder.dump("test");
  assert.deepEqual(idsOf(path), left);
  assert.match(told[0], /, without 1 segments that could not be read: test$/);
});

Deno.test("a dump that cannot be written leaves nothing, and recording goes on", async () => {
  const disk = {
    ...Deno,
    async open(path: string | URL, options?: Deno.OpenOptions) {
      const file = await Deno.open(path, options);
      if (String(path).endsWith(".part")) {
        file.write = () =>
          Promise.reject(
            Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" }),
          );
      }
      return file;
    },
  };
  await using recording = await record({ disk });
  const { recorder, folder, write } = recording;
  write(1);
  await assert.rejects(
    recorder.dump("SIGUSR2"),
    /^Error: cannot write a dump for SIGUSR2: no space left on device$/,
  );
  write(2);
  await recorder.flush();
  assert.equal(files(folder).length, 1);
  assert.deepEqual(recordedIds(folder), [1, 2]);
});

Deno.test("a large dump reads in constant memory, and segments of other times are not read", async () => {
  const opened: string[] = [];
  const disk = {
    ...Deno,
    open(path: string | URL, options?: Deno.OpenOptions) {
      if (options === undefined) opened.push(String(path));
      return Deno.open(path, options);
    },
  };
  await using recording = await record({
    limitBytes: 8 * MIB,
    segmentBytes: 64 * KIB,
    disk,
    dumpWindowMs: 5000,
  });
  const { recorder, clock } = recording;
  for (const id of range(1, 2000)) {
    recorder.write(numbered(id, clock.now, {}, 300));
    clock.now += 10;
    if (id % 200 === 0) await recorder.flush();
  }
  assert.deepEqual(idsOf(await recorder.dump("test")), range(1501, 2000));
  assert.ok(
    opened.length >= 5 && opened.length < 14,
    `${opened.length} of ${segmentFiles(recording.folder).length}`,
  );
});

Deno.test("where the ring was too small for the window the dump says so", async () => {
  await using recording = await record({ dumpWindowMs: 60_000 });
  const { write, told, recorder } = recording;
  for (const id of range(1, 300)) write(id, {}, 8 * KIB);
  await recorder.flush();
  const kept = idsOf(await recorder.dump("test"));
  assert.ok(kept.length < 300 && kept.at(-1) === 300, `${kept.length}`);
  assert.match(
    told[0],
    new RegExp(`^wrote the last 60 s as far as --record-size had room for them, ${kept.length} records, to `),
  );
});
