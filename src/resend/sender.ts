/**
 * One request, sent over a connection that is there or over a new one.
 *
 * A target may close a kept connection in the moment in which a request is sent on it: then that is sent once more on a
 * new one, where that cannot do harm (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
 */
import type { ExchangeRecord } from "../capture/record.ts";
import type { Target } from "../net/address.ts";
import type { ClientConnection } from "../send/client.ts";
import type { Prepared } from "./prepare.ts";

/** What is needed of a connection: {@link ClientConnection} is one. */
export type SendConnection = Pick<
  ClientConnection,
  | "exchange"
  | "isReusable"
  | "write"
  | "closeWrite"
  | "ended"
  | "received"
  | "receivedBytes"
  | "sentBytes"
  | "close"
>;

/** Opens a connection to a target; rejects with an `Error` with a message for people. */
export type Open = (target: Target, signal: AbortSignal) => Promise<SendConnection>;

/** How a request went. */
export interface Sent {
  /** The connection that it went over, where one could be opened. It is the caller's from then on. */
  readonly connection: SendConnection | undefined;
  /** The exchange, where one came of it. */
  readonly exchange: ExchangeRecord | undefined;
  /** What went wrong, in words, where there is no exchange. */
  readonly error: string | undefined;
  /** How many bytes had come over the connection before the answer. */
  readonly receivedBefore: number;
  /** Whether it was sent twice. */
  readonly isRetry: boolean;
}

/** Methods that may be sent twice (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** How requests are sent. */
export interface SendOptions {
  /** Opens connections. */
  readonly open: Open;
  /** What connections give an exchange at most, ms; 0: for ever. */
  readonly timeoutMs: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/**
 * Sends a request. Never rejects.
 *
 * @param kept A connection that was used before and may be used again.
 */
export async function sendOnce(
  { destination, pieces, method }: Prepared,
  kept: SendConnection | undefined,
  { open, timeoutMs, signal }: SendOptions,
): Promise<Sent> {
  let isRetry = false;
  if (kept !== undefined) {
    const receivedBefore = kept.receivedBytes;
    const sentBefore = kept.sentBytes;
    const isHarmless = () => IDEMPOTENT.has(method) || kept.sentBytes === sentBefore;
    let exchange: ExchangeRecord | undefined;
    let error: string | undefined;
    try {
      exchange = await kept.exchange(pieces, signal);
    } catch (thrown) {
      error = messageOf(thrown);
    }
    const isStale = exchange?.response === undefined && kept.receivedBytes === receivedBefore &&
      !signal.aborted && !isLate(exchange, timeoutMs);
    if (!isStale || !isHarmless()) return { connection: kept, exchange, error, receivedBefore, isRetry };
    kept.close();
    isRetry = true;
  }
  let connection: SendConnection | undefined;
  try {
    connection = await open(destination.target, signal);
    const receivedBefore = connection.receivedBytes;
    const exchange = await connection.exchange(pieces, signal);
    return { connection, exchange, error: undefined, receivedBefore, isRetry };
  } catch (error) {
    return { connection, exchange: undefined, error: messageOf(error), receivedBefore: 0, isRetry };
  }
}

/** Whether it was given up because the target was silent: it would be again. */
function isLate(exchange: ExchangeRecord | undefined, timeoutMs: number): boolean {
  return exchange !== undefined && timeoutMs > 0 && exchange.ms.total >= timeoutMs;
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
