/** What is under way on a client's connection to the proxy: waiting, exchanges with any target, tunnels and what is in them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BodyMemory } from "../../../src/capture/body_keeper.ts";
import type { Record } from "../../../src/capture/record.ts";
import type { Connection, Reached } from "../../../src/net/connection.ts";
import { ConnectionSlots } from "../../../src/net/connection_slots.ts";
import { Link } from "../../../src/net/link/link.ts";
import { NO_LINK } from "../../../src/net/link/spec.ts";
import { ProxyConnection } from "../../../src/net/proxy/proxy_connection.ts";
import type { Interception } from "../../../src/net/proxy/settings.ts";
import { MemoryConnection, settle } from "../ends.ts";

const LISTENER: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 9 };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";
const get = (url: string, more = "") => `GET ${url} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const CONNECT = "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n";

/** A target that is being reached. */
interface Dialled {
  readonly target: MemoryConnection;
  reach(): Promise<void>;
  fail(): Promise<void>;
}

/** A client of a proxy in memory; each dial waits until the test lets it succeed. */
class Bench {
  readonly client = new MemoryConnection();
  readonly records: Record[] = [];
  readonly dialled: Dialled[] = [];
  readonly proxy: ProxyConnection;
  readonly over: Promise<void>;
  #now = 10;
  #ids = 0;

  constructor(interception?: Interception) {
    const clock = { now: () => this.#now++, turn: () => this.#now++, wall: (at: number) => at + 1_000 };
    const settings = {
      capture: {
        emit: (record: Record) => this.records.push(record),
        wall: clock.wall,
        nextId: () => ++this.#ids,
        memory: new BodyMemory(1_000, 1_000_000),
      },
      clock,
      link: new Link(NO_LINK),
      slots: new ConnectionSlots(10, () => 10, () => {}),
      dial: () => this.#dial<Reached>((connection) => ({ connection })),
      connect: () => this.#dial<Connection>((connection) => connection),
      secureTarget: (connection: Connection) => Promise.resolve({ connection }),
      upstreamFor: () => undefined,
      interception,
      via: false,
      idleTimeoutMs: 0,
      warn: (text: string) => assert.fail(text),
      nextConnectionId: () => 4,
    };
    this.proxy = new ProxyConnection(settings, this.client, LISTENER);
    this.over = this.proxy.run();
  }

  /** One line for each that is under way. */
  get lines(): string[] {
    return this.proxy.active().map(({ type, id, connection, method, url, host, status, up, down }) =>
      [type, id, connection.target || "-", method, url, host, status, `${up}/${down}`]
        .filter((part) => part !== undefined).join(" ")
    );
  }

  /** The client sends. */
  async send(text: string): Promise<void> {
    this.client.feed(text);
    await settle();
  }

  async end(): Promise<void> {
    this.client.feed(null);
    for (const { target } of this.dialled) target.feed(null);
    await this.over;
    assert.deepEqual(this.lines, []);
  }

  #dial<T>(reached: (target: MemoryConnection) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const target = new MemoryConnection();
    this.dialled.push({
      target,
      reach: () => (resolve(reached(target)), settle()),
      fail: () => (reject(new Error("refused")), settle()),
    });
    return promise;
  }
}

Deno.test("a client that has not said yet what it wants is a stream without a target", async () => {
  const bench = new Bench();
  assert.deepEqual(bench.lines, ["stream - 0/0"]);
  await bench.send("GET http://a/");
  assert.deepEqual(bench.lines, ["stream - 13/0"]);
  await bench.end();
});

Deno.test("a request whose target is being reached shows what it asks for, since then", async () => {
  const bench = new Bench();
  await bench.send(get("http://a/x"));
  assert.deepEqual(bench.lines, ["stream a:80 GET http://a/x h 0/0"]);
  await bench.dialled[0].reach();
  assert.deepEqual(bench.lines, ["exchange 1 a:80 GET http://a/x h 0/0"]);
  bench.dialled[0].target.feed(OK.slice(0, -1));
  await settle();
  assert.deepEqual(bench.lines, ["exchange 1 a:80 GET http://a/x h 200 0/0"]);
  bench.dialled[0].target.feed("1");
  await settle();
  assert.deepEqual(bench.lines, []);
  const [{ at }] = bench.records.filter(({ type }) => type === "exchange") as { at: number }[];
  await bench.send(get("http://b/y"));
  assert.deepEqual(bench.lines, ["stream b:80 GET http://b/y h 0/0"]);
  assert.ok(bench.proxy.active()[0].at > at);
  await bench.dialled[1].fail();
  assert.deepEqual(bench.lines, []);
  await bench.end();
  const ids = bench.records.flatMap((record) => record.type === "exchange" ? [record.id] : []);
  assert.deepEqual(ids, [1, 2]);
});

Deno.test("an upload is under way with its bytes, and one that follows it is not before its turn", async () => {
  const bench = new Bench();
  await bench.send(`POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n12`);
  await bench.dialled[0].reach();
  await bench.send("3");
  assert.deepEqual(bench.lines, ["exchange 1 a:80 POST http://a/ a 3/0"]);
  await bench.send("4" + get("http://a/2"));
  assert.deepEqual(bench.lines, ["exchange 1 a:80 POST http://a/ a 4/0"]);
  bench.dialled[0].target.feed(OK);
  await settle();
  assert.deepEqual(bench.lines, ["exchange 2 a:80 GET http://a/2 h 0/0"]);
  await bench.end();
});

Deno.test("a client that the proxy answers itself has nothing under way afterwards", async () => {
  const bench = new Bench();
  await bench.send(get("/origin-form"));
  assert.deepEqual(bench.lines, []);
  await bench.end();
});

Deno.test("a WebSocket through the proxy is a stream under its URL", async () => {
  const bench = new Bench();
  await bench.send(get("http://a/chat", "Connection: Upgrade\r\nUpgrade: x\r\n"));
  await bench.dialled[0].reach();
  bench.dialled[0].target.feed("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  await settle();
  await bench.send("12345");
  assert.deepEqual(bench.lines, ["stream a:80 GET http://a/chat h 77/51"]);
  await bench.end();
});

Deno.test("a tunnel is a stream under its CONNECT, while it is opened and from then on", async () => {
  const bench = new Bench();
  await bench.send(CONNECT);
  assert.deepEqual(bench.lines, ["stream b:443 CONNECT b:443 b:443 0/0"]);
  await bench.dialled[0].reach();
  assert.deepEqual(bench.lines, ["stream b:443 CONNECT b:443 b:443 0/0"]);
  await bench.send("\x16\x03");
  bench.dialled[0].target.feed("xyz");
  await settle();
  assert.deepEqual(bench.lines, ["stream b:443 CONNECT b:443 b:443 2/3"]);
  await bench.end();
});

Deno.test("in a tunnel that is looked into, the exchanges in it are under way", async () => {
  const secured = Promise.withResolvers<void>();
  const bench = new Bench({
    wants: () => true,
    // As if the first byte were the handshake.
    secure: async (client) => {
      await client.read(new Uint8Array(1));
      await secured.promise;
      return { connection: client };
    },
  });
  await bench.send(CONNECT);
  await bench.dialled[0].reach();
  const tunnel = "stream b:443 CONNECT b:443 b:443 0/0";
  assert.deepEqual(bench.lines, [tunnel], "the first byte is waited for");
  await bench.send("\x16");
  assert.deepEqual(bench.lines, [tunnel], "TLS is being ended");
  secured.resolve();
  await settle();
  assert.deepEqual(bench.lines, [tunnel], "nothing came in it");
  await bench.send(get("/in"));
  assert.deepEqual(bench.lines, ["exchange 2 b:443 GET /in h 0/0"]);
  bench.dialled[0].target.feed(OK);
  await settle();
  assert.deepEqual(bench.lines, []);
  await bench.send(get("/chat", "Connection: Upgrade\r\nUpgrade: x\r\n"));
  bench.dialled[0].target.feed("HTTP/1.1 101 x\r\n\r\n");
  await settle();
  assert.match(bench.lines.join(), /^stream b:443 GET \/chat h \d+\/\d+$/);
  await bench.end();
});

Deno.test("a SOCKS client is a stream, of its target as soon as it has named that", async () => {
  const bench = new Bench();
  await bench.send("\x05\x01\x00");
  assert.deepEqual(bench.lines, ["stream - 3/0"]);
  await bench.send("\x05\x01\x00\x03\x01b\x00\x50");
  assert.deepEqual(bench.lines, ["stream b:80 0/0"]);
  await bench.dialled[0].reach();
  assert.deepEqual(bench.lines, ["stream b:80 0/0"]);
  await bench.send(get("/in"));
  assert.deepEqual(bench.lines, ["exchange 1 b:80 GET /in h 0/0"]);
  await bench.end();
});

Deno.test("a stop leaves nothing under way", async () => {
  const bench = new Bench();
  await bench.send(get("http://a/x"));
  await bench.dialled[0].reach();
  bench.proxy.stop();
  await bench.end();
});

Deno.test("whatever comes, looking never throws, and in the end nothing is under way", async () => {
  const up = fc.constantFrom(
    get("http://a/"),
    get("http://b/", "Connection: Upgrade\r\nUpgrade: x\r\n"),
    get("http://a/").slice(0, -4),
    "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12",
    "POST http://a/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    CONNECT,
    "\x05\x01\x00",
    "\x04\x01",
    "\0\xff",
    "\r\n",
  );
  const down = fc.constantFrom(OK, OK.slice(0, -1), "HTTP/1.1 101 x\r\n\r\n", "HTTP/1.1 100 x\r\n\r\n", "\0");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("up" as const), text: up }),
    fc.record({ kind: fc.constant("down" as const), text: down }),
    fc.record({ kind: fc.constantFrom("reach" as const, "fail" as const), text: fc.constant("") }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const bench = new Bench();
      const shown = new Set<number>();
      for (const { kind, text } of steps) {
        const last = bench.dialled.at(-1);
        if (kind === "up") bench.client.feed(text);
        else if (kind === "down") last?.target.feed(text);
        else await last?.[kind]();
        await settle();
        for (const { id } of bench.proxy.active()) if (id !== undefined) shown.add(id);
      }
      for (const { fail } of bench.dialled) await fail();
      bench.proxy.stop();
      await bench.end();
      const told = new Set(bench.records.flatMap((record) => record.type === "exchange" ? [record.id] : []));
      for (const id of shown) assert.ok(told.has(id), `exchange ${id} was shown and never recorded`);
    }),
    { numRuns: 150 },
  );
});
