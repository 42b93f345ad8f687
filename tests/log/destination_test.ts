import assert from "node:assert/strict";
import { fileDestination } from "../../src/log/destination.ts";

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
      const file = await fileDestination(path("a.log"));
      assert.equal(file.name, path("a.log"));
      assert.equal(await file.write(bytes(line)), 4);
      file.close();
    }
    assert.equal(await Deno.readTextFile(path("a.log")), "one\ntwo\n");
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(path("a.log"))).mode! & 0o007, 0, "traffic is nobody else's business");
    }
  }));

Deno.test("a file that was moved away is left, and a new one begun", () =>
  inDirectory(async (path) => {
    const file = await fileDestination(path("a.log"));
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
    const file = await fileDestination(path("logs/a.log"));
    await Deno.rename(path("logs"), path("old"));
    await assert.rejects(file.reopen(), Deno.errors.NotFound);
    await file.write(bytes("still here\n"));
    file.close();
    assert.equal(await Deno.readTextFile(path("old/a.log")), "still here\n");
  }));

Deno.test("a directory that is missing is refused", () =>
  inDirectory((path) => assert.rejects(fileDestination(path("none/a.log")), Deno.errors.NotFound)));
