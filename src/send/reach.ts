/** Reaching a target for a request of tcpmon's own, recorded as a relay would. */
import type { BodyMemory } from "../capture/body_keeper.ts";
import type { Clock } from "../capture/clock.ts";
import type { ConnectionInfo, Record } from "../capture/record.ts";
import { formatAddress, type Target } from "../net/address.ts";
import { closeQuietly, type Reached } from "../net/connection.ts";
import { type Dial, reasonOf } from "../net/dial.ts";
import { SendError } from "./send_error.ts";

/** What a client needs from its surroundings. */
export interface ClientContext {
  /** Reaches a target, TLS included. */
  readonly dial: Dial;
  /** Where times come from. */
  readonly clock: Clock;
  /** Gives the number of the next connection. */
  readonly nextConnectionId: () => number;
  /** Gives the id of the next exchange. */
  readonly nextExchangeId: () => number;
  /** Where bodies are kept. */
  readonly memory: BodyMemory;
  /** Takes every record: of connections, exchanges, data and messages, as a relay emits them. */
  readonly emit: (record: Record) => void;
  /** How long one exchange may take, from the first byte written to its end, ms; 0: for ever. */
  readonly timeoutMs: number;
  /** What records call the listener; `send` unless given. */
  readonly listener?: string;
}

/** A target that was reached. */
export interface ReachedTarget {
  /** The way to it. */
  readonly reached: Reached;
  /** What its records call it. */
  readonly info: ConnectionInfo;
  /** When dialling began, monotonic ms. */
  readonly openedAt: number;
  /** How long it took, ms. */
  readonly connectMs: number;
}

/**
 * Connects, and records that.
 *
 * @param signal Ends the attempt.
 * @throws {SendError} where the target cannot be reached. That was recorded then.
 */
export async function reach(
  context: ClientContext,
  target: Target,
  signal: AbortSignal,
): Promise<ReachedTarget> {
  const { clock, dial, emit, listener = "send" } = context;
  const openedAt = clock.now();
  const name = formatAddress(target);
  const id = context.nextConnectionId();
  try {
    signal.throwIfAborted();
    const reached = await dial(target, signal);
    if (signal.aborted) closeQuietly(reached.connection);
    signal.throwIfAborted();
    const at = clock.now();
    const connectMs = at - openedAt;
    const info = { id, listener, client: addressOf(reached.connection.localAddr), target: name };
    emit({
      type: "connection",
      event: "opened",
      connection: info,
      at: clock.wall(at),
      connectMs,
      tlsMs: reached.tlsMs,
      targetTls: reached.tls,
    });
    return { reached, info, openedAt, connectMs };
  } catch (error) {
    const reason = `cannot connect to ${name}: ${signal.aborted ? "stopped" : reasonOf(error)}`;
    const at = clock.now();
    emit({
      type: "connection",
      event: "closed",
      connection: { id, listener, client: "", target: name },
      at: clock.wall(at),
      up: 0,
      down: 0,
      totalMs: at - openedAt,
      end: signal.aborted ? "stopped" : "connect-failed",
      error: reason,
      exchanges: 0,
    });
    throw new SendError(reason);
  }
}

/** A socket's address as records write it; a socket without a path has none. */
function addressOf(address: Deno.Addr): string {
  return "hostname" in address
    ? formatAddress({ kind: "tcp", host: address.hostname, port: address.port })
    : `unix:${"path" in address ? address.path ?? "" : ""}`;
}
