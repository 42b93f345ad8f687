/**
 * The capture of one connection behind a guard: a fault in it costs the records of this connection, never the
 * connection.
 */
import type { Active, IsWanted } from "../capture/active.ts";
import type { SoFar } from "../capture/active_rows.ts";
import { type CaptureContext, ConnectionCapture, type Rewritten } from "../capture/connection_capture.ts";
import type { ConnectionInfo, ConnectionRecord, FaultNote, Outcome } from "../capture/record.ts";
import type { Tap } from "./copy.ts";

/** A capture that never throws. */
export class GuardedCapture {
  readonly #capture: ConnectionCapture;
  readonly #context: CaptureContext;
  readonly #info: ConnectionInfo;
  readonly #warn: (text: string) => void;
  #failed = false;

  /**
   * Makes the capture of one connection.
   *
   * @param warn Tells the user, on a line of its own.
   * @param connectMs How long it took to reach the target, told with the first exchange.
   * @param tlsMs How much of that the TLS handshake took.
   */
  constructor(
    context: CaptureContext,
    info: ConnectionInfo,
    warn: (text: string) => void,
    connectMs?: number,
    tlsMs?: number,
  ) {
    this.#context = context;
    this.#info = info;
    this.#warn = warn;
    this.#capture = new ConnectionCapture(context, info, connectMs, tlsMs);
  }

  /** How many exchanges began. */
  get exchanges(): number {
    return this.#capture.exchanges;
  }

  /** Whether no exchange is under way. */
  get idle(): boolean {
    return this.#capture.idle;
  }

  /** As {@link ConnectionCapture.active}; nothing where that fails. */
  active(soFar: SoFar, isWanted?: IsWanted): readonly Active[] {
    if (this.#failed) return [];
    try {
      return this.#capture.active(soFar, isWanted);
    } catch {
      // Looking changed nothing: the records, which matter more, go on.
      return [];
    }
  }

  /** Looks at what the client sends. */
  readonly upTap: Tap = {
    passed: (chunk, readAt, sentAt, rewritten) => this.up(chunk, readAt, sentAt, rewritten),
    ended: (at) => this.#guarded(() => this.#capture.upEnded(at)),
  };

  /** Looks at what the target sends. */
  readonly downTap: Tap = {
    passed: (chunk, readAt, sentAt) => this.down(chunk, readAt, sentAt),
    ended: (at) => this.#guarded(() => this.#capture.downEnded(at)),
  };

  /** As {@link ConnectionCapture.up}. */
  up(chunk: Uint8Array, readAt: number, sentAt: number, rewritten?: Rewritten): void {
    // As in guarded, but without a closure for each chunk.
    if (this.#failed) return;
    try {
      this.#capture.up(chunk, readAt, sentAt, rewritten);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** As {@link ConnectionCapture.down}. */
  down(chunk: Uint8Array, readAt: number, sentAt: number): void {
    if (this.#failed) return;
    try {
      this.#capture.down(chunk, readAt, sentAt);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** As {@link ConnectionCapture.withheld}. */
  withheld(chunk: Uint8Array, readAt: number): void {
    this.#guarded(() => this.#capture.withheld(chunk, readAt));
  }

  /** As {@link ConnectionCapture.faulted}. */
  faulted(fault: FaultNote): void {
    this.#guarded(() => this.#capture.faulted(fault));
  }

  /** As {@link ConnectionCapture.refused}. */
  refused(reason: string): void {
    this.#guarded(() => this.#capture.refused(reason));
  }

  /** As {@link ConnectionCapture.ended}. */
  ended(at: number, outcome?: Outcome, error?: string, cut?: string): void {
    this.#guarded(() => this.#capture.ended(at, outcome, error, cut));
  }

  /** Tells of the connection itself. */
  emit(record: ConnectionRecord): void {
    this.#guarded(() => this.#context.emit(record));
  }

  #guarded(step: () => void): void {
    if (this.#failed) return;
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    const text = error instanceof Error ? error.message : String(error);
    this.#warn(`capture of connection ${this.#info.id} failed, it is relayed unseen; please report: ${text}`);
  }
}
