/**
 * TLS to a target by Node's sockets: without verification, or with a client certificate.
 *
 * From Deno 2.9 on they work over any stream. Before, they have to dial by themselves, know no client certificate, tell
 * neither version nor cipher suite, end both directions at once, and take 40 ms more for many a handshake, since there
 * `setNoDelay` does nothing.
 */
import { connect, type ConnectionOptions, TLSSocket } from "node:tls";
import { isIP } from "node:net";
import type { TlsInfo } from "../../capture/record.ts";
import type { Connection, Reached } from "../connection.ts";
import { sendAtOnce } from "../dial.ts";
import { acceptFrom, listenOnLoopback } from "./loopback.ts";
import { NodeTlsConnection, streamOver, Valve } from "./node_tls_connection.ts";
import { offered, type TlsClientOptions, tlsInfo } from "./options.ts";
import { Pump } from "./pump.ts";
import { explained } from "./reason.ts";

/** Node's TLS works over any stream. The older implementation, which does not, lacks this method as well. */
export const NODE_TLS_OVER_STREAMS: boolean = "getCipher" in TLSSocket.prototype;

/** Why a client certificate cannot be had together with `insecure`. */
export const CLIENT_CERT_INSECURE: string =
  "this runtime cannot show a client certificate to a target that is not verified; " +
  "leave --insecure out and trust the target's authority with --ca FILE, or use Deno 2.9";
const TUNNELLED = "this runtime cannot show a client certificate through a proxy; " +
  "reach the target directly (--no-proxy), or use Deno 2.9";

/**
 * Over the connection itself, which is closed to give up; where {@link NODE_TLS_OVER_STREAMS} only. Where authorities are
 * given, no others are trusted.
 */
export async function overStream(
  connection: Connection,
  options: TlsClientOptions,
): Promise<Reached> {
  const { caPem = [] } = options;
  const valve = new Valve();
  const toPeer = {
    ...nodeOptions(options),
    socket: streamOver(connection, valve),
    // Node takes these instead of its own. To give it both would need a permission, and 13 ms for each handshake.
    ca: caPem.length === 0 ? undefined : [...caPem],
    cert: options.clientCert?.certPem,
    key: options.clientCert?.keyPem,
    host: options.host,
    servername: isIP(options.host) ? "" : options.host,
  };
  return await handshake(connection, options, toPeer, (socket) => {
    valve.watch(socket);
    return Promise.resolve(valve);
  });
}

/** Over a loopback socket that Node dials and that leads here. To give up, give the signal and close the connection. */
export async function overLoopback(
  connection: Connection,
  options: TlsClientOptions,
  signal: AbortSignal,
): Promise<Reached> {
  if (options.clientCert !== undefined) throw new Error(options.insecure ? CLIENT_CERT_INSECURE : TUNNELLED);
  const listener = listenOnLoopback((hostname) => Deno.listen({ hostname, port: 0 }));
  const close = () => listener.close();
  signal.addEventListener("abort", close);
  try {
    const { hostname, port } = listener.addr as Deno.NetAddr;
    const toUs = { ...nodeOptions(options), host: hostname, port, servername: options.host };
    return await handshake(connection, options, toUs, async (socket) => {
      await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
      const accepted = await acceptFrom(listener, {
        hostname: socket.localAddress!,
        port: socket.localPort!,
      });
      sendAtOnce(accepted);
      return new Pump(connection, accepted);
    });
  } finally {
    signal.removeEventListener("abort", close);
    if (!signal.aborted) close();
  }
}

function nodeOptions(options: TlsClientOptions): ConnectionOptions {
  const { alpn = [], insecure } = options;
  return {
    ALPNProtocols: offered(alpn),
    rejectUnauthorized: !insecure,
    minVersion: "TLSv1.2",
    allowHalfOpen: true,
  } as ConnectionOptions;
}

async function handshake(
  connection: Connection,
  options: TlsClientOptions,
  nodeOptions: ConnectionOptions,
  join: (socket: TLSSocket) => Promise<Valve | Pump>,
): Promise<Reached> {
  const { localAddr, remoteAddr } = connection;
  const socket = connect(nodeOptions);
  socket.setNoDelay(true);
  const secure = secured(socket);
  let below: Valve | Pump | undefined;
  try {
    below = await join(socket);
    await secure;
    const explain = (error: unknown) => explained(error, options.host);
    const tls = new NodeTlsConnection(socket, { localAddr, remoteAddr }, explain, below);
    return { connection: tls, tls: infoOf(socket, options) };
  } catch (error) {
    socket.on("error", () => {});
    // Not before: the older implementation would lose the socket that it has in hand.
    const destroy = () => void socket.destroy();
    secure.then(destroy, destroy);
    throw (below instanceof Pump ? below.error : undefined) ?? error;
  }
}

/** Waits for the end of the handshake. */
function secured(socket: TLSSocket): Promise<void> {
  const secure = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", () => {
      // The older implementation says so of a failed handshake too, and tells why when it is read from.
      if (!NODE_TLS_OVER_STREAMS && socket.alpnProtocol === null) socket.resume();
      else resolve();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Deno.errors.UnexpectedEof("tls handshake eof")));
  });
  // It may fail while sockets are still being joined.
  secure.catch(() => {});
  return secure;
}

function infoOf(socket: TLSSocket, options: TlsClientOptions): TlsInfo {
  const base = tlsInfo(options.host, socket.alpnProtocol || null);
  if (!NODE_TLS_OVER_STREAMS) return base;
  const version = socket.getProtocol() ?? undefined;
  const cipher = socket.getCipher()?.standardName;
  const subject: { readonly [name: string]: unknown } = { ...socket.getPeerCertificate()?.subject };
  const peer = Object.entries(subject).map(([name, value]) => `${name}=${value}`).join(", ");
  return {
    ...base,
    ...(version && { version }),
    ...(cipher && { cipher }),
    ...(peer && { peer }),
  };
}
