/** TLS that the runtime speaks on a socket, as a connection. */
import type { Connection } from "../connection.ts";
import type { Pump } from "./pump.ts";

/** The addresses of both ends. */
export interface Addresses {
  /** Of this end. */
  readonly localAddr: Deno.Addr;
  /** Of the peer. */
  readonly remoteAddr: Deno.Addr;
}

/**
 * A TLS connection of the runtime. Its handshake is done.
 *
 * A peer that ends TCP without ending TLS first (close_notify, RFC 8446 §6.1) is taken to have ended: many servers do
 * so, and whether a message is whole is told by its own framing, which the capture checks.
 */
export class DenoTlsConnection implements Connection {
  /** The address of this end. */
  readonly localAddr: Deno.Addr;
  /** The address of the peer. */
  readonly remoteAddr: Deno.Addr;
  readonly #conn: Deno.TlsConn;
  readonly #explain: (error: unknown) => unknown;
  readonly #pump: Pump | undefined;

  /**
   * Takes the runtime's connection over.
   *
   * @param conn The runtime's connection.
   * @param addresses The addresses to show.
   * @param explain Turns an error of TLS into one for people.
   * @param pump What carries the connection's bytes, where `conn` is not a socket to the peer itself.
   */
  constructor(conn: Deno.TlsConn, addresses: Addresses, explain: (error: unknown) => unknown, pump?: Pump) {
    this.localAddr = addresses.localAddr;
    this.remoteAddr = addresses.remoteAddr;
    this.#conn = conn;
    this.#explain = explain;
    this.#pump = pump;
  }

  /** Reads into `buffer`. @returns How many bytes, or `null` once the peer has ended. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer).catch(this.#readFailed);
  }

  /** Writes from `bytes`. @returns How many were taken. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes).catch(this.#failed);
  }

  /** Ends this direction: close_notify, then the end of TCP's. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite().catch(this.#failed);
  }

  /** Ends both directions at once. */
  close(): void {
    this.#conn.close();
    this.#pump?.release();
  }

  readonly #readFailed = (error: unknown): null => {
    if (error instanceof Deno.errors.UnexpectedEof && this.#pump?.error === undefined) return null;
    return this.#failed(error);
  };

  readonly #failed = (error: unknown): never => {
    throw this.#pump?.error ?? this.#explain(error);
  };
}
