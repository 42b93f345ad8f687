/** What stops being HTTP inside a connection, and what goes on inside a response: tunnels, WebSockets, event streams. */
import assert from "node:assert/strict";
import { bytesOf, joinData } from "./capture.ts";
import { concat } from "./peers.ts";
import { wire } from "./wire.ts";

const encoder = new TextEncoder();

Deno.test("CONNECT: what follows is a tunnel, in data records, both ways", async () => {
  await using test = await wire();
  await test.up("CONNECT db.example:5432 HTTP/1.1\r\nHost: db.example:5432\r\n\r\n");
  await test.down("HTTP/1.1 200 Connection Established\r\n\r\n");
  await test.up("GET is no request here\n");
  await test.down("HTTP/1.1 200 is no response here\r\n\r\n");
  const [{ request, response, outcome }] = await test.exchanges(1);
  assert.deepEqual(
    [request.method, request.target, response.status, outcome],
    ["CONNECT", "db.example:5432", 200, "upgraded"],
  );
  const [up, down] = await test.program.records("data", 2);
  assert.deepEqual([up.direction, up.text], ["up", "GET is no request here\n"]);
  assert.deepEqual([down.direction, down.text], ["down", "HTTP/1.1 200 is no response here\r\n\r\n"]);
  assert.equal(up.offset, "CONNECT db.example:5432 HTTP/1.1\r\nHost: db.example:5432\r\n\r\n".length);
});

Deno.test("CONNECT that is refused: the connection stays HTTP", async () => {
  await using test = await wire();
  await test.up("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.down("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  await test.down("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
  const records = await test.exchanges(2);
  assert.deepEqual(
    records.map(({ request, response, outcome }) => [request.method, response.status, outcome]),
    [["CONNECT", 403, "complete"], ["GET", 200, "complete"]],
  );
});

Deno.test("an upgrade to a protocol that tcpmon does not read is a stream of data", async () => {
  await using test = await wire();
  await test.up("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo/2\r\n\r\n");
  await test.down("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo/2\r\n\r\nHELLO");
  await test.up("FOO");
  const [{ response, outcome }] = await test.exchanges(1);
  assert.deepEqual([response.status, outcome], [101, "upgraded"]);
  const data = await test.program.records("data", 2);
  assert.deepEqual(data.map(({ direction, text }) => [direction, text]), [["down", "HELLO"], ["up", "FOO"]]);
});

Deno.test("an upgrade that the server ignores: the connection stays HTTP", async () => {
  await using test = await wire();
  await test.up("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
  await test.down("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  await test.up("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.down("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb");
  const records = await test.exchanges(2);
  assert.deepEqual(
    records.map(({ request, response, outcome }) => [request.target, response.body.text, outcome]),
    [["/1", "a", "complete"], ["/2", "b", "complete"]],
  );
});

/** A WebSocket frame (RFC 6455 §5.2); clients mask. */
function frame(first: number, payload: Uint8Array, mask?: readonly number[]): Uint8Array {
  const masked = mask === undefined ? payload : payload.map((byte, i) => byte ^ mask[i % 4]);
  const bit = mask === undefined ? 0 : 0x80;
  const length = payload.length < 126
    ? [bit | payload.length]
    : [bit | 126, payload.length >> 8, payload.length & 0xff];
  return concat([Uint8Array.from([first, ...length, ...(mask ?? [])]), masked]);
}

Deno.test("WebSocket: each message is a record, unmasked, fragments joined, as soon as it is complete", async () => {
  await using test = await wire();
  const { client, server, program } = test;
  await test.up(
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  await test.down(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
  );
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  const echo = async (bytes: Uint8Array, back: Uint8Array) => {
    await client.sendInPieces(bytes, [1, 2, 3]);
    assert.deepEqual(await server.read(bytes.length), bytes);
    await server.send(back);
    assert.deepEqual(await client.read(back.length), back);
  };
  const hello = encoder.encode("grüß dich");
  await echo(frame(0x81, hello, mask), frame(0x81, hello));
  const long = Uint8Array.from({ length: 1000 }, (_, i) => i);
  await echo(frame(0x82, long, mask), frame(0x82, long));
  // A message in two fragments with a ping between them.
  const fragments = concat([
    frame(0x01, encoder.encode("one "), mask),
    frame(0x89, encoder.encode("?"), mask),
    frame(0x80, encoder.encode("two"), mask),
  ]);
  await echo(fragments, frame(0x8a, encoder.encode("?")));
  await echo(frame(0x88, Uint8Array.from([3, 232]), mask), frame(0x88, Uint8Array.from([3, 232])));
  const messages = await program.records("message", 9);
  const up = messages.filter(({ direction }) => direction === "up");
  const down = messages.filter(({ direction }) => direction === "down");
  assert.deepEqual(up.map(({ index }) => index), [1, 2, 3, 4, 5]);
  assert.deepEqual(up.map(({ opcode, frames }) => [opcode, frames]), [
    ["text", 1],
    ["binary", 1],
    ["ping", 1],
    ["text", 2],
    ["close", 1],
  ]);
  assert.deepEqual([up[0].text, up[3].text, up[4].closeCode], ["grüß dich", "one two", 1000]);
  assert.deepEqual(bytesOf(up[1]), long);
  assert.deepEqual(down.map(({ opcode }) => opcode), ["text", "binary", "pong", "close"]);
  for (const { protocol, exchange } of messages) assert.deepEqual([protocol, exchange], ["websocket", 1]);
});

Deno.test("bytes after a WebSocket upgrade that are no frames are data, and arrive", async () => {
  await using test = await wire();
  await test.up(
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  await test.down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  await test.up("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await test.up("and more of it");
  await test.client.end();
  await test.server.end();
  await test.program.records("connection", 2);
  const data = await test.program.records("data", 2);
  assert.deepEqual(data.map(({ direction, text }) => [direction, text]), [
    ["up", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["up", "and more of it"],
  ]);
});

Deno.test("a WebSocket message that the end of the connection cuts is recorded as far as it came", async () => {
  await using test = await wire();
  await test.up(
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  await test.down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  const cut = concat([
    frame(0x01, encoder.encode("half ")),
    frame(0x80, encoder.encode("of this")).subarray(0, 4),
  ]);
  await test.server.send(cut);
  assert.deepEqual(await test.client.read(cut.length), cut);
  await test.server.end();
  const [message] = await test.program.records("message", 1);
  assert.deepEqual([message.text, message.frames], ["half of", 2]);
  assert.match(message.error, /ended|cut|end/);
});

Deno.test("server-sent events are logged as they arrive, before the response ends", async () => {
  await using test = await wire();
  await test.up("GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
  await test.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  await test.down("d\r\ndata: first\n\n\r\n");
  const [first] = await test.program.records("message", 1);
  assert.deepEqual([first.protocol, first.event, first.text], ["sse", "message", "first"]);
  assert.deepEqual(await test.program.records("exchange", 0), []);
  // Cut in the middle of an event, in two chunks.
  await test.down("1c\r\nevent: price\nid: 7\nretry: 9\n\r\n");
  await test.down("1a\r\ndata: AAA\ndata: 66.4\n\n: x\n\r\n");
  const [, second] = await test.program.records("message", 2);
  assert.deepEqual(
    [second.index, second.event, second.lastEventId, second.retry, second.text],
    [2, "price", "7", 9, "AAA\n66.4"],
  );
  await test.down("0\r\n\r\n");
  const [{ id, response, outcome }] = await test.exchanges(1);
  assert.deepEqual([id, outcome], [second.exchange, "complete"]);
  assert.match(response.body.text, /^data: first\n\nevent: price/);
});

Deno.test("frames that follow the upgrade response in the same packet are not lost", async () => {
  await using test = await wire();
  await test.up(
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
  const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  const bytes = concat([encoder.encode(head), frame(0x81, encoder.encode("welcome"))]);
  await test.server.send(bytes);
  assert.deepEqual(await test.client.read(bytes.length), bytes);
  const [message] = await test.program.records("message", 1);
  assert.deepEqual([message.direction, message.text], ["down", "welcome"]);
  assert.deepEqual(joinData(await test.program.records("data", 0), "down"), new Uint8Array());
});
