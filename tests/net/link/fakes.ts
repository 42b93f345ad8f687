/** A link on a clock of its own, with both ends in memory. */
import { setImmediate } from "node:timers";
import type { FaultNote } from "../../../src/capture/record.ts";
import type { Connection } from "../../../src/net/connection.ts";
import { Link, type LinkedConnection } from "../../../src/net/link/link.ts";
import { type LinkTexts, parseLink } from "../../../src/net/link/spec.ts";
import type { Timers } from "../../../src/net/link/timers.ts";

/** Lets everything happen that needs no more time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Time that passes when it is told to. */
export class FakeTimers implements Timers {
  #now = 1_000;
  #timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** How many timers run. */
  get running(): number {
    return this.#timers.length;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((each) => each !== timer);
  }

  /** Lets so many ms pass, and whatever is due in them happen at its time. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
    }
    this.#now = end;
  }
}

/** The end of a connection that is written to: notes what came when. */
export class FakeEnd implements Connection {
  readonly localAddr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  readonly remoteAddr: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 2 };
  /** Each write: when it came, ms since the start, and what. */
  readonly writes: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  /** When the direction ended, ms since the start. */
  endedAt: number | undefined;
  closed = false;
  /** What the next write fails with. */
  failure: Error | undefined;
  /** Most bytes that one write takes. */
  most = Infinity;
  /** While this is pending no write is done. */
  blocked: Promise<void> | undefined;
  readonly #timers: Timers;
  readonly #startedAt: number;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#startedAt = timers.now();
  }

  /** Everything that came. */
  get bytes(): Uint8Array {
    return join(this.writes.map(({ bytes }) => bytes));
  }

  read(): Promise<number | null> {
    return Promise.resolve(null);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.blocked !== undefined) await this.blocked;
    if (this.failure !== undefined) throw this.failure;
    const taken = bytes.slice(0, this.most);
    this.writes.push({ at: this.#timers.now() - this.#startedAt, bytes: taken });
    return taken.length;
  }

  closeWrite(): Promise<void> {
    this.endedAt = this.#timers.now() - this.#startedAt;
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

/** One connection over a link. */
export interface Bench {
  readonly timers: FakeTimers;
  readonly link: Link;
  readonly conn: LinkedConnection;
  readonly client: FakeEnd;
  readonly target: FakeEnd;
  readonly notes: FaultNote[];
  /** When a fault ended the connection, ms since the start. */
  endedAt: number | undefined;
}

/** A seed for tests in which it does not matter. */
export const SEED = 42;

/** Puts a link between two ends in memory. */
export function bench(texts: LinkTexts, connectionId = 1): Bench {
  const timers = new FakeTimers();
  const startedAt = timers.now();
  const client = new FakeEnd(timers);
  const target = new FakeEnd(timers);
  const link = new Link(parseLink({ seed: SEED, ...texts }), timers);
  const notes: FaultNote[] = [];
  const conn = link.attach({
    connectionId,
    client,
    target,
    note: (fault) => notes.push(fault),
    end() {
      made.endedAt ??= timers.now() - startedAt;
      client.close();
      target.close();
      conn.detach();
    },
  });
  const made: Bench = { timers, link, conn, client, target, notes, endedAt: undefined };
  return made;
}

/** Bytes that tell their places apart. */
export function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 7) & 0xff);
}

/** Pieces of given sizes, again and again, and what is left. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? bytes.length);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Writes as the relay does: from one buffer, read over as soon as a write has resolved. A failure may be awaited later.
 */
export function send(
  outlet: { write(bytes: Uint8Array): Promise<number> },
  pieces: readonly Uint8Array[],
): Promise<void> {
  const buffer = new Uint8Array(Math.max(0, ...pieces.map((piece) => piece.length)));
  const sending = (async () => {
    for (const piece of pieces) {
      buffer.set(piece);
      for (let done = 0; done < piece.length;) {
        done += await outlet.write(buffer.subarray(done, piece.length));
      }
      buffer.fill(0xee);
    }
  })();
  sending.catch(() => {});
  return sending;
}
