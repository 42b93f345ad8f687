/** What the recorder keeps on disk: how much, which, and that it is whole. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { numbers } from "../fake_destination.ts";
import { AT, exchange } from "../human_fixtures.ts";
import type { Record } from "../../../src/capture/record.ts";
import { ByteWriter } from "../../../src/log/byte_writer.ts";
import { SegmentRing } from "../../../src/log/recorder/ring.ts";
import { Segments } from "../../../src/log/recorder/segments.ts";
import {
  files,
  idsOf,
  KIB,
  MIB,
  range,
  record,
  recordedIds,
  recordsOf,
  segmentFiles,
  sizeOf,
} from "./recording.ts";

Deno.test("records are in segments that are named by their time and number, for their owner only", async () => {
  await using recording = await record();
  const { recorder, folder, write, told } = recording;
  for (const id of range(1, 5)) write(id);
  await recorder.flush();
  const name = "tcpmon-20261120T103106.128Z-000001.jsonl";
  assert.deepEqual(files(folder), [name]);
  assert.deepEqual(idsOf(`${folder}/${name}`), range(1, 5));
  assert.equal(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600);
  assert.deepEqual(told, []);
});

Deno.test("a folder that is not there is made, for its owner only; one that is there stays as it is", async () => {
  const base = await Deno.makeTempDir();
  {
    await using recording = await record({ folder: `${base}/a/b` });
    recording.write(1);
  }
  assert.equal(Deno.statSync(`${base}/a/b`).mode! & 0o777, 0o700);
  Deno.mkdirSync(`${base}/c`, { mode: 0o755 });
  await (await record({ folder: `${base}/c` })).recorder.close(1000);
  assert.equal(Deno.statSync(`${base}/c`).mode! & 0o777, 0o755);
  assert.deepEqual(files(`${base}/c`), [], "no segment without a record");
  await Deno.remove(base, { recursive: true });
});

Deno.test("whatever is written, the ring is never larger than its limit, and has the last of it, whole", async () => {
  const SIZE = 64;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 4, max: 300 }), { minLength: 1, maxLength: 12 }), {
        maxLength: 30,
      }),
      fc.integer({ min: 600, max: 4000 }),
      fc.integer({ min: SIZE, max: 1000 }),
      async (blocks, limitBytes, wantedBytes) => {
        const segmentBytes = Math.min(wantedBytes, limitBytes >> 1);
        const folder = await Deno.makeTempDir();
        const segments = new Segments(Deno, limitBytes, []);
        const options = { folder, segmentBytes, segments, disk: Deno, epochNow: () => AT, onComplete() {} };
        const ring = new SegmentRing(options);
        let id = 0;
        for (const lines of blocks) {
          const out = new ByteWriter();
          for (const size of lines) numbers(size)(exchange({ id: ++id }), out);
          for (let rest = out.view(); rest.length > 0;) {
            rest = rest.subarray(await ring.write(rest));
            assert.equal(segments.bytes, sizeOf(folder));
            assert.ok(segments.bytes <= limitBytes);
          }
        }
        ring.close();
        const found = segmentFiles(folder).map((name) => Deno.readTextFileSync(`${folder}/${name}`));
        for (const text of found) {
          assert.match(text, /^(\d+\.*\n)+$/);
          assert.ok(text.length <= segmentBytes || text.indexOf("\n") === text.length - 1);
        }
        const ids = found.flatMap((text) => text.trimEnd().split("\n").map((line) => parseInt(line)));
        assert.deepEqual(ids, range(id - ids.length + 1, id));
        const all = blocks.flat().reduce((sum, size) => sum + size, 0);
        if (all <= limitBytes) assert.equal(ids.length, id, "nothing is removed without need");
        else assert.ok(sizeOf(folder) > limitBytes - segmentBytes - 600, "no more than need be is removed");
        await Deno.remove(folder, { recursive: true });
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a recorder keeps the last records in their order and within its limit", async () => {
  await using recording = await record({ limitBytes: 256 * KIB, segmentBytes: 32 * KIB });
  const { recorder, folder, write } = recording;
  for (let id = 1; id <= 1500; id++) {
    write(id, {}, (id * 37) % 900);
    if (id % 100 > 0) continue;
    await recorder.flush();
    assert.ok(sizeOf(folder) <= 256 * KIB);
    const ids = recordedIds(folder);
    assert.deepEqual(ids, range(ids[0], id));
  }
  assert.ok(sizeOf(folder) > 200 * KIB);
  for (const name of segmentFiles(folder)) assert.ok(Deno.statSync(`${folder}/${name}`).size <= 32 * KIB);
  assert.equal(recorder.lost, 0);
});

Deno.test("segments are a sixteenth of the limit, 1 MiB at least, but four of them fit in any case", async () => {
  for (const [limitBytes, wanted] of [[MIB, 256 * KIB], [32 * MIB, 2 * MIB]]) {
    await using recording = await record({ limitBytes, queueBytes: 16 * MIB });
    for (let id = 1; id <= 40; id++) recording.write(id, {}, 100 * KIB);
    await recording.recorder.flush();
    const sizes = segmentFiles(recording.folder).map((name) =>
      Deno.statSync(`${recording.folder}/${name}`).size
    );
    assert.ok(sizes[0] <= wanted && sizes[0] > wanted - 120 * KIB, `${sizes}`);
  }
});

Deno.test("a restart goes on with the numbers, counts what is there, and removes the oldest first", async () => {
  const folder = await Deno.makeTempDir();
  for (let run = 0; run < 5; run++) {
    await using recording = await record({ folder, limitBytes: 64 * KIB });
    // A clock that goes back does not turn the order.
    recording.clock.now -= run * 60_000;
    for (const id of range(run * 100 + 1, run * 100 + 100)) recording.write(id);
    await recording.recorder.flush();
    assert.ok(sizeOf(folder) <= 64 * KIB);
  }
  const numbers = segmentFiles(folder).map((name) => [Number(name.slice(-12, -6)), name] as const);
  numbers.sort(([a], [b]) => a - b);
  const ids = numbers.flatMap(([, name]) => idsOf(`${folder}/${name}`));
  assert.deepEqual(ids, range(ids[0], 500));
  {
    await using recording = await record({ folder, limitBytes: 32 * KIB });
    assert.ok(sizeOf(folder) <= 32 * KIB, "a smaller limit holds at once");
    assert.deepEqual(recording.told, []);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("files that are not the recorder's are neither counted nor touched", async () => {
  const folder = await Deno.makeTempDir();
  const foreign = ["a.jsonl", "tcpmon-1.jsonl", "tcpmon-20261120T103106.123Z-000001.jsonl.bak", "notes.part"];
  for (const name of foreign) Deno.writeTextFileSync(`${folder}/${name}`, "x".repeat(100 * KIB));
  Deno.mkdirSync(`${folder}/tcpmon-20261120T103106.123Z-000002.jsonl`);
  Deno.symlinkSync(`${folder}/a.jsonl`, `${folder}/tcpmon-20261120T103106.123Z-000003.jsonl`);
  {
    await using recording = await record({ folder, limitBytes: 32 * KIB });
    for (const id of range(1, 300)) recording.write(id);
    await recording.recorder.flush();
    assert.equal(recording.recorder.lost, 0);
  }
  for (const name of foreign) assert.equal(Deno.statSync(`${folder}/${name}`).size, 100 * KIB, name);
  assert.ok(Deno.statSync(`${folder}/tcpmon-20261120T103106.123Z-000002.jsonl`).isDirectory);
  assert.ok(Deno.lstatSync(`${folder}/tcpmon-20261120T103106.123Z-000003.jsonl`).isSymlink);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what a crash left is kept as it is, and nothing is appended to it", async () => {
  const folder = await Deno.makeTempDir();
  const torn = "tcpmon-20261120T103006.123Z-000007.jsonl";
  Deno.writeTextFileSync(`${folder}/${torn}`, '{"type":"exchange","id":1}\n{"type":"exch');
  const parts = [`${torn}.gz.part`, "dump-20261120T103006.123Z-SIGUSR2.jsonl.part"];
  for (const name of parts) Deno.writeTextFileSync(`${folder}/${name}`, "half");
  {
    await using recording = await record({ folder });
    recording.write(2);
  }
  assert.deepEqual(files(folder), [torn, "tcpmon-20261120T103106.124Z-000008.jsonl"]);
  assert.match(Deno.readTextFileSync(`${folder}/${torn}`), /\{"type":"exch$/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a record that is too large for the ring is lost, which is told of in its place", async () => {
  await using recording = await record({ limitBytes: 64 * KIB });
  const { recorder, folder, write } = recording;
  write(1, {}, 20 * KIB);
  write(2, {}, 200 * KIB);
  write(3);
  await recorder.flush();
  const records = segmentFiles(folder).flatMap((name) => recordsOf(`${folder}/${name}`));
  assert.deepEqual(records.map(({ type, id }) => id ?? type), [1, "lost", 3]);
  assert.match(
    records[1].reason!,
    /^a line of 200\.\d KiB is too long for the flight recorder, which takes 32\.0 KiB$/,
  );
  assert.equal(recorder.lost, 1);
  assert.equal(segmentFiles(folder).length, 2, "a line longer than a segment has one of its own");
});

Deno.test("what is recorded is what redaction makes of it", async () => {
  await using recording = await record({
    transform: (record) => ({ ...record, id: 99 }) as Record,
  });
  recording.write(1);
  await recording.recorder.flush();
  assert.deepEqual(recordedIds(recording.folder), [99]);
});
