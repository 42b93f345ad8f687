/** Where the relay listens and connects: IPv4, IPv6, Unix sockets, several at once; and what it says where it cannot. */
import assert from "node:assert/strict";
import { Peer, Server } from "./peers.ts";
import { installed, Program, runProgram } from "./program.ts";
import { curl } from "./tools.ts";

const noCurl = !installed("curl");
const windows = Deno.build.os === "windows";

/** Answers whatever a connection sends first with a body. */
function answering(body: string, listener?: Deno.Listener): Server {
  return new Server(async (peer) => {
    if (await peer.readSome() === null) return;
    await peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
  }, listener);
}

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "tcpmon-sockets-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test({
  name: "IPv6 to IPv6, with the addresses in the log as one writes them",
  ignore: noCurl,
  async fn() {
    await using server = answering("six", Deno.listen({ hostname: "::1", port: 0 }));
    await using program = Program.start(["relay", `[::1]:0=[::1]:${server.port}`, "--format", "json"]);
    const port = await program.port();
    assert.match(program.said[0], new RegExp(`relaying \\[::1\\]:${port} → \\[::1\\]:${server.port}$`));
    assert.equal((await curl(`http://[::1]:${port}/`)).text, "six");
    const [{ listener, client, target }] = await program.records("exchange");
    assert.equal(listener, `[::1]:${port}`);
    assert.match(client, /^\[::1\]:\d+$/);
    assert.equal(target, `[::1]:${server.port}`);
  },
});

Deno.test({
  name: "several relays at once, each to its own target, IPv4 to IPv6 and back",
  ignore: noCurl,
  async fn() {
    await using four = answering("four");
    await using six = answering("six", Deno.listen({ hostname: "::1", port: 0 }));
    await using program = Program.start([
      "relay",
      `0=[::1]:${six.port}`,
      `[::1]:0=${four.target}`,
      `127.0.0.1:0=localhost:${four.port}`,
      "--format",
      "json",
    ]);
    const [a, b, c] = await program.ports(3);
    assert.equal((await curl(`http://127.0.0.1:${a}/`)).text, "six");
    assert.equal((await curl(`http://[::1]:${b}/`)).text, "four");
    assert.equal((await curl(`http://127.0.0.1:${c}/`)).text, "four");
    const records = await program.records("exchange", 3);
    assert.deepEqual(records.map(({ id, connection }) => [id, connection]), [[1, 1], [2, 2], [3, 3]]);
    assert.deepEqual(
      records.map(({ listener, target }) => [listener, target]),
      [
        [`127.0.0.1:${a}`, `[::1]:${six.port}`],
        [`[::1]:${b}`, four.target],
        [`127.0.0.1:${c}`, `localhost:${four.port}`],
      ],
    );
  },
});

Deno.test({
  name: "Unix sockets on both sides, and the socket file goes at the end",
  ignore: noCurl || windows,
  async fn() {
    await using temporary = await folder();
    const [front, back] = [`${temporary.path}/front.sock`, `${temporary.path}/back.sock`];
    await using _server = answering("unix", Deno.listen({ transport: "unix", path: back }));
    await using program = Program.start(["relay", `unix:${front}=unix:${back}`, "--format", "json"]);
    await program.says(/relaying/);
    assert.match(program.said[0], new RegExp(`relaying unix:${front} → unix:${back}$`));
    assert.equal((await curl("--unix-socket", front, "http://any.example/a")).text, "unix");
    const [exchange] = await program.records("exchange");
    assert.equal(exchange.listener, `unix:${front}`);
    assert.equal(exchange.target, `unix:${back}`);
    assert.deepEqual(exchange.request.headers[0], ["Host", "any.example"]);
    assert.equal((await program.stop()).code, 0);
    await assert.rejects(Deno.lstat(front), Deno.errors.NotFound);
  },
});

Deno.test({
  name: "a Unix socket that a dead process left behind is taken over; one in use is not",
  ignore: windows,
  async fn() {
    await using temporary = await folder();
    const path = `${temporary.path}/a.sock`;
    await using server = answering("over");
    // Killed: it cannot tidy up.
    await using dead = Program.start(["relay", `unix:${path}=${server.target}`]);
    await dead.says(/relaying/);
    dead.signal("SIGKILL");
    await dead.ended();
    assert.ok((await Deno.lstat(path)).isSocket);

    await using program = Program.start(["relay", `unix:${path}=${server.target}`, "--format", "short"]);
    await program.says(/relaying/);
    const second = await runProgram(["relay", `unix:${path}=${server.target}`]);
    assert.deepEqual([second.code, second.stdout], [1, ""]);
    assert.equal(second.stderr, `tcpmon: cannot listen on unix:${path}: address already in use`);

    using client = await Peer.connect({ transport: "unix", path });
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(await client.textToEnd(), /over$/);
  },
});

Deno.test({
  name: "a file that is no socket is never removed",
  ignore: windows,
  async fn() {
    await using temporary = await folder();
    const path = `${temporary.path}/precious`;
    await Deno.writeTextFile(path, "data");
    const { code, stderr } = await runProgram(["relay", `unix:${path}=127.0.0.1:9`]);
    assert.equal(code, 1);
    assert.equal(stderr, `tcpmon: cannot listen on unix:${path}: address already in use`);
    assert.equal(await Deno.readTextFile(path), "data");
  },
});

Deno.test("a port in use: one line, exit 1, and relays that could listen are closed again", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stdout, stderr } = await runProgram([
    "relay",
    "0=127.0.0.1:9",
    `${taken.addr.port}=127.0.0.1:9`,
  ]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(stderr, `tcpmon: cannot listen on 127.0.0.1:${taken.addr.port}: address already in use`);
});

Deno.test("listening beyond this machine is said", async () => {
  await using program = Program.start(["relay", "0.0.0.0:0=127.0.0.1:9"]);
  await program.says(/0\.0\.0\.0:\d+ can be reached from other machines/);
});

Deno.test({
  name: "TCPMon's three arguments relay to a host and a port",
  ignore: noCurl,
  async fn() {
    await using server = answering("three");
    await using program = Program.start(["0", "localhost", String(server.port), "--format", "short"]);
    const port = await program.port();
    assert.equal((await curl(`http://127.0.0.1:${port}/x`)).text, "three");
    const [, line] = await program.logs((lines) => lines.length > 1);
    assert.match(line, /^#1 [\d:.]+ 127\.0\.0\.1:\d+ → localhost:\d+ GET \/x 200 OK [\d.]+ ms ↑0 B ↓5 B/);
  },
});
