/** A connection whose first bytes can be looked at before anybody reads them, without waiting for ever. */
import type { Connection } from "./connection.ts";

/** How much is looked at. */
const PEEK_BYTES = 16 * 1024;

/** A connection that gives what was read from it before what follows. */
export class PeekableConnection implements Connection {
  readonly #connection: Connection;
  #held: Uint8Array;
  #reading: Promise<Uint8Array | null> | undefined;

  /** Puts a copy of `prefix`, which was read from `connection` already, before its bytes. */
  constructor(connection: Connection, prefix: Uint8Array) {
    this.#connection = connection;
    this.#held = prefix.slice();
  }

  /** The address of this end. */
  get localAddr(): Deno.Addr {
    return this.#connection.localAddr;
  }

  /** The address of the peer. */
  get remoteAddr(): Deno.Addr {
    return this.#connection.remoteAddr;
  }

  /**
   * The first byte that is still to be read, once there is one.
   *
   * @param timeoutMs How long to wait for it.
   * @returns `undefined` where none came in that time; `null` where the peer has ended.
   */
  async peek(timeoutMs: number): Promise<number | null | undefined> {
    if (this.#held.length > 0) return this.#held[0];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), timeoutMs));
    const reading = this.#reading ??= this.#readHeld();
    // Whoever reads next gets the error, too.
    reading.catch(() => {});
    try {
      const found = await Promise.race([reading, late]);
      if (found === "late") return undefined;
      this.#reading = undefined;
      if (found === null) return null;
      this.#held = found;
      return found[0];
    } finally {
      clearTimeout(timer);
    }
  }

  /** As {@link Connection.read}. */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#reading !== undefined) {
      const found = await this.#reading;
      this.#reading = undefined;
      if (found === null) return null;
      this.#held = found;
    }
    if (this.#held.length === 0) return await this.#connection.read(buffer);
    const length = Math.min(buffer.length, this.#held.length);
    buffer.set(this.#held.subarray(0, length));
    this.#held = this.#held.subarray(length);
    return length;
  }

  /** As {@link Connection.write}. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#connection.write(bytes);
  }

  /** As {@link Connection.closeWrite}. */
  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  /** As {@link Connection.close}. */
  close(): void {
    this.#connection.close();
  }

  async #readHeld(): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(PEEK_BYTES);
    const read = await this.#connection.read(buffer);
    return read === null ? null : buffer.subarray(0, read);
  }
}

/** The connection with `prefix` before it; itself where that is empty. */
export function prefixed(connection: Connection, prefix: Uint8Array): Connection {
  return prefix.length === 0 ? connection : new PeekableConnection(connection, prefix);
}
