/**
 * Node's TLS sockets as connections, and connections as the streams that they speak over: for what the runtime's own TLS
 * cannot do, namely not to verify one target.
 */
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { closeQuietly, type Connection } from "../connection.ts";
import type { Addresses } from "./deno_tls_connection.ts";
import type { Pump } from "./pump.ts";

/** What is read at a time below TLS: about one record (RFC 8446 §5.1). */
const READ_BYTES = 16 * 1024 + 512;

/** Where one direction cannot be ended alone: after so long without a byte, the peer's answer is taken to be whole. */
const QUIET_MS = 1_000;

/**
 * Holds back what is read below TLS while what was decrypted is not taken: Node's TLS over a stream reads on without end,
 * however slow its own reader is.
 */
export class Valve {
  #socket: TLSSocket | undefined;
  #open: (() => void) | undefined;

  /** Tells where what was decrypted waits. Before that, everything passes. */
  watch(socket: TLSSocket): void {
    this.#socket = socket;
  }

  /** Waits until more may be read. One reader at a time. */
  passage(): Promise<void> {
    if (!this.#isFull()) return Promise.resolve();
    return new Promise((resolve) => this.#open = resolve);
  }

  /** To be called whenever decrypted bytes were taken. */
  taken(): void {
    if (this.#open === undefined || this.#isFull()) return;
    this.#open();
    this.#open = undefined;
  }

  /** Beyond its mark the socket takes no more of what was decrypted, which then waits where nobody can count it. */
  #isFull(): boolean {
    const socket = this.#socket;
    return socket !== undefined && socket.readableLength >= socket.readableHighWaterMark;
  }
}

/** A connection as a stream, read when the valve lets it. Destroying the stream closes the connection. */
export function streamOver(connection: Connection, valve: Valve): Duplex {
  const buffer = new Uint8Array(READ_BYTES);
  return new Duplex({
    read() {
      valve.passage().then(() => connection.read(buffer)).then(
        (count) => void this.push(count === null ? null : buffer.slice(0, count)),
        (error) => void this.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      writeAll(connection, chunk).then(() => done(), done);
    },
    final(done) {
      connection.closeWrite().then(() => done(), done);
    },
    destroy(error, done) {
      closeQuietly(connection);
      done(error);
    },
  });
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}

/** A TLS socket of Node's, its handshake done. */
export class NodeTlsConnection implements Connection {
  /** The address of this end. */
  readonly localAddr: Deno.Addr;
  /** The address of the peer. */
  readonly remoteAddr: Deno.Addr;
  readonly #socket: TLSSocket;
  readonly #explain: (error: unknown) => unknown;
  readonly #pump: Pump | undefined;
  readonly #valve: Valve | undefined;
  #chunk: Uint8Array | undefined;
  #ended = false;
  #closed = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  /**
   * Takes the socket over.
   *
   * @param socket The socket, nothing read from it yet.
   * @param addresses The addresses to show.
   * @param explain Turns an error of TLS into one for people.
   * @param below What lies below the socket: the valve of the stream that it speaks over; or, where the socket leads to
   * it and not to the peer, what carries the connection's bytes. Only the older implementation needs the latter, and that
   * one cannot end one direction alone.
   */
  constructor(
    socket: TLSSocket,
    addresses: Addresses,
    explain: (error: unknown) => unknown,
    below: Valve | Pump,
  ) {
    const pump = below instanceof Valve ? undefined : below;
    this.localAddr = addresses.localAddr;
    this.remoteAddr = addresses.remoteAddr;
    this.#socket = socket;
    this.#explain = explain;
    this.#pump = pump;
    this.#valve = below instanceof Valve ? below : undefined;
    const wake = () => {
      const waiting = this.#wake;
      this.#wake = undefined;
      waiting?.();
    };
    socket.on("readable", wake);
    socket.on("end", () => {
      this.#ended = true;
      wake();
    });
    socket.on("error", (error) => {
      this.#error ??= error;
      wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      pump?.release();
      wake();
    });
  }

  /** Reads into `buffer`. @returns How many bytes, or `null` once the peer has ended. */
  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#closed) throw new Deno.errors.Interrupted("the connection was closed");
      const chunk = this.#chunk ?? this.#socket.read() as Uint8Array | null;
      if (chunk !== null) {
        this.#valve?.taken();
        const count = Math.min(chunk.length, buffer.length);
        buffer.set(chunk.subarray(0, count));
        this.#chunk = count < chunk.length ? chunk.subarray(count) : undefined;
        return count;
      }
      const error = this.#pump?.error ?? this.#error;
      if (error !== undefined && !isTruncation(error)) throw this.#explain(error);
      if (error !== undefined || this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Writes `bytes`, all of them. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#explain(this.#pump?.error ?? this.#error ?? error));
        else resolve(bytes.length);
      });
    });
  }

  /** Ends this direction; where the runtime can only end both, as soon as the peer has been quiet for 1 s. */
  async closeWrite(): Promise<void> {
    if (this.#pump !== undefined) await this.#quiet();
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => this.#socket.end(() => resolve()));
  }

  #quiet(): Promise<void> {
    return new Promise((resolve) => {
      let timer = setTimeout(ended, QUIET_MS);
      const socket = this.#socket.on("readable", heard).once("close", ended);
      function heard() {
        clearTimeout(timer);
        timer = setTimeout(ended, QUIET_MS);
      }
      function ended() {
        clearTimeout(timer);
        socket.off("readable", heard).off("close", ended);
        resolve();
      }
    });
  }

  /** Ends both directions at once. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
    this.#pump?.release();
    this.#wake?.();
  }
}

/** The peer ended TCP without ending TLS: an end, as in `DenoTlsConnection`. */
function isTruncation(error: unknown): boolean {
  return error instanceof Deno.errors.UnexpectedEof;
}
