/** Connections that one side resets: the other side's ends at once, and the record says what was cut. */
import assert from "node:assert/strict";
import { Peer, Target } from "./peers.ts";
import { Program } from "./program.ts";
import { CAN_RESET, ResettingPeer } from "./resetting_peer.ts";
import { eventually, openDescriptors } from "./tools.ts";

const ignore = !CAN_RESET;
const REQUEST = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const HALF_RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe first bytes";

function start(port: number): Program {
  return Program.start(["relay", `0=127.0.0.1:${port}`, "--format", "json"]);
}

Deno.test({
  name:
    "a client that resets while it is answered: the target's connection ends, the exchange is response-cut",
  ignore,
  async fn() {
    await using target = new Target();
    await using program = start(target.port);
    await using client = await ResettingPeer.connect(await program.port());
    const server = await target.accept();
    await client.send(REQUEST);
    await server.readHead();
    await server.send(HALF_RESPONSE);
    await client.read();
    await client.reset();
    await server.over();
    const [exchange] = await program.records("exchange");
    assert.equal(exchange.outcome, "response-cut");
    assert.equal(exchange.error, "the client: connection reset by peer");
    assert.deepEqual(exchange.response.body, { bytes: 15, text: "the first bytes" });
    const [, closed] = await program.records("connection", 2);
    assert.equal(closed.end, "client-reset");
    assert.equal(closed.error, "the client: connection reset by peer");
  },
});

Deno.test({
  name:
    "a target that resets inside its response: the client's connection ends, the exchange is response-cut",
  ignore,
  async fn() {
    const { peer: server, port } = await ResettingPeer.listen();
    await using _server = server;
    await using program = start(port);
    using client = await Peer.connect(await program.port());
    await server.accept();
    await client.send(REQUEST);
    await server.read();
    await server.send(HALF_RESPONSE);
    assert.match(await client.readUntil("the first bytes"), /200 OK/);
    await server.reset();
    await client.over();
    const [exchange] = await program.records("exchange");
    assert.equal(exchange.outcome, "response-cut");
    assert.equal(exchange.error, "the target: connection reset by peer");
    assert.equal(exchange.response.body.bytes, 15);
    const [, closed] = await program.records("connection", 2);
    assert.equal(closed.end, "target-reset");
    assert.equal(closed.error, "the target: connection reset by peer");
  },
});

Deno.test({
  name: "a target that resets inside the request: the exchange is request-cut, with what came of it",
  ignore,
  async fn() {
    const { peer: server, port } = await ResettingPeer.listen();
    await using _server = server;
    await using program = start(port);
    using client = await Peer.connect(await program.port());
    await server.accept();
    await client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf");
    await server.read();
    await server.reset();
    await client.over();
    const [exchange] = await program.records("exchange");
    assert.equal(exchange.outcome, "request-cut");
    assert.deepEqual(exchange.request.body, { bytes: 4, text: "half" });
    assert.equal(exchange.response, undefined);
    assert.equal(exchange.error, "the target: connection reset by peer");
  },
});

Deno.test({
  name: "a target that resets instead of answering: the exchange is no-response",
  ignore,
  async fn() {
    const { peer: server, port } = await ResettingPeer.listen();
    await using _server = server;
    await using program = start(port);
    using client = await Peer.connect(await program.port());
    await server.accept();
    await client.send(REQUEST);
    await server.read();
    await server.reset();
    await client.over();
    const [exchange] = await program.records("exchange");
    assert.deepEqual([exchange.outcome, exchange.request.target], ["no-response", "/a"]);
    assert.equal(exchange.error, "the target: connection reset by peer");
  },
});

Deno.test("a target that closes in the middle of its response ends the client's connection the same way", async () => {
  await using target = new Target();
  await using program = start(target.port);
  using client = await Peer.connect(await program.port());
  const server = await target.accept();
  await client.send(REQUEST);
  await server.readHead();
  await server.send(HALF_RESPONSE);
  server.close();
  assert.match(await client.textToEnd(), /the first bytes$/);
  const [exchange] = await program.records("exchange");
  assert.equal(exchange.outcome, "response-cut");
  assert.equal(exchange.error, "the response ended after 15 bytes of its body");
});

Deno.test({
  name: "clients that connect and reset at once neither stop the accepting nor leave anything behind",
  ignore: ignore || Deno.build.os !== "linux",
  async fn() {
    await using target = new Target();
    await using program = start(target.port);
    const port = await program.port();
    const before = await openDescriptors(program.pid);
    await ResettingPeer.flood(port, 100);
    const started = performance.now();
    using client = await Peer.connect(port);
    await client.send("ping\n");
    // Some of those before it may have reached the target, too.
    let server = await target.accept();
    while (await server.readSome().catch(() => null) === null) server = await target.accept();
    assert.ok(performance.now() - started < 2_000, "it took long to be served");
    client.close();
    server.close();
    await eventually(async () => await openDescriptors(program.pid) <= before, "descriptors stayed open");
    assert.deepEqual(program.said.slice(1), [], "it said something");
  },
});
