import assert from "node:assert/strict";
import { numbered, openFake } from "./fake_destination.ts";

const noSpace = () => new Error("No space left on device (os error 28)");

/** Lets promises settle until something has happened. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await Promise.resolve();
}

Deno.test("a failed write is tried again from where it stopped, and told of once", async () => {
  const { log, destination, told } = openFake();
  log.write(numbered(1234));
  (await destination.next()).take(2);
  (await destination.next()).fail(noSpace());
  log.write(numbered(5));
  (await destination.next()).fail(noSpace());
  assert.deepEqual(told, [
    "cannot write to fake.log: no space left on device; traffic goes on, trying again",
  ]);
  const again = await destination.next();
  assert.equal(again.text, "34\n");
  again.take();
  (await destination.next()).take();
  await log.close(1000);
  assert.deepEqual(destination.files, ["1234\n5\n"]);
  assert.deepEqual(told.slice(1), ["fake.log can be written to again"]);
});

Deno.test("a file that is reopened while writes fail begins with the line that was cut", async () => {
  const { log, destination } = openFake();
  for (const id of [11, 22, 33]) log.write(numbered(id));
  (await destination.next()).take(4);
  (await destination.next()).fail(noSpace());
  const reopened = log.reopen();
  (await destination.next()).take();
  await reopened;
  await log.close(1000);
  assert.deepEqual(destination.files, ["11\n2", "22\n33\n"]);
});

Deno.test("a file is reopened between two blocks: no line is torn, lost or written twice", async () => {
  const { log, destination } = openFake();
  log.write(numbered(1));
  const first = await destination.next();
  log.write(numbered(2));
  const reopened = log.reopen();
  log.write(numbered(3));
  assert.equal(destination.files.length, 1, "a write is under way");
  first.take();
  await destination.takeAll(log);
  await reopened;
  await log.close(1000);
  assert.deepEqual(destination.files, ["1\n", "2\n3\n"]);
});

Deno.test("a log with nothing to write is reopened all the same", async () => {
  const { log, destination } = openFake();
  await log.reopen();
  assert.equal(destination.files.length, 2);
  await log.close(1000);
  assert.ok(destination.closed);
});

Deno.test("where reopening fails the log goes on in the file it had", async () => {
  const { log, destination, told } = openFake();
  destination.reopenError = new Error("Permission denied (os error 13)");
  log.write(numbered(1));
  const reopened = log.reopen();
  (await destination.next()).take();
  await reopened;
  await log.close(1000);
  assert.deepEqual(destination.files, ["1\n"]);
  assert.deepEqual(told, ["cannot reopen fake.log: permission denied; the log goes on in the file it had"]);
});

Deno.test("a closed pipe ends the log: told once, nothing is kept, nothing is written any more", async () => {
  const fake = openFake();
  const { log, destination, told } = fake;
  log.write(numbered(1));
  const write = await destination.next();
  log.write(numbered(2));
  const flushed = log.flush();
  write.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await flushed;
  assert.equal(fake.closings, 1);
  log.write(numbered(3));
  await log.flush();
  await log.reopen();
  await log.close(1000);
  assert.equal(fake.closings, 1);
  assert.equal(destination.begun, 0);
  assert.deepEqual(told, []);
  assert.equal(log.lost, 3, "what waited, and what came later");
});

Deno.test("close tries a failing destination once more and then says what is lost", async () => {
  const { log, destination, told } = openFake();
  log.write(numbered(1));
  (await destination.next()).fail(noSpace());
  await until(() => told.length === 1);
  log.write(numbered(2));
  const closed = log.close(1000);
  (await destination.next()).fail(noSpace());
  await closed;
  assert.equal(told.at(-1), "fake.log did not take the last 4 bytes of the log; records lost with them: 2");
  assert.equal(log.lost, 2);
  assert.ok(destination.closed);
});

Deno.test("close gives a failing destination what waits if it takes it again", async () => {
  const { log, destination, told } = openFake();
  log.write(numbered(1));
  (await destination.next()).fail(noSpace());
  await until(() => told.length === 1);
  const closed = log.close(1000);
  (await destination.next()).take();
  await closed;
  assert.deepEqual(destination.files, ["1\n"]);
  assert.equal(told.length, 2);
});

Deno.test("records that were taken before a disk was full are not counted as lost, one cut in two is", async () => {
  const { log, destination, told } = openFake();
  for (const id of [11, 22, 33, 44]) log.write(numbered(id));
  (await destination.next()).take(7);
  (await destination.next()).fail(noSpace());
  await until(() => told.length === 1);
  const closed = log.close(1000);
  (await destination.next()).fail(noSpace());
  await closed;
  assert.equal(told.at(-1), "fake.log did not take the last 5 bytes of the log; records lost with them: 2");
  assert.equal(log.lost, 2);
});

Deno.test("a pipe that closes after the log was given up is not told of, nor counted again", async () => {
  const fake = openFake();
  fake.log.write(numbered(1));
  const write = await fake.destination.next();
  await fake.log.close(0);
  write.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await fake.log.flush();
  assert.equal(fake.log.lost, 1);
  assert.equal(fake.closings, 0);
});

Deno.test("a write that fails for the first time while closing is told of, with what is lost", async () => {
  const { log, destination, told } = openFake();
  log.write(numbered(1));
  const closed = log.close(1000);
  (await destination.next()).fail(noSpace());
  await closed;
  assert.equal(told.length, 2);
  assert.match(told[0], /^cannot write to fake\.log: no space left on device/);
  assert.match(told[1], /did not take the last 2 bytes/);
});
