/** Reaching a target: the one place where connections to targets are made. */
import { formatAddress, type Target } from "./address.ts";
import type { Connection, Reached } from "./connection.ts";
import { leadsTo, leadsToListener } from "./endpoint.ts";

/**
 * How long a target that led to a listener of our own is refused without being dialled: what that listener accepted is
 * relayed to it again, and so is the next one, without end.
 */
const LOOP_MEMORY_MS = 1_000;

/** Opens a way for bytes to a target, or throws what went wrong as an `Error` with a message for people. */
export type Connect = (target: Target, signal: AbortSignal) => Promise<Connection>;

/** Reaches a target, ready for its protocol: after TLS, where the target asks for that. Throws as {@link Connect}. */
export type Dial = (target: Target, signal: AbortSignal) => Promise<Reached>;

/** A target did not answer in time. */
export class NoAnswerError extends Error {
  /** The name of the class. */
  override readonly name = "NoAnswerError";
}

/** A target is a listener of our own: relaying into it would never end. */
export class OwnListenerError extends Error {
  /** The name of the class. */
  override readonly name = "OwnListenerError";

  /** Says so. */
  constructor() {
    super("the target is a listener of this tcpmon itself");
  }
}

/** Connects directly; a {@link Connect}. */
export async function connectDirectly(target: Target, signal: AbortSignal): Promise<Connection> {
  try {
    if (target.kind === "unix") return await Deno.connect({ transport: "unix", path: target.path });
    const conn = await Deno.connect({ hostname: target.host, port: target.port, signal });
    sendAtOnce(conn);
    return conn;
  } catch (error) {
    throw signal.aborted ? error : new Error(reasonOf(error));
  }
}

/**
 * Does what may take long, and gives it up after a while.
 *
 * @param timeoutMs After which it is given up; 0 for never.
 * @throws What `work` throws, or that there was no answer in time.
 */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeoutMs === 0) return await work(signal);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    return await work(AbortSignal.any([signal, timeout.signal]));
  } catch (error) {
    if (timeout.signal.aborted && !signal.aborted) {
      throw new NoAnswerError(`no answer within ${timeoutMs} ms`);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Connects, but refuses targets that lead to a listener of our own.
 *
 * @param connect How it connects.
 * @param listening The addresses that this process listens on.
 * @param now The monotonic clock, ms.
 */
export function withoutLoops(
  connect: Connect,
  listening: () => Iterable<Deno.Addr>,
  now: () => number,
): Connect {
  /** By address; the oldest first. Clients of a proxy may name as many as they like. */
  const refusedUntil = new Map<string, number>();
  return async (target, signal) => {
    for (const own of listening()) if (leadsToListener(target, own)) throw new OwnListenerError();
    const name = formatAddress(target);
    if (now() >= (refusedUntil.get(name) ?? 0)) {
      const conn = await connect(target, signal);
      if (!leadsTo(conn, listening())) return conn;
      conn.close();
      for (const [known, until] of refusedUntil) if (now() >= until) refusedUntil.delete(known);
      refusedUntil.set(name, now() + LOOP_MEMORY_MS);
    }
    throw new OwnListenerError();
  };
}

/** Switches Nagle's algorithm off, where the connection is TCP. */
export function sendAtOnce(conn: Connection): void {
  try {
    if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
  } catch {
    // Some systems refuse it on a connection that was reset meanwhile: reading will tell.
  }
}

/** What an error of the network says, in words and without the operating system's number. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  if (error instanceof Deno.errors.ConnectionReset) return "connection reset by peer";
  if (error instanceof Deno.errors.BrokenPipe) return "connection closed by peer";
  if (error instanceof Deno.errors.AddrInUse) return "address already in use";
  if (error instanceof Deno.errors.AddrNotAvailable) return "address not available on this machine";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotFound) return "no such file or directory";
  const text = error instanceof Error ? error.message : String(error);
  if (/lookup address|name or service not known|failed to lookup/i.test(text)) {
    return "host name does not resolve";
  }
  return text.replace(/ \(os error \d+\)$/, "").replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}
