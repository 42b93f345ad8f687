/** The `exchange` line of a log → its record: the hot path of reading. */
import type { ExchangeRecord, Outcome, RequestMessage, ResponseMessage, Timings } from "../capture/record.ts";
import type { Flag } from "../http/flags.ts";
import type { Field, ResponseHead } from "../http/head.ts";
import { readBody } from "./body.ts";
import type { ArchivedConnection } from "./connections.ts";
import { readFaults } from "./faults.ts";
import { haveHeadFlags, isSame, readFields, readRequestHead, readResponseHead } from "./heads.ts";

import { count, duration, type Fields, fields, list, oneOf, optionalText, refuse } from "./shape.ts";

/** Every way in which an exchange can end. */
export const OUTCOMES = [
  "complete",
  "upgraded",
  "no-response",
  "request-cut",
  "response-cut",
  "connect-failed",
  "refused",
  "unrequested",
  "not-http",
] as const satisfies readonly Outcome[];

const NO_FIELDS: readonly Field[] = [];
const NO_FLAGS: readonly Flag[] = [];
const NO_HEADS: readonly ResponseHead[] = [];

/** The form of a flag's name. Names that a newer version has are taken as they are. */
const FLAG = /^[a-z0-9-]{1,40}$/;

/**
 * Reads an exchange.
 *
 * @param connection The connection that it belongs to; its last heads are brought up to date.
 * @param at When it began.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readExchange(source: Fields, connection: ArchivedConnection, at: number): ExchangeRecord {
  const flags = readFlags(source.flags);
  const flagged = haveHeadFlags(flags);
  const { request, interim, response, error, faults } = source;
  const record: { -readonly [name in keyof ExchangeRecord]: ExchangeRecord[name] } = {
    type: "exchange",
    id: count(source.id, "id"),
    connection: connection.info,
    at,
    interim: interim === undefined ? NO_HEADS : readInterim(interim, flagged),
    ms: readTimings(fields(source.ms, "ms")),
    outcome: oneOf(source.outcome, "outcome", OUTCOMES),
    flags,
  };
  if (request !== undefined) record.request = readRequest(fields(request, "request"), flagged, connection);
  if (response !== undefined) {
    record.response = readResponse(fields(response, "response"), flagged, connection);
  }
  if (error !== undefined) record.error = optionalText(error, "error");
  if (faults !== undefined) record.faults = readFaults(faults);
  return record;
}

function readRequest(source: Fields, flagged: boolean, connection: ArchivedConnection): RequestMessage {
  const head = readRequestHead(source, flagged, connection.request);
  connection.request = head;
  const message = {
    head,
    body: readBody(fields(source.body, "request.body"), "request.body.", head.fields),
    trailers: source.trailers === undefined ? NO_FIELDS : readFields(source.trailers, "request.trailers"),
  };
  const isRedacted = readMark(source.redacted, "request.redacted");
  if (source.rewritten === undefined) return isRedacted ? marked(message) : message;
  const rewritten = connection.rewritten !== undefined && isSame(source.rewritten, connection.rewritten)
    ? connection.rewritten
    : readFields(source.rewritten, "request.rewritten");
  connection.rewritten = rewritten;
  return isRedacted ? marked({ ...message, rewritten }) : { ...message, rewritten };
}

function readResponse(source: Fields, flagged: boolean, connection: ArchivedConnection): ResponseMessage {
  const head = readResponseHead(source, "response", flagged, connection.response);
  connection.response = head;
  const message = {
    head,
    body: readBody(fields(source.body, "response.body"), "response.body.", head.fields),
    trailers: source.trailers === undefined ? NO_FIELDS : readFields(source.trailers, "response.trailers"),
  };
  return readMark(source.redacted, "response.redacted") ? marked(message) : message;
}

function readInterim(value: unknown, flagged: boolean): readonly ResponseHead[] {
  return list(value, "interim").map((head, i) =>
    readResponseHead(fields(head, `interim[${i}]`), `interim[${i}]`, flagged)
  );
}

/** Whether redaction has replaced something. */
function readMark(value: unknown, name: string): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  return refuse(value, name, "true or nothing");
}

/** A message in which redaction replaced something, marked as redaction marks it. */
function marked<Message extends object>(message: Message): Message & { readonly redacted: true } {
  return { ...message, redacted: true };
}

/**
 * Reads durations.
 *
 * @throws {Wrong} where one is not what it must be.
 */
export function readTimings(source: Fields): Timings {
  const { connect, tls, send, wait, receive, relay } = source;
  const ms: { -readonly [name in keyof Timings]: Timings[name] } = {
    total: duration(source.total, "ms.total"),
  };
  if (connect !== undefined) ms.connect = duration(connect, "ms.connect");
  if (tls !== undefined) ms.tls = duration(tls, "ms.tls");
  if (send !== undefined) ms.send = duration(send, "ms.send");
  if (wait !== undefined) ms.wait = duration(wait, "ms.wait");
  if (receive !== undefined) ms.receive = duration(receive, "ms.receive");
  if (relay !== undefined) ms.relay = duration(relay, "ms.relay");
  return ms;
}

/**
 * Reads the names of what is odd.
 *
 * @throws {Wrong} where one is not what it must be.
 */
export function readFlags(value: unknown): readonly Flag[] {
  const flags = list(value, "flags");
  if (flags.length === 0) return NO_FLAGS;
  return flags.map((flag, i) =>
    typeof flag === "string" && FLAG.test(flag) ? flag as Flag : refuse(flag, `flags[${i}]`, "a flag's name")
  );
}
