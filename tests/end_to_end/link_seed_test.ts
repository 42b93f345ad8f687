/** Chance on a link through the whole program: as often as asked, and the same again for the same seed. */
import assert from "node:assert/strict";
import { answer, get, portOf, PROXY, runLink, textOf } from "./link_run.ts";
import { Peer, Server } from "./peers.ts";
import { type LogRecord, parseRecord, Program } from "./program.ts";

const RUNS = 1_000;
/** Of a count by chance, this many standard deviations off are once in 100,000 tests; with a fixed seed, never again. */
const DEVIATIONS = 4.4;

/** Checks that so many of {@link RUNS} are what a chance of `percent` gives. */
function assertRate(count: number, percent: number, what: string): void {
  const mean = RUNS * percent / 100;
  const off = DEVIATIONS * Math.sqrt(mean * (1 - percent / 100));
  assert.ok(
    Math.abs(count - mean) <= off,
    `${what}: ${count} of ${RUNS}, wanted ${mean} ± ${off.toFixed(1)}`,
  );
}

/** One connection after the other: a byte there, one back. @returns Whether it came back, for each. */
async function ping(port: number, count: number): Promise<boolean[]> {
  const buffer = new Uint8Array(1);
  const passed: boolean[] = [];
  for (let i = 0; i < count; i++) {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    try {
      await conn.write(buffer);
      passed.push(await conn.read(buffer) !== null);
    } catch {
      passed.push(false);
    }
  }
  return passed;
}

Deno.test("of 1,000 connections as many meet each fault as was asked, and the records say which", async () => {
  await using server = new Server(async (peer) => {
    for (let part = await peer.readSome(); part !== null; part = await peer.readSome()) await peer.send(part);
  });
  await using program = Program.start([
    ...["relay", `0=${server.target}`, "--format", "json", "--seed", "20"],
    ...["--fault", "refuse@5%,up:reset@10%,down:cut-after=0@20%"],
  ]);
  const passed = await ping(await program.port(), RUNS);
  assert.equal((await program.stop()).code, 0);
  const closed = program.log.map(parseRecord).filter(({ event }) => event === "closed");
  assert.equal(closed.length, RUNS);
  const faultsOf = new Map<number, string[]>(closed.map(({ connection, faults }) => [
    connection,
    (faults ?? []).map(({ fault, direction }: LogRecord) =>
      direction === undefined ? fault : `${direction}:${fault}`
    ),
  ]));
  const count = (fault: string) => [...faultsOf.values()].filter((faults) => faults.includes(fault)).length;
  assertRate(count("refuse"), 5, "refuse");
  assertRate(count("up:reset"), 0.95 * 10, "reset");
  assertRate(count("down:cut-after"), 0.95 * 0.9 * 20, "cut-after");
  passed.forEach((came, i) => assert.equal(came, faultsOf.get(i + 1)?.length === 0, `connection ${i + 1}`));
});

for (const proxied of [false, true]) {
  const where = proxied ? "a proxy" : "a relay";
  Deno.test(`of 1,000 requests through ${where} as many are answered by a fault as was asked`, async () => {
    const options = ["--fault", "status=503@5%,status=429@20%", "--seed", "9"];
    const through = () =>
      runLink(options, (target) => get("/3", proxied ? target : "").repeat(RUNS), {
        serve: answer,
        ...(proxied ? { args: PROXY } : {}),
      });
    const run = await through();
    const statuses = [...textOf(run.toClient).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    assert.equal(statuses.length, RUNS);
    const count = (status: string) => statuses.filter((found) => found === status).length;
    assertRate(count("503"), 5, "503");
    assertRate(count("429"), 0.95 * 20, "429");
    assert.deepEqual(run.exchanges.map(({ response }) => String(response.status)), statuses);
    const noted = run.exchanges.filter(({ faults }) => faults !== undefined).length;
    assert.equal(noted, count("503") + count("429"));
    if (proxied) return;
    const again = await through();
    assert.deepEqual(again.exchanges.map(timeless), run.exchanges.map(timeless));
  });
}

/** A record without what differs from run to run though the same happened: times, ports. */
function timeless(record: LogRecord): unknown {
  const { time: _time, ms: _ms, client: _client, listener: _listener, target: _target, ...same } = record;
  return same;
}

/** The log of some connections, one after the other, with a request each. */
async function logWith(seed: number): Promise<unknown[]> {
  await using server = new Server((peer) => answer(peer, []));
  const faults = "refuse@10%,reset@10%,corrupt@5%,slicer=40/20@30%,down:limit-data=60@10%," +
    "up:cut-after=30@10%,timeout=5ms@5%,slow-close=2ms@10%";
  await using program = Program.start([
    ...["relay", `0=${server.target}`],
    ...["--format", "json", "--fault", faults, "--jitter", "1ms", "--drop-bytes", "down:1/500"],
    ...["--seed", String(seed)],
  ]);
  const port = await portOf(program);
  for (let i = 1; i <= 60; i++) {
    using client = await Peer.connect(port);
    // The client ends after the target only: which of two sides is first is not the link's to repeat.
    await client.send(get("/900/close")).catch(() => {});
    await client.over();
    client.close();
    // Records of one connection stand before those of the next.
    await program.logs((lines) => lines.filter((line) => line.includes('"event":"closed"')).length === i);
  }
  assert.equal((await program.stop()).code, 0);
  return program.log.map((line) => timeless(parseRecord(line)));
}

Deno.test("the same seed gives the same log again, but for times and ports; another seed another log", async () => {
  const [first, again, other] = await Promise.all([3, 3, 4].map((seed) => logWith(seed)));
  assert.deepEqual(again, first);
  assert.notDeepEqual(other, first);
});
