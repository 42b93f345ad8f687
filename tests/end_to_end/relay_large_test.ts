/** Large transfers and slow readers: everything arrives, and memory stays bounded. */
import assert from "node:assert/strict";
import { random, randomBytes } from "./capture.ts";
import { Peer, Server, Target } from "./peers.ts";
import { Program, within } from "./program.ts";
import { eventually, LINUX, peakMemory } from "./tools.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** What the program may use beyond what it needed when idle. */
const MEMORY_MARGIN_BYTES = 40 * MIB;
/** What the kernel may buffer on the way when nobody reads: send and receive buffers of two connections. */
const KERNEL_BUFFERS_BYTES = 64 * MIB;

/** A prime, so that the pattern falls on every place of every buffer. */
const PATTERN_BYTES = 65_521;
const pattern = randomBytes(PATTERN_BYTES, random(7));
const pattern2 = new Uint8Array(2 * PATTERN_BYTES + MIB);
for (let at = 0; at < pattern2.length; at += PATTERN_BYTES) {
  pattern2.set(pattern.subarray(0, pattern2.length - at), at);
}

/** Sends the pattern up to a total, and tells how far it is. */
async function sendPattern(peer: Peer, total: number, sent: { bytes: number }): Promise<void> {
  while (sent.bytes < total) {
    const at = sent.bytes % PATTERN_BYTES;
    sent.bytes += await peer.conn.write(pattern2.subarray(at, at + Math.min(MIB, total - sent.bytes)));
  }
}

/** Reads the pattern up to the end, and compares every byte of some reads, and the edges of all others. */
async function readPattern(peer: Peer): Promise<number> {
  const buffer = new Uint8Array(256 * 1024);
  let total = 0;
  for (let count = 0;; count++) {
    const read = await within(peer.conn.read(buffer), "nothing came");
    if (read === null) return total;
    const expected = pattern2.subarray(total % PATTERN_BYTES);
    const step = count % 64 === 0 ? 1 : Math.max(1, read - 1);
    for (let i = 0; i < read; i += step) {
      if (buffer[i] !== expected[i]) assert.fail(`byte ${total + i} is ${buffer[i]}, wanted ${expected[i]}`);
    }
    total += read;
  }
}

Deno.test({
  name: "a response of 1 GiB comes through whole, is counted whole, and costs little memory",
  ignore: !LINUX,
  async fn() {
    await using server = new Server(async (peer) => {
      await peer.readHead();
      await peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${GIB}\r\nConnection: close\r\n\r\n`);
      await sendPattern(peer, GIB, { bytes: 0 });
    });
    await using program = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
    const port = await program.port();
    const idle = await peakMemory(program.pid);
    using client = await Peer.connect(port);
    await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${GIB}\r\nConnection: close\r\n\r\n`;
    const start = new Uint8Array(head.length);
    for (let at = 0; at < start.length;) at += (await client.conn.read(start.subarray(at)))!;
    assert.equal(new TextDecoder().decode(start), head);
    assert.equal(await readPattern(client), GIB);
    const [{ response, outcome }] = await program.records("exchange");
    assert.deepEqual([outcome, response.body.bytes, response.body.truncated], ["complete", GIB, true]);
    const grown = await peakMemory(program.pid) - idle;
    assert.ok(grown < MEMORY_MARGIN_BYTES, `${(grown / MIB).toFixed(1)} MiB more than when idle`);
  },
});

Deno.test({
  name: "256 MiB both ways that are not HTTP come through while the log is not kept",
  async fn() {
    const total = 256 * MIB;
    await using target = new Target();
    await using program = Program.start(["relay", `0=${target.target}`, "--format", "none"]);
    using client = await Peer.connect(await program.port());
    const server = await target.accept();
    const [, , up, down] = await Promise.all([
      sendPattern(client, total, { bytes: 0 }).then(() => client.end()),
      sendPattern(server, total, { bytes: 0 }).then(() => server.end()),
      readPattern(server),
      readPattern(client),
    ]);
    assert.deepEqual([up, down], [total, total]);
  },
});

for (const direction of ["down", "up"] as const) {
  Deno.test({
    name: `a reader that stalls stops the sender (${direction}), and nobody else; then everything arrives`,
    ignore: !LINUX,
    async fn() {
      const total = 160 * MIB;
      await using target = new Target();
      await using program = Program.start([
        "relay",
        `0=${target.target}`,
        "--format",
        "json",
        "--max-body",
        "1k",
      ]);
      const port = await program.port();
      using client = await Peer.connect(port);
      const server = await target.accept();
      const idle = await peakMemory(program.pid);
      const [sender, reader] = direction === "down" ? [server, client] : [client, server];
      if (direction === "down") {
        await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await server.readHead();
        await server.send(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n`);
        await client.readHead();
      } else {
        await client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
        await server.readHead();
      }
      const sent = { bytes: 0 };
      const sending = sendPattern(sender, total, sent).then(() => sender.end());

      let before = -1;
      let quiet = 0;
      await eventually(() => {
        quiet = sent.bytes === before && before > 0 ? quiet + 1 : 0;
        before = sent.bytes;
        return quiet >= 20;
      }, "the sender did not stall");
      assert.ok(sent.bytes < KERNEL_BUFFERS_BYTES, `${sent.bytes / MIB} MiB were taken without a reader`);
      const grown = await peakMemory(program.pid) - idle;
      assert.ok(grown < MEMORY_MARGIN_BYTES, `${(grown / MIB).toFixed(1)} MiB more than when idle`);

      // Meanwhile another connection is served.
      using other = await Peer.connect(port);
      const otherServer = await target.accept();
      await other.send("ping\n");
      assert.equal(await otherServer.readUntil("\n"), "ping\n");

      const [, read] = await Promise.all([sending, readPattern(reader)]);
      assert.equal(read, total);
      client.close();
      server.close();
      const [{ request, response }] = await program.records("exchange");
      assert.equal((direction === "down" ? response : request).body.bytes, total);
    },
  });
}
