/** The flight recorder where the disk is full or its folder goes: the oldest is given up, traffic never waits. */
import assert from "node:assert/strict";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { Program } from "./program.ts";
import { idsIn, segments } from "./recordings.ts";
import { eventually, LINUX, run } from "./tools.ts";

const GET = message("GET / HTTP/1.1", ["Host: a.test"]);
const ANSWERS = { "/": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "x".repeat(8000)) };

/** Runs a test with a folder on a file system of 2 MiB; whether that is possible. */
async function onSmallDisk(test: (folder: string) => Promise<void>): Promise<boolean> {
  if (!LINUX || Deno.uid() !== 0) return false;
  const folder = await Deno.makeTempDir({ prefix: "tcpmon-" });
  try {
    const { code } = await run("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]);
    if (code !== 0) return false;
    try {
      await test(folder);
    } finally {
      await run("umount", [folder]);
    }
    return true;
  } finally {
    await Deno.remove(folder);
  }
}

Deno.test({
  name: "on a full disk the ring makes room by its oldest segments, and has the last of the traffic",
  ignore: !await onSmallDisk(() => Promise.resolve()),
  async fn() {
    await onSmallDisk(async (disk) => {
      const folder = `${disk}/ring`;
      await using server = answering(ANSWERS);
      await using program = Program.start(
        ["relay", `0=${server.target}`, "--format=none", "--record", folder, "--record-size", "8M"],
      );
      using client = await Peer.connect(await program.port());
      // Of 4 MiB one half has room.
      for (let i = 0; i < 500; i++) assert.equal((await ask(client, GET)).length, 8000);
      assert.equal((await program.stop()).code, 0);
      const names = segments(folder);
      const ids: number[] = [];
      for (const name of names) ids.push(...await idsIn(`${folder}/${name}`));
      assert.equal(ids.at(-1), 500);
      assert.ok(ids.length < 400, `${ids.length}`);
      assert.deepEqual(ids, Array.from({ length: ids.length }, (_, i) => 501 - ids.length + i));
      assert.deepEqual(program.said.slice(2), []);
    });
  },
});

Deno.test("where its folder goes records are lost and counted, and it goes on when that is back", {
  ignore: Deno.build.os === "windows",
}, () =>
  inDirectory(async (directory) => {
    const folder = `${directory}/ring`;
    await using server = answering(ANSWERS);
    await using program = Program.start(
      ["relay", `0=${server.target}`, "--format=none", "--record", folder, "--record-size", "1M"],
    );
    using client = await Peer.connect(await program.port());
    await ask(client, GET);
    await Deno.remove(folder, { recursive: true });
    for (let i = 0; i < 100; i++) await ask(client, GET);
    const line = await program.says(/cannot write/);
    assert.equal(
      line,
      `tcpmon: cannot write to the flight recorder in ${folder}: no such file or directory; traffic goes on, ` +
        "trying again",
    );
    await Deno.mkdir(folder);
    await program.says(/the flight recorder in .* can be written to again/);
    await ask(client, GET);
    const last = () => segments(folder).at(-1);
    await eventually(() => last() !== undefined, "no segment");
    client.close();
    assert.equal((await program.stop()).code, 0);
    assert.equal((await idsIn(`${folder}/${last()}`)).at(-1), 102);
  }));
