/** What a table shows of a record, without reading the record itself. */
import type { Dictionary } from "./dictionary.ts";
import { urlOf } from "./row.ts";
import type { SqlValue } from "./shape.ts";

/** One row of a history. What does not apply to its type is absent. */
export interface HistoryRow {
  /** Its place in the history: rises, and is never given twice. */
  readonly id: number;
  /** Type of the record. */
  readonly type: "exchange" | "connection" | "data" | "message" | "lost";
  /** When it was, ms since the epoch. */
  readonly at: number;
  /** Number of the exchange in its run; of a message: the one that opened its stream. */
  readonly exchange?: number;
  /** Number of the connection in its run. */
  readonly connection?: number;
  /** The address that accepted it. */
  readonly listener?: string;
  /** The client's address. */
  readonly client?: string;
  /** The target as configured. */
  readonly target?: string;
  /** Method of the request. */
  readonly method?: string;
  /** Value of Host, or the authority of the request target. */
  readonly host?: string;
  /** The request target as it was sent. */
  readonly url?: string;
  /** Status of the response. */
  readonly status?: number;
  /** Reason phrase of the response. */
  readonly reason?: string;
  /** Media type of the request. */
  readonly requestMime?: string;
  /** Media type of the response. */
  readonly responseMime?: string;
  /** Bytes of the request body. */
  readonly requestBytes?: number;
  /** Bytes of the response body, of a message or of a piece of data. */
  readonly bytes?: number;
  /** How an exchange ended. */
  readonly outcome?: string;
  /** How a connection ended. */
  readonly end?: string;
  /** What went wrong, in words. */
  readonly error?: string;
  /** What is odd about it. */
  readonly flags?: readonly string[];
  /** Operation of a SOAP message; "": one without. */
  readonly soap?: string;
  /** Way of a message or piece of data. */
  readonly direction?: string;
  /** Protocol of a message. */
  readonly protocol?: string;
  /** Name of a server-sent event; what happened to a connection. */
  readonly event?: string;
  /** Kind of a WebSocket message. */
  readonly opcode?: string;
  /** Durations in ms, by their names in the filter language. */
  readonly ms: {
    readonly duration?: number;
    readonly connect?: number;
    readonly handshake?: number;
    readonly send?: number;
    readonly wait?: number;
    readonly receive?: number;
    readonly relay?: number;
  };
}

/** A row of `records`. */
export interface StoredRow {
  /** Its id. */
  readonly id: number;
  /** Id of its shape. */
  readonly shape: number;
  /** Id of its side. */
  readonly side: number | null;
  /** The other columns. */
  readonly [column: string]: SqlValue;
}

const DURATIONS = ["duration", "connect", "handshake", "send", "wait", "receive", "relay"] as const;

/** The row as tables show it. */
export function rowOf(row: StoredRow, dictionary: Dictionary): HistoryRow {
  const shape = dictionary.shapes.get(row.shape);
  const side = row.side === null ? undefined : dictionary.sides.get(row.side);
  const { outcome, end, error, soap, direction, protocol, event, opcode, method, host, status, reason } =
    shape ?? {};
  const ms: { [name: string]: SqlValue } = {};
  for (const name of DURATIONS) if (row[name] !== null) ms[name] = row[name];
  const found: { [name: string]: unknown } = {
    id: row.id,
    type: shape?.type,
    at: row.at,
    exchange: row.exchange,
    connection: side?.connection,
    listener: side?.listener,
    client: side?.client,
    target: side?.target,
    method,
    host,
    url: row.url ?? urlOf(row.path, row.query),
    status,
    reason,
    requestMime: shape?.request_mime,
    responseMime: shape?.response_mime,
    requestBytes: row.request_size,
    bytes: row.size,
    outcome,
    end,
    error,
    flags: typeof shape?.flags === "string"
      ? shape.flags.split(" ").filter((flag) => flag !== "")
      : undefined,
    soap,
    direction,
    protocol,
    event,
    opcode,
    ms,
  };
  for (const name of Object.keys(found)) {
    if (found[name] === null || found[name] === undefined) delete found[name];
  }
  return found as unknown as HistoryRow;
}
