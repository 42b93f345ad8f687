/** The rest of a request's body, on its way from a client of the proxy to the target. */
import type { ClientReader } from "./client_reader.ts";
import type { ClientRequests } from "./client_requests.ts";
import type { ProxyLeg } from "./leg.ts";
import type { LegAnswer } from "./leg_answer.ts";

/** What became of it. */
export type BodyEnd =
  | "sent"
  /** The client ended inside it. */
  | "cut"
  /** Its framing cannot be read. */
  | "broken"
  /** The target takes no more, or its answer ends the connection. */
  | "unwanted";

/**
 * Sends the rest of a body on. An answer may come before it has ended: after one that ends the connection nothing is
 * waited for.
 *
 * @throws What reading from the client throws.
 */
export async function sendBody(
  reader: ClientReader,
  asked: ClientRequests,
  leg: ProxyLeg,
  answered: Promise<LegAnswer>,
): Promise<BodyEnd> {
  let sends = true;
  let answer: LegAnswer | undefined;
  answered.then((found) => answer = found);
  for (;;) {
    if (answer !== undefined && (answer.kind !== "done" || answer.closes)) return "unwanted";
    if (!reader.hasChunk) {
      const more = answer === undefined ? await reader.moreOr(answered) : await reader.more();
      if (more === "other") continue;
      if (!more) return "cut";
    }
    asked.next();
    const { content, ended, broken } = asked;
    if (broken !== undefined) return "broken";
    if (content !== undefined && sends) {
      leg.bodyBegins();
      sends = await leg.requests.send(content, [content], reader.readAt);
      // It may have answered; then what the client still sends is dropped.
      if (!sends) answer = await answered;
    }
    if (ended) {
      leg.requestEnded();
      return "sent";
    }
  }
}
