/** Sockets of the loopback interface that lead back into this process, and to nobody else. */
import { sendAtOnce } from "../dial.ts";

/** Where to listen; the second for machines without IPv4. */
const ADDRESSES = ["127.0.0.1", "::1"];

/**
 * Listens on any free port of the loopback interface.
 *
 * @param open Opens a listener on an address and port 0.
 * @throws What `open` throws for the last of the addresses.
 */
export function listenOnLoopback<L>(open: (hostname: string) => L): L {
  try {
    return open(ADDRESSES[0]);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrNotAvailable)) throw error;
    return open(ADDRESSES[1]);
  }
}

/**
 * Accepts the connection that was made from an address of our own, and no other: another program of this machine that
 * found the port is turned away.
 *
 * @throws Where the listener is closed meanwhile.
 */
export async function acceptFrom<C extends Deno.Conn<Deno.NetAddr>>(
  listener: { accept(): Promise<C> },
  from: Pick<Deno.NetAddr, "hostname" | "port">,
): Promise<C> {
  for (;;) {
    const conn = await listener.accept();
    const { hostname, port } = conn.remoteAddr;
    if (port === from.port && hostname === from.hostname) return conn;
    conn.close();
  }
}

/**
 * Connects this process with itself through a listener, which is closed.
 *
 * @returns Both ends, the dialled one first.
 * @throws The signal's reason, or what the network says.
 */
export async function connectToSelf<C extends Deno.Conn<Deno.NetAddr>>(
  listener: { accept(): Promise<C>; close(): void; readonly addr: Deno.Addr },
  signal: AbortSignal,
): Promise<readonly [dialled: Deno.TcpConn, accepted: C]> {
  const stop = () => listener.close();
  signal.throwIfAborted();
  signal.addEventListener("abort", stop);
  let dialled: Deno.TcpConn | undefined;
  try {
    const { hostname, port } = listener.addr as Deno.NetAddr;
    dialled = await Deno.connect({ hostname, port });
    sendAtOnce(dialled);
    const accepted = await acceptFrom(listener, dialled.localAddr);
    sendAtOnce(accepted);
    return [dialled, accepted];
  } catch (error) {
    dialled?.close();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    if (!signal.aborted) listener.close();
  }
}
