/** WebSocket messages and server-sent events, which stand in the entry of their exchange. */
import assert from "node:assert/strict";
import type {
  ConnectionClosed,
  ConnectionInfo,
  ExchangeRecord,
  ServerSentEventRecord,
  WebSocketRecord,
} from "../../src/capture/record.ts";
import { answered, AT, bodyOf, connection, exchange, responseHead } from "../log/human_fixtures.ts";
import { harOf } from "./har.ts";

const upgraded = (id = 17, on: ConnectionInfo = connection): ExchangeRecord =>
  exchange({
    id,
    connection: on,
    response: { head: responseHead(101, "", [["Upgrade", "WebSocket"]]), body: bodyOf(""), trailers: [] },
    outcome: "upgraded",
  });

const message = (changes: Partial<WebSocketRecord> = {}): WebSocketRecord => ({
  type: "message",
  protocol: "websocket",
  connection,
  exchange: 17,
  at: AT,
  direction: "up",
  index: 1,
  opcode: "text",
  frames: 1,
  body: bodyOf("hello"),
  ...changes,
});

const event = (changes: Partial<ServerSentEventRecord> = {}): ServerSentEventRecord => ({
  type: "message",
  protocol: "sse",
  connection,
  exchange: 17,
  at: AT,
  direction: "down",
  index: 1,
  event: "tick",
  body: bodyOf("1"),
  ...changes,
});

const closed = (on: ConnectionInfo = connection, exchanges = 1): ConnectionClosed => ({
  type: "connection",
  event: "closed",
  connection: on,
  at: AT,
  up: 1,
  down: 1,
  totalMs: 1,
  end: "client-closed",
  exchanges,
});

Deno.test("the messages of a WebSocket stand in its entry, as Chrome writes them", () => {
  const other = exchange({ id: 18, connection: { ...connection, id: 4 } });
  const { entries, notes } = harOf([
    upgraded(),
    message(),
    other,
    message({ direction: "down", opcode: "binary", body: bodyOf(Uint8Array.of(255, 0)) }),
    message({ opcode: "close", closeCode: 1000, body: bodyOf("\x03\xe8bye") }),
    closed(),
  ]);
  assert.deepEqual(notes, []);
  assert.deepEqual(entries.map(({ _tcpmon }) => _tcpmon.id), [18, 17]);
  assert.equal(entries[1]._resourceType, "websocket");
  const time = Math.round(AT * 1000) / 1e6;
  assert.deepEqual(entries[1]._webSocketMessages, [
    { type: "send", time, opcode: 1, data: "hello" },
    { type: "receive", time, opcode: 2, data: "/wA=" },
    { type: "send", time, opcode: 8, data: "\x03\xe8bye", _closeCode: 1000 },
  ]);
});

Deno.test("a WebSocket that is still open at the end of the log is written with what has come", () => {
  const { entries } = harOf([upgraded(), message()]);
  assert.equal(entries[0]._webSocketMessages.length, 1);
  assert.equal(harOf([upgraded()]).entries[0]._webSocketMessages, undefined);
});

Deno.test("a connection's number that comes again is another connection", () => {
  const again = { ...connection, client: "127.0.0.1:40113" };
  const { entries } = harOf([upgraded(), upgraded(17, again), message({ connection: again }), upgraded()]);
  assert.deepEqual(
    entries.map(({ _webSocketMessages }) => _webSocketMessages?.length),
    [undefined, 1, undefined],
  );
  assert.equal(entries.length, 3);
});

Deno.test("past the limit entries are written at once and messages are told of as missing", () => {
  const { entries, notes } = harOf(
    [upgraded(), message({ body: bodyOf("x".repeat(5000)) }), message(), closed(), upgraded(), message()],
    { heldLimitBytes: 4096 },
  );
  assert.equal(entries[0]._webSocketMessages.length, 1);
  assert.equal(notes.length, 1);
  const tight = harOf([upgraded(), message()], { heldLimitBytes: 0 });
  assert.equal(tight.entries.length, 1);
  assert.deepEqual(tight.notes, ["messages whose exchange is not there"]);
});

Deno.test("server-sent events stand in the entry of their exchange, which comes after them", () => {
  const { entries: [entry], notes } = harOf([
    event(),
    event({ index: 2, event: "message", lastEventId: "7", body: bodyOf("a\nb") }),
    answered("event: tick\ndata: 1\n\n", [["Content-Type", "text/event-stream"]]),
    closed(),
  ]);
  assert.deepEqual(notes, []);
  const time = Math.round(AT * 1000) / 1e6;
  assert.deepEqual(entry._eventSourceMessages, [
    { time, eventName: "tick", eventId: "", data: "1" },
    { time, eventName: "message", eventId: "7", data: "a\nb" },
  ]);
});

Deno.test("messages without their exchange, streams, lost records and bare connections are told of", () => {
  const { entries, notes } = harOf([
    message({ exchange: 5 }),
    event({ exchange: 5 }),
    event({ exchange: 6 }),
    closed(connection, 0),
    { type: "data", connection, at: AT, direction: "up", offset: 0, body: bodyOf("x") },
    { type: "lost", count: 3, from: AT, to: AT, reason: "slow" },
  ]);
  assert.deepEqual(entries, []);
  assert.deepEqual(notes, [
    "messages whose exchange is not there",
    "messages whose exchange is not there",
    "connections without an exchange",
    "messages whose exchange is not there",
    "data that is not HTTP",
    "records that the log itself had lost",
  ]);
});
