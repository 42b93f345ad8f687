/** Stopping: SIGINT, SIGTERM and SIGHUP let exchanges finish, for as long as --drain says, and the log is complete. */
import assert from "node:assert/strict";
import { answering, ask, inDirectory, message } from "./log_of.ts";
import { concat, Peer, Server, Target } from "./peers.ts";
import { COMMAND, installed, Program } from "./program.ts";
import { eventually } from "./tools.ts";

const REQUEST = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** Nobody accepts on the port any more. */
async function refused(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return false;
  } catch (error) {
    assert.ok(error instanceof Deno.errors.ConnectionRefused);
    return true;
  }
}

// Without a file SIGHUP, which ends sessions of ssh, is one more of them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal}: accepts no more at once, finishes the exchange in flight, writes the log, exit 0`, async () => {
    await using target = new Target();
    await using program = Program.start([
      "relay",
      `0=${target.target}`,
      "--format",
      "json",
      "--drain",
      "20s",
    ]);
    const port = await program.port();
    using client = await Peer.connect(port);
    const server = await target.accept();
    await client.send(REQUEST);
    await server.readHead();
    program.signal(signal);
    await eventually(() => refused(port), "it still accepts");
    await server.send(OK);
    assert.equal(await client.readUntil("hello"), OK);
    // Its exchange is over: it is closed at once.
    assert.equal(await client.readSome(), null);
    const started = performance.now();
    assert.equal((await program.ended()).code, 0);
    assert.ok(performance.now() - started < 5_000);
    const [exchange] = await program.records("exchange");
    assert.deepEqual([exchange.outcome, exchange.response.body.text], ["complete", "hello"]);
    const closed = (await program.records("connection")).find(({ connection, event }) =>
      connection === exchange.connection && event === "closed"
    );
    assert.equal(closed.end, "stopped");
  });
}

Deno.test("idle keep-alive connections, and those that never said anything, are closed at once", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json", "--drain", "30s"]);
  const port = await program.port();
  using keepAlive = await Peer.connect(port);
  const server = await target.accept();
  await keepAlive.send(REQUEST);
  await server.readHead();
  await server.send(OK);
  await keepAlive.readUntil("hello");
  using silent = await Peer.connect(port);
  await target.accept();
  await program.records("connection", 2);
  const started = performance.now();
  program.signal("SIGTERM");
  assert.deepEqual([await keepAlive.readSome(), await silent.readSome()], [null, null]);
  assert.equal((await program.ended()).code, 0);
  assert.ok(performance.now() - started < 5_000);
});

Deno.test("an exchange that does not finish is cut after --drain, and recorded", async () => {
  await using target = new Target();
  await using program = Program.start([
    "relay",
    `0=${target.target}`,
    "--format",
    "json",
    "--drain",
    "300ms",
  ]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await client.send(REQUEST);
  await server.readHead();
  await server.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf");
  await client.readUntil("half");
  const started = performance.now();
  program.signal("SIGTERM");
  await client.over();
  assert.equal((await program.ended()).code, 0);
  const took = performance.now() - started;
  assert.ok(took >= 290 && took < 5_000, `${took} ms`);
  const [exchange] = await program.records("exchange");
  assert.deepEqual([exchange.outcome, exchange.response.body.text], ["response-cut", "half"]);
  assert.equal(exchange.error, "the response ended after 4 bytes of its body: its listener was stopped");
  const [, closed] = await program.records("connection", 2);
  assert.equal(closed.end, "stopped");
});

Deno.test("a response whose last bytes the client has not taken yet is not cut by stopping", async () => {
  // Somewhere between these, the last piece of it waits in the relay.
  for (const mebibytes of [3, 3.5, 3.9, 4.1, 4.3, 4.5, 5, 6]) {
    const size = Math.round(mebibytes * 1024 * 1024);
    await using target = new Target();
    await using program = Program.start([
      "relay",
      `0=${target.target}`,
      "--format",
      "json",
      "--max-body",
      "1",
    ]);
    using client = await Peer.connect(await program.port());
    const server = await target.accept();
    await client.send(REQUEST);
    await server.readHead();
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`;
    const response = concat([new TextEncoder().encode(head), new Uint8Array(size)]);
    let sent = 0;
    const sending = (async () => {
      while (sent < response.length) sent += await server.conn.write(response.subarray(sent));
    })();
    let before = -1;
    let quiet = 0;
    await eventually(() => {
      quiet = sent === before && sent > 0 ? quiet + 1 : 0;
      before = sent;
      return quiet >= 10;
    }, "the sender did not come to rest");
    program.signal("SIGTERM");
    assert.equal((await client.readToEnd()).length, response.length);
    await sending;
    assert.equal((await program.ended()).code, 0);
    const [exchange] = await program.records("exchange");
    assert.deepEqual([exchange.outcome, exchange.response.body.bytes], ["complete", size]);
  }
});

Deno.test("a second signal ends the program at once, with 130", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json", "--drain", "60s"]);
  const port = await program.port();
  using client = await Peer.connect(port);
  const server = await target.accept();
  await client.send(REQUEST);
  await server.readHead();
  program.signal("SIGINT");
  await eventually(() => refused(port), "it still accepts");
  program.signal("SIGINT");
  assert.equal((await program.ended()).code, 130);
});

Deno.test("a client that is waiting for the target when the program stops is let go after --drain", async () => {
  await using target = new Target();
  await using program = Program.start([
    "relay",
    `0=${target.target}`,
    "--format",
    "json",
    "--drain",
    "200ms",
  ]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await client.send("a stream that is no HTTP");
  await server.readUntil("HTTP");
  program.signal("SIGTERM");
  await Promise.all([client.over(), server.over()]);
  assert.equal((await program.ended()).code, 0);
  const [data] = await program.records("data");
  assert.equal(data.text, "a stream that is no HTTP");
});

Deno.test("stopping under load: every exchange that a client saw complete stands in the log", async () => {
  await using server = new Server(async (peer) => {
    while (await peer.readSome() !== null) await peer.send(OK);
  });
  await using program = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
  const port = await program.port();
  const seen: string[] = [];
  const clients = Array.from({ length: 20 }, async (_, i) => {
    using client = await Peer.connect(port);
    try {
      for (let n = 0;; n++) {
        await client.send(`GET /${i}/${n} HTTP/1.1\r\nHost: a\r\n\r\n`);
        await client.readUntil("hello");
        seen.push(`/${i}/${n}`);
        if (seen.length === 2000) program.signal("SIGTERM");
      }
    } catch {
      // The connection was closed.
    }
  });
  await Promise.all(clients);
  assert.equal((await program.ended()).code, 0);
  assert.ok(seen.length >= 2000);
  const logged = new Set((await program.records("exchange")).map(({ request }) => request.target));
  assert.deepEqual(seen.filter((path) => !logged.has(path)), []);
  const connections = await program.records("connection");
  assert.equal(connections.filter(({ event }) => event === "opened").length, 20);
  assert.equal(connections.filter(({ event }) => event === "closed").length, 20);
});

Deno.test({
  name:
    "SIGHUP under load: every exchange that a client saw complete stands in the log, and no socket file stays",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDirectory(async (directory) => {
      await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "hi") });
      const socket = `${directory}/s`;
      await using program = Program.start([
        "relay",
        `0=${server.target}`,
        `unix:${socket}=${server.target}`,
        "--format=json",
      ]);
      using client = await Peer.connect(await program.port());
      for (let i = 0; i < 200; i++) await ask(client, message("GET / HTTP/1.1", ["Host: a"]));
      // A terminal that closes may send it twice.
      program.signal("SIGHUP");
      program.signal("SIGHUP");
      assert.equal((await program.ended()).code, 0);
      assert.equal((await program.records("exchange", 200)).length, 200);
      await assert.rejects(Deno.lstat(socket), Deno.errors.NotFound);
    }),
});

Deno.test({
  name: "under nohup SIGHUP stops nothing",
  // `deno run` of 2.9 makes the signal its own half a second after it began.
  ignore: !installed("nohup") || (COMMAND[1] === "run" && !Deno.version.deno.startsWith("2.4.")),
  async fn() {
    await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "hi") });
    await using program = Program.start(["relay", `0=${server.target}`, "--format=json"], {
      shell: 'exec nohup "$@"',
    });
    const port = await program.port();
    program.signal("SIGHUP");
    program.signal("SIGHUP");
    using client = await Peer.connect(port);
    await ask(client, message("GET / HTTP/1.1", ["Host: a"]));
    await program.records("exchange");
    assert.equal((await program.stop()).code, 0);
  },
});
