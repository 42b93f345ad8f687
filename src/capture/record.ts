/**
 * What tcpmon knows about traffic: the one union that every sink (log, history, viewer) receives.
 *
 * Records are immutable. Byte arrays in them may be views of a small shared slab: a sink that keeps a record for longer
 * than it takes to write it copies the bytes it wants.
 */
import type { Flag } from "../http/flags.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";

/** Which way bytes went: `up` from client to target, `down` from target to client. */
export type Direction = "up" | "down";

/** The two ends of one relayed connection. One object per connection, shared by all its records. */
export interface ConnectionInfo {
  /** Number of the connection, from 1, in the order of acceptance. */
  readonly id: number;
  /** The address that accepted it, for example `127.0.0.1:8081` or `unix:/run/a.sock`. */
  readonly listener: string;
  /** The client's address, for example `127.0.0.1:40112`, `[::1]:40112` or `unix:`. */
  readonly client: string;
  /** The target as configured, for example `localhost:9080`. */
  readonly target: string;
}

/** What is known of TLS with one peer. Each field is there where it could be had. */
export interface TlsInfo {
  /** Negotiated version, for example `TLSv1.3`. */
  readonly version?: string;
  /** Negotiated cipher suite by its IANA name, for example `TLS_AES_128_GCM_SHA256`. */
  readonly cipher?: string;
  /** Negotiated application protocol (ALPN, RFC 7301), for example `http/1.1`. */
  readonly alpn?: string;
  /** Name that the client asked for (SNI, RFC 6066 §3). */
  readonly serverName?: string;
  /** Subject of the peer's certificate, for example `CN=www.example.com`. */
  readonly peer?: string;
}

/** What a client offers in its first TLS message (RFC 8446 §4.1.2). */
export interface ClientHello {
  /** Name that it asks for (SNI). */
  readonly serverName?: string;
  /** Application protocols that it offers (ALPN), in its order. */
  readonly alpn: readonly string[];
  /** Versions that it offers, highest first, for example `TLSv1.3`, `TLSv1.2`. */
  readonly versions: readonly string[];
}

/** What a simulated link did to a connection, and where. */
export interface FaultNote {
  /** Which fault, as `--fault` names it, or `drop` for `--drop-bytes`. */
  readonly fault: string;
  /** The direction that it struck; absent for one that strikes the connection. */
  readonly direction?: Direction;
  /** Where in its direction it struck: bytes that had come before, from 0. */
  readonly offset: number;
  /** How many bytes were dropped or changed, where that is what it does. */
  readonly bytes?: number;
  /** Seed of the run: the same seed and the same traffic give the same faults. */
  readonly seed: number;
}

/** A body, or a part of a stream, as far as it was kept. */
export interface Body {
  /** How many bytes there were, transfer coding taken off. */
  readonly bytes: number;
  /** The first of them; all of them unless `--max-body` was passed. */
  readonly kept: Uint8Array;
}

/** A request as it came from the client. */
export interface RequestMessage {
  /** The head as it came. */
  readonly head: RequestHead;
  /** What was kept of the body. */
  readonly body: Body;
  /** Trailer fields of a chunked body, in wire order. */
  readonly trailers: readonly Field[];
  /** Fields as they were sent on instead of the client's, where tcpmon changed them. */
  readonly rewritten?: readonly Field[];
}

/** A final response as it came from the target. */
export interface ResponseMessage {
  /** The head as it came. */
  readonly head: ResponseHead;
  /** What was kept of the body. */
  readonly body: Body;
  /** Trailer fields of a chunked body, in wire order. */
  readonly trailers: readonly Field[];
}

/** How an exchange ended. */
export type Outcome =
  /** Request and response both ended as their framing says. */
  | "complete"
  /** 101, or a 2xx to CONNECT: what follows on the connection is no longer HTTP. */
  | "upgraded"
  /** The connection ended after the request, before a response began. */
  | "no-response"
  /** The connection ended inside the request. */
  | "request-cut"
  /** The connection ended inside the response. */
  | "response-cut"
  /** The target could not be reached. */
  | "connect-failed"
  /** tcpmon answered itself: a proxy's refusal, or a status of a simulated fault. */
  | "refused"
  /** A response without a request. */
  | "unrequested"
  /** What followed the head could not be read as HTTP; it is in `data` records. */
  | "not-http";

/** Durations of an exchange, ms with µs resolution, from a monotonic clock. Absent: it did not take place. */
export interface Timings {
  /** Connecting to the target; on the first exchange of a connection only. */
  readonly connect?: number;
  /** The TLS handshake with the target, a part of `connect`; on the first exchange of a connection only. */
  readonly tls?: number;
  /** First byte of the request read, to its last byte handed to the target's socket. */
  readonly send?: number;
  /** Last byte of the request sent, to the first byte of the response read. */
  readonly wait?: number;
  /** First byte of the response read, to its last byte handed to the client's socket. */
  readonly receive?: number;
  /** First byte of the exchange read, to its last byte sent on; `connect` included. */
  readonly total: number;
  /** What tcpmon added: from reading the first bytes of request and response to having sent them on, summed. */
  readonly relay?: number;
}

/** One HTTP exchange: a request and its response, or as much of it as there was. */
export interface ExchangeRecord {
  /** Tells the kinds of record apart. */
  readonly type: "exchange";
  /** Number of the exchange, from 1, in the order in which exchanges began. */
  readonly id: number;
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** When its first byte was read, ms since the epoch, with fraction. */
  readonly at: number;
  /** The request, where there was one. */
  readonly request?: RequestMessage;
  /** Interim (1xx) responses, in order. */
  readonly interim: readonly ResponseHead[];
  /** The final response, where there was one. */
  readonly response?: ResponseMessage;
  /** How long the steps took. */
  readonly ms: Timings;
  /** How it ended. */
  readonly outcome: Outcome;
  /** What went wrong, in words, where something did. */
  readonly error?: string;
  /** What is odd about it. */
  readonly flags: readonly Flag[];
  /** What a simulated link did to it. Absent: nothing. */
  readonly faults?: readonly FaultNote[];
}

/** How a connection ended: the first thing that ended it. */
export type ConnectionEnd =
  | "client-closed"
  | "target-closed"
  | "client-reset"
  | "target-reset"
  | "connect-failed"
  | "idle-timeout"
  /** The TLS handshake with the client failed. */
  | "tls-failed"
  /** A simulated link ended it. */
  | "fault"
  | "stopped";

/** A connection was opened or closed, or TLS passes through it untouched. */
export type ConnectionRecord = ConnectionOpened | ConnectionHello | ConnectionClosed;

/** A client was accepted and its target reached. */
export interface ConnectionOpened {
  /** Tells the kinds of record apart. */
  readonly type: "connection";
  /** Whether it was opened or closed. */
  readonly event: "opened";
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** When it happened, ms since the epoch, with fraction. */
  readonly at: number;
  /** Time to connect to the target, ms; the TLS handshake included. */
  readonly connectMs: number;
  /** Time of the TLS handshake with the target, ms. Absent: there was none. */
  readonly tlsMs?: number;
  /** TLS with the client, where tcpmon ends it. */
  readonly clientTls?: TlsInfo;
  /** TLS with the target, where tcpmon speaks it. */
  readonly targetTls?: TlsInfo;
}

/** TLS passes through a connection untouched: what the client said openly before it is encrypted. */
export interface ConnectionHello {
  /** Tells the kinds of record apart. */
  readonly type: "connection";
  /** Which event it is. */
  readonly event: "client-hello";
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** When it happened, ms since the epoch, with fraction. */
  readonly at: number;
  /** What the client offers. */
  readonly hello: ClientHello;
}

/** A connection is over, or its target could not be reached (then there was no `opened`). */
export interface ConnectionClosed {
  /** Tells the kinds of record apart. */
  readonly type: "connection";
  /** Whether it was opened or closed. */
  readonly event: "closed";
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** When it happened, ms since the epoch, with fraction. */
  readonly at: number;
  /** Bytes from client to target. */
  readonly up: number;
  /** Bytes from target to client. */
  readonly down: number;
  /** From acceptance to the end, ms. */
  readonly totalMs: number;
  /** How it ended. */
  readonly end: ConnectionEnd;
  /** What went wrong, in words, where something did. */
  readonly error?: string;
  /** How many HTTP exchanges the connection carried. */
  readonly exchanges: number;
  /** What a simulated link did to the connection. Absent: nothing. */
  readonly faults?: readonly FaultNote[];
}

/** Bytes of a connection that is not, or no longer, HTTP: one record per read. */
export interface DataRecord {
  /** Tells the kinds of record apart. */
  readonly type: "data";
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** When it happened, ms since the epoch, with fraction. */
  readonly at: number;
  /** Which way it went. */
  readonly direction: Direction;
  /** Where in its direction of the connection the first byte stands, from 0. */
  readonly offset: number;
  /** What was kept of the body. */
  readonly body: Body;
  /**
   * Set where HTTP was spoken on the connection, or seems to have been begun: the bytes may be a head or a body that could
   * not be read as such. Not after an upgrade.
   */
  readonly http?: true;
}

/** One WebSocket message or control frame (RFC 6455), or one server-sent event (WHATWG HTML §9.2). */
export type MessageRecord = WebSocketRecord | ServerSentEventRecord;

/** What the messages of an exchange have in common. */
export interface MessageBase {
  /** Tells the kinds of record apart. */
  readonly type: "message";
  /** The connection that it belongs to. */
  readonly connection: ConnectionInfo;
  /** Id of the exchange that opened the stream of messages. */
  readonly exchange: number;
  /** When it happened, ms since the epoch, with fraction. */
  readonly at: number;
  /** Which way it went. */
  readonly direction: Direction;
  /** Number of the message in its direction, from 1. */
  readonly index: number;
}

/** One WebSocket message, fragments joined, or a control frame. */
export interface WebSocketRecord extends MessageBase {
  /** Which protocol the messages are of. */
  readonly protocol: "websocket";
  /** What kind of message or control frame it is; `reserved` where its number has no meaning. */
  readonly opcode: "text" | "binary" | "close" | "ping" | "pong" | "reserved";
  /** How many frames carried it. */
  readonly frames: number;
  /** Payload as sent when it was compressed: its length in bytes (RFC 7692). Absent: it was not compressed. */
  readonly compressedBytes?: number;
  /** The payload, unmasked and inflated. */
  readonly body: Body;
  /** Status of a close frame that has one. */
  readonly closeCode?: number;
  /** What could not be read of it, in words. */
  readonly error?: string;
}

/** One server-sent event. */
export interface ServerSentEventRecord extends MessageBase {
  /** Which protocol the messages are of. */
  readonly protocol: "sse";
  /** Value of the `event` field, or `message`. */
  readonly event: string;
  /** Last event ID in force, where one was set. */
  readonly lastEventId?: string;
  /** Value of the `retry` field in ms, where it was given. */
  readonly retry?: number;
  /** The `data` lines joined by LF, as UTF-8. */
  readonly body: Body;
}

/** Records that the log could not take. */
export interface LostRecord {
  /** Tells the kinds of record apart. */
  readonly type: "lost";
  /** How many were lost. */
  readonly count: number;
  /** When the first and the last of them were due, ms since the epoch. */
  readonly from: number;
  /** When the last of them was due, ms since the epoch. */
  readonly to: number;
  /** Why, in words. */
  readonly reason: string;
}

/** Everything a sink can receive. */
export type Record = ExchangeRecord | ConnectionRecord | DataRecord | MessageRecord | LostRecord;

/** Takes records. It never throws, never waits, and keeps no bytes of a record without copying them. */
export interface Sink {
  /** Takes one record. */
  write(record: Record): void;
}
