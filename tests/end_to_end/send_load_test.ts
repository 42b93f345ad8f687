/** `tcpmon send --repeat --concurrency --rate`: a load and its summary. */
import assert from "node:assert/strict";
import { inDirectory } from "./log_of.ts";
import { Nginx } from "./nginx.ts";
import { installed, Program } from "./program.ts";
import { Backend, ok, tcpmon } from "./sending.ts";

Deno.test({
  name: "--repeat and --concurrency send as often, over as many connections, and sum up instead of a log",
  ignore: !installed("nginx"),
  async fn() {
    await using nginx = await Nginx.start();
    const args = ["send", `http://127.0.0.1:${nginx.port}/host`, "--repeat", "2000", "--concurrency", "8"];
    const text = await tcpmon(args);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.text, /^2000 requests in [\d.]+ s, \d+ answered a second, 8 at once, 8 connections$/m);
    assert.match(text.text, /^succeeded 2000, failed 0\nstatuses {2}200 × 2000$/m);
    assert.match(
      text.text,
      /^latency {3}min [\d.]+ {2}mean [\d.]+ {2}p50 [\d.]+ .* p99 [\d.]+ {2}max [\d.]+ ms$/m,
    );
    const summary = JSON.parse((await tcpmon([...args, "--format", "json"])).text);
    assert.deepEqual(
      [summary.wanted, summary.count, summary.succeeded, summary.statuses, summary.failures, summary.stopped],
      [2000, 2000, 2000, { 200: 2000 }, {}, false],
    );
    const { min, p50, p99, max } = summary.latencyMs;
    assert.ok(min > 0 && min <= p50 && p50 <= p99 && p99 <= max, JSON.stringify(summary.latencyMs));
  },
});

Deno.test("--rate spreads requests over time", async () => {
  await using backend = new Backend();
  const { code, text } = await tcpmon([
    ...["send", `http://${backend.target}/`, "--repeat", "40", "--rate", "100", "--format", "json"],
  ]);
  assert.equal(code, 0);
  const { elapsedMs, ratePerSecond } = JSON.parse(text);
  assert.equal(ratePerSecond, 100);
  assert.ok(elapsedMs > 370, `${elapsedMs} ms for 39 pauses of 10 ms`);
  assert.equal(backend.received.length, 40);
});

Deno.test("what fails is counted by its reason: exit code 1, or 3 where something was expected", async () => {
  let count = 0;
  await using backend = new Backend(() => ++count % 2 === 0 ? ok("x") : undefined);
  const args = ["send", "POST", `http://${backend.target}/`, "--repeat", "10"];
  const half = await tcpmon(args);
  assert.equal(half.code, 1);
  assert.match(half.text, /^succeeded 5, failed 5\nstatuses {2}200 × 5$/m);
  assert.match(half.text, /^failed {4}5 × no-response$/m);
  const wrong = await tcpmon([...args, "--expect-status", "404"]);
  assert.equal(wrong.code, 3);
  assert.match(wrong.text, /5 × expected the status 404, found 200$/m);
  const none = await tcpmon(["send", ":1/", "--repeat", "3"]);
  assert.equal(none.code, 1);
  assert.match(none.text, /^failed {4}3 × cannot connect to localhost:1: connection refused$/m);
});

Deno.test("--output takes each exchange of a load", () =>
  inDirectory(async (directory) => {
    await using backend = new Backend();
    const log = `${directory}/log`;
    const { code, text } = await tcpmon([
      ...["send", `http://${backend.target}/`, "--repeat", "20", "--concurrency", "3"],
      ...["--format", "json", "--output", log],
    ]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(text).succeeded, 20);
    const lines = (await Deno.readTextFile(log)).trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.filter(({ type }) => type === "exchange").length, 20);
  }));

Deno.test("SIGTERM ends a load in order: its summary so far, exit code 130", async () => {
  const third = Promise.withResolvers<void>();
  let count = 0;
  await using backend = new Backend(() => {
    if (++count === 3) third.resolve();
    return ok("x");
  });
  await using program = Program.start([
    "send",
    `http://${backend.target}/`,
    "--repeat",
    "1000",
    "--rate",
    "50",
  ]);
  await third.promise;
  const { code } = await program.stop();
  assert.equal(code, 130);
  assert.match(program.log[0], /^\d+ requests of 1000 \(stopped\) in /);
  assert.ok(program.log.some((line) => /^succeeded [2-9]\d?, failed 0$/.test(line)), program.log.join("\n"));
});
