/** Listeners: they accept connections, hand them to the relay, and stop in an orderly way. */
import type { ListenAddress } from "./address.ts";
import type { ConnectionSlots } from "./connection_slots.ts";
import { reasonOf } from "./dial.ts";
import { formatEndpoint } from "./endpoint.ts";
import { closeQuietly, type RelayContext, RelayedConnection, type RelayTarget } from "./relay.ts";

/** Pause after a failed accept (no descriptor, no memory), so that it is not tried in a circle. */
const ACCEPT_RETRY_MS = 100;
/** How often a stopping listener looks whether its connections have become idle. */
const DRAIN_CHECK_MS = 10;

/** A listener could not be opened. The message says why, in one line. */
export class ListenError extends Error {
  /** The name of the class. */
  override readonly name = "ListenError";
}

/** One listening socket and the connections that came through it. */
export class RelayListener {
  readonly #listener: Deno.Listener;
  readonly #unixPath: string | undefined;
  readonly #to: RelayTarget;
  readonly #context: RelayContext;
  readonly #slots: ConnectionSlots;
  readonly #connections = new Set<RelayedConnection>();
  #accepting = false;
  /** Accepted, but waiting for a place. */
  #next: Deno.Conn | undefined;
  #stopped = false;

  private constructor(
    listener: Deno.Listener,
    unixPath: string | undefined,
    to: RelayTarget,
    context: RelayContext,
    slots: ConnectionSlots,
  ) {
    this.#listener = listener;
    this.#unixPath = unixPath;
    this.#to = to;
    this.#context = context;
    this.#slots = slots;
  }

  /**
   * Begins to listen. Connections are accepted from {@link start} on.
   *
   * @throws {ListenError} Where the address cannot be had.
   */
  static async open(
    address: ListenAddress,
    to: RelayTarget,
    context: RelayContext,
    slots: ConnectionSlots,
  ): Promise<RelayListener> {
    const name = address.kind === "unix" ? `unix:${address.path}` : formatEndpoint({
      transport: "tcp",
      hostname: address.host,
      port: address.port,
    });
    try {
      if (address.kind === "unix") {
        await removeStaleSocket(address.path);
        const listener = Deno.listen({ transport: "unix", path: address.path });
        return new RelayListener(listener, address.path, to, context, slots);
      }
      const listener = Deno.listen({ hostname: address.host, port: address.port });
      return new RelayListener(listener, undefined, to, context, slots);
    } catch (error) {
      throw new ListenError(`cannot listen on ${name}: ${reasonOf(error)}`);
    }
  }

  /** The address that was bound; its port is the real one where 0 was asked for. */
  get address(): Deno.Addr {
    return this.#listener.addr;
  }

  /** Where connections go, as users write it. */
  get target(): RelayTarget {
    return this.#to;
  }

  /** How many of its connections have not reached their target yet. */
  get dialling(): number {
    let count = 0;
    for (const connection of this.#connections) if (!connection.reached) count++;
    return count;
  }

  /** Begins to accept. */
  start(): void {
    this.#accepting = true;
    this.#acceptAll().finally(() => this.#accepting = false);
  }

  /**
   * Stops accepting, lets exchanges finish, closes what is left, and returns when all connections are over.
   *
   * @param drainMs How long exchanges may take to finish.
   * @param now The monotonic clock, ms.
   */
  async stop(drainMs: number, now: () => number): Promise<void> {
    this.#stopped = true;
    this.#listener.close();
    closeQuietly(this.#next);
    if (this.#unixPath !== undefined) await Deno.remove(this.#unixPath).catch(() => {});
    const deadline = now() + drainMs;
    // One that was being accepted may still come.
    while (this.#accepting || this.#connections.size > 0) {
      const late = now() >= deadline;
      for (const connection of this.#connections) if (late || connection.idle) connection.stop();
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
    }
  }

  async #acceptAll(): Promise<void> {
    let told = false;
    while (!this.#stopped) {
      let conn: Deno.Conn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (this.#stopped) return;
        if (leftInTheQueue(error)) continue;
        if (!told) {
          this.#context.warn(
            `cannot accept on ${formatEndpoint(this.address)}: ${reasonOf(error)}; trying on`,
          );
        }
        told = true;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
        continue;
      }
      // A place is taken for a client that is there, so that no quiet listener keeps one from the others.
      this.#next = conn;
      await this.#slots.take();
      this.#next = undefined;
      if (this.#stopped) {
        this.#slots.give();
        closeQuietly(conn);
      } else {
        this.#carry(conn);
      }
    }
  }

  #carry(conn: Deno.Conn): void {
    const connection = new RelayedConnection(this.#context, conn, this.address, this.#to);
    this.#connections.add(connection);
    connection.run().finally(() => {
      this.#connections.delete(connection);
      this.#slots.give();
    });
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
