/**
 * A tunnel that a client asked for by CONNECT or SOCKS: carried as a relayed connection. TLS in it is ended on both
 * sides where that is wanted, so that what is inside can be read; everything else passes through untouched.
 */
import type { ConnectionInfo, TlsInfo } from "../../capture/record.ts";
import type { Target } from "../address.ts";
import { closeQuietly, type Connection, type Reached } from "../connection.ts";
import { PeekableConnection, prefixed } from "../peekable_connection.ts";
import { RelayedConnection, type RelayTarget, type Secure } from "../relay.ts";
import type { ProxySettings } from "./settings.ts";

/** First byte of a TLS handshake record (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 22;
/**
 * For so long the client's first byte is waited for, which takes a round trip to it; a client that stays silent waits
 * for the server to speak first.
 */
const FIRST_BYTE_MS = 1_000;

/** A way through to a target that is open. */
export interface Tunnel {
  /** The client, and the target by name. */
  readonly info: ConnectionInfo;
  /** The client's connection, on which it was told that the tunnel is there. */
  readonly client: Connection;
  /** What the client has sent already. */
  readonly rest: Uint8Array;
  /** Where it leads. */
  readonly target: Target & { readonly kind: "tcp" };
  /** The target as the client wrote it. */
  readonly name: string;
  /** The way to it. */
  readonly way: Connection;
  /** How long it took to open it, ms. */
  readonly connectMs: number;
}

/**
 * Makes the relayed connection that carries a tunnel.
 *
 * @param clientTls TLS that the client speaks with the proxy itself.
 * @throws What reading from the client throws, where it is to be known what the client begins with.
 */
export async function carryTunnel(
  tunnel: Tunnel,
  settings: ProxySettings,
  clientTls?: TlsInfo,
): Promise<RelayedConnection> {
  const { info, target, name, way, connectMs, rest } = tunnel;
  const to: RelayTarget = { target, name, wayMs: connectMs };
  const { interception } = settings;
  const plain = (client: Connection) =>
    new RelayedConnection(
      { ...settings, dial: () => Promise.resolve({ connection: way }) },
      client,
      info,
      to,
      clientTls,
    );
  if (!interception?.wants(target.host, target.port)) return plain(prefixed(tunnel.client, rest));
  const client = new PeekableConnection(tunnel.client, rest);
  try {
    if (await client.peek(FIRST_BYTE_MS) !== TLS_HANDSHAKE) return plain(client);
  } catch (error) {
    closeQuietly(way);
    throw error;
  }
  const inside: Target = { ...target, tls: true };
  let protocol: string | undefined;
  const dial = (_target: Target, signal: AbortSignal): Promise<Reached> =>
    settings.secureTarget(way, inside, signal, protocol);
  const secure: Secure = async (client, signal) => {
    try {
      const reached = await interception.secure(client, target.host, signal);
      // What the client was promised is what the target has to speak.
      protocol = reached.tls?.alpn;
      return reached;
    } catch (error) {
      closeQuietly(way);
      throw error;
    }
  };
  return new RelayedConnection({ ...settings, dial }, client, info, {
    target: inside,
    name,
    wayMs: connectMs,
    secure,
    explains: true,
  });
}
