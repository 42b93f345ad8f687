/** What the log is told of a leg: its connection, opened and closed, and the faults of a simulated link. */
import type { ConnectionEnd, ConnectionInfo, FaultNote, TlsInfo } from "../../capture/record.ts";
import type { Reached } from "../connection.ts";
import { GuardedCapture } from "../guarded_capture.ts";
import type { RelayContext } from "../relay.ts";

/** What is known of a leg as it opens. */
export interface LegOpening {
  /** What all connections share. */
  readonly context: RelayContext;
  /** The client, and the target by name. */
  readonly info: ConnectionInfo;
  /** TLS with the client, where it speaks it. */
  readonly clientTls?: TlsInfo;
  /** The target's connection. */
  readonly reached: Reached;
  /** How long it took to reach it, ms. */
  readonly connectMs: number;
}

/** What is known of it at its end. */
export interface LegClosing {
  /** Bytes from client to target. */
  readonly up: number;
  /** Bytes from target to client. */
  readonly down: number;
  /** What ended it first. */
  readonly end: ConnectionEnd;
  /** What went wrong, in words, where something did. */
  readonly error: string | undefined;
}

/** Tells of one leg. */
export class LegRecords {
  /** What looks at its bytes. */
  readonly capture: GuardedCapture;
  readonly #opening: LegOpening;
  readonly #openedAt: number;
  readonly #faults: FaultNote[] = [];
  #closed = false;

  /**
   * Tells that it is open.
   *
   * @param at When it was, monotonic ms.
   */
  constructor(opening: LegOpening, at: number) {
    this.#opening = opening;
    const { context: { capture, warn }, info, clientTls, reached, connectMs } = opening;
    this.#openedAt = at - connectMs;
    this.capture = new GuardedCapture(capture, info, warn, connectMs, reached.tlsMs);
    this.capture.emit({
      type: "connection",
      event: "opened",
      connection: info,
      at: capture.wall(at),
      connectMs,
      tlsMs: reached.tlsMs,
      clientTls,
      targetTls: reached.tls,
    });
  }

  /** A simulated link has struck. */
  note(fault: FaultNote): void {
    this.#faults.push(fault);
    this.capture.faulted(fault);
  }

  /** Tells what is still under way, and that it is closed; once. */
  close({ up, down, end, error }: LegClosing): void {
    if (this.#closed) return;
    this.#closed = true;
    const { context: { capture, clock }, info } = this.#opening;
    const at = clock.now();
    this.capture.ended(at, undefined, error);
    this.capture.emit({
      type: "connection",
      event: "closed",
      connection: info,
      at: capture.wall(at),
      up,
      down,
      totalMs: at - this.#openedAt,
      end,
      error,
      exchanges: this.capture.exchanges,
      faults: this.#faults.length === 0 ? undefined : this.#faults,
    });
  }
}
