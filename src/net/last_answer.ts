/** The end of a client that wanted no more after an answer of tcpmon's own, as a server brings it about. */
import type { Clock } from "../capture/clock.ts";
import type { Connection } from "./connection.ts";
import { dropRest } from "./last_words.ts";
import type { LinkedConnection } from "./link/link.ts";

/**
 * Ends the direction to the client, and resolves once the client has ended, or stays silent for a while, and has been
 * sent all: closing before could take the answer back (RFC 9112 §9.6). Never throws.
 *
 * @param activeAt When bytes passed last in either direction, monotonic ms.
 * @param close Closes the client's connection.
 */
export async function letGo(
  client: Connection,
  { down, clientEnded }: Pick<LinkedConnection, "down" | "clientEnded">,
  clock: Clock,
  activeAt: () => number,
  close: () => void,
): Promise<void> {
  let isDelivered = false;
  // A slow link may have the answer still.
  const delivering = down.closeWrite().catch(() => {}).then(() => {
    isDelivered = true;
  });
  await dropRest(client, clock, activeAt, () => {
    if (isDelivered) close();
  });
  clientEnded();
  await delivering;
}
