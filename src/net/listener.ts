/** Listeners: they accept connections, hand them to the relay or the proxy, and stop in an orderly way. */
import type { Active, IsWanted } from "../capture/active.ts";
import { formatAddress, type ListenAddress } from "./address.ts";
import type { ConnectionSlots } from "./connection_slots.ts";
import { reasonOf } from "./dial.ts";
import { formatEndpoint } from "./endpoint.ts";
import { closeQuietly } from "./connection.ts";

/** Pause after a failed accept (no descriptor, no memory), so that it is not tried in a circle. */
const ACCEPT_RETRY_MS = 100;
/** How often a stopping listener looks whether its connections have become idle. */
const DRAIN_CHECK_MS = 10;
/** How often a listener looks whether connections that are to go have become idle: they may take their time. */
const RETIRE_CHECK_MS = 100;

/** A listener could not be opened. The message says why, in one line. */
export class ListenError extends Error {
  /** The name of the class. */
  override readonly name = "ListenError";

  /** Whether somebody else has the address, perhaps this program itself. */
  get isTaken(): boolean {
    return this.cause instanceof Deno.errors.AddrInUse;
  }
}

/** A connection that was accepted, while it lasts. */
export interface Carried {
  /** Whether it can be closed without cutting an exchange. */
  readonly idle: boolean;
  /** Whether it holds all the descriptors that it needs. */
  readonly reached: boolean;
  /** What is under way on it; of that, what is wanted: absent: all. */
  active(isWanted?: IsWanted): readonly Active[];
  /** Carries it until it is over. Never throws. */
  run(): Promise<void>;
  /** Ends it at once. */
  stop(): void;
}

/** Takes a connection that was accepted on the address `on`. */
export type Carry = (client: Deno.Conn, on: Deno.Addr) => Carried;

/** What a listener needs of its surroundings. */
export interface ListenerOptions {
  /** What becomes of connections, until {@link Listener.use}. */
  readonly carry: Carry;
  /** Places for connections. */
  readonly slots: ConnectionSlots;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
}

/** One listening socket and the connections that came through it. */
export class Listener {
  readonly #unixPath: string | undefined;
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Carried>();
  /** Those of them that are to end once they are idle. */
  readonly #retired = new Set<Carried>();
  #listener: Deno.Listener;
  #carryNext: Carry;
  #retiring: ReturnType<typeof setInterval> | undefined;
  /** Lasts while it accepts, and what it had accepted last finds its place. */
  #accepting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Ends the waiting for a place. */
  #ending = new AbortController();
  /** Called when a connection is over, once it was {@link leave left}. */
  #onOver = () => {};
  /** What is being accepted. */
  #pending: Promise<Deno.Conn> | undefined;
  /** Accepted, but waiting for a place. */
  #next: Deno.Conn | undefined;
  #stopped = false;

  private constructor(listener: Deno.Listener, unixPath: string | undefined, options: ListenerOptions) {
    this.#listener = listener;
    this.#unixPath = unixPath;
    this.#options = options;
    this.#carryNext = options.carry;
  }

  /**
   * Begins to listen. Connections are accepted from {@link start} on.
   *
   * @throws {ListenError} Where the address cannot be had.
   */
  static async open(address: ListenAddress, options: ListenerOptions): Promise<Listener> {
    const path = address.kind === "unix" ? address.path : undefined;
    return new Listener(await bind(address), path, options);
  }

  /** The address that was bound; its port is the real one where 0 was asked for. */
  get address(): Deno.Addr {
    return this.#listener.addr;
  }

  /** How many of its connections have not reached their target yet. */
  get dialling(): number {
    let count = 0;
    for (const connection of this.#connections) if (!connection.reached) count++;
    return count;
  }

  /** What is under way on its connections; of that, what is wanted: absent: all. */
  active(isWanted?: IsWanted): Active[] {
    const rows: Active[] = [];
    for (const connection of this.#connections) {
      for (const row of connection.active(isWanted)) rows.push(row);
    }
    return rows;
  }

  /** How many connections there are. */
  get open(): number {
    return this.#connections.size;
  }

  /** From now on, this becomes of connections that come. */
  use(carry: Carry): void {
    this.#carryNext = carry;
  }

  /**
   * Closes the connections that there are now, each as soon as it is idle: what is under way on them takes the
   * time that it needs.
   */
  retire(): void {
    for (const connection of this.#connections) this.#retired.add(connection);
    this.#endRetired();
    if (this.#retired.size > 0) {
      this.#retiring ??= setInterval(() => this.#endRetired(), RETIRE_CHECK_MS);
    }
  }

  /** Begins to accept. */
  start(): void {
    this.#accepting = this.#acceptAll();
  }

  /** Stops accepting and gives the address free; connections go on. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /**
   * Listens again where it did, once it is {@link close closed}; it accepts from {@link start} on.
   *
   * @throws {ListenError} Where the address cannot be had any more; then it stays closed.
   */
  async reopen(): Promise<void> {
    await this.close();
    await this.#accepting;
    const { address } = this;
    this.#listener = await bind(
      "hostname" in address
        ? { kind: "tcp", host: address.hostname, port: address.port }
        : { kind: "unix", path: this.#unixPath! },
    );
    this.#stopped = false;
    this.#closing = undefined;
    this.#ending = new AbortController();
  }

  /**
   * Stops accepting, closes connections as {@link retire} does, and returns when all are over: they take the time that
   * they need.
   *
   * @param onOver Called whenever one is over.
   */
  async leave(onOver: () => void): Promise<void> {
    await this.close();
    await this.#accepting;
    this.retire();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onOver = () => {
      onOver();
      if (this.#connections.size === 0) resolve();
    };
    if (this.#connections.size > 0) await promise;
  }

  /**
   * Stops accepting, lets exchanges finish, closes what is left, and returns when all connections are over.
   *
   * @param drainMs How long exchanges may take to finish.
   * @param now The monotonic clock, ms.
   */
  async stop(drainMs: number, now: () => number): Promise<void> {
    await this.close();
    await this.#accepting;
    const deadline = now() + drainMs;
    while (this.#connections.size > 0) {
      const late = now() >= deadline;
      for (const connection of this.#connections) if (late || connection.idle) connection.stop();
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
    }
  }

  async #close(): Promise<void> {
    this.#stopped = true;
    this.#ending.abort();
    this.#listener.close();
    closeQuietly(this.#next);
    // The address is in use until that has come to its end.
    await this.#pending?.catch(() => {});
    if (this.#unixPath !== undefined) await Deno.remove(this.#unixPath).catch(() => {});
  }

  async #acceptAll(): Promise<void> {
    let told = false;
    while (!this.#stopped) {
      let conn: Deno.Conn;
      try {
        conn = await (this.#pending = this.#listener.accept());
      } catch (error) {
        if (this.#stopped) return;
        if (leftInTheQueue(error)) continue;
        if (!told) {
          this.#options.warn(
            `cannot accept on ${formatEndpoint(this.address)}: ${reasonOf(error)}; trying on`,
          );
        }
        told = true;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
        continue;
      }
      // A place is taken for a client that is there, so that no quiet listener keeps one from the others.
      this.#next = conn;
      const hasPlace = await this.#options.slots.take(this.#ending.signal);
      this.#next = undefined;
      if (!this.#stopped) this.#carry(conn);
      else {
        if (hasPlace) this.#options.slots.give();
        closeQuietly(conn);
      }
    }
  }

  #carry(conn: Deno.Conn): void {
    const connection = this.#carryNext(conn, this.address);
    this.#connections.add(connection);
    connection.run().finally(() => {
      this.#connections.delete(connection);
      this.#forgetRetired(connection);
      this.#options.slots.give();
      this.#onOver();
    });
  }

  #endRetired(): void {
    for (const connection of this.#retired) if (connection.idle) connection.stop();
  }

  #forgetRetired(connection: Carried): void {
    if (!this.#retired.delete(connection) || this.#retired.size > 0) return;
    clearInterval(this.#retiring);
    this.#retiring = undefined;
  }
}

/** Takes an address. @throws {ListenError} Where it cannot be had. */
async function bind(address: ListenAddress): Promise<Deno.Listener> {
  try {
    if (address.kind === "tcp") return Deno.listen({ hostname: address.host, port: address.port });
    await removeStaleSocket(address.path);
    return Deno.listen({ transport: "unix", path: address.path });
  } catch (error) {
    throw new ListenError(`cannot listen on ${formatAddress(address)}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Whether accepting failed because the client had reset its connection while it waited: no reason to pause. */
function leftInTheQueue(error: unknown): boolean {
  const { NotConnected, ConnectionAborted, ConnectionReset } = Deno.errors;
  return [NotConnected, ConnectionAborted, ConnectionReset].some((kind) => error instanceof kind);
}

/** Removes a socket file that a process left behind: one that exists, but on which nobody listens. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (found === undefined || !found.isSocket) return;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) await Deno.remove(path);
  }
}
