/** What is under way on a relayed connection, from its acceptance to its end. */
import assert from "node:assert/strict";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { Record } from "../../src/capture/record.ts";
import type { Reached } from "../../src/net/connection.ts";
import { Link } from "../../src/net/link/link.ts";
import { NO_LINK, parseLink } from "../../src/net/link/spec.ts";
import { RelayedConnection, type RelayTarget } from "../../src/net/relay.ts";
import { MemoryConnection, settle } from "./ends.ts";

const INFO = { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "t:3" };
const TARGET = { kind: "tcp", host: "t", port: 3, http: false } as const;
const GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";

/** A relay between two ends in memory; `reach` lets its dial succeed, or fail. */
class Bench {
  readonly client = new MemoryConnection();
  readonly target = new MemoryConnection();
  readonly records: Record[] = [];
  readonly reach = Promise.withResolvers<Reached>();
  readonly relayed: RelayedConnection;
  readonly over: Promise<void>;
  #now = 10;
  #ids = 0;

  constructor(to: Partial<RelayTarget> = {}, fault?: string) {
    this.relayed = new RelayedConnection(
      {
        capture: {
          emit: (record) => this.records.push(record),
          wall: (at) => at + 1_000,
          nextId: () => ++this.#ids,
          memory: new BodyMemory(1_000, 1_000_000),
        },
        clock: { now: () => this.#now++, turn: () => this.#now++, wall: (at) => at + 1_000 },
        dial: () => this.reach.promise,
        link: new Link(fault === undefined ? NO_LINK : parseLink({ fault })),
        idleTimeoutMs: 0,
        warn: (text) => assert.fail(text),
        nextConnectionId: () => 1,
      },
      this.client,
      INFO,
      { target: TARGET, name: "t:3", ...to },
    );
    this.over = this.relayed.run();
  }

  /** One line for each that is under way. */
  get lines(): string[] {
    return this.relayed.active().map(({ type, id, method, url, status, up, down }) =>
      [type, id, method, url, status, `${up}/${down}`].filter((part) => part !== undefined).join(" ")
    );
  }

  async reached(): Promise<void> {
    this.reach.resolve({ connection: this.target });
    await settle();
  }

  async end(): Promise<void> {
    this.client.feed(null);
    this.target.feed(null);
    await this.over;
    assert.deepEqual(this.lines, []);
  }
}

Deno.test("while its target is being reached, and until something passes, a connection is a stream", async () => {
  const bench = new Bench();
  assert.deepEqual(bench.relayed.active().map(({ at, connection }) => ({ at, connection })), [
    { at: 1_010, connection: INFO },
  ]);
  assert.deepEqual(bench.lines, ["stream 0/0"]);
  await bench.reached();
  assert.deepEqual(bench.lines, ["stream 0/0"]);
  bench.client.feed(GET.slice(0, 9));
  await settle();
  assert.deepEqual(bench.lines, ["stream 9/0"]);
  await bench.end();
});

Deno.test("while TLS is being ended with its client, a connection is a stream", async () => {
  const secured = Promise.withResolvers<Reached>();
  const bench = new Bench({ secure: () => secured.promise });
  await settle();
  assert.deepEqual(bench.lines, ["stream 0/0"]);
  secured.reject(new Error("no handshake"));
  await bench.over;
  assert.deepEqual(bench.lines, []);
});

Deno.test("exchanges have the ids of their records; between them nothing is under way", async () => {
  const bench = new Bench();
  await bench.reached();
  bench.client.feed(GET + GET);
  await settle();
  assert.deepEqual(bench.lines, ["exchange 1 GET /a 0/0", "exchange 2 GET /a 0/0"]);
  bench.target.feed(OK + OK.slice(0, -1));
  await settle();
  assert.deepEqual(bench.lines, ["exchange 2 GET /a 200 0/0"]);
  bench.target.feed("1");
  await settle();
  assert.deepEqual(bench.lines, []);
  await bench.end();
  const ids = bench.records.flatMap((record) => record.type === "exchange" ? [record.id] : []);
  assert.deepEqual(ids, [1, 2]);
});

Deno.test("a connection that carries no HTTP, or no longer, counts its bytes each way", async () => {
  const raw = new Bench();
  await raw.reached();
  raw.target.feed("220 x\r\n");
  raw.client.feed("\0\0");
  await settle();
  assert.deepEqual(raw.lines, ["stream 2/7"]);
  raw.client.feed(null);
  await settle();
  assert.deepEqual(raw.lines, ["stream 2/7"]);
  await raw.end();

  const upgraded = new Bench();
  await upgraded.reached();
  upgraded.client.feed(GET.replace("Host", "Upgrade: x\r\nHost"));
  upgraded.target.feed("HTTP/1.1 101 x\r\n\r\n");
  await settle();
  upgraded.target.feed("1234");
  await settle();
  assert.deepEqual(upgraded.lines, ["stream GET /a 40/22"]);
  await upgraded.end();
});

Deno.test("a target that cannot be reached, a refusing link and a stop leave nothing under way", async () => {
  const failed = new Bench();
  failed.client.feed(GET);
  failed.reach.reject(new Error("refused"));
  await failed.end();
  const refused = new Bench({}, "refuse@100%");
  await refused.over;
  assert.deepEqual(refused.lines, []);
  const stopped = new Bench();
  await stopped.reached();
  stopped.client.feed(GET);
  await settle();
  assert.deepEqual(stopped.lines, ["exchange 1 GET /a 0/0"]);
  stopped.relayed.stop();
  await stopped.end();
});
