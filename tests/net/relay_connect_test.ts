/** What counts as the time to connect: the way to the target and its TLS, but not what the client takes for its own. */
import assert from "node:assert/strict";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { Record } from "../../src/capture/record.ts";
import type { Reached } from "../../src/net/connection.ts";
import { Link } from "../../src/net/link/link.ts";
import { NO_LINK } from "../../src/net/link/spec.ts";
import { RelayedConnection } from "../../src/net/relay.ts";
import { MemoryConnection, settle } from "./ends.ts";

for (const [wayMs, connectMs] of [[undefined, 5], [500, 505]] as const) {
  const way = wayMs === undefined ? "without" : "with";
  Deno.test(`the time to connect is that of the dial, ${way} a way that was open before, not that of the client's TLS`, async () => {
    const [client, target] = [new MemoryConnection(), new MemoryConnection()];
    const records: Record[] = [];
    let now = 10;
    const taking = (ms: number, reached: Reached) => async (): Promise<Reached> => {
      await Promise.resolve();
      now += ms;
      return reached;
    };
    const relayed = new RelayedConnection(
      {
        capture: {
          emit: (record) => records.push(record),
          wall: (at) => at,
          nextId: () => 1,
          memory: new BodyMemory(1_000, 1_000_000),
        },
        clock: { now: () => now, turn: () => now, wall: (at) => at },
        dial: taking(5, { connection: target, tlsMs: 2 }),
        link: new Link(NO_LINK),
        idleTimeoutMs: 0,
        warn: (text) => assert.fail(text),
        nextConnectionId: () => 1,
      },
      client,
      { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "t:3" },
      {
        target: { kind: "tcp", host: "t", port: 3, http: false },
        name: "t:3",
        wayMs,
        secure: taking(1_000, { connection: client }),
      },
    );
    const over = relayed.run();
    client.feed("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    await settle();
    target.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", null);
    client.feed(null);
    await over;
    const told = records.flatMap((record) =>
      record.type === "exchange"
        ? [record.ms.connect]
        : record.type === "connection" && record.event === "opened"
        ? [record.connectMs]
        : []
    );
    assert.deepEqual(told, [connectMs, connectMs]);
    const opened = records.find((record) => record.type === "connection" && record.event === "opened");
    assert.ok(opened?.type === "connection" && opened.event === "opened");
    assert.equal(opened.tlsMs, 2);
    const closed = records.at(-1);
    assert.ok(closed?.type === "connection" && closed.event === "closed");
    assert.equal(closed.totalMs, 1_005);
  });
}
