/** Targets that cannot be reached, and connections that are given up: the client sees the end, the log says why. */
import assert from "node:assert/strict";
import { Peer, Target } from "./peers.ts";
import { freePort } from "./nginx.ts";
import { type LogRecord, Program, runProgram, within } from "./program.ts";
import { eventually, LINUX } from "./tools.ts";

const REQUEST = "POST /lost HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

/** Sends a request that cannot be answered, and gives the records of its exchange and its connection. */
async function fail(program: Program, port: number): Promise<[LogRecord, LogRecord]> {
  using client = await Peer.connect(port);
  await client.send(REQUEST);
  await client.over();
  return [(await program.records("exchange"))[0], (await program.records("connection"))[0]];
}

/** Another name of 127.0.0.1 that this machine knows; `undefined`: none. */
const ALIAS = aliasOfLoopback();

function aliasOfLoopback(): string | undefined {
  if (!LINUX) return undefined;
  const lines = Deno.readTextFileSync("/etc/hosts").split("\n").map((line) =>
    line.split("#")[0].split(/\s+/)
  );
  const names = lines.flatMap(([address, ...names]) => address === "127.0.0.1" ? names : []);
  return names.find((name) => name !== "" && !/(?:^|\.)localhost$/.test(name));
}

Deno.test("a target that refuses: connect-failed, with the request; the client's connection is closed", async () => {
  const port = freePort();
  await using program = Program.start(["relay", `0=127.0.0.1:${port}`, "--format", "json"]);
  const [exchange, closed] = await fail(program, await program.port());
  assert.equal(exchange.outcome, "connect-failed");
  assert.equal(exchange.error, `cannot connect to 127.0.0.1:${port}: connection refused`);
  assert.deepEqual([exchange.request.target, exchange.request.body], ["/lost", { bytes: 5, text: "hello" }]);
  assert.equal(exchange.response, undefined);
  assert.deepEqual([closed.event, closed.end, closed.error], ["closed", "connect-failed", exchange.error]);
  // It goes on, and reaches the target once it is there.
  await using target = new Target(Deno.listen({ hostname: "127.0.0.1", port }));
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await client.send("there you are\n");
  assert.equal(await server.readUntil("\n"), "there you are\n");
});

Deno.test("a target that refuses a client who says nothing: the connection is closed and recorded", async () => {
  await using program = Program.start(["relay", `0=127.0.0.1:${freePort()}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  await client.over();
  const [closed] = await program.records("connection");
  assert.deepEqual([closed.end, closed.up, closed.exchanges], ["connect-failed", 0, 0]);
  assert.deepEqual(await program.records("exchange", 0), []);
});

Deno.test("a target's socket file that is missing: connect-failed", async () => {
  await using program = Program.start(["relay", "0=unix:/nonexistent/a.sock", "--format", "json"]);
  const [exchange] = await fail(program, await program.port());
  assert.equal(exchange.error, "cannot connect to unix:/nonexistent/a.sock: no such file or directory");
});

/** A port on which the kernel answers no further connection: a listener whose queue is full. */
function deafPort(): { port: number } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
}

/** Connects until the kernel no longer answers. */
async function fill(port: number): Promise<Disposable> {
  const held: Deno.Conn[] = [];
  for (;;) {
    const late = AbortSignal.timeout(300);
    try {
      held.push(await Deno.connect({ hostname: "127.0.0.1", port, signal: late }));
    } catch (error) {
      if (late.aborted) break;
      throw error;
    }
  }
  return { [Symbol.dispose]: () => held.forEach((conn) => conn.close()) };
}

/** How many connections to a port wait for its answer, of which the kernel tells as `SYN_SENT`. */
function dialling(port: number): number {
  const peer = `:${port.toString(16).toUpperCase().padStart(4, "0")} 02 `;
  return Deno.readTextFileSync("/proc/net/tcp").split(peer).length - 1;
}

Deno.test({
  name: "a target that never answers: given up after --connect-timeout, with the request",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using deaf = deafPort();
    using _held = await fill(deaf.port);
    await using program = Program.start([
      "relay",
      `0=127.0.0.1:${deaf.port}`,
      "--format",
      "json",
      "--connect-timeout",
      "300ms",
    ]);
    const [exchange, closed] = await fail(program, await program.port());
    assert.equal(exchange.outcome, "connect-failed");
    assert.equal(exchange.error, `cannot connect to 127.0.0.1:${deaf.port}: no answer within 300 ms`);
    assert.equal(exchange.request.body.text, "hello");
    assert.equal(closed.end, "connect-failed");
    assert.ok(closed.ms.total >= 300 && closed.ms.total < 5_000, closed.ms.total);
  },
});

Deno.test({
  name: "a target that never answers, until the program stops: what its client had asked for is recorded",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using deaf = deafPort();
    using _held = await fill(deaf.port);
    const args = ["relay", `0=127.0.0.1:${deaf.port}`, "--format", "json", "--drain", "100ms"];
    await using program = Program.start(args);
    const port = await program.port();
    const left = await Peer.connect(port);
    await left.send(REQUEST);
    left.close();
    using waits = await Peer.connect(port);
    await waits.send(REQUEST);
    using _silent = await Peer.connect(port);
    await eventually(() => dialling(deaf.port) >= 3, "not all of them are being relayed");
    assert.equal((await program.stop()).code, 0);
    const exchanges = await program.records("exchange", 2);
    for (const { outcome, error, request } of exchanges) {
      assert.deepEqual([request.target, request.body.text, outcome], ["/lost", "hello", "connect-failed"]);
      assert.equal(error, `stopped while connecting to 127.0.0.1:${deaf.port}`);
    }
    const closed = await program.records("connection");
    assert.deepEqual(closed.map(({ end }) => end), ["stopped", "stopped", "stopped"]);
    assert.deepEqual(closed.map(({ exchanges }) => exchanges).sort(), [0, 1, 1]);
  },
});

Deno.test("a relay into itself, or into another relay of the same program, is refused at the start", async () => {
  const port = freePort();
  const into = ["127.0.0.1", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"];
  for (const host of into) {
    for (const relays of [[`${port}=${host}:${port}`], [`${port}=127.0.0.1:9`, `0=${host}:${port}`]]) {
      const { code, stderr, stdout } = await runProgram(["relay", ...relays]);
      assert.equal(
        stderr,
        `tcpmon: cannot relay to ${host}:${port}: found a listener of this tcpmon itself (127.0.0.1:${port}), ` +
          "wanted another target",
      );
      assert.deepEqual([code, stdout], [1, ""]);
    }
  }
});

Deno.test({
  name: "a relay into itself that its text does not show is refused, and does not go round and round",
  ignore: ALIAS === undefined,
  async fn() {
    const port = freePort();
    await using program = Program.start(["relay", `${port}=${ALIAS}:${port}`, "--format", "json"]);
    await program.port();
    for (let i = 0; i < 20; i++) {
      const [exchange] = await fail(program, port);
      assert.equal(exchange.outcome, "connect-failed");
      assert.match(
        exchange.error,
        /^cannot connect to \S+:\d+: the target is a listener of this tcpmon itself$/,
      );
    }
    // It may have connected to itself a few times before it knew, but that comes to an end.
    let before = 0;
    let quiet = 0;
    await eventually(() => {
      quiet = program.log.length === before ? quiet + 1 : 0;
      before = program.log.length;
      return quiet >= 20;
    }, "it goes round and round");
  },
});

Deno.test({
  name: "a relay into another relay of the same program that its text does not show is refused",
  ignore: ALIAS === undefined,
  async fn() {
    const port = freePort();
    await using target = new Target();
    await using program = Program.start([
      "relay",
      `${port}=${target.target}`,
      `0=${ALIAS}:${port}`,
      "--format",
      "json",
    ]);
    const [, other] = await program.ports(2);
    const [exchange] = await fail(program, other);
    assert.match(
      exchange.error,
      /^cannot connect to \S+:\d+: the target is a listener of this tcpmon itself$/,
    );
  },
});

Deno.test("a relay into itself is refused at the start, however its address is written", async () => {
  for (const host of ["127.1", "0.0.0.0", "2130706433"]) {
    const port = freePort();
    const { code, stderr } = await runProgram(["relay", `${port}=${host}:${port}`]);
    assert.equal(code, 1, host);
    assert.match(stderr, /^tcpmon: cannot relay to \S+: found a listener of this tcpmon itself \([^\n]*$/);
  }
});

Deno.test("--idle-timeout closes a connection on which nothing passes, and no other", async () => {
  await using target = new Target();
  await using program = Program.start([
    "relay",
    `0=${target.target}`,
    "--format",
    "json",
    "--idle-timeout",
    "400ms",
  ]);
  const port = await program.port();
  using idle = await Peer.connect(port);
  const idleServer = await target.accept();
  using busy = await Peer.connect(port);
  const busyServer = await target.accept();
  await idle.send("GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n");
  let over = false;
  const ended = Promise.all([idle.over(), idleServer.over()]).then(() => over = true);
  const exchanged = async () => {
    await busy.send("tick\n");
    assert.equal(await busyServer.readUntil("\n"), "tick\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  while (!over) await exchanged();
  await exchanged();
  await within(ended, "the idle connection was not closed");
  const [exchange] = await program.records("exchange");
  assert.deepEqual([exchange.outcome, exchange.request.target], ["no-response", "/hangs"]);
  assert.equal(exchange.error, "nothing passed for as long as --idle-timeout allows");
  const closed = (await program.records("connection", 3)).find(({ event }) => event === "closed");
  assert.deepEqual([closed.connection, closed.end], [1, "idle-timeout"]);
  assert.ok(closed.ms.total >= 400);
});

Deno.test("a host name that does not resolve is said at the start; it ends, unless that may pass", async () => {
  await using program = Program.start(["relay", "0=no-such-host.invalid:80"]);
  const line = await program.says(/^tcpmon: cannot relay to no-such-host\.invalid:80: /);
  // Where no name server answers, it may be another time.
  if (line.includes("going on")) return;
  assert.match(line, /: host name does not resolve$/);
  assert.equal((await program.ended()).code, 1);
});
