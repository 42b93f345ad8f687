/** Every byte arrives as it was sent, in both directions, whatever the protocol, and the log holds the same bytes. */
import assert from "node:assert/strict";
import { bytesOf, joinData, pieceSizes, random, randomBytes, sha256 } from "./capture.ts";
import { Peer, Server, Target } from "./peers.ts";
import { Program } from "./program.ts";

Deno.test("a server that speaks first is heard before the client says anything", async () => {
  await using server = new Server(async (peer) => {
    await peer.send("220 mail.example ESMTP\r\n");
    assert.equal(await peer.readUntil("\r\n"), "EHLO me\r\n");
    await peer.send("250 mail.example\r\n");
    assert.equal(await peer.readUntil("\r\n"), "QUIT\r\n");
    await peer.send("221 bye\r\n");
  });
  await using program = Program.start(["relay", `0=${server.target}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  assert.equal(await client.readUntil("\r\n"), "220 mail.example ESMTP\r\n");
  await client.send("EHLO me\r\n");
  assert.equal(await client.readUntil("\r\n"), "250 mail.example\r\n");
  await client.send("QUIT\r\n");
  assert.equal(await client.textToEnd(), "221 bye\r\n");
  client.close();
  const [, closed] = await program.records("connection", 2);
  assert.equal(closed.end, "target-closed");
  assert.deepEqual([closed.up, closed.down, closed.exchanges], [15, 51, 0]);
  const data = await program.records("data", 5);
  assert.equal(new TextDecoder().decode(joinData(data, "up")), "EHLO me\r\nQUIT\r\n");
  assert.equal(
    new TextDecoder().decode(joinData(data, "down")),
    "220 mail.example ESMTP\r\n250 mail.example\r\n221 bye\r\n",
  );
  assert.deepEqual(data.map(({ direction }) => direction), ["down", "up", "down", "up", "down"]);
});

Deno.test("random bytes in random pieces arrive unchanged both ways at once, and stand in the log", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const next = random(seed);
  const up = randomBytes(3_000_000 + next() % 1000, next);
  const down = randomBytes(4_000_000 + next() % 1000, next);
  const sizes = { up: [...pieceSizes(up.length, next)], down: [...pieceSizes(down.length, next)] };
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  const [, , gotUp, gotDown] = await Promise.all([
    client.sendInPieces(up, sizes.up).then(() => client.end()),
    server.sendInPieces(down, sizes.down).then(() => server.end()),
    server.readToEnd(),
    client.readToEnd(),
  ]);
  assert.equal(sha256(gotUp), sha256(up), `up, seed ${seed}`);
  assert.equal(sha256(gotDown), sha256(down), `down, seed ${seed}`);
  const [, closed] = await program.records("connection", 2);
  assert.deepEqual([closed.up, closed.down], [up.length, down.length]);
  const data = await program.records("data");
  assert.equal(sha256(joinData(data, "up")), sha256(up), `up in the log, seed ${seed}`);
  assert.equal(sha256(joinData(data, "down")), sha256(down), `down in the log, seed ${seed}`);
});

Deno.test("text that is not HTTP stands in the log as text, other bytes as base64", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await client.send("grüß dich\n");
  await server.readUntil("\n");
  await server.send(new Uint8Array([0xff, 0x00, 0x80]));
  assert.deepEqual(await client.read(3), new Uint8Array([0xff, 0x00, 0x80]));
  const [text, binary] = await program.records("data", 2);
  assert.deepEqual([text.bytes, text.text, text.base64], [12, "grüß dich\n", undefined]);
  assert.deepEqual([binary.bytes, binary.text, binary.base64], [3, undefined, "/wCA"]);
  assert.deepEqual(bytesOf(binary), new Uint8Array([0xff, 0x00, 0x80]));
});

Deno.test("a client that has shut down writing still gets the answer", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await client.send("what is the sum of 1 and 2");
  await client.end();
  assert.equal(await server.textToEnd(), "what is the sum of 1 and 2");
  await server.send("it is 3");
  await server.end();
  assert.equal(await client.textToEnd(), "it is 3");
  const [, closed] = await program.records("connection", 2);
  assert.equal(closed.end, "client-closed");
});

Deno.test("a target that has shut down writing still gets what the client sends", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json"]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await server.send("I have nothing more to say");
  await server.end();
  assert.equal(await client.textToEnd(), "I have nothing more to say");
  await client.send("but I have");
  await client.end();
  assert.equal(await server.textToEnd(), "but I have");
  const [, closed] = await program.records("connection", 2);
  assert.equal(closed.end, "target-closed");
  assert.deepEqual([closed.up, closed.down], [10, 26]);
});

Deno.test("bytes that could be HTTP and then are not arrive without delay and without loss", async () => {
  await using target = new Target();
  await using program = Program.start(["relay", `0=${target.target}`, "--format", "json", "--host", "keep"]);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  // The first bytes of a request: they go on at once all the same.
  await client.send("GET /slow HT");
  assert.equal(new TextDecoder().decode(await server.read(12)), "GET /slow HT");
  await client.send("\0\0 no HTTP at all\n");
  assert.equal(await server.readUntil("\n"), "\0\0 no HTTP at all\n");
  await client.end();
  await server.end();
  await program.records("connection", 2);
  const data = await program.records("data");
  assert.equal(new TextDecoder().decode(joinData(data, "up")), "GET /slow HT\0\0 no HTTP at all\n");
});
