/** The flight recorder's ring: bounded on disk, readable segment by segment, through kill -9, restart and removal. */
import assert from "node:assert/strict";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { Peer } from "./peers.ts";
import { Program, runProgram } from "./program.ts";
import { idsIn, range, segmentBytes, segments } from "./recordings.ts";
import { eventually } from "./tools.ts";

const UNIX = Deno.build.os !== "windows";
const GET = message("GET / HTTP/1.1", ["Host: a.test"]);
const ANSWERS = { "/": message("HTTP/1.1 200 OK", ["Content-Type: text/plain"], "x".repeat(8000)) };
const MIB = 1024 * 1024;

/** Starts a relay that records into a folder; no log beside it. */
function recording(target: string, folder: string, ...options: string[]): Program {
  return Program.start(["relay", `0=${target}`, "--format=none", "--record", folder, ...options]);
}

/** Asks so many times on one connection. */
async function asks(port: number, times: number): Promise<void> {
  using client = await Peer.connect(port);
  for (let i = 0; i < times; i++) await ask(client, GET);
}

Deno.test("the ring keeps the last of what passed, within its size at every moment, each segment readable alone", () =>
  inDirectory(async (directory) => {
    const folder = `${directory}/deep/ring`;
    await using server = answering(ANSWERS);
    await using program = recording(server.target, folder, "--record-size", "1M");
    const port = await program.port();
    await program.says(/^tcpmon: recording into .*ring, at most 1\.0 MiB/);
    let most = 0;
    for (let round = 0; round < 20; round++) {
      await asks(port, 20);
      most = Math.max(most, segmentBytes(folder));
    }
    assert.deepEqual([(await program.stop()).code, program.log], [0, []]);
    assert.ok(most > MIB / 2 && Math.max(most, segmentBytes(folder)) <= MIB, `${most}`);
    const ids: number[] = [];
    for (const name of segments(folder)) ids.push(...await idsIn(`${folder}/${name}`));
    assert.deepEqual(ids, range(ids[0], 400));
    assert.ok(ids.length > 50 && ids.length < 400, `${ids.length}`);
    if (UNIX) {
      assert.equal(Deno.statSync(folder).mode! & 0o777, 0o700);
      for (const name of segments(folder)) {
        assert.equal(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600);
      }
    }
  }));

Deno.test("with gzip the ring goes back further, and what is compressed is an input like any other", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    await using program = recording(
      server.target,
      directory,
      "--record-size",
      "1M",
      "--record-compress",
      "gzip",
    );
    const port = await program.port();
    // Compression is in no hurry, and does not hold up what would have to wait for it.
    const isDone = () => segments(directory).slice(0, -1).every((name) => name.endsWith(".gz"));
    for (let round = 0; round < 40; round++) {
      await asks(port, 10);
      await eventually(isDone, "nothing was compressed");
    }
    assert.equal((await program.stop()).code, 0);
    assert.ok(segmentBytes(directory) <= MIB);
    const ids: number[] = [];
    for (const name of segments(directory)) ids.push(...await idsIn(`${directory}/${name}`));
    assert.deepEqual(ids, range(1, 400));
  }));

Deno.test({
  name: "after kill -9 a new run goes on behind what is there, in the same size, and touches nothing else",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      await Deno.writeTextFile(`${directory}/mine.jsonl`, "precious");
      await using server = answering(ANSWERS);
      await using first = recording(server.target, directory, "--record-size", "1M");
      await asks(await first.port(), 100);
      await eventually(() => segmentBytes(directory) > 700_000, "nothing was recorded");
      first.signal("SIGKILL");
      await first.ended();
      const before = segments(directory);
      await using second = recording(server.target, directory, "--record-size", "1M");
      await asks(await second.port(), 60);
      assert.equal((await second.stop()).code, 0);
      const after = segments(directory);
      assert.ok(segmentBytes(directory) <= MIB);
      assert.ok(!after.includes(before[0]) && after.includes(before.at(-1)!), "the oldest goes first");
      const numbers = after.map((name) => Number(/-(\d+)\.jsonl$/.exec(name)![1]));
      assert.deepEqual(numbers, range(numbers[0], numbers[0] + numbers.length - 1));
      assert.equal((await idsIn(`${directory}/${after.at(-1)}`)).at(-1), 60);
      assert.equal(await Deno.readTextFile(`${directory}/mine.jsonl`), "precious");
    }),
});

Deno.test("a second program is refused in the same folder, and the first one's traffic is not", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    await using first = recording(server.target, directory);
    const port = await first.port();
    const second = await runProgram(["relay", `0=${server.target}`, "--record", directory]);
    assert.deepEqual([second.code, second.stdout], [1, ""]);
    assert.equal(
      second.stderr,
      `tcpmon: cannot record in ${directory}: another tcpmon records there; give each a folder of its own`,
    );
    await asks(port, 3);
    assert.equal((await first.stop()).code, 0);
    await using third = recording(server.target, directory);
    await third.port();
    assert.equal((await third.stop()).code, 0);
  }));

Deno.test({
  name: "segments that others remove under it cost those segments and nothing else",
  ignore: !UNIX,
  fn: () =>
    inDirectory(async (directory) => {
      await using server = answering(ANSWERS);
      await using program = recording(server.target, directory, "--record-size", "1M");
      const port = await program.port();
      for (let round = 0; round < 5; round++) {
        await asks(port, 60);
        for (const name of segments(directory)) await Deno.remove(`${directory}/${name}`);
      }
      await asks(port, 60);
      assert.equal((await program.stop()).code, 0);
      assert.deepEqual(program.said.slice(2), [], "nothing is said of it");
      assert.equal((await idsIn(`${directory}/${segments(directory).at(-1)}`)).at(-1), 360);
    }),
});

Deno.test("what is recorded is redacted as the log is, and has what the log's filter leaves out", () =>
  inDirectory(async (directory) => {
    await using server = answering(ANSWERS);
    await using program = Program.start(
      [
        "relay",
        `0=${server.target}`,
        "--format=json",
        "--filter=status:5xx",
        "--redact",
        "--record",
        directory,
      ],
    );
    {
      using client = await Peer.connect(await program.port());
      await ask(client, message("GET / HTTP/1.1", ["Host: a.test", "Authorization: Bearer s3cr3t-t0ken"]));
    }
    assert.equal((await program.stop()).code, 0);
    assert.ok(!program.log.some((line) => line.includes('"exchange"')));
    const text = await Deno.readTextFile(`${directory}/${segments(directory)[0]}`);
    assert.match(text, /"Authorization"/);
    assert.ok(!text.includes("s3cr3t"), text);
  }));

Deno.test("a folder that cannot be had, and options that make no sense, are one line before anything listens", () =>
  inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/file`, "");
    const relay = ["relay", "0=127.0.0.1:9"];
    const cases: [string[], number, string][] = [
      [["--record", `${directory}/file`], 1, `cannot record in ${directory}/file: file exists`],
      [["--record", `${directory}/file/x`], 1, `cannot record in ${directory}/file/x: not a directory`],
      [["--record-size", "1G"], 2, "found --record-size without --record, wanted --record DIR with it"],
      [["--dump-on", "status:5xx"], 2, "found --dump-on without --record, wanted --record DIR with it"],
      [
        ["--record", directory, "--record-size", "10"],
        2,
        'cannot read --record-size: found "10", wanted a size',
      ],
      [["--record", directory, "--dump-on", "status:x"], 2, "cannot read --dump-on: "],
      [
        ["--record", directory, "--dump-window", "1"],
        2,
        'cannot read --dump-window: found "1", wanted a duration',
      ],
    ];
    for (const [options, wanted, said] of cases) {
      const { code, stderr } = await runProgram([...relay, ...options]);
      assert.equal(code, wanted, stderr);
      assert.ok(stderr.startsWith(`tcpmon: ${said}`), stderr);
    }
  }));
