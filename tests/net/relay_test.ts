/** What a relayed connection tells of how its target was reached. */
import assert from "node:assert/strict";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import type { Record } from "../../src/capture/record.ts";
import { Link } from "../../src/net/link/link.ts";
import { NO_LINK } from "../../src/net/link/spec.ts";
import { RelayedConnection } from "../../src/net/relay.ts";
import { MemoryConnection } from "./ends.ts";

Deno.test("the time that reaching the target took has nothing of the client's handshake", async () => {
  const [client, target] = [new MemoryConnection(), new MemoryConnection()];
  const records: Record[] = [];
  let now = 0;
  const relayed = new RelayedConnection(
    {
      capture: {
        emit: (record) => records.push(record),
        wall: (at) => at,
        nextId: () => 1,
        memory: new BodyMemory(1_000, 1_000_000),
      },
      clock: { now: () => now, turn: () => now, wall: (at) => at },
      dial() {
        now += 5;
        return Promise.resolve({ connection: target, tlsMs: 2 });
      },
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
      secure(connection) {
        now += 1_000;
        return Promise.resolve({ connection });
      },
    },
  );
  client.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.feed(null);
  target.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  target.feed(null);
  await relayed.run();
  const opened = records.find((record) => record.type === "connection" && record.event === "opened");
  assert.ok(opened?.type === "connection" && opened.event === "opened");
  assert.deepEqual([opened.connectMs, opened.tlsMs], [5, 2]);
  const exchange = records.find((record) => record.type === "exchange");
  assert.equal(exchange?.ms.connect, 5);
  const closed = records.at(-1);
  assert.ok(closed?.type === "connection" && closed.event === "closed");
  assert.equal(closed.totalMs, 1_005);
});
