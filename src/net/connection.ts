/**
 * What relay and proxy need of a socket, whatever carries it: TCP, a Unix socket, TLS, a tunnel through a proxy, or one
 * of these behind a simulated link.
 */
import type { TlsInfo } from "../capture/record.ts";

/** A stream of bytes to a peer and back. `Deno.Conn` is one. */
export interface Connection {
  /** The address of this end. */
  readonly localAddr: Deno.Addr;
  /** The address of the peer; of the proxy, where one is in between. */
  readonly remoteAddr: Deno.Addr;
  /** Reads into `buffer`. @returns How many bytes, or `null` once the peer has ended. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes from `bytes`. @returns How many were taken; it may be fewer than there are. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends this direction; the other goes on. */
  closeWrite(): Promise<void>;
  /** Ends both directions at once. What waits in `read` or `write` rejects. */
  close(): void;
}

/** Where one direction of a connection is written to. A `Connection` is one. */
export interface Outlet {
  /** Writes from `bytes`, which are borrowed until then. @returns How many were taken; it may be fewer than there are. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the direction. */
  closeWrite(): Promise<void>;
}

/** A target that was reached. */
export interface Reached {
  /** The way to it, ready for its protocol. */
  readonly connection: Connection;
  /** What is known of TLS with it, where TLS is spoken. */
  readonly tls?: TlsInfo;
  /** How long the TLS handshake took, ms. Absent: there was none. */
  readonly tlsMs?: number;
}

/** Closes a connection that may be closed already. */
export function closeQuietly(connection: Connection | undefined): void {
  try {
    connection?.close();
  } catch {
    // It was closed before.
  }
}
