/** The two ends of a relayed connection, as raw sockets: what a test sends and reads there is what was on the wire. */
import assert from "node:assert/strict";
import { within } from "./program.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One end of a connection, with a buffer for what was read ahead. */
export class Peer implements Disposable {
  readonly #conn: Deno.Conn;
  #ahead: Uint8Array = new Uint8Array(0);
  /** Read into time and again: a new one for each read costs more than the read. */
  #buffer: Uint8Array<ArrayBuffer> | undefined;

  /** Takes over a connection. */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
  }

  /** Connects to a port on 127.0.0.1, or to another address. */
  static async connect(to: number | Deno.ConnectOptions | Deno.UnixConnectOptions): Promise<Peer> {
    if (typeof to === "number") return new Peer(await Deno.connect({ hostname: "127.0.0.1", port: to }));
    const conn = "path" in to ? await Deno.connect(to) : await Deno.connect(to);
    return new Peer(conn);
  }

  /** The connection itself. */
  get conn(): Deno.Conn {
    return this.#conn;
  }

  /** Sends all of it. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Sends each piece on its own, and lets the other side see it before the next, as far as one can. */
  async sendInPieces(data: Uint8Array, sizes: Iterable<number>): Promise<void> {
    let at = 0;
    for (const size of sizes) {
      if (at >= data.length) return;
      await this.send(data.subarray(at, at + size));
      at += size;
    }
    await this.send(data.subarray(at));
  }

  /** Some bytes, at least one; `null` at the end. */
  async readSome(): Promise<Uint8Array | null> {
    if (this.#ahead.length > 0) {
      const bytes = this.#ahead;
      this.#ahead = new Uint8Array(0);
      return bytes;
    }
    return await this.#read("bytes");
  }

  /** Exactly so many bytes. */
  async read(length: number): Promise<Uint8Array> {
    while (this.#ahead.length < length) await this.#readAhead(`${length} bytes`);
    return this.#take(length);
  }

  /** Everything up to and with `mark`, as text. */
  async readUntil(mark: string): Promise<string> {
    return decoder.decode(await this.readBytesUntil(mark));
  }

  /** Everything up to and with `mark`, as it came. */
  async readBytesUntil(mark: string): Promise<Uint8Array> {
    const wanted = encoder.encode(mark);
    for (let from = 0;;) {
      const found = indexOf(this.#ahead, wanted, from);
      if (found >= 0) return this.#take(found + wanted.length);
      from = Math.max(0, this.#ahead.length - wanted.length);
      await this.#readAhead(JSON.stringify(mark));
    }
  }

  /** A message head, with its empty line. */
  readHead(): Promise<string> {
    return this.readUntil("\r\n\r\n");
  }

  /** Everything up to the end. */
  async readToEnd(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let part = await this.readSome(); part !== null; part = await this.readSome()) parts.push(part);
    return concat(parts);
  }

  /** Everything up to the end, as text. */
  async textToEnd(): Promise<string> {
    return decoder.decode(await this.readToEnd());
  }

  /** Reads until the connection is over, whether it was ended or reset. */
  async over(): Promise<"ended" | "reset"> {
    try {
      while (await this.readSome() !== null);
      return "ended";
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) {
        return "reset";
      }
      throw error;
    }
  }

  /** Sends no more; can still read. */
  async end(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /**
   * Closes the socket. Where bytes have come that were not read, Linux sends a reset instead of an end: a test that
   * wants a reset leaves some unread.
   */
  close(): void {
    try {
      this.#conn.close();
    } catch {
      // It was closed before.
    }
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #readAhead(wanted: string): Promise<void> {
    const some = await this.#read(wanted);
    if (some === null) {
      assert.fail(
        `the connection ended; wanted ${wanted}, had ${JSON.stringify(decoder.decode(this.#ahead))}`,
      );
    }
    this.#ahead = this.#ahead.length === 0 ? some : concat([this.#ahead, some]);
  }

  async #read(wanted: string): Promise<Uint8Array | null> {
    const buffer = this.#buffer ?? new Uint8Array(64 * 1024);
    this.#buffer = undefined;
    const read = await within(this.#conn.read(buffer), `no ${wanted} came`);
    this.#buffer = buffer;
    return read === null ? null : buffer.slice(0, read);
  }

  #take(length: number): Uint8Array {
    const bytes = this.#ahead.subarray(0, length);
    this.#ahead = this.#ahead.subarray(length);
    return bytes;
  }
}

/**
 * Makes a crowd of clients, a hundred at a time: the queue of a listening socket may have 128 places only, and who finds it
 * full tries again after a second.
 *
 * @param join Makes a client.
 * @param accepted Waits until all clients of a group are accepted; absent: `join` does so.
 */
export async function crowd<Client>(
  count: number,
  join: (index: number) => Promise<Client>,
  accepted?: () => Promise<unknown>,
): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const length = Math.min(100, count - clients.length);
    clients.push(...await Promise.all(Array.from({ length }, (_, i) => join(clients.length + i))));
    await accepted?.();
  }
  return clients;
}

/** A server on a free port of 127.0.0.1, or elsewhere, that hands each connection to a function. */
export class Server implements AsyncDisposable {
  readonly #listener: Deno.Listener;
  readonly #peers = new Set<Peer>();
  readonly #done: Promise<void>;
  #failure: unknown;

  /**
   * Begins to accept.
   *
   * @param serve Its connection is closed when it returns. What it throws fails the test.
   */
  constructor(
    serve: (peer: Peer, index: number) => Promise<void>,
    listener: Deno.Listener = Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  ) {
    this.#listener = listener;
    this.#done = this.#acceptAll(serve);
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** How it is written as a target. */
  get target(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Closes everything, and fails where serving failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const peer of this.#peers) peer.close();
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #acceptAll(serve: (peer: Peer, index: number) => Promise<void>): Promise<void> {
    const serving: Promise<void>[] = [];
    for (let index = 0;; index++) {
      let peer: Peer;
      try {
        peer = new Peer(await this.#listener.accept());
      } catch {
        break;
      }
      this.#peers.add(peer);
      serving.push(this.#serve(serve, peer, index));
    }
    await Promise.all(serving);
  }

  async #serve(serve: (peer: Peer, index: number) => Promise<void>, peer: Peer, index: number) {
    try {
      await serve(peer, index);
    } catch (error) {
      // A connection that ends under a server is the test's own doing.
      const { BadResource, Interrupted, ConnectionReset, BrokenPipe } = Deno.errors;
      const harmless = [BadResource, Interrupted, ConnectionReset, BrokenPipe];
      if (!harmless.some((kind) => error instanceof kind)) this.#failure ??= error;
    } finally {
      peer.close();
      this.#peers.delete(peer);
    }
  }
}

/** A server that hands its only connection to the test, which then plays both ends in one line of events. */
export class Target implements AsyncDisposable {
  readonly #listener: Deno.Listener;
  readonly #peers: Peer[] = [];

  /** Begins to listen. */
  constructor(listener: Deno.Listener = Deno.listen({ hostname: "127.0.0.1", port: 0 })) {
    this.#listener = listener;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** How it is written as a target. */
  get target(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next connection. */
  async accept(): Promise<Peer> {
    const peer = new Peer(await within(this.#listener.accept(), "nobody connected"));
    this.#peers.push(peer);
    return peer;
  }

  /** Closes everything. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const peer of this.#peers) peer.close();
    return Promise.resolve();
  }
}

/** Joins byte arrays. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
