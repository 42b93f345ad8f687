/**
 * The viewer's HTTP server. `Deno.serve` waits for ever for a head that never ends, and takes any number of connections:
 * whoever reaches the port could eat the descriptors that the relay needs. This one has at most so many, and makes room
 * for new ones by closing the one that has been silent for longest.
 */
import { MOST_CONNECTIONS } from "./most_connections.ts";
import { type Answer, WebConnection } from "./web_connection.ts";

export type { Answer };

/** How often it is looked at who took too long, in ms. */
const LOOK_MS = 1_000;
/** Before accepting is tried again after it failed, for example at the descriptor limit, in ms. */
const ACCEPT_RETRY_MS = 100;

/** A server that listens. */
export interface WebServer {
  /** The address that was bound. */
  readonly address: Deno.NetAddr;
  /** Ends all connections, also those under way, and gives the port free. */
  close(): Promise<void>;
}

/**
 * Listens.
 *
 * @param answer Answers requests.
 * @param now A monotonic clock, ms.
 * @throws What `Deno.listen` throws, where the address cannot be had.
 */
export function serveWeb(
  where: { readonly hostname: string; readonly port: number },
  answer: Answer,
  now: () => number,
): WebServer {
  const listener = Deno.listen(where);
  const connections = new Map<WebConnection, Promise<void>>();
  let isStopped = false;
  let stopPause = () => {};

  const look = setInterval(() => {
    const at = now();
    for (const connection of connections.keys()) if (connection.deadlineMs < at) connection.close();
  }, LOOK_MS);

  const take = (accepted: Deno.TcpConn) => {
    accepted.setNoDelay();
    if (connections.size >= MOST_CONNECTIONS) {
      const silent = longestSilent(connections.keys());
      if (silent === undefined) return accepted.close();
      silent.close();
      connections.delete(silent);
    }
    const connection = new WebConnection(accepted, answer, now);
    connections.set(connection, connection.serve().then(() => void connections.delete(connection)));
  };

  const accept = async () => {
    while (!isStopped) {
      try {
        take(await listener.accept());
      } catch {
        if (isStopped) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ACCEPT_RETRY_MS);
          stopPause = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  };
  const accepting = accept();

  return {
    address: listener.addr as Deno.NetAddr,
    async close() {
      if (!isStopped) {
        isStopped = true;
        clearInterval(look);
        listener.close();
        stopPause();
      }
      await accepting;
      const served = [...connections.values()];
      for (const connection of connections.keys()) connection.close();
      await Promise.all(served);
    },
  };
}

function longestSilent(connections: Iterable<WebConnection>): WebConnection | undefined {
  let found: WebConnection | undefined;
  for (const connection of connections) {
    if ((connection.waitsSinceMs ?? Infinity) < (found?.waitsSinceMs ?? Infinity)) found = connection;
  }
  return found;
}
