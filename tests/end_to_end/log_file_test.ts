/** The log in a file: moved, removed, full, and cut short by a kill. */
import assert from "node:assert/strict";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { type LogRecord, parseRecord, Program, runProgram } from "./program.ts";
import { eventually, LINUX, run } from "./tools.ts";

const GET = message("GET / HTTP/1.1", ["Host: a.test"]);
const ANSWERS = { "/": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "x".repeat(1000)) };
const UNIX = Deno.build.os !== "windows";

/** Keeps asking on some connections until it is told to stop, or the relay is gone; gives how many answers came. */
function load(port: number): { stop(): Promise<number>; readonly answers: number } {
  let stopped = false;
  let answers = 0;
  const asking = Array.from({ length: 4 }, async () => {
    using client = await Peer.connect(port);
    while (!stopped) {
      await ask(client, GET);
      answers++;
    }
  });
  const done = Promise.allSettled(asking);
  return {
    async stop() {
      stopped = true;
      await done;
      return answers;
    },
    get answers() {
      return answers;
    },
  };
}

async function recordsIn(path: string): Promise<LogRecord[]> {
  const text = await Deno.readTextFile(path);
  assert.ok(text.endsWith("\n"), "the last line is whole");
  return text.trimEnd().split("\n").map(parseRecord);
}

Deno.test({
  name: "after each move of the file and SIGHUP a new one is begun: no line is torn, lost or written twice",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      const path = `${directory}/traffic.log`;
      await using server = answering(ANSWERS);
      await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", path]);
      const traffic = load(await program.port());
      for (let moved = 1; moved <= 5; moved++) {
        const before = traffic.answers;
        await eventually(() => traffic.answers > before + 50, "no traffic");
        await Deno.rename(path, `${path}.${moved}`);
        program.signal("SIGHUP");
        await eventually(() => Deno.stat(path).then(() => true, () => false), "no new file");
      }
      const answers = await traffic.stop();
      assert.equal((await program.stop()).code, 0);
      const files = [1, 2, 3, 4, 5].map((moved) => `${path}.${moved}`);
      const parts = await Promise.all([...files, path].map(recordsIn));
      for (const part of parts) assert.ok(part.length > 0);
      const ids = parts.flat().filter(({ type }) => type === "exchange").map(({ id }) => id).sort((a, b) =>
        a - b
      );
      assert.deepEqual(ids, Array.from({ length: answers }, (_, i) => i + 1));
      assert.equal(program.said.length, 1, program.said.join("\n"));
    }),
});

Deno.test({
  name: "a text log says the date again in each new file, and blocks stay whole",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      const path = `${directory}/traffic.log`;
      await using server = answering(ANSWERS);
      await using program = Program.start(["relay", `0=${server.target}`, "-o", path]);
      using client = await Peer.connect(await program.port());
      await ask(client, GET);
      const isWritten = () => Deno.readTextFile(path).then((text) => text.endsWith("x\n\n"), () => false);
      await eventually(isWritten, "nothing was logged");
      await Deno.rename(path, `${path}.1`);
      program.signal("SIGHUP");
      await eventually(() => Deno.stat(path).then(() => true, () => false), "no new file");
      await ask(client, GET);
      assert.equal((await program.stop()).code, 0);
      for (const [i, name] of [`${path}.1`, path].entries()) {
        assert.match(
          await Deno.readTextFile(name),
          new RegExp(`^# \\d{4}-\\d\\d-\\d\\d UTC.*\n\n#${i + 1} `),
        );
      }
    }),
});

Deno.test({
  name: "where the file cannot be begun anew the log goes on in the old one, and stderr says so",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      await Deno.mkdir(`${directory}/logs`);
      const path = `${directory}/logs/a.log`;
      await using server = answering(ANSWERS);
      await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", path]);
      using client = await Peer.connect(await program.port());
      await ask(client, GET);
      await Deno.rename(`${directory}/logs`, `${directory}/old`);
      program.signal("SIGHUP");
      const line = await program.says(/cannot reopen/);
      assert.equal(
        line,
        `tcpmon: cannot reopen ${path}: no such file or directory; the log goes on in the file it had`,
      );
      await ask(client, GET);
      assert.equal((await program.stop()).code, 0);
      const records = await recordsIn(`${directory}/old/a.log`);
      assert.equal(records.filter(({ type }) => type === "exchange").length, 2);
    }),
});

Deno.test("a file that is removed under the program stops nothing, and SIGHUP makes a new one", {
  ignore: !UNIX,
}, () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a.log`;
    await using server = answering(ANSWERS);
    await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", path]);
    using client = await Peer.connect(await program.port());
    await ask(client, GET);
    await Deno.remove(path);
    await ask(client, GET);
    program.signal("SIGHUP");
    await eventually(() => Deno.stat(path).then(() => true, () => false), "no new file");
    await ask(client, GET);
    assert.equal((await program.stop()).code, 0);
    assert.ok((await recordsIn(path)).some(({ id }) => id === 3));
  }));

Deno.test({
  name: "a device that is full costs records, said once and at the end, and no traffic",
  ignore: !LINUX,
  async fn() {
    await using server = answering(ANSWERS);
    await using program = Program.start(["relay", `0=${server.target}`, "--format=json"], {
      shell: 'exec "$@" >/dev/full',
    });
    using client = await Peer.connect(await program.port());
    for (let i = 0; i < 50; i++) assert.equal((await ask(client, GET)).length, 1000);
    await program.says(/cannot write/);
    for (let i = 0; i < 50; i++) assert.equal((await ask(client, GET)).length, 1000);
    assert.equal((await program.stop()).code, 0);
    assert.equal(program.said.length, 4, program.said.join("\n"));
    assert.equal(
      program.said[1],
      "tcpmon: cannot write to stdout: no space left on device; traffic goes on, trying again",
    );
    assert.match(
      program.said[2],
      /^tcpmon: stdout did not take the last \d+ bytes of the log; records lost with them: 102$/,
    );
    assert.equal(program.said[3], "tcpmon: 102 records were lost in all");
  },
});

/** Mounts a small file system, runs a test in it, and unmounts it. */
async function onSmallDisk(directory: string, test: () => Promise<void>): Promise<void> {
  const { code } = await run("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", directory]);
  assert.equal(code, 0);
  try {
    await test();
  } finally {
    await run("umount", [directory]);
  }
}

/** Whether this process may mount file systems: root, outside of most containers. */
async function mayMount(): Promise<boolean> {
  if (!LINUX || Deno.uid() !== 0) return false;
  const directory = await Deno.makeTempDir();
  try {
    const { code } = await run("mount", ["-t", "tmpfs", "tmpfs", directory]);
    if (code === 0) await run("umount", [directory]);
    return code === 0;
  } catch {
    return false;
  } finally {
    await Deno.remove(directory);
  }
}

Deno.test({
  name: "when a full disk has room again the log goes on where it stopped, no line torn or lost",
  ignore: !(await mayMount()),
  fn: () =>
    inDirectory((directory) =>
      onSmallDisk(directory, async () => {
        const path = `${directory}/a.log`;
        await Deno.writeFile(`${directory}/ballast`, new Uint8Array(200 * 1024));
        await using server = answering(ANSWERS);
        await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", path]);
        using client = await Peer.connect(await program.port());
        for (let i = 0; i < 100; i++) await ask(client, GET);
        await program.says(/cannot write to .*: no space left on device; traffic goes on, trying again/);
        await Deno.remove(`${directory}/ballast`);
        await program.says(/can be written to again/);
        assert.equal((await program.stop()).code, 0);
        const records = await recordsIn(path);
        const ids = records.filter(({ type }) => type === "exchange").map(({ id }) => id);
        assert.deepEqual(ids, Array.from({ length: 100 }, (_, i) => i + 1));
      })
    ),
});

Deno.test({
  name: "after kill -9 under load every line but at most the last can be read",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      const path = `${directory}/a.log`;
      await using server = answering(ANSWERS);
      await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", path]);
      const traffic = load(await program.port());
      await eventually(() => traffic.answers > 500, "no traffic");
      program.signal("SIGKILL");
      await program.ended();
      await traffic.stop();
      const lines = (await Deno.readTextFile(path)).split("\n");
      const last = lines.pop();
      const records = lines.map(parseRecord);
      const exchanges = records.filter(({ type }) => type === "exchange").length;
      assert.ok(exchanges > 100, `${exchanges} exchanges, then ${last}`);
    }),
});

Deno.test("a file that cannot be opened is refused before anything listens", () =>
  inDirectory(async (directory) => {
    const cases = [
      [`${directory}/none/a.log`, "no such file or directory"],
      [directory, "is a directory"],
      ["/", "is a directory"],
      [
        "/dev/fd/9",
        "tcpmon has no access to what is in /dev and /proc, wanted an ordinary file, or - for stdout",
      ],
      [`${directory}/file/a.log`, "not a directory"],
    ];
    await Deno.writeTextFile(`${directory}/file`, "");
    for (const [path, reason] of cases) {
      const { code, stderr, stdout } = await runProgram(["relay", "0=127.0.0.1:9", "-o", path]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.equal(stderr, `tcpmon: cannot open --output ${path}: ${reason}`);
    }
  }));

Deno.test({
  name: "-o /dev/stdout is stdout, -o /dev/stderr is stderr, and neither is a file that SIGHUP reopens",
  ignore: !UNIX,
  async fn() {
    await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "hi") });
    for (const output of ["/dev/stdout", "/proc/self/fd/1", "/dev/stderr", "/dev/fd/2"]) {
      await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", output]);
      {
        using client = await Peer.connect(await program.port());
        await ask(client, message("GET / HTTP/1.1", ["Host: a"]));
      }
      program.signal("SIGHUP");
      assert.equal((await program.ended()).code, 0, output);
      const lines = /2$|err$/.test(output) ? program.said : program.log;
      assert.equal(lines.filter((line) => line.startsWith('{"type":"exchange"')).length, 1, output);
    }
  },
});

Deno.test({
  name: "a named pipe as file is waited for until it has a reader, and that is said",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      const pipe = `${directory}/pipe`;
      await run("mkfifo", [pipe]);
      await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "hi") });
      await using program = Program.start(["relay", `0=${server.target}`, "--format=json", "-o", pipe]);
      await program.says(/^tcpmon: waiting for a reader of /);
      const reading = run("cat", [pipe]);
      {
        using client = await Peer.connect(await program.port());
        await ask(client, message("GET / HTTP/1.1", ["Host: a"]));
      }
      assert.equal((await program.stop()).code, 0);
      assert.match((await reading).text, /^{"type":"exchange"/m);
    }),
});
