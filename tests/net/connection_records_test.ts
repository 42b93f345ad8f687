/** What is told of one connection, and when. */
import assert from "node:assert/strict";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { FAULT_LIMIT } from "../../src/capture/fault_notes.ts";
import type { FaultNote, Record } from "../../src/capture/record.ts";
import { ConnectionRecords } from "../../src/net/connection_records.ts";
import { MemoryConnection } from "./ends.ts";

const INFO = { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "t:3" };
const CLOSING = { up: 1, down: 2, end: "client-closed", error: undefined } as const;
const FAULT: FaultNote = { fault: "drop", direction: "up", offset: 0, bytes: 1, seed: 1 };

function begin() {
  const records: Record[] = [];
  const wall = (at: number) => at + 1_000;
  const context = {
    capture: {
      emit: (record: Record) => records.push(record),
      wall,
      nextId: () => 1,
      memory: new BodyMemory(1_000, 1_000_000),
    },
    clock: { now: () => 50, turn: () => 50, wall },
    warn: (text: string) => assert.fail(text),
  };
  return { records, connection: new ConnectionRecords(context, INFO, 20) };
}

Deno.test("a connection is told of as opened and, once, as closed; then nothing is under way on it", () => {
  const { records, connection } = begin();
  assert.deepEqual(connection.active(3, 4).map(({ type, at, up, down }) => [type, at, up, down]), [
    ["stream", 1_020, 3, 4],
  ]);
  connection.open(30, { reached: { connection: new MemoryConnection(), tlsMs: 2 }, connectMs: 10 });
  assert.equal(connection.active(0, 0).length, 1);
  connection.close(CLOSING);
  connection.close(CLOSING);
  assert.deepEqual(connection.active(0, 0), []);
  assert.deepEqual(
    records.map((record) => record.type === "connection" && [record.event, record.at]),
    [["opened", 1_030], ["closed", 1_050]],
  );
});

Deno.test("one that reached no target is told of as closed, and one record names so many faults at most", () => {
  const { records, connection } = begin();
  for (let i = 0; i < FAULT_LIMIT + 9; i++) connection.note(FAULT);
  connection.close(CLOSING);
  const [closed] = records;
  assert.ok(closed.type === "connection" && closed.event === "closed" && records.length === 1);
  assert.deepEqual([closed.faults?.length, closed.totalMs, closed.exchanges], [FAULT_LIMIT, 30, 0]);
});

Deno.test("an exchange that tcpmon itself cut says why, also where one side had closed before; else the end says it", () => {
  const idle = "nothing passed for as long as --idle-timeout allows";
  const cases = [
    [{ end: "idle-timeout" }, idle],
    [{ end: "client-closed", cutBy: "idle-timeout" }, idle],
    [{ end: "stopped" }, "its listener was stopped"],
    [{ end: "stopped", error: "the target: broke" }, "the target: broke"],
    [{ end: "target-closed" }, undefined],
  ] as const;
  for (const [closing, error] of cases) {
    const { records, connection } = begin();
    const capture = connection.capturing();
    capture.up(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 21, 22);
    connection.close({ ...CLOSING, ...closing });
    const exchange = records.find((record) => record.type === "exchange");
    assert.deepEqual([exchange?.outcome, exchange?.error], ["no-response", error]);
  }
});
