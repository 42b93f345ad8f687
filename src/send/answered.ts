/** Whether a request that was sent got its answer. */
import type { ExchangeRecord } from "../capture/record.ts";

/**
 * Whether an exchange has an answer to its end. One that came early, such as 413, counts too: whoever gives it may leave
 * the rest of the request unread (RFC 9112 §9.5).
 */
export function isAnswered({ outcome, response, flags }: ExchangeRecord): boolean {
  if (outcome === "complete" || outcome === "upgraded") return true;
  return outcome === "request-cut" && response !== undefined && flags.includes("early-response");
}
