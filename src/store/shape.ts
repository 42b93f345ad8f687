/**
 * What many records have in common, kept once: their shape (type, method, status, media types, outcome …),
 * and their side (the connection's addresses). A shape becomes a small record again, so that a filter gives
 * the same answer on it.
 */
import type { RequestHead, ResponseHead } from "../http/head.ts";
import type { Soap } from "../capture/soap.ts";
import type { ConnectionInfo, Record, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { type Subject, TEXTS } from "../capture/filter/subject.ts";

/** What can be bound to a statement. */
export type SqlValue = string | number | null;

/** The columns of a shape, in the order of {@link shapeValues}. */
export const SHAPE_COLUMNS = [
  "type",
  "method",
  "scheme",
  "host",
  "request_version",
  "response_version",
  "status",
  "reason",
  "request_mime",
  "response_mime",
  "outcome",
  "flags",
  "error",
  "end",
  "direction",
  "protocol",
  "event",
  "opcode",
  "tls",
  "soap",
] as const;

/** A row of shapes. */
export type ShapeRow = { readonly [column in typeof SHAPE_COLUMNS[number]]: SqlValue };

/** A row of sides. */
export interface SideRow {
  /** Number of the connection in its run. */
  readonly connection: number;
  /** The address that accepted it. */
  readonly listener: string;
  /** The client's address. */
  readonly client: string;
  /** The target as configured. */
  readonly target: string;
}

/** The text keys whose answer depends on a record's shape alone. */
export const SHAPE_KEYS: ReadonlySet<string> = new Set([
  "type",
  "method",
  "scheme",
  "host",
  "version",
  "reason",
  "mime",
  "request-mime",
  "response-mime",
  "outcome",
  "flag",
  "error",
  "end",
  "direction",
  "protocol",
  "event",
  "opcode",
  "tls",
  "soap",
]);

/** The text keys whose answer depends on a record's side alone. */
export const SIDE_KEYS: ReadonlySet<string> = new Set(["listener", "client", "target"]);

/**
 * The values of a record's shape, in the order of {@link SHAPE_COLUMNS}.
 *
 * @param soap The operation that its line tells of, "" where SOAP has none; null: it is no SOAP.
 */
export function shapeValues(record: Record, soap: string | null): SqlValue[] {
  if (record.type === "lost") {
    return [
      record.type,
      ...Array.from(SHAPE_COLUMNS).fill("type").slice(1).map(() => null),
    ];
  }
  const text = (key: keyof typeof TEXTS) => textOf(record, key);
  const exchange = record.type === "exchange" ? record : undefined;
  return [
    record.type,
    text("method"),
    text("scheme"),
    text("host"),
    exchange?.request?.head.version ?? null,
    exchange?.response?.head.version ?? null,
    exchange?.response?.head.status ?? null,
    text("reason"),
    text("request-mime"),
    text("response-mime"),
    text("outcome"),
    exchange === undefined ? null : exchange.flags.join(" "),
    text("error"),
    text("end"),
    text("direction"),
    text("protocol"),
    text("event"),
    text("opcode"),
    record.type === "connection" ? tlsOf(record) : null,
    soap,
  ];
}

/** The first text that a key reads from a record; null where it reads none. */
export function textOf(record: Subject, key: keyof typeof TEXTS): string | null {
  let found: string | null = null;
  TEXTS[key](record, (text) => {
    found = text;
    return true;
  });
  return found;
}

function tlsOf(record: Subject): string | null {
  const texts: string[] = [];
  TEXTS.tls(record, (text) => {
    texts.push(text);
    return false;
  });
  return texts.length === 0 ? null : JSON.stringify(texts);
}

const NO_BODY = { bytes: 0, kept: new Uint8Array() };
const NO_BYTES = NO_BODY.kept;

/** The connection of a side. */
export function connectionOf({ connection, listener, client, target }: SideRow): ConnectionInfo {
  return { id: connection, listener, client, target };
}

/** A record with that side and nothing else to ask of. */
export function sideSubject(side: SideRow): Subject {
  return { type: "data", connection: connectionOf(side), at: 0, direction: "up", offset: 0, body: NO_BODY };
}

/** A record with that shape: what {@link SHAPE_KEYS} and `status` ask of is as it was. */
export function shapeSubject(row: ShapeRow): Subject {
  const text = (column: keyof ShapeRow) => row[column] === null ? undefined : String(row[column]);
  const target = row.scheme === "https" ? "tls://x" : "x";
  const connection: ConnectionInfo = { id: 0, listener: "", client: "", target };
  const error = row.error === null ? {} : { error: String(row.error) };
  const base = { connection, at: 0, ...error };
  // The words were written from records: they are those of their unions.
  const subject: object = (() => {
    switch (row.type) {
      case "exchange":
        return {
          ...base,
          type: "exchange",
          id: 0,
          interim: [],
          ms: { total: 0 },
          outcome: row.outcome,
          flags: text("flags")?.split(" ").filter((flag) => flag !== "") ?? [],
          ...row.method !== null && { request: requestOf(row, text) },
          ...row.status !== null && { response: responseOf(row, text) },
        };
      case "connection": {
        const tls: string[] = JSON.parse(text("tls") ?? "[]");
        return {
          ...base,
          type: "connection",
          event: row.event,
          ...row.end !== null && { end: row.end },
          ...row.event === "client-hello" && { hello: { alpn: tls, versions: [] } },
          ...row.event === "opened" && { clientTls: { ...tls } },
        };
      }
      case "data":
        return { ...base, type: "data", direction: row.direction, offset: 0, body: NO_BODY };
      default:
        return {
          ...base,
          type: "message",
          direction: row.direction,
          protocol: row.protocol,
          ...row.event !== null && { event: row.event },
          ...row.opcode !== null && { opcode: row.opcode },
          body: NO_BODY,
        };
    }
  })();
  return subject as Subject;
}

type TextColumn = (column: keyof ShapeRow) => string | undefined;

function fieldsOf(host: string | undefined, mime: string | undefined): [string, string][] {
  const fields: [string, string][] = [];
  if (host !== undefined) fields.push(["host", host]);
  if (mime !== undefined) fields.push(["content-type", mime]);
  return fields;
}

function requestOf(row: ShapeRow, text: TextColumn): RequestMessage {
  const head: RequestHead = {
    kind: "request",
    method: text("method")!,
    // Its own scheme may be neither of the two that a target implies; a head that names one has a host.
    target: row.host === null || row.method === "CONNECT" ? "/" : `${text("scheme")}://x/`,
    version: text("request_version")!,
    fields: fieldsOf(text("host"), text("request_mime")),
    raw: NO_BYTES,
    exact: true,
    flags: [],
  };
  return marked({ head, body: NO_BODY, trailers: [] }, row);
}

function responseOf(row: ShapeRow, text: TextColumn): ResponseMessage {
  const head: ResponseHead = {
    kind: "response",
    version: text("response_version")!,
    status: Number(row.status),
    reason: text("reason")!,
    fields: fieldsOf(undefined, text("response_mime")),
    raw: NO_BYTES,
    exact: true,
    flags: [],
  };
  return row.method === null
    ? marked({ head, body: NO_BODY, trailers: [] }, row)
    : { head, body: NO_BODY, trailers: [] };
}

const operations = new WeakMap<object, string>();

function marked<Message extends object>(message: Message, row: ShapeRow): Message {
  if (row.soap !== null) operations.set(message, String(row.soap));
  return message;
}

/** What {@link shapeSubject} knows of SOAP: the operation. */
export function soapOfShape(message: RequestMessage | ResponseMessage): Soap | undefined {
  const operation = operations.get(message);
  return operation === undefined ? undefined : { version: "1.1", ...operation !== "" && { operation } };
}
