/** A server whose every byte a test decides, and a client that tells what it recorded. */
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { createClock } from "../../src/capture/clock.ts";
import type { Record } from "../../src/capture/record.ts";
import type { Target } from "../../src/net/address.ts";
import { connectDirectly } from "../../src/net/dial.ts";
import type { ClientContext } from "../../src/send/client.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text as bytes. */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes as text. */
export function text(bytes: Uint8Array | undefined): string {
  return decoder.decode(bytes);
}

/** One connection of the server's. */
export class Peer {
  /** What it is. */
  readonly conn: Deno.TcpConn;
  /** Number of the connection, from 1. */
  readonly number: number;
  #held = "";

  /** Made by {@link Backend}. */
  constructor(conn: Deno.TcpConn, number: number) {
    this.conn = conn;
    this.number = number;
  }

  /** Sends all of it. */
  async say(answer: string | Uint8Array): Promise<void> {
    const all = typeof answer === "string" ? bytes(answer) : answer;
    for (let at = 0; at < all.length;) at += await this.conn.write(all.subarray(at));
  }

  /** Everything up to and with `mark`; what came before the end where that comes first. */
  async until(mark: string): Promise<string> {
    const buffer = new Uint8Array(64 * 1024);
    let end: number;
    while ((end = this.#held.indexOf(mark)) < 0) {
      const read = await this.conn.read(buffer);
      if (read === null) return this.#taken(this.#held.length);
      this.#held += text(buffer.subarray(0, read));
    }
    return this.#taken(end + mark.length);
  }

  /** A head, or "" at the end. */
  head(): Promise<string> {
    return this.until("\r\n\r\n");
  }

  /** So many characters of ASCII. */
  async take(count: number): Promise<string> {
    const buffer = new Uint8Array(64 * 1024);
    while (this.#held.length < count) {
      const read = await this.conn.read(buffer);
      if (read === null) break;
      this.#held += text(buffer.subarray(0, read));
    }
    return this.#taken(count);
  }

  #taken(count: number): string {
    const taken = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    return taken;
  }
}

/** A server on a free port of this machine. */
export class Backend implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;
  readonly #handled: Promise<void>[] = [];
  readonly #conns: Deno.TcpConn[] = [];
  readonly #ended = new AbortController();
  /** What handlers threw that was not about a lost connection. */
  readonly faults: unknown[] = [];

  /** Serves each connection with `handle`, then closes it. */
  constructor(handle: (peer: Peer, ended: AbortSignal) => Promise<void>) {
    this.#serving = this.#serve(handle);
  }

  /** Where it listens. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** It, as a target. */
  get target(): Target {
    return { kind: "tcp", host: "127.0.0.1", port: this.port, http: true };
  }

  /** How many connections there were. */
  get connections(): number {
    return this.#conns.length;
  }

  /** Ends it and all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    this.#listener.close();
    for (const conn of this.#conns) quietly(() => conn.close());
    await this.#serving;
    await Promise.all(this.#handled);
    if (this.faults.length > 0) throw this.faults[0];
  }

  async #serve(handle: (peer: Peer, ended: AbortSignal) => Promise<void>): Promise<void> {
    for (;;) {
      let conn: Deno.TcpConn;
      try {
        conn = await this.#listener.accept();
      } catch {
        return;
      }
      this.#conns.push(conn);
      this.#handled.push(this.#carry(conn, this.#conns.length, handle));
    }
  }

  async #carry(
    conn: Deno.TcpConn,
    number: number,
    handle: (peer: Peer, ended: AbortSignal) => Promise<void>,
  ): Promise<void> {
    try {
      await handle(new Peer(conn, number), this.#ended.signal);
    } catch (error) {
      const lost = [Deno.errors.BadResource, Deno.errors.Interrupted, Deno.errors.BrokenPipe];
      const isLost = lost.some((kind) => error instanceof kind) ||
        error instanceof Deno.errors.ConnectionReset;
      if (!isLost) this.faults.push(error);
    }
    quietly(() => conn.close());
  }
}

/** Resolves when the signal is aborted: a server that says nothing. */
export function silence(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    ended.aborted ? resolve() : ended.addEventListener("abort", () => resolve())
  );
}

/** What a client needs, and what it has recorded, bytes copied. */
export function recording(
  { timeoutMs = 0, limitBytes = 1 << 20 } = {},
): { readonly context: ClientContext; readonly records: Record[] } {
  const records: Record[] = [];
  let connections = 0;
  let exchanges = 0;
  const context: ClientContext = {
    dial: async (target, signal) => ({ connection: await connectDirectly(target, signal) }),
    clock: createClock(() => performance.now(), () => Date.now()),
    nextConnectionId: () => ++connections,
    nextExchangeId: () => ++exchanges,
    memory: new BodyMemory(limitBytes, 1 << 26),
    emit: (record) => records.push(structuredClone(record)),
    timeoutMs,
  };
  return { context, records };
}

/** One word for each record. */
export function kinds(records: readonly Record[]): string[] {
  return records.map((record) => {
    if (record.type === "connection") {
      return record.event === "closed" ? `closed ${record.end}` : record.event;
    }
    return record.type === "exchange" ? `exchange ${record.outcome}` : record.type;
  });
}

function quietly(step: () => void): void {
  try {
    step();
  } catch {
    // Closed already.
  }
}
