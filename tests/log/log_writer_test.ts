import assert from "node:assert/strict";
import { numbered, numbers, openFake } from "./fake_destination.ts";

const KIB = 1024;

Deno.test("records go out in order, those that wait together in one write", async () => {
  const { log, destination } = openFake();
  for (const id of [1, 2, 3]) log.write(numbered(id));
  const first = await destination.next();
  assert.equal(first.text, "1\n2\n3\n");
  for (const id of [4, 5]) log.write(numbered(id));
  assert.equal(destination.begun, 0, "one write at a time");
  first.take();
  const second = await destination.next();
  assert.equal(second.text, "4\n5\n");
  second.take();
  await log.close(1000);
  assert.deepEqual(destination.files, ["1\n2\n3\n4\n5\n"]);
});

Deno.test("what a short write left over is written next, before anything else", async () => {
  const { log, destination } = openFake();
  log.write(numbered(123));
  (await destination.next()).take(2);
  log.write(numbered(4));
  const rest = await destination.next();
  assert.equal(rest.text, "3\n");
  rest.take();
  (await destination.next()).take();
  await log.close(1000);
  assert.deepEqual(destination.files, ["123\n4\n"]);
});

Deno.test("a full block is written at once, not when its time has come", async () => {
  const { log, destination } = openFake({ format: numbers(KIB), queueLimitBytes: 4096 * KIB });
  let id = 0;
  while (destination.begun === 0 && id < 1024) log.write(numbered(++id));
  assert.equal(destination.begun, 1);
  assert.ok(id > 1, "one record does not fill a block");
  await destination.takeAll(log);
  await log.close(1000);
  assert.equal(destination.files[0].length, id * KIB);
});

Deno.test("a small queue loses nothing to a destination that takes what it is given", async () => {
  const { log, destination, told } = openFake({ format: numbers(KIB), queueLimitBytes: 64 * KIB });
  for (let round = 0; round < 20; round++) {
    for (let id = 0; id < 60; id++) log.write(numbered(round * 60 + id));
    await destination.takeAll(log);
  }
  await log.close(1000);
  assert.equal(log.lost, 0);
  assert.deepEqual(told, []);
  assert.equal(destination.files[0].length, 1200 * KIB);
});

Deno.test("while the destination stalls the queue is bounded, what is more is counted, and told of once", async () => {
  const { log, destination, told, clock } = openFake({ format: numbers(KIB), queueLimitBytes: 64 * KIB });
  for (let id = 1; id <= 200; id++) {
    clock.now++;
    log.write(numbered(id));
  }
  assert.equal(log.lost, 200 - 64);
  assert.equal(told.length, 1);
  assert.match(told[0], /^fake\.log does not take the log fast enough: 65536 bytes wait \(--log-queue\)/);
  await destination.takeAll(log);
  log.write(numbered(201));
  await destination.takeAll(log);
  await log.close(1000);
  const lines = destination.files[0].trimEnd().split("\n");
  assert.deepEqual(
    lines.slice(0, 64).map((line) => parseInt(line)),
    Array.from({ length: 64 }, (_, i) => i + 1),
  );
  assert.equal(lines[64], "lost 136 1065-1200 the log's destination did not keep up");
  assert.equal(parseInt(lines[65]), 201);
  assert.equal(lines.length, 66);
  assert.equal(told[1], "136 records were lost, fake.log takes the log again");
});

Deno.test("a loss is told of as soon as there is room, also where no record follows", async () => {
  const { log, destination } = openFake({ format: numbers(KIB), queueLimitBytes: 64 * KIB });
  for (let id = 1; id <= 100; id++) log.write(numbered(id));
  while (!destination.files[0].includes("lost 36 ")) (await destination.next()).take();
  await log.close(1000);
});

Deno.test("after an overflow half of the queue drains before anything is taken again", async () => {
  const { log, destination } = openFake({ format: numbers(KIB), queueLimitBytes: 64 * KIB });
  for (let id = 1; id <= 65; id++) log.write(numbered(id));
  assert.equal(log.lost, 1);
  // Blocks are a quarter of the queue: the first one leaves three quarters, the second one half.
  (await destination.next()).take();
  const second = await destination.next();
  log.write(numbered(66));
  assert.equal(log.lost, 2);
  second.take();
  const third = await destination.next();
  log.write(numbered(67));
  assert.equal(log.lost, 3, "not before it is less than half");
  third.take();
  const fourth = await destination.next();
  log.write(numbered(68));
  assert.equal(log.lost, 3);
  fourth.take();
  await destination.takeAll(log);
  await log.close(1000);
  assert.match(destination.files[0], /64\.+\nlost 3 1000-1000 [^\n]+\n68\.+\n$/);
});

Deno.test("a destination that is always too slow is told of on stderr now and then, in the log each time", async () => {
  const { log, destination, told, clock } = openFake({ format: numbers(KIB), queueLimitBytes: 64 * KIB });
  for (let round = 0; round < 10; round++) {
    for (let id = 0; id < 100; id++) log.write(numbered(id));
    await destination.takeAll(log);
    clock.now += 4000;
  }
  await destination.takeAll(log);
  await log.close(1000);
  assert.equal(destination.files[0].match(/^lost /gm)?.length, 10);
  // At 0, 12, 24 and 36 s, each with its end.
  assert.equal(told.length, 8);
  assert.equal(log.lost, 360);
});

Deno.test("a format that throws costs that record only, and is told of once", async () => {
  const plain = numbers();
  const { log, destination, told } = openFake({
    format(record, out) {
      if (record.type === "exchange" && record.id % 2 === 0) {
        out.text("half a li");
        throw new Error("cannot");
      }
      plain(record, out);
    },
  });
  for (const id of [1, 2, 3, 4]) log.write(numbered(id));
  const closed = log.close(1000);
  (await destination.next()).take();
  await closed;
  const lost = "lost 1 1000-1000 tcpmon could not format them\n";
  assert.deepEqual(destination.files, [`1\n${lost}3\n${lost}`]);
  assert.deepEqual(told, ["cannot write a record to the log, please report: Error: cannot"]);
  assert.equal(log.lost, 2);
});

Deno.test("flush resolves when all that was written has arrived", async () => {
  const { log, destination } = openFake();
  await log.flush();
  log.write(numbered(1));
  let flushed = false;
  const flushing = log.flush().then(() => flushed = true);
  const write = await destination.next();
  assert.equal(flushed, false);
  write.take();
  await flushing;
  assert.equal(destination.files[0], "1\n");
  await log.close(1000);
});

Deno.test("close writes what waits, closes, and nothing is taken after it", async () => {
  const { log, destination, told } = openFake();
  log.write(numbered(1));
  const closed = log.close(1000);
  (await destination.next()).take();
  await closed;
  log.write(numbered(2));
  await log.flush();
  assert.deepEqual(destination.files, ["1\n"]);
  assert.ok(destination.closed);
  assert.deepEqual(told, []);
});

Deno.test("close tells of losses in the log, and of what it could not write on stderr", async () => {
  const { log, destination, told } = openFake({ format: numbers(KIB), queueLimitBytes: 64 * KIB });
  for (let id = 1; id <= 70; id++) log.write(numbered(id));
  await log.close(0);
  const lost = "lost 6 1000-1000 the log's destination did not keep up\n";
  assert.equal(
    told.at(-1),
    `fake.log did not take the last ${64 * KIB + lost.length} bytes of the log; records lost with them: 64`,
  );
  assert.equal(log.lost, 70, "the line that tells of six is no record that could be lost");
  assert.equal(destination.closed, false, "a write is still under way");
});
