/** Rules that change while connections run, through the relay and real sockets. */
import assert from "node:assert/strict";
import type { ConnectionClosed, Record } from "../../../src/capture/record.ts";
import { createClock } from "../../../src/capture/clock.ts";
import { BodyMemory } from "../../../src/capture/body_keeper.ts";
import { closeQuietly, type Connection } from "../../../src/net/connection.ts";
import { Link } from "../../../src/net/link/link.ts";
import { type LinkTexts, NO_LINK, parseLink } from "../../../src/net/link/spec.ts";
import { RelayedConnection } from "../../../src/net/relay.ts";
import { sample } from "./fakes.ts";

const SEED = 11;
const rules = (texts: LinkTexts) => parseLink({ seed: SEED, ...texts });

/** A relayed connection whose ends and link are the test's. */
interface Live extends AsyncDisposable {
  readonly client: Deno.TcpConn;
  readonly server: Deno.TcpConn;
  readonly link: Link;
  readonly relayed: RelayedConnection;
  /** Resolves with the record of its end. */
  readonly over: Promise<ConnectionClosed>;
}

async function pair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connecting = Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const sides = await Promise.all([connecting, listener.accept()]);
  for (const side of sides) side.setNoDelay(true);
  return sides;
}

/** @param dressed What the relay gets instead of its connection to the target. */
async function live(texts: LinkTexts, dressed = (target: Connection) => target): Promise<Live> {
  const [client, accepted] = await pair();
  const [dialled, server] = await pair();
  const link = new Link(rules(texts));
  const records: Record[] = [];
  const clock = createClock(() => performance.now(), Date.now);
  const relayed = new RelayedConnection(
    {
      capture: {
        emit: (record) => records.push(record),
        wall: clock.wall,
        nextId: () => 1,
        memory: new BodyMemory(1_000, 1_000_000),
      },
      clock,
      dial: () => Promise.resolve({ connection: dressed(dialled) }),
      link,
      idleTimeoutMs: 0,
      warn: (text) => assert.fail(text),
      nextConnectionId: () => 1,
    },
    accepted,
    { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "127.0.0.1:3" },
    { target: { kind: "tcp", host: "127.0.0.1", port: 3, http: false }, name: "127.0.0.1:3" },
  );
  const over = relayed.run().then(() => {
    const closed = records.find((record) => record.type === "connection" && record.event === "closed");
    return closed as ConnectionClosed;
  });
  return {
    client,
    server,
    link,
    relayed,
    over,
    async [Symbol.asyncDispose]() {
      relayed.stop();
      for (const end of [client, server]) closeQuietly(end);
      await over;
    },
  };
}

async function send(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}

async function read(from: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let came = 0; came < length;) {
    const count = await from.read(bytes.subarray(came));
    assert.notEqual(count, null, `the end after ${came} of ${length} bytes`);
    came += count!;
  }
  return bytes;
}

/** How long bytes take from client to server, ms. */
async function wayMs({ client, server }: Live, bytes = sample(8)): Promise<number> {
  const startedAt = performance.now();
  const sending = send(client, bytes);
  assert.deepEqual(await read(server, bytes.length), bytes);
  await sending;
  return performance.now() - startedAt;
}

Deno.test("a link comes to a connection that runs, changes, and goes again", async () => {
  await using conn = await live({});
  await wayMs(conn);
  conn.link.set(rules({ latency: "up:60ms" }));
  const slow = await wayMs(conn);
  assert.ok(slow >= 59 && slow < 500, `${slow} ms`);
  conn.link.set(rules({ rate: "up:80kbit" }));
  const shaped = await wayMs(conn, sample(1_000));
  assert.ok(shaped >= 98 && shaped < 600, `${shaped} ms`);
  conn.link.set(NO_LINK);
  const plain = Math.min(await wayMs(conn), await wayMs(conn), await wayMs(conn));
  assert.ok(plain < 50, `${plain} ms`);
});

Deno.test("what was on its way when the rules changed arrives, in order and at once", async () => {
  await using conn = await live({ latency: "10s" });
  const sent = sample(300_000);
  const sending = send(conn.client, sent).then(() => conn.client.closeWrite());
  while (conn.relayed.idle) await new Promise((resolve) => setTimeout(resolve, 1));
  conn.link.set(NO_LINK);
  assert.deepEqual(await read(conn.server, sent.length), sent);
  assert.equal(await conn.server.read(new Uint8Array(1)), null);
  await sending;
});

Deno.test("a timeout that is lifted lets go what it held, and the connection lives on", async () => {
  await using conn = await live({ fault: "up:timeout@3" });
  await send(conn.client, sample(10));
  assert.deepEqual(await read(conn.server, 3), sample(3));
  assert.equal(conn.relayed.idle, false);
  conn.link.set(NO_LINK);
  assert.deepEqual(await read(conn.server, 7), sample(10).subarray(3));
  await wayMs(conn);
  await conn.client.closeWrite();
  assert.equal(await conn.server.read(new Uint8Array(1)), null);
  await conn.server.closeWrite();
  const closed = await conn.over;
  assert.deepEqual(closed.faults, [{ fault: "timeout", direction: "up", offset: 3, seed: SEED }]);
  assert.equal(closed.end, "client-closed");
});

Deno.test("a fault that comes later counts its place from then, and notes it from the beginning", async () => {
  await using conn = await live({});
  await wayMs(conn, sample(1_000));
  conn.link.set(rules({ fault: "up:corrupt@5,down:limit-data=7" }));
  await send(conn.client, sample(10));
  const came = await read(conn.server, 10);
  assert.notEqual(came[5], sample(10)[5]);
  assert.deepEqual(came.with(5, sample(10)[5]), sample(10));
  await send(conn.server, sample(20));
  assert.deepEqual(await read(conn.client, 7), sample(7));
  assert.equal(await conn.client.read(new Uint8Array(1)), null);
  const closed = await conn.over;
  assert.equal(closed.end, "fault");
  assert.deepEqual(closed.faults, [
    { fault: "corrupt", direction: "up", offset: 1_005, bytes: 1, seed: SEED },
    { fault: "limit-data", direction: "down", offset: 7, seed: SEED },
  ]);
});

Deno.test("rules that come while bytes pass lose none of them and keep their order", async () => {
  await using conn = await live({});
  const sent = sample(2_000_000);
  const sending = send(conn.client, sent);
  const texts: LinkTexts[] = [
    { rate: "400mbit" },
    { latency: "3ms", jitter: "2ms" },
    { fault: "slicer=4000/1000" },
    { bytesPerPause: "100k", delay: "1ms" },
    {},
    { fault: "timeout@10k" },
    { link: "4g", rate: "1gbit", latency: "1ms" },
  ];
  let done = false;
  const changing = (async () => {
    for (let i = 0; !done; i++) {
      conn.link.set(rules(texts[i % texts.length]));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    conn.link.set(NO_LINK);
  })();
  assert.deepEqual(await read(conn.server, sent.length), sent);
  done = true;
  await Promise.all([sending, changing]);
});

Deno.test("what a target sent before it broke off still arrives over a slow link", async () => {
  // Deno sends no reset itself: here the end of the target is made one.
  const breaking = (target: Connection): Connection => ({
    localAddr: target.localAddr,
    remoteAddr: target.remoteAddr,
    async read(buffer) {
      const count = await target.read(buffer);
      if (count === null) throw new Deno.errors.ConnectionReset("Connection reset by peer");
      return count;
    },
    write: (bytes) => target.write(bytes),
    closeWrite: () => target.closeWrite(),
    close: () => target.close(),
  });
  await using conn = await live({ latency: "down:50ms" }, breaking);
  await send(conn.server, sample(1_000));
  conn.server.close();
  assert.deepEqual(await read(conn.client, 1_000), sample(1_000));
  assert.equal((await conn.over).end, "target-reset");
});

Deno.test("refuse and status follow the rules of the moment", () => {
  const link = new Link(NO_LINK);
  assert.equal(link.refuses(1), undefined);
  link.set(rules({ fault: "refuse,status=503" }));
  assert.deepEqual(link.refuses(1), { fault: "refuse", offset: 0, seed: SEED });
  assert.equal(link.statusFor(1, 0), 503);
  link.set(NO_LINK);
  assert.equal(link.statusFor(1, 0), undefined);
});
