/**
 * What is told of one connection: opened and closed, what its capture sees, what a simulated link did to it; and, to
 * those who look, what is under way on it.
 */
import { type Active, EVERYTHING, type IsWanted } from "../capture/active.ts";
import { activeStream } from "../capture/active_rows.ts";
import { noted } from "../capture/fault_notes.ts";
import type { ConnectionEnd, ConnectionInfo, FaultNote, TlsInfo } from "../capture/record.ts";
import type { Reached } from "./connection.ts";
import { GuardedCapture } from "./guarded_capture.ts";
import type { RelayContext } from "./relay.ts";

/** What is known of a connection as it opens. */
export interface Opening {
  /** The target's connection. */
  readonly reached: Reached;
  /** How long it took to reach it, ms. */
  readonly connectMs: number;
  /** TLS with the client, where it speaks it. */
  readonly clientTls?: TlsInfo;
}

/** What is known of it at its end. */
export interface Closing {
  /** Bytes from client to target. */
  readonly up: number;
  /** Bytes from target to client. */
  readonly down: number;
  /** What ended it first. */
  readonly end: ConnectionEnd;
  /** What ended it in the end, where one side had closed before. */
  readonly cutBy?: ConnectionEnd;
  /** What went wrong, in words, where something did. */
  readonly error: string | undefined;
}

/** Tells of one connection. Times are monotonic ms. */
export class ConnectionRecords {
  readonly #context: Pick<RelayContext, "capture" | "clock" | "warn">;
  readonly #info: ConnectionInfo;
  readonly #startedAt: number;
  #capture: GuardedCapture | undefined;
  #faults: FaultNote[] | undefined;
  #closed = false;

  /**
   * Nothing is told yet.
   *
   * @param startedAt When it began: when its client was accepted, or its target was dialled for a client that had been
   *   there before.
   */
  constructor(
    context: Pick<RelayContext, "capture" | "clock" | "warn">,
    info: ConnectionInfo,
    startedAt: number,
  ) {
    this.#context = context;
    this.#info = info;
    this.#startedAt = startedAt;
  }

  /** What looks at its bytes, from {@link open} or {@link capturing} on. */
  get capture(): GuardedCapture | undefined {
    return this.#capture;
  }

  /**
   * Tells that it is open.
   *
   * @returns What looks at its bytes.
   */
  open(at: number, { reached, connectMs, clientTls }: Opening): GuardedCapture {
    const capture = this.capturing(connectMs, reached.tlsMs);
    capture.emit({
      type: "connection",
      event: "opened",
      connection: this.#info,
      at: this.#context.capture.wall(at),
      connectMs,
      tlsMs: reached.tlsMs,
      clientTls,
      targetTls: reached.tls,
    });
    return capture;
  }

  /** Begins to look at bytes; of a connection without a target, too. */
  capturing(connectMs?: number, tlsMs?: number): GuardedCapture {
    const { capture, warn } = this.#context;
    return this.#capture = new GuardedCapture(capture, this.#info, warn, connectMs, tlsMs);
  }

  /** A simulated link has struck. */
  note(fault: FaultNote): void {
    this.#faults = noted(this.#faults, fault);
    this.#capture?.faulted(fault);
  }

  /**
   * What is under way, as it stands; while its target is being reached, the connection itself.
   *
   * @param up Bytes from client to target so far.
   * @param down Bytes from target to client so far.
   */
  active(up: number, down: number, isWanted: IsWanted = EVERYTHING): readonly Active[] {
    if (this.#closed) return [];
    const soFar = { at: this.#context.capture.wall(this.#startedAt), up, down };
    if (this.#capture !== undefined) return this.#capture.active(soFar, isWanted);
    return isWanted(soFar.at) ? [activeStream(this.#info, soFar)] : [];
  }

  /** Tells what is still under way, and that it is closed; once. */
  close({ up, down, end, cutBy, error }: Closing): void {
    if (this.#closed) return;
    this.#closed = true;
    const { capture, clock } = this.#context;
    const at = clock.now();
    const recording = this.#capture ?? this.capturing();
    recording.ended(at, undefined, error, cutFor(cutBy ?? end));
    recording.emit({
      type: "connection",
      event: "closed",
      connection: this.#info,
      at: capture.wall(at),
      up,
      down,
      totalMs: at - this.#startedAt,
      end,
      error,
      exchanges: recording.exchanges,
      faults: this.#faults,
    });
  }
}

/** What exchanges are told that were under way when tcpmon itself ended their connection; of faults they have notes. */
export function cutFor(end: ConnectionEnd): string | undefined {
  if (end === "idle-timeout") return "nothing passed for as long as --idle-timeout allows";
  return end === "stopped" ? "its listener was stopped" : undefined;
}
