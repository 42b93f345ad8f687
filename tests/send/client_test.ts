/** The client against servers that answer well, badly, early, late and never. */
import assert from "node:assert/strict";
import { ClientConnection, SendError } from "../../src/send/client.ts";
import { Backend, bytes, kinds, recording, silence, text } from "./backend.ts";

const never = new AbortController().signal;
const GET = [bytes("GET /a HTTP/1.1\r\nHost: t\r\n\r\n")];
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Deno.test("sends one request after the other over a connection that is kept alive", async () => {
  await using backend = new Backend(async (peer) => {
    while (await peer.head() !== "") await peer.say(OK);
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const first = await client.exchange(GET, never);
  assert.equal(client.isReusable, true);
  const second = await client.exchange(GET, never);
  client.close();
  client.close();
  assert.equal(backend.connections, 1);
  assert.deepEqual([first.id, second.id], [1, 2]);
  assert.equal(text(first.response?.body.kept), "ok");
  assert.equal(typeof first.ms.connect, "number");
  assert.equal(second.ms.connect, undefined);
  assert.equal(first.connection.listener, "send");
  assert.equal(first.connection.target, `127.0.0.1:${backend.port}`);
  assert.match(first.connection.client, /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(kinds(records), [
    "opened",
    "exchange complete",
    "exchange complete",
    "closed client-closed",
  ]);
  const closed = records.at(-1);
  assert.ok(closed?.type === "connection" && closed.event === "closed");
  assert.deepEqual([closed.up, closed.down, closed.exchanges], [2 * GET[0].length, 2 * OK.length, 2]);
});

Deno.test("records keep their bytes when the next answer overwrites the buffer", async () => {
  let count = 0;
  await using backend = new Backend(async (peer) => {
    while (await peer.head() !== "") {
      const body = String(++count).repeat(3_000);
      await peer.say(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    }
  });
  const { context } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const first = await client.exchange(GET, never);
  await client.exchange(GET, never);
  client.close();
  assert.equal(text(first.response?.body.kept), "1".repeat(3_000));
});

for (
  const [name, answer, reusable] of [
    ["HTTP/1.1", OK, true],
    ["HTTP/1.1 with Connection: close", OK.replace("\r\n", "\r\nConnection: Close\r\n"), false],
    ["HTTP/1.0", OK.replace("1.1", "1.0"), false],
    [
      "HTTP/1.0 with keep-alive",
      OK.replace("1.1", "1.0").replace("\r\n", "\r\nConnection: Keep-Alive\r\n"),
      true,
    ],
    ["two lengths that are equal", OK.replace("\r\n", "\r\nContent-Length: 2\r\n"), true],
    [
      "a length beside chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      false,
    ],
    ["bytes behind its end", `${OK}HTTP/1.1 200 OK\r\n`, false],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true],
  ] as const
) {
  Deno.test(`after an answer in ${name} another request ${reusable ? "may" : "must not"} follow`, async () => {
    await using backend = new Backend(async (peer, ended) => {
      await peer.head();
      await peer.say(answer);
      await silence(ended);
    });
    const client = await ClientConnection.open(recording().context, backend.target, never);
    const exchange = await client.exchange(GET, never);
    assert.equal(exchange.outcome, "complete");
    assert.equal(client.isReusable, reusable);
    client.close();
  });
}

Deno.test("a request that says close is the last", async () => {
  await using backend = new Backend(async (peer, ended) => {
    await peer.head();
    await peer.say(OK);
    await silence(ended);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  await client.exchange([bytes("GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")], never);
  assert.equal(client.isReusable, false);
  client.close();
});

Deno.test("an answer that ends with the connection is complete", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say("HTTP/1.1 200 OK\r\n\r\nall there is");
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const exchange = await client.exchange(GET, never);
  assert.equal(exchange.outcome, "complete");
  assert.equal(text(exchange.response?.body.kept), "all there is");
  await client.ended;
  assert.equal(client.isReusable, false);
  client.close();
  assert.deepEqual(kinds(records), ["opened", "exchange complete", "closed target-closed"]);
});

Deno.test("a target that closes an idle connection is noticed", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say(OK);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  await client.exchange(GET, never);
  await client.ended;
  assert.equal(client.isReusable, false);
  client.close();
});

Deno.test("a request to a target that has closed already has no response", async () => {
  await using backend = new Backend(() => Promise.resolve());
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  await client.ended;
  const exchange = await client.exchange(GET, never);
  assert.equal(exchange.outcome, "no-response");
  client.close();
  assert.equal(records.filter(({ type }) => type === "exchange").length, 1);
});

Deno.test("HEAD has no body whatever its length says, and interim responses are kept", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    );
    await peer.head();
    await peer.say(OK);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const exchange = await client.exchange([bytes("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n")], never);
  assert.equal(exchange.outcome, "complete");
  assert.deepEqual(exchange.interim.map(({ status }) => status), [103]);
  assert.equal((await client.exchange(GET, never)).outcome, "complete");
  client.close();
});

Deno.test("of a huge answer as much is kept as may be, and all of it counted", async () => {
  const size = 8 << 20;
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    await peer.say(new Uint8Array(size).fill(120));
    await peer.head();
  });
  const client = await ClientConnection.open(recording({ limitBytes: 1_000 }).context, backend.target, never);
  const { outcome, response } = await client.exchange(GET, never);
  assert.equal(outcome, "complete");
  assert.equal(response?.body.bytes, size);
  assert.equal(response?.body.kept.length, 1_000);
  assert.equal(client.isReusable, true);
  client.close();
});

Deno.test("an upgrade ends HTTP: bytes go up and down as they are", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhi");
    await peer.say(await peer.take(5));
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  const exchange = await client.exchange(
    [bytes("GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")],
    never,
  );
  assert.equal(exchange.outcome, "upgraded");
  assert.equal(client.isReusable, false);
  const before = client.receivedBytes;
  await client.write(bytes("12345"));
  await client.received(before + 5);
  await client.ended;
  client.close();
  const data = records.filter((record) => record.type === "data");
  assert.equal(
    data.filter(({ direction }) => direction === "up").map(({ body }) => text(body.kept)).join(),
    "12345",
  );
  assert.equal(
    data.filter(({ direction }) => direction === "down").map(({ body }) => text(body.kept)).join(""),
    "hi12345",
  );
});

Deno.test("a raw stream is a dialogue with half-close", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.say("+ready\n");
    await peer.say(`<${await peer.until("\n\n")}>`);
  });
  const { context, records } = recording();
  const client = await ClientConnection.open(context, backend.target, never);
  await client.received(7);
  await client.write(bytes("{a}"));
  await client.closeWrite();
  await client.ended;
  assert.equal(client.receivedBytes, 12);
  assert.equal(client.sentBytes, 3);
  client.close();
  await client.received(1_000);
  assert.equal(kinds(records).at(-1), "closed client-closed");
});

Deno.test("a target that cannot be reached is recorded and told", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { context, records } = recording();
  const opening = ClientConnection.open(context, { kind: "tcp", host: "127.0.0.1", port, http: true }, never);
  await assert.rejects(
    opening,
    (error) =>
      error instanceof SendError &&
      error.message === `cannot connect to 127.0.0.1:${port}: connection refused`,
  );
  assert.deepEqual(kinds(records), ["closed connect-failed"]);
});

Deno.test("a connection carries one exchange at a time, and none when it is closed", async () => {
  await using backend = new Backend(async (peer) => {
    await peer.head();
    await peer.say(OK);
  });
  const client = await ClientConnection.open(recording().context, backend.target, never);
  const first = client.exchange(GET, never);
  await assert.rejects(client.exchange(GET, never), /connection is in use/);
  assert.equal((await first).outcome, "complete");
  client.close();
  await assert.rejects(client.exchange(GET, never), /connection is closed/);
  await assert.rejects(client.write(bytes("x")), /connection is closed/);
});
