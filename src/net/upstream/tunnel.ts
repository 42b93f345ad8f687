/** A tunnel to a target through an upstream proxy, whichever kind the proxy is. */
import type { Connection } from "../connection.ts";
import { SocksClient } from "../socks/client.ts";
import { type Handshake, shakeHands } from "./handshake.ts";
import { HttpConnect } from "./http_connect.ts";
import { proxyAuthorization, type UpstreamProxy } from "./proxy_address.ts";

/**
 * Asks a proxy for a tunnel. Afterwards the connection is the target's: the next byte read is the target's first, and
 * nothing was read beyond the proxy's answer, so that TLS can be started on the socket.
 *
 * @param connection To the proxy, fresh; for an `https` proxy with TLS in place.
 * @param target A name, or an address without brackets, and a port.
 * @param signal Ends the attempt.
 * @throws {Error} with a message for people, where there is no tunnel. The connection is closed then.
 */
export async function tunnel(
  connection: Connection,
  proxy: UpstreamProxy,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<void> {
  let handshake: Handshake;
  try {
    handshake = handshakeFor(proxy, target.host, target.port);
  } catch (error) {
    connection.close();
    throw error;
  }
  await shakeHands(connection, handshake, signal);
}

function handshakeFor(proxy: UpstreamProxy, host: string, port: number): Handshake {
  if (proxy.kind !== "socks5") return new HttpConnect(host, port, proxyAuthorization(proxy));
  const { user, password = "" } = proxy;
  return new SocksClient(host, port, user === undefined ? undefined : { user, password });
}
