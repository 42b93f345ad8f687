/**
 * Joins a connection to a socket of the loopback interface, for what this runtime can do with a socket only: ending TLS
 * on a stream that is open already, or speaking it over one that is no socket.
 */
import { closeQuietly, type Connection } from "../connection.ts";
import { copy, type Tap, type Times } from "../copy.ts";

/** After the inner end was closed: for so long what it has sent is still delivered. */
const LINGER_MS = 1_000;

/** Sees the bytes that pass. Chunks are borrowed until the call returns. */
export interface PumpWatch {
  /** From the connection to the socket. */
  readonly inward?: (chunk: Uint8Array) => void;
  /** From the socket to the connection. */
  readonly outward?: (chunk: Uint8Array) => void;
}

/** A connection and a socket, bytes carried both ways from the moment it is made. It owns and closes both. */
export class Pump {
  readonly #outer: Connection;
  readonly #socket: Connection;
  #error: unknown;
  #released = false;
  #delivered = false;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  readonly #over = Promise.withResolvers<void>();

  /**
   * Begins to carry.
   *
   * @param outer The connection.
   * @param socket Our end of the loopback connection; the other end belongs to someone else.
   */
  constructor(outer: Connection, socket: Connection, watch: PumpWatch = {}) {
    this.#outer = outer;
    this.#socket = socket;
    void this.#run(watch);
  }

  /** What broke the outer connection, where it did not just end. */
  get error(): unknown {
    return this.#error;
  }

  /** Resolves when both are closed. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Tells that the other end of the loopback connection was closed: what it sent is delivered, then all is closed. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#delivered) this.#close();
    else this.#lingering = setTimeout(() => this.#close(), LINGER_MS);
  }

  async #run(watch: PumpWatch): Promise<void> {
    await Promise.all([
      this.#carry(this.#outer, this.#socket, watch.inward),
      this.#carry(this.#socket, this.#outer, watch.outward).then(() => {
        this.#delivered = true;
        if (this.#released) this.#close();
      }),
    ]);
    this.#close();
  }

  async #carry(from: Connection, to: Connection, seen: PumpWatch["inward"]): Promise<void> {
    const tap: Tap = { passed: (chunk) => seen?.(chunk), ended: () => {} };
    const end = await copy(
      from,
      to,
      tap,
      { bytes: 0, sentBytes: 0, activeAt: 0 },
      NO_TIMES,
    );
    if (end.kind === "ended") return;
    const broken = end.kind === "read-failed" ? from : to;
    if (broken === this.#outer && !this.#released) this.#error ??= end.error;
    this.#close();
  }

  #close(): void {
    clearTimeout(this.#lingering);
    closeQuietly(this.#outer);
    closeQuietly(this.#socket);
    this.#over.resolve();
  }
}

/** Nobody asks when bytes passed here. */
const NO_TIMES: Times = { now: () => 0, turn: () => 0 };
