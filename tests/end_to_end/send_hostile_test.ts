/** `tcpmon send` against targets that misbehave, and with an output that takes nothing. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type Peer, Server } from "./peers.ts";
import { installed, Program, within } from "./program.ts";
import { Backend, ok, tcpmon } from "./sending.ts";
import { CAN_RESET, ResettingPeer } from "./resetting_peer.ts";
import { LINUX, peakMemory } from "./tools.ts";

const encoder = new TextEncoder();

/** A target that reads the head of a request and then does something. */
function target(act: (peer: Peer) => Promise<unknown>): Server {
  return new Server(async (peer) => {
    await peer.readHead();
    await act(peer);
  });
}

/** Answers so, and reads until tcpmon has gone. */
function says(bytes: string | Uint8Array): (peer: Peer) => Promise<unknown> {
  return async (peer) => {
    await peer.send(bytes);
    await peer.over();
  };
}

/** Sends without end. */
function floods(first: string, again: Uint8Array): (peer: Peer) => Promise<unknown> {
  return async (peer) => {
    await peer.send(first);
    for (;;) await peer.send(again);
  };
}

const CASES: readonly (readonly [string, (peer: Peer) => Promise<unknown>, RegExp])[] = [
  ["closes at once", () => Promise.resolve(), /no answer from \S+: it ended the connection/],
  ["is silent", (peer) => peer.over(), /no answer from \S+: no complete answer within 500 ms/],
  ["is no HTTP", says("SSH-2.0-OpenSSH_9.0\r\n"), /no answer from \S+: what it sent is not HTTP/],
  ["sends rubbish", says(new Uint8Array([0, 255, 27, 13, 10, 13, 10])), /what it sent is not HTTP/],
  ["has no such status", says("HTTP/1.1 99999 OK\r\n\r\n"), /what it sent is not HTTP/],
  [
    "stops inside its head",
    async (peer) => await peer.send("HTTP/1.1 200 OK\r\nConte"),
    /ended inside its head/,
  ],
  [
    "stops inside its body",
    async (peer) => await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly"),
    /no complete answer from \S+: the response ended after 4 bytes of its body/,
  ],
  [
    "stops inside a chunk",
    async (peer) => await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
    /no complete answer from \S+: the response ended after 3 bytes/,
  ],
  [
    "sends no chunks",
    says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhel\r\n"),
    /no complete answer from \S+: what it sent is not HTTP/,
  ],
  [
    "has a head without end",
    floods("HTTP/1.1 200 OK\r\n", encoder.encode(`X-A: ${"a".repeat(65_000)}\r\n`)),
    /no answer/,
  ],
  ["has a line without end", floods("HTTP", new Uint8Array(65_536).fill(97)), /no answer/],
  [
    "sends interim responses without end",
    floods("", encoder.encode("HTTP/1.1 100 Continue\r\n\r\n".repeat(1000))),
    /no (complete )?answer from \S+: no complete answer within 500 ms/,
  ],
  [
    "sends a body without end",
    floods("HTTP/1.1 200 OK\r\n\r\n", new Uint8Array(1 << 20)),
    /no complete answer from \S+: no complete answer within 500 ms/,
  ],
];

for (const [what, act, said] of CASES) {
  Deno.test(`a target that ${what} is one line on stderr and exit code 1, in time and in little memory`, async () => {
    await using server = target(act);
    const startedAt = performance.now();
    const { code, text, stderr } = await tcpmon([
      ...["send", `http://${server.target}/`, "--timeout", "500ms", "--max-body", "1k"],
    ]);
    const ms = performance.now() - startedAt;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^tcpmon: [^\n]*\n$/);
    assert.match(stderr, said);
    assert.match(text, /^#1 .* GET \/ /m, "what there was is shown");
    assert.ok(ms < 6_000, `took ${ms} ms`);
  });
}

Deno.test({
  name: "a target that resets the connection is told, exit code 1",
  ignore: !CAN_RESET,
  async fn() {
    const { peer, port } = await ResettingPeer.listen();
    await using _ = peer;
    const sending = tcpmon(["send", `http://127.0.0.1:${port}/`, "--format", "none"]);
    await peer.accept();
    await peer.read();
    await peer.reset();
    const { code, stderr } = await sending;
    assert.equal(code, 1);
    assert.match(stderr, /^tcpmon: no answer from \S+: the target: connection reset by peer\n$/);
  },
});

Deno.test("an odd answer that can be read is an answer, and its oddities are flagged", async () => {
  const rows: readonly (readonly [string, string])[] = [
    ["HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "bare-lf"],
    [
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      "bytes-after-end",
    ],
    ["HTTP/1.1 200 \x1b]0;pwn\x07\r\nX-A: \x1b[31mred\r\nContent-Length: 2\r\n\r\nhi", "control-in-field"],
  ];
  for (const [bytes, flag] of rows) {
    await using server = target(says(bytes));
    const { code, text } = await tcpmon(["send", `http://${server.target}/`]);
    assert.equal(code, 0);
    assert.ok(text.includes(flag), text);
    assert.ok(!text.includes("\x1b"), "what steers a terminal is escaped");
  }
});

Deno.test("a target that answers before it has read the request has answered", async () => {
  await using server = target(async (peer) => {
    await peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    await peer.end();
    await peer.over();
  });
  const { code, text, stderr } = await tcpmon(
    ["send", `http://${server.target}/`, "-d", "-", "--format", "short", "--expect-status", "413"],
    { stdin: new Uint8Array(30_000_000) },
  );
  assert.equal(code, 0, stderr);
  assert.match(text, / 413 Too Large /);
});

Deno.test({
  name: "a body of 1 GB, or of 300 MB unpacked, takes little memory",
  ignore: !LINUX,
  async fn() {
    const size = 1 << 30;
    await using large = target(async (peer) => {
      await peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const part = new Uint8Array(1 << 20);
      for (let sent = 0; sent < size; sent += part.length) await peer.send(part);
      await peer.over();
    });
    await using bomb = new Backend(() => ok(gzipSync(new Uint8Array(300_000_000)), "Content-Encoding: gzip"));
    for (const url of [`http://${large.target}/`, `http://${bomb.target}/`]) {
      await using program = Program.start(["send", url, "--format", "short"]);
      let peak = 0;
      const watch = setInterval(() => peakMemory(program.pid).then((bytes) => peak = bytes, () => {}), 5);
      const { code } = await program.ended();
      clearInterval(watch);
      assert.equal(code, 0, program.said.join("\n"));
      assert.ok(peak > 0 && peak < 300e6, `${peak} bytes`);
    }
  },
});

Deno.test("Ctrl-C ends a request that gets no answer, with exit code 130", async () => {
  const here = Promise.withResolvers<void>();
  await using server = target(async (peer) => {
    here.resolve();
    await peer.over();
  });
  await using program = Program.start([
    "send",
    `http://${server.target}/`,
    "--format",
    "json",
    "--timeout",
    "0",
  ]);
  await within(here.promise, "nothing came");
  program.signal("SIGINT");
  assert.equal((await program.ended()).code, 130);
  const [exchange] = await program.records("exchange");
  assert.equal(exchange.outcome, "no-response");
});

Deno.test({
  name: "a full disk behind stdout ends the program in time with exit code 1 and a line that says so",
  ignore: !LINUX,
  async fn() {
    await using backend = new Backend();
    const url = `http://${backend.target}/`;
    for (const args of [[url], [url, "--repeat", "3"], [url, "--offline"], [url, "--curl"]]) {
      const { code, stderr } = await tcpmon(["send", ...args], { shell: `"$@" > /dev/full` });
      assert.equal(code, 1, `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, /^tcpmon: cannot write to stdout: no space left on device/);
      assert.doesNotMatch(stderr, /please report/);
    }
  },
});

Deno.test({
  name: "a reader that has seen enough is no failure",
  ignore: !installed("head"),
  async fn() {
    await using backend = new Backend(() => ok("line\n".repeat(100_000)));
    const { text, stderr } = await tcpmon(["send", `http://${backend.target}/`], {
      shell: `{ "$@"; echo "exit $?" >&2; } | head -n 3`,
    });
    assert.equal(text.split("\n").length, 4);
    assert.equal(stderr, "exit 0\n");
  },
});
