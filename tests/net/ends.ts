/** The two sides of a direction, in memory, for tests of what copies between them. */
import type { Connection } from "../../src/net/connection.ts";

const ADDRESS: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };

/** A connection that gives what is fed to it, and keeps what is written to it. */
export class MemoryConnection implements Connection {
  readonly localAddr = ADDRESS;
  readonly remoteAddr = ADDRESS;
  /** How often it was asked to read. */
  reads = 0;
  /** What was written, one character per byte. */
  written = "";
  /** Each write's length. */
  readonly writes: number[] = [];
  /** What writing fails with. */
  failure: Error | undefined;
  /** Most bytes that one write takes. */
  most = Infinity;
  endedWriting = false;
  closed = false;
  readonly #fed: (Uint8Array | Error | null)[] = [];
  #arrived = Promise.withResolvers<void>();

  /** Lets text be read, then an error, or the end. */
  feed(...pieces: (string | Error | null)[]): this {
    for (const piece of pieces) {
      this.#fed.push(typeof piece === "string" ? Uint8Array.from(piece, (c) => c.charCodeAt(0)) : piece);
    }
    this.#arrived.resolve();
    return this;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    while (this.#fed.length === 0) {
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
    const next = this.#fed[0];
    // The end stays.
    if (next === null) return null;
    this.#fed.shift();
    if (next instanceof Error) throw next;
    const part = next.subarray(0, buffer.length);
    buffer.set(part);
    if (part.length < next.length) this.#fed.unshift(next.subarray(part.length));
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const taken = bytes.subarray(0, this.most);
    this.writes.push(taken.length);
    for (const byte of taken) this.written += String.fromCharCode(byte);
    return Promise.resolve(taken.length);
  }

  closeWrite(): Promise<void> {
    this.endedWriting = true;
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

/** Lets everything happen that waits for nothing from outside. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
