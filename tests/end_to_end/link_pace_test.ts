/** Slow links through the whole program. Upper bounds are wide: machines that run tests are busy. */
import assert from "node:assert/strict";
import { PRESETS } from "../../src/net/link/presets.ts";
import { inDirectory } from "./log_of.ts";
import { Peer, Target } from "./peers.ts";
import { Program, runProgram, within } from "./program.ts";
import { answer, get, PROXY, runLink, sample, textOf } from "./link_run.ts";

/** How much later than computed something may be on a busy machine. */
const PATIENCE_MS = 1_000;

function assertTook(tookMs: number, wantedMs: number): void {
  assert.ok(tookMs >= wantedMs - 5 && tookMs < wantedMs + PATIENCE_MS, `${tookMs} ms, wanted ${wantedMs}`);
}

Deno.test("TCPMon's pair lets 20 kB through in 2 s, in each direction it is given for, byte for byte", async () => {
  const sent = sample(20_000);
  const run = await runLink(["--bytes-per-pause", "up:1000", "--delay", "100"], sent);
  assertTook(run.tookMs, 2_000);
  assert.deepEqual(run.toTarget, sent);
  assert.deepEqual(run.toClient, sent);
  assert.equal(run.closed.faults, undefined);
  assert.ok(
    run.said.includes("tcpmon: simulated link: bytes-per-pause up:1000, delay 100"),
    run.said.join("\n"),
  );
});

Deno.test("a rate holds for each direction on its own", async () => {
  const sent = sample(40_000);
  const run = await runLink(["--rate", "up:320kbit,down:40kB"], sent);
  // Both take a second, and the second direction begins with the first bytes of the other.
  assertTook(run.tookMs, 1_000);
  assert.deepEqual(run.toClient, sent);
});

Deno.test("latency holds each way, and jitter varies it within its bounds", async () => {
  const target = new Target();
  await using _closing = target;
  await using program = Program.start([
    ...["relay", `0=${target.target}`, "--format", "none"],
    ...["--latency", "up:40ms,down:20ms", "--jitter", "up:10ms"],
  ]);
  using client = await Peer.connect(await program.port());
  using server = await target.accept();
  const took = { up: [] as number[], down: [] as number[] };
  for (let i = 0; i < 15; i++) {
    let startedAt = performance.now();
    await client.send("ping");
    await server.read(4);
    took.up.push(performance.now() - startedAt);
    startedAt = performance.now();
    await server.send("pong");
    await client.read(4);
    took.down.push(performance.now() - startedAt);
  }
  const [upLeast, downLeast] = [Math.min(...took.up), Math.min(...took.down)];
  assert.ok(upLeast >= 29 && upLeast < 45, `up ${took.up}`);
  assert.ok(downLeast >= 19 && downLeast < 30, `down ${took.down}`);
  assert.ok(Math.max(...took.up) - upLeast > 4, `no jitter: ${took.up}`);
});

Deno.test("every preset starts, says its name, and has the rate and the round trip it promises", async () => {
  const bytes = 8_000;
  await Promise.all(Array.from(PRESETS, async ([name, preset]) => {
    const run = await runLink(["--link", name], sample(bytes));
    const slowest = Math.min(preset.upBitsPerSecond, preset.downBitsPerSecond);
    const wantedMs = preset.roundTripMs + bytes * 8_000 / slowest;
    assert.ok(
      run.tookMs >= wantedMs - 5 && run.tookMs < wantedMs * 1.5 + PATIENCE_MS,
      `${name}: ${run.tookMs}`,
    );
    assert.deepEqual(run.toClient, sample(bytes));
    assert.ok(run.said.includes(`tcpmon: simulated link: ${name}`), run.said.join("\n"));
  }));
});

Deno.test("the config file sets a link as the options do, and an option beside it replaces its value", async () => {
  await inDirectory(async (directory) => {
    const config = `${directory}/tcpmon.json`;
    const link = { rate: "80kbit", latency: "300ms", fault: ["down:limit-data=4000", "slicer=100"], seed: 3 };
    await Deno.writeTextFile(config, JSON.stringify(link));
    const run = await runLink(["--config", config, "--latency", "20ms"], sample(10_000));
    assert.deepEqual(run.toClient, sample(4_000));
    assertTook(run.tookMs, 4_000 * 8 / 80 + 40);
    assert.ok(run.tookMs < 840, "the latency of the file was used");
    assert.ok(
      run.said.includes(
        "tcpmon: simulated link: rate 80kbit, latency 20ms, down:limit-data=4000, slicer=100",
      ),
      run.said.join("\n"),
    );
  });
});

Deno.test("what cannot be read is refused in one line that says what was wanted", async () => {
  const bad: readonly (readonly string[])[] = [
    ["--rate", "3 furlongs"],
    ["--rate", "1mbps"],
    ["--latency", "150"],
    ["--jitter", "-1ms"],
    ["--bytes-per-pause", "1000"],
    ["--delay", "100ms"],
    ["--drop-bytes", "0"],
    ["--link", "5g"],
    ["--fault", "rest@10%"],
    ["--fault", "reset@0%"],
    ["--fault", "status=99"],
    ["--fault", "up:refuse"],
    ["--fault", "slicer=10/10"],
    ["--seed", "-1"],
  ];
  await Promise.all(bad.map(async (options) => {
    const { code, stdout, stderr } = await runProgram(["relay", "0=127.0.0.1:9", ...options]);
    assert.equal(code, 2, `${options}: ${stderr}`);
    assert.equal(stdout, "");
    const [line, ...more] = stderr.split("\n").filter((line) => line !== "");
    assert.match(line, /^tcpmon: /, stderr);
    assert.ok(line.includes(options[0]), line);
    assert.ok(more.length === 0 || /--help/.test(more.join()), stderr);
  }));
});

for (const mode of ["relay", "http relay", "proxy"] as const) {
  Deno.test(`SIGTERM while an answer is on its way through a slow ${mode} loses nothing of it`, async () => {
    const run = await runLink(["--latency", "down:700ms", "--drain", "10s"], (target) => {
      return get("/5000", mode === "proxy" ? target : "");
    }, {
      serve: answer,
      args: mode === "proxy"
        ? PROXY
        : (target) => ["relay", `0=${mode === "relay" ? "" : "http://"}${target}`],
      clientEnds: false,
      async whileReading(_client, program) {
        // The exchange is told when the target has answered; that is when its bytes set out.
        await program.records("exchange");
        program.signal("SIGTERM");
        assert.equal((await within(program.ended(), "it did not end")).code, 0);
      },
    });
    assert.equal(run.toClient.length, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".length + 5_000);
    assert.equal(run.exchanges[0].outcome, "complete");
  });
}

Deno.test("through a proxy, answers come in order and whole over a slow link, also those that end it", async () => {
  const run = await runLink(
    [
      "--latency",
      "20ms",
      "--jitter",
      "15ms",
      "--rate",
      "800kbit",
      "--fault",
      "status=503@40%",
      "--seed",
      "3",
    ],
    (target) => get("/3000", target) + get("/4", target).repeat(8) + get("/2000/close", target, "body"),
    { serve: answer, args: PROXY },
  );
  const statuses = run.exchanges.map(({ response }) => response.status);
  assert.ok(statuses.includes(503) && statuses.includes(200), statuses.join());
  const text = textOf(run.toClient);
  assert.deepEqual([...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => Number(status)), statuses);
  assert.equal(text.slice(-2_000), "r".repeat(2_000));
});
