/** Large bodies through the forward proxy: byte for byte, as they come, in bounded memory. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pieceSizes, random, randomBytes, sha256 } from "./capture.ts";
import { Peer, Server, Target } from "./peers.ts";
import { Program, within } from "./program.ts";
import { curlThrough, LINUX, peakMemory } from "./tools.ts";

const encoder = new TextEncoder();
const MB = 1_000_000;

const proxy = (...options: string[]) =>
  Program.start(["proxy", "0", "--format", "json", "--max-body", "1k", ...options]);

/** Sends so many bytes, in pieces of one block; gives their digest. */
async function sendMuch(
  peer: Peer,
  total: number,
  frame: (piece: Uint8Array) => Uint8Array[],
): Promise<string> {
  const block = randomBytes(1_000_000, random(7));
  const hash = createHash("sha256");
  for (let sent = 0; sent < total; sent += block.length) {
    hash.update(block);
    for (const part of frame(block)) await peer.send(part);
  }
  return hash.digest("hex");
}

const plain = (piece: Uint8Array) => [piece];
const chunked = (piece: Uint8Array) => [
  encoder.encode(`${piece.length.toString(16)}\r\n`),
  piece,
  encoder.encode("\r\n"),
];

/** Reads a body, and gives its digest. */
async function digestOf(peer: Peer, total: number): Promise<string> {
  const hash = createHash("sha256");
  for (let left = total; left > 0;) {
    const some = await peer.readSome();
    if (some === null) break;
    hash.update(some);
    left -= some.length;
  }
  return hash.digest("hex");
}

async function chunkedDigestOf(peer: Peer): Promise<string> {
  const hash = createHash("sha256");
  for (;;) {
    const size = parseInt(await peer.readUntil("\r\n"), 16);
    if (size > 0) hash.update(await peer.read(size));
    await peer.read(2);
    if (size === 0) return hash.digest("hex");
  }
}

for (const framing of ["length", "chunked"] as const) {
  Deno.test({
    name: `200 MB up and 200 MB down, ${framing}: nothing changed, memory bounded`,
    async fn() {
      const total = 200 * MB;
      const isChunked = framing === "chunked";
      const field = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${total}`;
      const frame = isChunked ? chunked : plain;
      const end = isChunked ? "0\r\n\r\n" : "";
      let came = "";
      let sent = "";
      await using server = new Server(async (peer) => {
        assert.match(await peer.readHead(), new RegExp(`^${field}\r$`, "m"));
        came = isChunked ? await chunkedDigestOf(peer) : await digestOf(peer, total);
        await peer.send(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
        sent = await sendMuch(peer, total, frame);
        await peer.send(end);
      });
      await using program = proxy();
      using client = await Peer.connect(await program.port());
      const before = LINUX ? await peakMemory(program.pid) : 0;
      await client.send(`POST http://${server.target}/ HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
      const uploaded = await sendMuch(client, total, frame);
      await client.send(end);
      await within(client.readHead(), "no answer came");
      const downloaded = isChunked ? await chunkedDigestOf(client) : await digestOf(client, total);
      assert.deepEqual([came, downloaded], [uploaded, sent]);
      if (LINUX) {
        const grown = await peakMemory(program.pid) - before;
        assert.ok(grown < 60 * MB, `${Math.round(grown / MB)} MB`);
      }
      const [{ request, response, outcome }] = await program.records("exchange");
      assert.deepEqual([request.body.bytes, response.body.bytes, outcome], [total, total, "complete"]);
    },
  });
}

Deno.test("a body goes on as it comes: each piece before the next is sent, both ways", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await client.send(`PUT http://${target.target}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const server = await target.accept();
  await server.readHead();
  const pieces = ["5\r\nhel", "lo\r\n", "3;a=b\r\nabc\r\n0\r", "\nX-Sum: 1\r\n\r\n"];
  for (const piece of pieces) {
    await client.send(piece);
    assert.equal(await server.readUntil(piece), piece);
  }
  await server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
  await client.readHead();
  for (const piece of pieces) {
    await server.send(piece);
    assert.equal(await client.readUntil(piece), piece);
  }
  const [{ request, response }] = await program.records("exchange");
  for (const { body, trailers } of [request, response]) {
    assert.deepEqual([body.text, trailers], ["helloabc", [["X-Sum", "1"]]]);
  }
});

Deno.test("bodies in random pieces, one after the other on one connection, arrive unchanged", async () => {
  const next = random(11);
  const arrived: string[] = [];
  await using server = new Server(async (peer) => {
    for (;;) {
      const head = await peer.readHead().catch(() => undefined);
      if (head === undefined) return;
      const body = await peer.read(Number(/^content-length: (\d+)/im.exec(head)![1]));
      arrived.push(sha256(body));
      const answer = encoder.encode(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      await peer.sendInPieces(answer, pieceSizes(answer.length, () => next() % 20));
      await peer.sendInPieces(body, pieceSizes(body.length, next));
    }
  });
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  for (let i = 0; i < 30; i++) {
    const body = randomBytes(next() % (i % 5 === 0 ? 700_000 : 5_000), next);
    const head =
      `POST http://${server.target}/${i} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    await client.sendInPieces(encoder.encode(head), pieceSizes(head.length, () => next() % 60));
    const sending = client.sendInPieces(body, pieceSizes(body.length, next));
    await client.readHead();
    assert.equal(sha256(await client.read(body.length)), sha256(body));
    await sending;
    assert.equal(arrived[i], sha256(body));
  }
});

Deno.test("curl uploads a file and downloads it again", async () => {
  const body = randomBytes(5_000_000, random(5));
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, body);
    await using server = new Server(async (peer) => {
      const head = await peer.readHead();
      if (/^expect:/im.test(head)) await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
      const came = await peer.read(body.length);
      await peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${came.length}\r\n\r\n`);
      await peer.send(came);
    });
    await using program = proxy();
    const { stdout, code } = await curlThrough(await program.port(), "-T", file, `http://${server.target}/`);
    assert.deepEqual([code, sha256(stdout)], [0, sha256(body)]);
  } finally {
    await Deno.remove(file);
  }
});
