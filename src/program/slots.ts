/** Places for the connections of a session: as many as its options say, and as there are descriptors for. */
import type { CaptureOptions } from "../cli/settings.ts";
import {
  ConnectionSlots,
  descriptorsBesides,
  MOST_CONNECTIONS,
  roomForConnections,
} from "../net/connection_slots.ts";
import { MOST_CONNECTIONS as MOST_VIEWER_CONNECTIONS } from "../ui/most_connections.ts";

/** What listens now, as far as descriptors are concerned. */
export interface DescriptorNeed {
  /** Connections that have not reached their target yet. */
  readonly dialling: number;
  /** How many descriptors a connection takes at most, as a rule. */
  readonly descriptorsEach: number;
}

/**
 * Opens the places.
 *
 * @param need Asked whenever it is looked how many descriptors there are.
 * @param tell Tells the user, on a line of its own.
 */
export function slotsOf(
  { maxConnections, viewer }: Pick<CaptureOptions, "maxConnections" | "viewer">,
  need: () => DescriptorNeed,
  tell: (text: string) => void,
): ConnectionSlots {
  const open = () => Deno.openSync("/dev/null");
  let besides = viewer === undefined ? 0 : undefined;
  const room = () => {
    const { dialling, descriptorsEach } = need();
    // Found at the first look, when hardly any is in use.
    besides ??= descriptorsBesides(MOST_VIEWER_CONNECTIONS, open);
    return roomForConnections(dialling, descriptorsEach, open, besides);
  };
  // Windows has neither such a file nor such a limit.
  const look = Deno.build.os === "windows" ? () => Infinity : room;
  return new ConnectionSlots(maxConnections ?? MOST_CONNECTIONS, look, (used) => {
    const open = used === 1 ? "1 connection is open" : `${used} connections are open`;
    tell(`${open}, further ones wait until one ends (--max-connections, or ulimit -n)`);
  });
}
