/**
 * The keys of the filter language: what each reads, how its value is written, and a line of help.
 *
 * Names and manners follow the network filter of Chrome DevTools, whose own names are accepted too ({@link ALIASES}).
 */
import type { Flag } from "../../http/flags.ts";
import type { ConnectionEnd, Direction, MessageRecord, Outcome, Record, WebSocketRecord } from "../record.ts";
import type { Operator } from "./expression.ts";

/** Keys whose value is text. */
export type TextKey =
  | "type"
  | "listener"
  | "client"
  | "target"
  | "method"
  | "scheme"
  | "host"
  | "path"
  | "query"
  | "url"
  | "version"
  | "reason"
  | "mime"
  | "request-mime"
  | "response-mime"
  | "body"
  | "request-body"
  | "response-body"
  | "outcome"
  | "flag"
  | "soap"
  | "fault"
  | "message-id"
  | "error"
  | "end"
  | "tls"
  | "direction"
  | "protocol"
  | "event"
  | "opcode";

/** Keys whose value is a number. */
export type NumberKey =
  | "id"
  | "connection"
  | "exchanges"
  | "status"
  | "size"
  | "request-size"
  | "duration"
  | "connect"
  | "handshake"
  | "send"
  | "wait"
  | "receive"
  | "relay"
  | "time";

/** Keys whose value is a name, or `name=value`. */
export type FieldKey = "header" | "request-header" | "response-header" | "cookie";

/** What all keys have in common. */
export interface KeyBase {
  /** One line of help, without a full stop. */
  readonly description: string;
  /** A whole term, for example `status:5xx`. */
  readonly example: string;
}

/** How text without `*` is compared: as a whole, as a part, or as an address (the whole, its host or its port). */
export type TextMatch = "exact" | "contains" | "address";

/** A key whose value is text. */
export interface TextKeyInfo extends KeyBase {
  /** Its values are text. */
  readonly kind: "text";
  /** The key as it is written before the colon. */
  readonly name: TextKey;
  /** How text without `*` is compared. */
  readonly match: TextMatch;
  /** All the values there are, where they are known. */
  readonly words?: readonly string[];
}

/** What a number counts: things, status codes (with classes: `5xx`), bytes, ms, or ms since the epoch. */
export type Unit = "count" | "status" | "bytes" | "ms" | "time";

/** A key whose value is a number. */
export interface NumberKeyInfo extends KeyBase {
  /** Its values are numbers. */
  readonly kind: "number";
  /** The key as it is written before the colon. */
  readonly name: NumberKey;
  /** What the number counts. */
  readonly unit: Unit;
}

/** A key whose value is a name, or `name=value`. */
export interface FieldKeyInfo extends KeyBase {
  /** Its values are names, or names with a value. */
  readonly kind: "field";
  /** The key as it is written before the colon. */
  readonly name: FieldKey;
}

/** All there is to say about a key. */
export type KeyInfo = TextKeyInfo | NumberKeyInfo | FieldKeyInfo;

/** The words of a union, written as an object so that the compiler misses none. */
type Words<Union extends string> = { readonly [Word in Union]: true };

const TYPES: Words<Record["type"]> = {
  exchange: true,
  connection: true,
  data: true,
  message: true,
  lost: true,
};

const OUTCOMES: Words<Outcome> = {
  "complete": true,
  "upgraded": true,
  "no-response": true,
  "request-cut": true,
  "response-cut": true,
  "connect-failed": true,
  "refused": true,
  "unrequested": true,
  "not-http": true,
};

const ENDS: Words<ConnectionEnd> = {
  "client-closed": true,
  "target-closed": true,
  "client-reset": true,
  "target-reset": true,
  "connect-failed": true,
  "idle-timeout": true,
  "tls-failed": true,
  "fault": true,
  "stopped": true,
};

const FLAGS: Words<Flag> = {
  "bare-lf": true,
  "bare-cr": true,
  "leading-blank-line": true,
  "obs-fold": true,
  "space-before-colon": true,
  "space-before-fields": true,
  "no-colon": true,
  "bad-field-name": true,
  "control-in-field": true,
  "cut-head": true,
  "odd-start-line": true,
  "cl-and-te": true,
  "duplicate-length": true,
  "conflicting-length": true,
  "bad-length": true,
  "odd-transfer-encoding": true,
  "te-in-http10": true,
  "length-not-allowed": true,
  "odd-chunk-size": true,
  "chunk-extension": true,
  "no-host": true,
  "duplicate-host": true,
  "host-rewritten": true,
  "early-response": true,
  "body-left-out": true,
  "not-rewritten": true,
  "unrequested-response": true,
  "bytes-after-end": true,
  "over-limit": true,
  "not-http": true,
};

const DIRECTIONS: Words<Direction> = { up: true, down: true };

const PROTOCOLS: Words<MessageRecord["protocol"]> = { websocket: true, sse: true };

const OPCODES: Words<WebSocketRecord["opcode"]> = {
  text: true,
  binary: true,
  close: true,
  ping: true,
  pong: true,
  reserved: true,
};

function text(name: TextKey, match: TextMatch, description: string, example: string): TextKeyInfo {
  return { kind: "text", name, match, description, example };
}

function word(name: TextKey, words: Words<string>, description: string, example: string): TextKeyInfo {
  return { kind: "text", name, match: "exact", words: Object.keys(words), description, example };
}

function number(name: NumberKey, unit: Unit, description: string, example: string): NumberKeyInfo {
  return { kind: "number", name, unit, description, example };
}

function field(name: FieldKey, description: string, example: string): FieldKeyInfo {
  return { kind: "field", name, description, example };
}

/** Every key, in the order in which help shows them. */
export const KEYS: readonly KeyInfo[] = [
  text("method", "exact", "Request method", "method:GET,HEAD"),
  number("status", "status", "Status code of the response, or a class of them", "status:404,5xx"),
  text("path", "contains", "Path of the request target, without the query", "path:/api/*"),
  text("query", "contains", "Query of the request target, without the ?", "query:debug=1"),
  text("url", "contains", "Request target as it was sent", "url:/stock?symbol="),
  text("host", "address", "Host field of the request, with or without its port", "host:*.example.com"),
  text("scheme", "exact", "Scheme of the request: http or https", "scheme:https"),
  field("header", "Field of request or response, trailers included", "header:x-id=3"),
  field("request-header", "Field of the request", "request-header:authorization"),
  field("response-header", "Field of the response", "response-header:server=nginx*"),
  field("cookie", "Cookie that was sent or set", "cookie:session"),
  text("mime", "contains", "Media type of request or response", "mime:json"),
  text("request-mime", "contains", "Media type of the request", "request-mime:text/xml"),
  text("response-mime", "contains", "Media type of the response", "response-mime:image/*"),
  text("body", "contains", "Text of a request, response, message or piece of data", 'body:"fault"'),
  text("request-body", "contains", "Text of the request body", "request-body:symbol"),
  text("response-body", "contains", "Text of the response body", 'response-body:"not found"'),
  number("size", "bytes", "Bytes of the response body, of a message or of a piece of data", "size:>1M"),
  number("request-size", "bytes", "Bytes of the request body", "request-size:>=64k"),
  number(
    "duration",
    "ms",
    "Time that an exchange took in all, or that a connection was open",
    "duration:>500ms",
  ),
  number("connect", "ms", "Time to connect to the target", "connect:>50ms"),
  number(
    "handshake",
    "ms",
    "Time of the TLS handshake with the target, a part of connect",
    "handshake:>20ms",
  ),
  number("send", "ms", "Time to send the request", "send:>1s"),
  number("wait", "ms", "Time from the end of the request to the response's first byte", "wait:100ms..2s"),
  number("receive", "ms", "Time to receive the response", "receive:>1s"),
  number("relay", "ms", "Time that tcpmon itself added", "relay:>1ms"),
  number("time", "time", "When it began: RFC 3339, UTC where no offset is given", "time:>=2026-11-20T10:31"),
  text("reason", "contains", "Reason phrase of the response", 'reason:"not found"'),
  text("version", "contains", "Protocol version of request or response", "version:HTTP/1.0"),
  word("outcome", OUTCOMES, "How an exchange ended", "-outcome:complete"),
  word("flag", FLAGS, "What is odd about the framing", "flag:cl-and-te"),
  text("soap", "exact", "Operation that a SOAP request calls; soap:* is any", "soap:GetQuote"),
  text("fault", "exact", "Code or text of a SOAP Fault, or what a simulated link did", "fault:reset"),
  text("message-id", "exact", "Id of a SOAP message, or one it relates to", "message-id:urn:uuid:*"),
  text("error", "contains", "What went wrong, in words; error:* is anything that did", "error:refused"),
  word("type", TYPES, "Type of the record", "type:exchange"),
  number("id", "count", "Number of an exchange; its messages have it too", "id:17,20..30"),
  number("connection", "count", "Number of the connection", "connection:3"),
  number("exchanges", "count", "How many HTTP exchanges a connection carried that has ended", "exchanges:0"),
  text("listener", "address", "Address that accepted the connection", "listener:8081"),
  text("client", "address", "Address of the client", "client:127.0.0.1"),
  text("target", "address", "Target as configured", "target:localhost:9080"),
  word("end", ENDS, "How a connection ended", "end:*-reset"),
  text(
    "tls",
    "contains",
    "Server name, version and the like that a connection's TLS tells",
    "tls:example.com",
  ),
  word("direction", DIRECTIONS, "Way of a message or piece of data: up is to the target", "direction:up"),
  word("protocol", PROTOCOLS, "Protocol of a message", "protocol:sse"),
  text(
    "event",
    "exact",
    "Name of a server-sent event; for a connection opened, client-hello, closed",
    "event:update",
  ),
  word("opcode", OPCODES, "Kind of a WebSocket message", "opcode:ping,pong"),
];

/** Another name for a key. */
export interface Alias {
  /** The other name, as it is written before the colon. */
  readonly name: string;
  /** The key that it stands for. */
  readonly key: TextKey | NumberKey | FieldKey;
  /** How the value is compared; the value itself then carries no operator. */
  readonly operator?: Operator;
}

/** Other names of keys, those of Chrome DevTools first. There, `larger-than` includes the size itself. */
export const ALIASES: readonly Alias[] = [
  { name: "status-code", key: "status" },
  { name: "larger-than", key: "size", operator: ">=" },
  { name: "domain", key: "host" },
  { name: "mime-type", key: "response-mime" },
  { name: "has-request-header", key: "request-header" },
  { name: "has-response-header", key: "response-header" },
  { name: "cookie-name", key: "cookie" },
  { name: "content-type", key: "mime" },
  { name: "response-size", key: "size" },
  { name: "after", key: "time", operator: ">=" },
  { name: "before", key: "time", operator: "<" },
];
