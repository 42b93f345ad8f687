/**
 * TLS to a target, over a connection that is open: a socket, or a tunnel through a proxy.
 *
 * Three ways, since none of the runtime's does everything. `Deno.startTls` verifies, is the fastest and works on every
 * version, but knows no client certificate, always verifies, and takes no authority's certificate for a server's own.
 * `node:tls` over a stream does all of it, from Deno 2.9 on.
 * Older versions can skip verification where Node dials itself, so it is given a loopback socket that leads here, and
 * can show a client certificate only where the runtime dials itself: {@link tlsConnectDirect}.
 */
import { closeQuietly, type Connection, type Reached } from "../connection.ts";
import { type Deadline, withDeadline } from "./deadline.ts";
import { DenoTlsConnection } from "./deno_tls_connection.ts";
import { CLIENT_CERT_INSECURE, NODE_TLS_OVER_STREAMS, overLoopback, overStream } from "./dial_tls_node.ts";
import { connectToSelf, listenOnLoopback } from "./loopback.ts";
import { offered, type TlsClientOptions, tlsInfo } from "./options.ts";
import { Pump } from "./pump.ts";
import { explained } from "./reason.ts";

/**
 * Whether client certificates can be shown only on a connection that {@link tlsConnectDirect} dials, not over one that
 * is open: so it is on Deno 2.4.
 */
export const CLIENT_CERT_NEEDS_DIRECT: boolean = !NODE_TLS_OVER_STREAMS;

/**
 * Speaks TLS over a connection, as the client. It takes the connection over: only what it returns is to be used, and
 * where it fails the connection is closed.
 *
 * @throws {Error} With a reason for people; a network error as it is; the signal's reason.
 */
export async function tlsConnect(
  connection: Connection,
  options: TlsClientOptions,
  deadline: Deadline,
): Promise<Reached> {
  const startedAt = performance.now();
  const named = { ...options, host: options.host.replace(/\.$/, "") };
  const plain = !named.insecure && named.clientCert === undefined;
  const way = plain && !(named.ownAuthority && NODE_TLS_OVER_STREAMS)
    ? verified
    : NODE_TLS_OVER_STREAMS
    ? overStream
    : overLoopback;
  const stop = new AbortController();
  try {
    const reached = await withDeadline(way(connection, named, stop.signal), () => stop.abort(), deadline);
    return { ...reached, tlsMs: performance.now() - startedAt };
  } catch (error) {
    // On a socket that the runtime's TLS has taken over this does nothing; `handshakeOf` sees to that one.
    closeQuietly(connection);
    throw explained(error, options.host);
  }
}

/**
 * Dials and speaks TLS in one step, always verifying: the way to show a client certificate where
 * {@link CLIENT_CERT_NEEDS_DIRECT}.
 *
 * @param port The port on `options.host`.
 * @throws {Error} As {@link tlsConnect}; also where `options.insecure` is set, which cannot be had this way.
 */
export async function tlsConnectDirect(
  port: number,
  options: TlsClientOptions,
  deadline: Deadline,
): Promise<Reached> {
  if (options.insecure) throw new Error(CLIENT_CERT_INSECURE);
  const { host, caPem = [], alpn = [], clientCert } = options;
  const startedAt = performance.now();
  const stop = new AbortController();
  const open = async () => {
    const key = clientCert === undefined ? {} : { cert: clientCert.certPem, key: clientCert.keyPem };
    const where = { hostname: host, port };
    const conn = await Deno.connectTls({
      ...where,
      caCerts: [...caPem],
      alpnProtocols: offered(alpn),
      ...key,
    });
    const { alpnProtocol } = await handshakeOf(conn, stop.signal, false);
    return { conn, alpnProtocol };
  };
  try {
    const { conn, alpnProtocol } = await withDeadline(open(), () => stop.abort(), deadline);
    const connection = new DenoTlsConnection(conn, conn, (error) => explained(error, host));
    return { connection, tls: tlsInfo(host, alpnProtocol), tlsMs: performance.now() - startedAt };
  } catch (error) {
    throw explained(error, host);
  }
}

async function verified(
  connection: Connection,
  options: TlsClientOptions,
  signal: AbortSignal,
): Promise<Reached> {
  const { host, caPem = [], alpn = [] } = options;
  const addresses = { localAddr: connection.localAddr, remoteAddr: connection.remoteAddr };
  let socket: Deno.TcpConn;
  let pump: Pump | undefined;
  if (isSocket(connection) && leftAlone === 0) {
    socket = connection;
  } else {
    const listener = listenOnLoopback((hostname) => Deno.listen({ hostname, port: 0 }));
    const [dialled, accepted] = await connectToSelf(listener, signal);
    socket = dialled;
    pump = new Pump(connection, accepted);
  }
  const conn = await Deno.startTls(socket, {
    hostname: host,
    caCerts: [...caPem],
    alpnProtocols: offered(alpn),
  });
  try {
    const { alpnProtocol } = await handshakeOf(conn, signal, pump !== undefined);
    const tls = new DenoTlsConnection(conn, addresses, (error) => explained(error, host), pump);
    return { connection: tls, tls: tlsInfo(host, alpnProtocol) };
  } catch (error) {
    throw pump?.error ?? error;
  }
}

/**
 * How many sockets are left with a handshake that was given up: the runtime does not close such a socket before its peer
 * does. While there are any, handshakes are carried out on loopback sockets, which can be closed, so that a
 * peer that hangs cannot use up this process's descriptors.
 */
let leftAlone = 0;

async function handshakeOf(
  conn: Deno.TlsConn,
  signal: AbortSignal,
  closable: boolean,
): Promise<Deno.TlsHandshakeInfo> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const handshake = conn.handshake();
  try {
    return await Promise.race([handshake, stopped.promise]);
  } catch (error) {
    if (signal.aborted && !closable) {
      leftAlone++;
      const ended = () => {
        leftAlone--;
        closeQuietly(conn);
      };
      handshake.then(ended, ended);
    } else {
      handshake.catch(() => {});
      closeQuietly(conn);
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A TCP socket of the runtime, and no wrapper of one. */
function isSocket(connection: Connection): connection is Deno.TcpConn {
  return "setNoDelay" in connection && "readable" in connection && !("handshake" in connection);
}
