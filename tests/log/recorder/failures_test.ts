import assert from "node:assert/strict";
import {
  files,
  idsOf,
  KIB,
  range,
  record,
  recordedIds,
  recordsOf,
  segmentFiles,
  sizeOf,
  until,
} from "./recording.ts";

/** A disk with so much room, which a write that does not fit fills to the last byte. */
function smallDisk(folder: string, room: { bytes: number }) {
  const failure = () => Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  return {
    ...Deno,
    async open(path: string | URL, options?: Deno.OpenOptions) {
      const file = await Deno.open(path, options);
      const write = file.write.bind(file);
      file.write = async (bytes) => {
        const left = room.bytes - sizeOf(folder);
        if (left <= 0) throw failure();
        return await write(bytes.subarray(0, left));
      };
      return file;
    },
  };
}

Deno.test("on a full disk the oldest go, and no line is torn or there twice", async () => {
  const folder = await Deno.makeTempDir();
  const room = { bytes: 100 * KIB };
  {
    await using recording = await record({
      folder,
      limitBytes: 256 * KIB,
      segmentBytes: 16 * KIB,
      disk: smallDisk(folder, room),
    });
    const { recorder, write, told } = recording;
    for (let id = 1; id <= 1000; id++) {
      write(id);
      if (id % 50 === 0) await recorder.flush();
    }
    const ids = recordedIds(folder);
    assert.deepEqual(ids, range(ids[0], 1000));
    assert.ok(sizeOf(folder) > 64 * KIB);
    assert.equal(recorder.lost, 0);
    assert.deepEqual(told, []);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a disk that is full of other things costs records, which are counted once there is room", async () => {
  const folder = await Deno.makeTempDir();
  const room = { bytes: 0 };
  {
    await using recording = await record({
      folder,
      queueBytes: 16 * KIB,
      disk: smallDisk(folder, room),
    });
    const { recorder, write, told } = recording;
    for (let id = 1; id <= 200; id++) write(id);
    await until(() => told.some((text) => text.includes("no space left")));
    assert.ok(recorder.lost > 100);
    assert.deepEqual(told, [
      `the flight recorder in ${folder} does not take the log fast enough: 16384 bytes wait (--log-queue), ` +
      "further records are lost until it does; traffic goes on",
      `cannot write to the flight recorder in ${folder}: no space left on device; traffic goes on, trying again`,
    ]);
    room.bytes = 1024 * KIB;
    await until(() => told.includes(`the flight recorder in ${folder} can be written to again`));
    await recorder.flush();
    write(201);
    await recorder.flush();
    const records = segmentFiles(folder).flatMap((name) => recordsOf(`${folder}/${name}`));
    const lost = records.findIndex(({ type }) => type === "lost");
    assert.deepEqual(records.slice(0, lost).map(({ id }) => id), range(1, lost));
    assert.deepEqual(records.slice(lost).map(({ id }) => id), [undefined, 201]);
    assert.equal(recorder.lost, 200 - lost);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a file that cannot be mended after a failure is left, and the next one begun", async () => {
  const folder = await Deno.makeTempDir();
  let fails = true;
  const disk = {
    ...Deno,
    async open(path: string | URL, options?: Deno.OpenOptions) {
      const file = await Deno.open(path, options);
      const write = file.write.bind(file);
      file.truncate = () => Promise.reject(new Error("Input/output error (os error 5)"));
      file.write = async (bytes) => {
        if (!fails) return await write(bytes);
        fails = false;
        await write(bytes.subarray(0, 10));
        throw new Error("Input/output error (os error 5)");
      };
      return file;
    },
  };
  {
    await using recording = await record({ folder, disk });
    for (const id of range(1, 3)) recording.write(id);
    await recording.recorder.flush();
    const [torn, next] = segmentFiles(folder);
    assert.equal(Deno.statSync(`${folder}/${torn}`).size, 10);
    assert.deepEqual(idsOf(`${folder}/${next}`), [1, 2, 3]);
    assert.deepEqual(idsOf(await recording.recorder.dump("test")), [1, 2, 3]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("/dev/full itself is survived", { ignore: Deno.build.os !== "linux" }, async () => {
  const folder = await Deno.makeTempDir();
  const disk = { ...Deno, open: () => Deno.open("/dev/full", { write: true }) };
  const recording = await record({ folder, disk });
  recording.write(1);
  await until(() => recording.told.length > 0);
  await recording.recorder.close(1000);
  assert.match(recording.told[0], /: no space left on device; traffic goes on, trying again$/);
  assert.match(
    recording.told.at(-1)!,
    /did not take the last \d+ bytes of the log; records lost with them: 1$/,
  );
  assert.equal(recording.recorder.lost, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder that cannot be had is an error in one line", async () => {
  const file = await Deno.makeTempFile();
  await assert.rejects(record({ folder: file }), (error: Error) => {
    assert.match(error.message, new RegExp(`^cannot record in ${file}: [a-z][^\\n]+$`));
    return true;
  });
  await assert.rejects(record({ folder: `${file}/below` }), /^Error: cannot record in .+: not a directory/);
  await Deno.remove(file);
});

Deno.test("a folder that another one records in is refused, and free when that one has ended", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using recording = await record({ folder });
    await assert.rejects(
      record({ folder }),
      (error: Error) =>
        error.message ===
          `cannot record in ${folder}: another tcpmon records there; give each a folder of its own`,
    );
    recording.write(1);
  }
  for (let attempt = 0;; attempt++) {
    // Where the refused one waits for the lock still, it lets go of it in a moment.
    const again = await record({ folder }).catch((error) => attempt < 10 ? undefined : Promise.reject(error));
    if (again === undefined) continue;
    again.write(2);
    await again.recorder.close(1000);
    break;
  }
  assert.deepEqual(recordedIds(folder), [1, 2]);
  assert.equal(files(folder).length, 2);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("after its end a recorder takes nothing, and counts it", async () => {
  const folder = await Deno.makeTempDir();
  const recording = await record({ folder });
  recording.write(1);
  await recording.recorder.close(1000);
  recording.write(2);
  await recording.recorder.flush();
  assert.deepEqual(recordedIds(folder), [1]);
  assert.equal(recording.recorder.lost, 1);
  await Deno.remove(folder, { recursive: true });
});
