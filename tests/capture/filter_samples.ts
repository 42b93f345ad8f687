/** Records for the tests of filters: ordinary ones, each part of which a test may replace. */
import type {
  Body,
  ConnectionClosed,
  ConnectionHello,
  ConnectionInfo,
  ConnectionOpened,
  DataRecord,
  ExchangeRecord,
  LostRecord,
  RequestMessage,
  ResponseMessage,
  ServerSentEventRecord,
  WebSocketRecord,
} from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";

const encoder = new TextEncoder();

/** A body that was kept whole. */
export function body(content: string | Uint8Array = ""): Body {
  const kept = typeof content === "string" ? encoder.encode(content) : content;
  return { bytes: kept.length, kept };
}

/** The connection of all sample records. */
export const connection: ConnectionInfo = {
  id: 3,
  listener: "127.0.0.1:8081",
  client: "[::1]:40112",
  target: "backend.test:9080",
};

/** 2026-11-20T10:31:06.123456Z. */
export const at = Date.UTC(2026, 10, 20, 10, 31, 6, 123) + 0.456;

/** A request. */
export function request(
  line: string,
  fields: readonly Field[] = [["Host", "shop.example:8081"]],
  content: string | Uint8Array = "",
): RequestMessage {
  const [method, target, version = "HTTP/1.1"] = line.split(" ");
  const raw = new Uint8Array();
  return {
    head: { kind: "request", method, target, version, fields, raw, exact: true, flags: [] },
    body: body(content),
    trailers: [],
  };
}

/** A response. */
export function response(
  status: number,
  fields: readonly Field[] = [],
  content: string | Uint8Array = "",
  reason = status === 200 ? "OK" : "Not So Good",
): ResponseMessage {
  const raw = new Uint8Array();
  return {
    head: { kind: "response", version: "HTTP/1.1", status, reason, fields, raw, exact: true, flags: [] },
    body: body(content),
    trailers: [["X-Sum", "c0ffee"]],
  };
}

/** An exchange: `POST /api/stock?symbol=ACME`, answered by 200 with JSON. */
export function exchange(changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    type: "exchange",
    id: 17,
    connection,
    at,
    request: request("POST /api/stock?symbol=ACME", [
      ["Host", "shop.example:8081"],
      ["Content-Type", "text/xml; charset=utf-8"],
      ["X-Id", "3"],
      ["Cookie", "session=abc123; theme=dark"],
    ], "<quote>ACME</quote>"),
    interim: [],
    response: response(200, [
      ["Content-Type", "application/json"],
      ["Set-Cookie", "seen=yes; Path=/"],
      ["Server", "nginx/1.27"],
    ], '{"price": 42, "note": "Größe"}'),
    ms: { connect: 12, send: 0.1, wait: 150, receive: 0.3, total: 512.3456, relay: 0.06 },
    outcome: "complete",
    flags: ["bare-lf", "host-rewritten"],
    ...changes,
  };
}

/** A connection that was opened. */
export const opened: ConnectionOpened = {
  type: "connection",
  event: "opened",
  connection,
  at,
  connectMs: 1.5,
};

/** TLS that passes through a connection. */
export const hello: ConnectionHello = {
  type: "connection",
  event: "client-hello",
  connection,
  at,
  hello: { serverName: "hidden.example", alpn: ["h2", "http/1.1"], versions: ["TLSv1.3", "TLSv1.2"] },
};

/** A connection that was opened with TLS to the target. */
export const openedWithTls: ConnectionOpened = {
  ...opened,
  tlsMs: 1.25,
  clientTls: { serverName: "inner.example" },
  targetTls: {
    version: "TLSv1.2",
    cipher: "TLS_AES_128_GCM_SHA256",
    alpn: "http/1.1",
    peer: "CN=peer.example",
  },
};

/** A connection that a simulated link reset. */
export const struck: ConnectionClosed = {
  type: "connection",
  event: "closed",
  connection,
  at,
  up: 100,
  down: 1234,
  totalMs: 10,
  end: "fault",
  exchanges: 0,
  faults: [{ fault: "slicer", offset: 0, seed: 42 }, {
    fault: "reset",
    direction: "down",
    offset: 1234,
    seed: 42,
  }],
};

/** A connection that the target reset. */
export const closed: ConnectionClosed = {
  type: "connection",
  event: "closed",
  connection,
  at,
  up: 100,
  down: 2000,
  totalMs: 90_000,
  end: "target-reset",
  error: "connection reset by peer",
  exchanges: 2,
};

/** Bytes from a server that speaks first. */
export const data: DataRecord = {
  type: "data",
  connection,
  at,
  direction: "down",
  offset: 0,
  body: body("220 mail.example ESMTP\r\n"),
};

/** A WebSocket message. */
export const webSocket: WebSocketRecord = {
  type: "message",
  connection,
  exchange: 17,
  at,
  direction: "up",
  index: 1,
  protocol: "websocket",
  opcode: "text",
  frames: 1,
  body: body("hello socket"),
};

/** A server-sent event. */
export const serverSent: ServerSentEventRecord = {
  type: "message",
  connection,
  exchange: 18,
  at,
  direction: "down",
  index: 2,
  protocol: "sse",
  event: "update",
  body: body("price rose"),
};

/** Records that the log could not take. */
export const lost: LostRecord = { type: "lost", count: 5, from: at, to: at + 1, reason: "queue full" };
