/** How an exchange ended, as far as its two messages tell. */
import { type Head, isCutHead } from "../http/head.ts";
import type { PendingExchange } from "./pending_exchange.ts";
import type { ExchangeRecord, Outcome } from "./record.ts";

/** How an exchange ended that nothing else is known of. */
export function outcomeOf(exchange: PendingExchange): Outcome {
  if (exchange.request === "broken" || exchange.response === "broken") return "not-http";
  if (exchange.request === "open" || exchange.request === "cut") return "request-cut";
  if (exchange.response === "none") return "no-response";
  if (exchange.response !== "done") return "response-cut";
  return exchange.request === "none" ? "unrequested" : "complete";
}

/**
 * What went wrong, where the outcome alone does not say how far it went, or who ended it.
 *
 * @param cut Why tcpmon itself ended the connection, in words; absent: it did not.
 */
export function describe(exchange: PendingExchange, outcome: Outcome, cut?: string): ExchangeRecord["error"] {
  const far = howFar(exchange, outcome);
  if (cut === undefined || outcome === "complete" || outcome === "upgraded") return far;
  return far === undefined ? cut : `${far}: ${cut}`;
}

function howFar(exchange: PendingExchange, outcome: Outcome): string | undefined {
  if (outcome === "request-cut") {
    return `the request ended ${where(exchange.requestHead, exchange.requestBytes)}`;
  }
  if (outcome !== "response-cut") return undefined;
  return `the response ended ${where(exchange.responseHead, exchange.responseBytes)}`;
}

function where(head: Head | undefined, bodyBytes: number): string {
  if (head === undefined) return "inside its head";
  return isCutHead(head)
    ? `inside its head, after ${head.raw.length} bytes`
    : `after ${bodyBytes} bytes of its body`;
}
