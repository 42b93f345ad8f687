/** Many connections at once from this process: a backend that holds them, and a client that opens and uses them. */

import { SMALL_BODY } from "./backend.ts";

/** Connections opened at a time: below the queue of 128 that Deno's listeners have had. */
const OPENED_AT_ONCE = 64;

/** What a connection of a busy crowd may take in all, before it counts as failed. */
const BUSY_TIMEOUT_MS = 120_000;

/** How long to wait for connections to reach the backend. */
const ARRIVE_TIMEOUT_MS = 10_000;

const REQUEST = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n",
);

/** A backend that accepts connections and holds them, saying nothing. */
export class HoldingBackend implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #held: Deno.TcpConn[] = [];

  /** Starts to listen. */
  constructor() {
    void this.#accept();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#held.push(connection);
  }

  /** The port it took on 127.0.0.1. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Waits until it holds `count` connections or no more arrive within 10 s, and gives how many it holds. */
  async holds(count: number): Promise<number> {
    const deadline = performance.now() + ARRIVE_TIMEOUT_MS;
    while (this.#held.length < count && performance.now() < deadline) {
      await new Promise((resume) => setTimeout(resume, 20));
    }
    return this.#held.length;
  }

  /** Closes the listener and every connection. */
  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#held) connection.close();
  }
}

/** Connections that are open at the same time. */
export class Crowd implements Disposable {
  readonly #connections: readonly Deno.TcpConn[];
  /** How many could not be opened. */
  readonly refused: number;

  private constructor(connections: readonly Deno.TcpConn[], refused: number) {
    this.#connections = connections;
    this.refused = refused;
  }

  /** Opens `count` connections to 127.0.0.1:`port`, some dozens at a time. */
  static async open(port: number, count: number): Promise<Crowd> {
    const connections: Deno.TcpConn[] = [];
    for (let left = count; left > 0; left -= OPENED_AT_ONCE) {
      const batch = Array.from(
        { length: Math.min(left, OPENED_AT_ONCE) },
        () => Deno.connect({ hostname: "127.0.0.1", port }),
      );
      for (const result of await Promise.allSettled(batch)) {
        if (result.status === "fulfilled") connections.push(result.value);
      }
    }
    return new Crowd(connections, count - connections.length);
  }

  /**
   * Sends `requests` small requests on every connection, one after the other, all connections at the same time.
   * @returns How many connections failed: refused, reset, closed, wrongly answered, or not done after two minutes.
   */
  async exchange(requests: number): Promise<number> {
    const timer = setTimeout(() => this[Symbol.dispose](), BUSY_TIMEOUT_MS);
    const results = await Promise.all(
      this.#connections.map((connection) => exchangeAll(connection, requests)),
    );
    clearTimeout(timer);
    return this.refused + results.filter((succeeded) => !succeeded).length;
  }

  /** Closes every connection. */
  [Symbol.dispose](): void {
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // Closed already, at the end of the time that an exchange may take.
      }
    }
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) offset += await connection.write(bytes.subarray(offset));
}

/** Reads one response; whether it is the expected one, whole and with nothing after it. */
async function readResponse(connection: Deno.Conn, buffer: Uint8Array): Promise<boolean> {
  let text = "";
  const decoder = new TextDecoder();
  while (!text.endsWith(SMALL_BODY)) {
    const count = await connection.read(buffer);
    if (count === null || text.length > buffer.length) return false;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text.startsWith("HTTP/1.1 200 ");
}

async function exchangeAll(connection: Deno.Conn, requests: number): Promise<boolean> {
  const buffer = new Uint8Array(2048);
  try {
    for (let done = 0; done < requests; done++) {
      await writeAll(connection, REQUEST);
      if (!await readResponse(connection, buffer)) return false;
    }
    return true;
  } catch {
    return false;
  }
}
