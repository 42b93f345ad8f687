/**
 * What relay, proxy and client need of a socket, whatever carries it: TCP, a Unix socket, TLS, a tunnel through a proxy, or one
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

/** First size of a read buffer: a request or a small response fits. */
const FIRST_BUFFER_BYTES = 4 * 1024;
/** Largest size: more makes bulk no faster. */
const LAST_BUFFER_BYTES = 256 * 1024;
const GROWTH = 4;
/** After so many reads that would have fitted into the next smaller size, the buffer shrinks. */
const READS_BEFORE_SHRINKING = 16;

/**
 * A buffer to read a connection into, which fits itself to what is read: small at first, so that idle connections are
 * cheap, larger while reads fill it, so that bulk is fast.
 */
export class ReadBuffer {
  /** What to read into. */
  bytes: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES);
  #smallReads = 0;

  /** Call with the size of each read, once the bytes are no longer needed. */
  fit(read: number): void {
    const size = this.bytes.length;
    if (read === size) {
      this.#smallReads = 0;
      if (size < LAST_BUFFER_BYTES) this.bytes = new Uint8Array(size * GROWTH);
    } else if (size > FIRST_BUFFER_BYTES && read * GROWTH <= size) {
      if (++this.#smallReads < READS_BEFORE_SHRINKING) return;
      this.#smallReads = 0;
      this.bytes = new Uint8Array(size / GROWTH);
    } else {
      this.#smallReads = 0;
    }
  }
}

/** Closes a connection that may be closed already. */
export function closeQuietly(connection: Connection | undefined): void {
  try {
    connection?.close();
  } catch {
    // It was closed before.
  }
}
