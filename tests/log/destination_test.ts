import assert from "node:assert/strict";
import { fileDestination, reasonOf } from "../../src/log/destination.ts";

/** Nothing is waited for. */
const tell = (text: string) => assert.fail(text);
const bytes = (text: string) => new TextEncoder().encode(text);

/** Runs a test in a directory of its own. */
async function inDirectory(test: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await test((name) => `${directory}/${name}`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a file is created for its owner, and appended to", () =>
  inDirectory(async (path) => {
    for (const line of ["one\n", "two\n"]) {
      const file = await fileDestination(path("a.log"), tell);
      assert.equal(file.name, path("a.log"));
      assert.equal(await file.write(bytes(line)), 4);
      file.close();
    }
    assert.equal(await Deno.readTextFile(path("a.log")), "one\ntwo\n");
    if (Deno.build.os !== "windows") {
      assert.equal(
        (await Deno.stat(path("a.log"))).mode! & 0o007,
        0,
        "traffic is nobody else's business",
      );
    }
  }));

Deno.test("a file that was moved away is left, and a new one begun", () =>
  inDirectory(async (path) => {
    const file = await fileDestination(path("a.log"), tell);
    await file.write(bytes("one\n"));
    await Deno.rename(path("a.log"), path("a.log.1"));
    await file.write(bytes("two\n"));
    await file.reopen();
    await file.write(bytes("three\n"));
    file.close();
    assert.equal(await Deno.readTextFile(path("a.log.1")), "one\ntwo\n");
    assert.equal(await Deno.readTextFile(path("a.log")), "three\n");
  }));

Deno.test("where the file cannot be opened anew the old one stays open", () =>
  inDirectory(async (path) => {
    await Deno.mkdir(path("logs"));
    const file = await fileDestination(path("logs/a.log"), tell);
    await Deno.rename(path("logs"), path("old"));
    await assert.rejects(file.reopen(), Deno.errors.NotFound);
    await file.write(bytes("still here\n"));
    file.close();
    assert.equal(await Deno.readTextFile(path("old/a.log")), "still here\n");
  }));

Deno.test("a directory that is missing is refused", () =>
  inDirectory((path) => assert.rejects(fileDestination(path("none/a.log"), tell), Deno.errors.NotFound)));

Deno.test("a folder is refused as one, the root too", () =>
  inDirectory(async (path) => {
    for (const folder of [path("."), "/"]) {
      await assert.rejects(fileDestination(folder, tell), Deno.errors.IsADirectory);
    }
  }));

Deno.test({
  name: "a named pipe without a reader is said to be waited for, and opens when it has one",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDirectory(async (path) => {
      const pipe = path("pipe");
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const told = Promise.withResolvers<string>();
      const opening = fileDestination(pipe, told.resolve);
      assert.equal(await told.promise, `waiting for a reader of ${pipe}, unless it has one`);
      // Of another process: the older runtime does one thing at a time.
      const reader = new Deno.Command("cat", { args: [pipe], stdout: "piped" }).spawn();
      const file = await opening;
      assert.equal(await file.write(bytes("one")), 3);
      file.close();
      assert.equal(new TextDecoder().decode((await reader.output()).stdout), "one");
    }),
});

Deno.test("what the runtime keeps closed is said with what would do", () => {
  const error = new Deno.errors.NotCapable(
    'Requires all access to "/dev/tty", run again with the --allow-all flag',
  );
  assert.equal(reasonOf(error), "tcpmon has no access to what is in /dev and /proc, wanted an ordinary file");
});
