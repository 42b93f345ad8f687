/** Connections that wait for their next request, by where they lead. */
import type { SendConnection } from "./sender.ts";

/** Connections that are kept open and wait: those of a capture may lead to as many hosts as one likes. */
const IDLE_LIMIT = 256;

/** Keeps connections between requests. The last that was used is used next, as it is the least likely to be closed. */
export class Pool {
  readonly #idle = new Map<string, SendConnection[]>();
  #count = 0;

  /** Takes a connection that can be used, if there is one. */
  take(key: string): SendConnection | undefined {
    const waiting = this.#idle.get(key);
    if (waiting === undefined) return undefined;
    for (let connection = waiting.pop(); connection !== undefined; connection = waiting.pop()) {
      this.#count--;
      if (connection.isReusable) return connection;
      connection.close();
    }
    this.#idle.delete(key);
    return undefined;
  }

  /** Takes a connection back; one that cannot be used again is closed. */
  give(key: string, connection: SendConnection): void {
    if (!connection.isReusable) return connection.close();
    const waiting = this.#idle.get(key);
    if (waiting === undefined) this.#idle.set(key, [connection]);
    else waiting.push(connection);
    if (++this.#count > IDLE_LIMIT) this.#closeOne();
  }

  /** Closes all. */
  close(): void {
    for (const waiting of this.#idle.values()) for (const connection of waiting) connection.close();
    this.#idle.clear();
    this.#count = 0;
  }

  /** Closes the one that has waited longest, of the target that was met first. */
  #closeOne(): void {
    for (const [key, waiting] of this.#idle) {
      const oldest = waiting.shift();
      if (waiting.length === 0) this.#idle.delete(key);
      if (oldest === undefined) continue;
      this.#count--;
      return oldest.close();
    }
  }
}
