/** Hostile peers: whatever they do, the program lives, says nothing, gives back what it took and serves the others. */
import assert from "node:assert/strict";
import { joinData, pieceSizes, random, randomBytes, sha256 } from "./capture.ts";
import { concat, crowd, Peer, Server } from "./peers.ts";
import { parseRecord, Program } from "./program.ts";
import { eventually, LINUX, openDescriptors, peakMemory } from "./tools.ts";

const encoder = new TextEncoder();

/** Beginnings of messages in which a hostile peer changes, drops and repeats bytes. */
const SEEDS = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
  "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x01\x05hello\t\0",
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: a\ndata: b\n\ndata",
  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 6\r\n\r\n\x1f\x08\0\0\0\0",
].map((text) => encoder.encode(text));

function garble(next: () => number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let n = 1 + next() % 4; n > 0; n--) {
    if (next() % 8 === 0) {
      parts.push(randomBytes(next() % 500, next));
      continue;
    }
    const bytes = SEEDS[next() % SEEDS.length].slice();
    const at = next() % bytes.length;
    const kind = next() % 5;
    if (kind === 0) bytes[at] = next();
    parts.push(kind === 1 ? bytes.subarray(0, at) : bytes);
    if (kind === 2) parts.push(bytes.subarray(at));
    if (kind === 3) parts.push(encoder.encode("\r\nContent-Length: 99999999999999999999\r\n"));
  }
  return concat(parts);
}

/** Sends garbled messages in pieces, reads or not, and leaves in one of several ways. */
async function misbehave(peer: Peer, next: () => number): Promise<void> {
  try {
    const bytes = garble(next);
    await peer.sendInPieces(
      bytes,
      next() % 2 === 0 ? [bytes.length] : pieceSizes(bytes.length, () => next() % 40),
    );
    if (next() % 2 === 0) await peer.end();
    if (next() % 2 === 0) await peer.conn.read(new Uint8Array(1 + next() % 2000));
  } catch {
    // The other side was faster.
  } finally {
    peer.close();
  }
}

Deno.test("garbled messages from both sides: no crash, no word, no descriptor kept, each connection recorded", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const next = random(seed);
  await using server = new Server((peer) => misbehave(peer, next));
  await using program = Program.start([
    "relay",
    `0=${server.target}`,
    `0=http://${server.target}`,
    "--format",
    "json",
  ]);
  const ports = await program.ports(2);
  const before = LINUX ? await openDescriptors(program.pid) : 0;
  const total = 600;
  let count = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (count++ < total) await misbehave(await Peer.connect(ports[count % 2]), next);
  }));
  if (LINUX) {
    await eventually(
      async () => await openDescriptors(program.pid) <= before,
      `descriptors stayed open, seed ${seed}`,
    );
  }
  assert.equal((await program.stop()).code, 0, `seed ${seed}`);
  assert.equal(program.said.length, 2, `seed ${seed}: ${program.said.join("\n")}`);
  const connections = program.log.map(parseRecord).filter(({ type }) => type === "connection");
  assert.equal(connections.filter(({ event }) => event === "closed").length, total, `seed ${seed}`);
});

Deno.test("what garbled clients send arrives byte for byte, and what is not HTTP stands so in the log", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const next = random(seed);
  const arrived: string[] = [];
  await using server = new Server(async (peer) => {
    arrived.push(sha256(await peer.readToEnd()));
    await peer.end();
  });
  await using program = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
  const port = await program.port();
  const sent: string[] = [];
  for (let i = 0; i < 150; i++) {
    // No method begins with a space.
    const bytes = concat([encoder.encode(i % 2 === 0 ? " " : ""), garble(next), garble(next)]);
    using client = await Peer.connect(port);
    await client.sendInPieces(bytes, pieceSizes(bytes.length, () => next() % 60));
    await client.end();
    await client.over();
    sent.push(sha256(bytes));
    assert.equal(arrived[i], sent[i], `connection ${i + 1}, seed ${seed}`);
  }
  await program.stop();
  const records = program.log.map(parseRecord);
  for (let connection = 1; connection <= sent.length; connection += 2) {
    const data = records.filter((record) => record.connection === connection && record.type === "data");
    assert.equal(
      sha256(joinData(data, "up")),
      sent[connection - 1],
      `connection ${connection}, seed ${seed}`,
    );
  }
});

Deno.test("thousands of one-byte writes are one exchange", async () => {
  await using server = new Server(async (peer) => {
    await peer.readHead();
    await peer.read(1000);
    const response = encoder.encode(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${"d".repeat(1000)}`);
    await peer.sendInPieces(response, Array(response.length).fill(1));
  });
  await using program = Program.start(["relay", `0=http://${server.target}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  const request = encoder.encode(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${"u".repeat(1000)}`,
  );
  await client.sendInPieces(request, Array(request.length).fill(1));
  assert.match(await client.textToEnd(), /d{1000}$/);
  const [{ request: up, response, outcome }] = await program.records("exchange");
  assert.deepEqual([up.body.bytes, response.body.bytes, outcome], [1000, 1000, "complete"]);
});

Deno.test({
  name:
    "hundreds of clients that stop in the middle of a large head: memory stays bounded, others are served",
  ignore: !LINUX,
  async fn() {
    await using server = new Server(async (peer) => {
      for (let some = await peer.readSome(); some !== null; some = await peer.readSome()) {
        if (new TextDecoder().decode(some).startsWith("ping")) await peer.send("pong\n");
      }
    });
    await using program = Program.start(["relay", `0=http://${server.target}`, "--format", "none"]);
    const port = await program.port();
    const idle = await peakMemory(program.pid);
    const head = encoder.encode(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}`);
    const othersAreServed = async () => {
      using other = await Peer.connect(port);
      await other.send("ping\n");
      assert.equal(await other.readUntil("\n"), "pong\n");
    };
    const slow = await crowd(300, async () => {
      const client = await Peer.connect(port);
      await client.send(head);
      return client;
    }, othersAreServed);
    const grown = await peakMemory(program.pid) - idle;
    // A head of up to 256 KiB, once to be sent and once for the record, and a read buffer each.
    assert.ok(grown < 300 * 800_000, `${Math.round(grown / 1e6)} MB`);
    for (const client of slow) client.close();
  },
});

Deno.test("a client that leaves while its target is still being reached leaves nothing behind", async () => {
  await using server = new Server(async (peer) => {
    await peer.over();
  });
  await using program = Program.start(["relay", `0=localhost:${server.port}`, "--format", "json"]);
  const port = await program.port();
  const before = LINUX ? await openDescriptors(program.pid) : 0;
  for (let i = 0; i < 100; i++) (await Peer.connect(port)).close();
  if (LINUX) {
    await eventually(async () => await openDescriptors(program.pid) <= before, "descriptors stayed open");
  }
  const closed = (lines: readonly string[]) =>
    lines.map(parseRecord).filter(({ event }) => event === "closed");
  const lines = await program.logs((lines) => closed(lines).length === 100);
  for (const { end, up, down } of closed(lines)) assert.deepEqual([end, up, down], ["client-closed", 0, 0]);
});
