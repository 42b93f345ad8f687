/** Tunnels through the forward proxy, by CONNECT and by SOCKS 5: any protocol, byte for byte, in both directions. */
import assert from "node:assert/strict";
import { joinData, random, randomBytes, sha256 } from "./capture.ts";
import { answering, message } from "./log_of.ts";
import { freePort } from "./nginx.ts";
import { concat, Peer, Target } from "./peers.ts";
import { type LogRecord, Program } from "./program.ts";
import { curlThrough, run } from "./tools.ts";

const encoder = new TextEncoder();
const proxy = (...options: string[]) => Program.start(["proxy", "0", "--format", "json", ...options]);

const NO_LOGIN = Uint8Array.of(5, 1, 0);

/** The SOCKS request for a name. */
function socksRequest(host: string, port: number): Uint8Array {
  const name = encoder.encode(host);
  return Uint8Array.of(5, 1, 0, 3, name.length, ...name, port >> 8, port & 255);
}

const OPEN: Record<string, (client: Peer, port: number) => Promise<void>> = {
  async CONNECT(client, port) {
    await client.send(`CONNECT localhost:${port} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    assert.match(await client.readHead(), /^HTTP\/1\.1 200 [^\r]*\r\n\r\n$/);
  },
  async SOCKS(client, port) {
    await client.send(NO_LOGIN);
    assert.deepEqual(await client.read(2), Uint8Array.of(5, 0));
    await client.send(socksRequest("localhost", port));
    assert.equal((await client.read(10))[1], 0);
  },
};

async function closedRecord(program: Program): Promise<LogRecord> {
  return (await program.records("connection", 2)).find(({ event }) => event === "closed");
}

for (const [way, open] of Object.entries(OPEN)) {
  Deno.test(`${way}: bytes of every value pass both ways, each side ends on its own`, async () => {
    await using target = new Target();
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await open(client, target.port);
    const server = await target.accept();
    const bytes = randomBytes(300_000, random(2));
    const [, came] = await Promise.all([client.send(bytes), server.read(bytes.length)]);
    assert.equal(sha256(came), sha256(bytes));
    await client.end();
    assert.equal(await server.readSome(), null);
    const [, back] = await Promise.all([server.send(bytes), client.read(bytes.length)]);
    assert.equal(sha256(back), sha256(bytes));
    await server.end();
    assert.equal(await client.readSome(), null);
    const { up, down, end, target: name } = await closedRecord(program);
    assert.deepEqual([up, down, end], [bytes.length, bytes.length, "client-closed"]);
    assert.equal(name, `localhost:${target.port}`);
    const data = await program.records("data");
    assert.equal(sha256(joinData(data, "up")), sha256(bytes));
  });

  Deno.test(`${way}: a server that speaks first is heard, and may end first`, async () => {
    await using target = new Target();
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await open(client, target.port);
    const server = await target.accept();
    await server.send("220 ready\r\n");
    assert.equal(await client.readUntil("\n"), "220 ready\r\n");
    await server.end();
    assert.equal(await client.readSome(), null);
    await client.send("QUIT\r\n");
    assert.equal(await server.readUntil("\n"), "QUIT\r\n");
    await client.end();
    assert.equal(await server.readSome(), null);
    assert.equal((await closedRecord(program)).end, "target-closed");
  });

  Deno.test(`${way}: TLS passes untouched, its ClientHello is read`, async () => {
    await using target = new Target();
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await open(client, target.port);
    const server = await target.accept();
    const tls = await Deno.startTls(client.conn as Deno.TcpConn, {
      hostname: "inside.example",
      alpnProtocols: ["h2"],
    });
    const shaking = tls.handshake().catch(() => {});
    assert.equal((await server.read(1))[0], 22);
    const records = await program.records("connection", 2);
    const hello = records.find(({ event }) => event === "client-hello");
    assert.equal(hello.tls.serverName, "inside.example");
    tls.close();
    server.close();
    await shaking;
  });

  Deno.test(`${way}: HTTP inside is captured as HTTP`, async () => {
    await using server = answering({ "/in": message("HTTP/1.1 200 OK", [], "inside") });
    await using program = proxy();
    using client = await Peer.connect(await program.port());
    await open(client, server.port);
    await client.send(`GET /in HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.readUntil("inside");
    const exchanges = await program.records("exchange", way === "CONNECT" ? 2 : 1);
    const { request, response } = exchanges.at(-1);
    assert.deepEqual([request.target, response.body.text], ["/in", "inside"]);
    if (way === "CONNECT") {
      const { request, response, outcome } = exchanges[0];
      assert.deepEqual([request.method, response.status, outcome], ["CONNECT", 200, "upgraded"]);
    }
  });

  Deno.test(`${way}: a side that breaks off ends the other`, async () => {
    await using target = new Target();
    await using program = proxy();
    const port = await program.port();
    {
      using client = await Peer.connect(port);
      await open(client, target.port);
      const server = await target.accept();
      client.close();
      await server.over();
      server.close();
    }
    using client = await Peer.connect(port);
    await open(client, target.port);
    (await target.accept()).close();
    await client.over();
  });
}

Deno.test("bytes behind a CONNECT or a SOCKS request in one write are not lost", async () => {
  await using target = new Target();
  await using program = proxy();
  const port = await program.port();
  const early = encoder.encode("EARLY BIRD\r\n");
  for (
    const request of [
      encoder.encode(`CONNECT ${target.target} HTTP/1.1\r\n\r\n`),
      concat([NO_LOGIN, socksRequest("127.0.0.1", target.port)]),
    ]
  ) {
    using client = await Peer.connect(port);
    await client.send(concat([request, early]));
    const server = await target.accept();
    assert.equal(await server.readUntil("\r\n"), "EARLY BIRD\r\n");
    server.close();
  }
});

Deno.test("curl reaches a host by CONNECT and by both ways of SOCKS", async () => {
  await using server = answering({ "/": message("HTTP/1.1 200 OK", [], "there") });
  await using program = proxy();
  const port = await program.port();
  const url = `http://localhost:${server.port}/`;
  assert.equal((await curlThrough(port, "-p", url)).text, "there");
  for (const how of ["--socks5", "--socks5-hostname"]) {
    const { text, stderr } = await run("curl", ["-sS", "--noproxy", "", how, `127.0.0.1:${port}`, url]);
    assert.equal(text, "there", stderr);
  }
});

Deno.test("a tunnel that cannot be opened: 502 for CONNECT, the reply that fits for SOCKS, and records", async () => {
  const closed = freePort();
  await using program = proxy();
  const port = await program.port();
  using client = await Peer.connect(port);
  await client.send(`CONNECT 127.0.0.1:${closed} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const answer = await client.textToEnd();
  assert.match(answer, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
  assert.match(answer, /cannot connect to 127\.0\.0\.1:\d+: connection refused\n$/);
  const [{ outcome, response, request }] = await program.records("exchange");
  assert.deepEqual([outcome, response.status, request.method], ["refused", 502, "CONNECT"]);
  using socks = await Peer.connect(port);
  await socks.send(concat([NO_LOGIN, socksRequest("127.0.0.1", closed)]));
  const reply = await socks.readToEnd();
  assert.deepEqual([...reply.subarray(0, 4)], [5, 0, 5, 5]);
  // The first one lingers after its answer: the second may be over before it.
  const closings = await program.records("connection", 2);
  const { end, error } = closings.find(({ connection }) => connection === 2)!;
  assert.deepEqual([end, error], [
    "connect-failed",
    `cannot connect to 127.0.0.1:${closed}: connection refused`,
  ]);
});

Deno.test("a WebSocket through CONNECT is read as one", async () => {
  await using target = new Target();
  await using program = proxy();
  using client = await Peer.connect(await program.port());
  await OPEN.CONNECT(client, target.port);
  const server = await target.accept();
  await client.send(
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await server.readHead();
  await server.send(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n",
  );
  await client.readHead();
  await client.send(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 104, 105));
  await server.read(8);
  const [sent] = await program.records("message");
  assert.deepEqual([sent.direction, sent.text], ["up", "hi"]);
});
