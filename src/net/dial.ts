/** Reaching a target: the one place where connections to targets are made. */
import type { Target } from "./address.ts";
import { leadsTo } from "./endpoint.ts";

/**
 * How long a target that led to a listener of our own is refused without being dialled: what that listener accepted is
 * relayed to it again, and so is the next one, without end.
 */
const LOOP_MEMORY_MS = 1_000;

/** Opens a connection to a target, or throws what went wrong as an `Error` with a message for people. */
export type Dial = (target: Target, signal: AbortSignal) => Promise<Deno.Conn>;

/**
 * A dialler that connects directly.
 *
 * @param timeoutMs After which an attempt is given up; 0 for never.
 */
export function directDial(timeoutMs: number): Dial {
  return async (target, signal) => {
    const timeout = new AbortController();
    const timer = timeoutMs > 0 ? setTimeout(() => timeout.abort(), timeoutMs) : undefined;
    try {
      return await connect(target, AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      if (timeout.signal.aborted) throw new Error(`no answer within ${timeoutMs} ms`);
      throw new Error(reasonOf(error));
    } finally {
      clearTimeout(timer);
    }
  };
}

/**
 * A dialler that refuses targets which lead to a listener of our own.
 *
 * @param listening The addresses that this process listens on.
 * @param now The monotonic clock, ms.
 */
export function loopFreeDial(
  dial: Dial,
  listening: () => Iterable<Deno.Addr>,
  now: () => number,
): Dial {
  const refusedUntil = new Map<Target, number>();
  return async (target, signal) => {
    if (now() >= (refusedUntil.get(target) ?? 0)) {
      const conn = await dial(target, signal);
      if (!leadsTo(conn, listening())) return conn;
      conn.close();
      refusedUntil.set(target, now() + LOOP_MEMORY_MS);
    }
    throw new Error("the target is a listener of this tcpmon itself");
  };
}

async function connect(target: Target, signal: AbortSignal): Promise<Deno.Conn> {
  if (target.kind === "unix") return await Deno.connect({ transport: "unix", path: target.path });
  const conn = await Deno.connect({ hostname: target.host, port: target.port, signal });
  sendAtOnce(conn);
  return conn;
}

/** Switches Nagle's algorithm off, where the connection is TCP. */
export function sendAtOnce(conn: Deno.Conn): void {
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
