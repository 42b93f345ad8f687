import assert from "node:assert/strict";
import { canCompress } from "../../../src/log/recorder/coder.ts";
import {
  dumpFiles,
  files,
  idsOf,
  KIB,
  range,
  record,
  recordedIds,
  type Recording,
  segmentFiles,
  sizeOf,
  until,
} from "./recording.ts";

const KINDS = [["gzip", ".gz"], ["zstd", ".zst"]] as const;

/** Waits until all segments but the newest are compressed. */
const compressed = (folder: string) =>
  until(() => {
    const names = segmentFiles(folder);
    return names.filter((name) => name.endsWith(".jsonl")).length <= 1 &&
      !names.some((name) => name.endsWith(".part"));
  });

async function writeMany({ recorder, write }: Recording, from: number, to: number): Promise<void> {
  for (const id of range(from, to)) write(id, {}, 200);
  await recorder.flush();
}

for (const [compression, ending] of KINDS) {
  const ignore = !canCompress(compression);

  Deno.test(
    `${compression}: segments are compressed but for the newest, and nothing is lost`,
    { ignore },
    async () => {
      await using recording = await record({ compression, limitBytes: 256 * KIB, segmentBytes: 16 * KIB });
      const { folder, told } = recording;
      await writeMany(recording, 1, 300);
      await compressed(folder);
      const names = segmentFiles(folder);
      assert.ok(names.slice(0, -1).every((name) => name.endsWith(ending)));
      assert.ok(names.at(-1)!.endsWith(".jsonl"));
      assert.equal(Deno.statSync(`${folder}/${names[0]}`).mode! & 0o777, 0o600);
      assert.deepEqual(recordedIds(folder), range(1, 300));
      assert.deepEqual(told, []);
    },
  );

  Deno.test(
    `${compression}: the limit holds for compressed segments, and for those under way`,
    { ignore },
    async () => {
      await using recording = await record({ compression, limitBytes: 64 * KIB, segmentBytes: 8 * KIB });
      const { folder } = recording;
      for (let from = 1; from <= 3000; from += 50) {
        await writeMany(recording, from, from + 49);
        assert.ok(sizeOf(folder) <= 64 * KIB);
        // Now and then too fast for compression, at last not.
        if (from % 200 === 1 || from > 2000) await compressed(folder);
        assert.ok(sizeOf(folder) <= 64 * KIB);
      }
      await compressed(folder);
      const ids = recordedIds(folder);
      assert.deepEqual(ids, range(ids[0], 3000));
      assert.ok(ids.length > 400, `${ids.length}`);
    },
  );

  Deno.test(`${compression}: a dump reads compressed segments`, { ignore }, async () => {
    await using recording = await record({ compression, limitBytes: 256 * KIB, segmentBytes: 16 * KIB });
    await writeMany(recording, 1, 200);
    await compressed(recording.folder);
    await writeMany(recording, 201, 300);
    assert.deepEqual(idsOf(await recording.recorder.dump("test")), range(1, 300));
    assert.ok(dumpFiles(recording.folder)[0].endsWith(".jsonl"));
  });
}

Deno.test("dumps that are written while segments are compressed miss nothing", async () => {
  await using recording = await record({ compression: "gzip", limitBytes: 512 * KIB, segmentBytes: 8 * KIB });
  for (let from = 1; from <= 600; from += 100) {
    for (const id of range(from, from + 99)) recording.write(id);
    assert.deepEqual(idsOf(await recording.recorder.dump("test")), range(1, from + 99));
  }
  assert.ok(recording.told.every((text) => !text.includes("could not be read")));
});

Deno.test("the end does not wait for compression; the next run does what is left of it", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { folder, compression: "gzip", limitBytes: 256 * KIB, segmentBytes: 8 * KIB } as const;
  {
    await using recording = await record(settings);
    await writeMany(recording, 1, 200);
  }
  assert.ok(segmentFiles(folder).filter((name) => name.endsWith(".jsonl")).length > 2);
  assert.ok(!files(folder).some((name) => name.endsWith(".part")));
  assert.deepEqual(recordedIds(folder), range(1, 200));
  {
    await using recording = await record(settings);
    await until(() => segmentFiles(folder).every((name) => name.endsWith(".gz")));
    recording.clock.now += 1000;
    await writeMany(recording, 201, 202);
  }
  assert.deepEqual(recordedIds(folder), range(1, 202));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a crash right after a compression leaves no record twice", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { folder, compression: "gzip", limitBytes: 256 * KIB } as const;
  {
    await using recording = await record(settings);
    await writeMany(recording, 1, 20);
  }
  const [plain] = segmentFiles(folder);
  const bytes = Deno.readFileSync(`${folder}/${plain}`);
  {
    await using _recording = await record(settings);
    await until(() => segmentFiles(folder).every((name) => name.endsWith(".gz")));
  }
  Deno.writeFileSync(`${folder}/${plain}`, bytes);
  await (await record({ ...settings, compression: "none" })).recorder.close(1000);
  assert.deepEqual(segmentFiles(folder), [`${plain}.gz`]);
  assert.deepEqual(recordedIds(folder), range(1, 20));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a damaged segment costs itself only", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { folder, compression: "gzip", limitBytes: 256 * KIB, segmentBytes: 8 * KIB } as const;
  {
    await using recording = await record(settings);
    await writeMany(recording, 1, 100);
    await compressed(folder);
  }
  const [first, second] = segmentFiles(folder);
  const last = idsOf(`${folder}/${first}`).at(-1)!;
  const lastOfSecond = idsOf(`${folder}/${second}`).at(-1)!;
  const bytes = Deno.readFileSync(`${folder}/${second}`);
  for (const damage of [bytes.slice(0, bytes.length >> 1), Uint8Array.of(1, 2, 3, 4), new Uint8Array()]) {
    Deno.writeFileSync(`${folder}/${second}`, damage);
    await using recording = await record({ ...settings, compression: "none" });
    const ids = idsOf(await recording.recorder.dump("test"));
    assert.deepEqual(ids.filter((id) => id <= last || id > lastOfSecond), [
      ...range(1, last),
      ...range(lastOfSecond + 1, 100),
    ]);
    if (damage.length > 0) assert.match(recording.told[0], /without 1 segments that could not be read/);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test(
  "where the runtime has no zstd, that is an error in one line",
  { ignore: canCompress("zstd") },
  async () => {
    const folder = await Deno.makeTempDir();
    await assert.rejects(
      record({ folder, compression: "zstd" }),
      /^Error: cannot record with zstd: Deno [\d.]+ does not have it, 2\.9 does; take gzip \(--record-compress\)$/,
    );
    assert.deepEqual(files(folder), []);
    await Deno.remove(folder, { recursive: true });
  },
);
