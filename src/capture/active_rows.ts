/** What is under way, put together at the moment that someone asks: nothing is kept for it while bytes pass. */
import { fieldValue, type RequestHead } from "../http/head.ts";
import type { Active } from "./active.ts";
import type { PendingExchange } from "./pending_exchange.ts";
import type { ConnectionInfo } from "./record.ts";

/** How far a connection is. */
export interface SoFar {
  /** When it began, ms since the epoch, with fraction. */
  readonly at: number;
  /** Bytes from client to target so far. */
  readonly up: number;
  /** Bytes from target to client so far. */
  readonly down: number;
}

/**
 * An exchange that has not ended.
 *
 * @param at When its first byte was read, ms since the epoch.
 */
export function activeExchange(exchange: PendingExchange, connection: ConnectionInfo, at: number): Active {
  const { id, requestHead, responseHead } = exchange;
  return {
    type: "exchange",
    connection,
    id,
    at,
    ...requested(requestHead),
    status: responseHead?.status,
    mime: responseHead && mediaType(fieldValue(responseHead.fields, "content-type")),
    up: exchange.requestBytes,
    down: exchange.responseBytes,
  };
}

/**
 * A connection that carries something else than HTTP, or has not shown yet what it carries.
 *
 * @param request What was asked for: by it people know the stream. Absent: nothing was.
 */
export function activeStream(connection: ConnectionInfo, soFar: SoFar, request?: RequestHead): Active {
  const { at, up, down } = soFar;
  return { type: "stream", connection, at, ...requested(request), up, down };
}

/** A stream under the name of the request that it was opened by; rows that have a name of their own stay. */
export function askedBy(request: RequestHead, rows: readonly Active[]): readonly Active[] {
  return rows.map((row) =>
    row.type === "stream" && row.method === undefined ? { ...row, ...requested(request) } : row
  );
}

function requested(head: RequestHead | undefined): Pick<Active, "method" | "url" | "host"> | undefined {
  return head && { method: head.method, url: head.target, host: fieldValue(head.fields, "host") };
}

/** A Content-Type without its parameters (RFC 9110 §8.3.1). */
function mediaType(value: string | undefined): string | undefined {
  return value?.split(";", 1)[0].trimEnd();
}
