/**
 * One relayed connection: client ⇄ target, half-close passed on, everything told to a capture.
 *
 * The target is dialled at once, so that protocols in which the server speaks first work. A reset of one side ends the
 * other at once; this runtime cannot send a reset of its own, so the other side sees the connection closed. A side that
 * only takes no more may still have answered: the direction from it goes on to its end. What the
 * capture does can neither delay nor end the connection, not even by failing.
 */
import type { Clock } from "../capture/clock.ts";
import { type CaptureContext, ConnectionCapture } from "../capture/connection_capture.ts";
import type { ConnectionEnd, ConnectionInfo, ConnectionRecord } from "../capture/record.ts";
import type { Target } from "./address.ts";
import { copy, type CopyEnd, type Progress, type Tap } from "./copy.ts";
import { type Dial, reasonOf, sendAtOnce } from "./dial.ts";
import { formatEndpoint } from "./endpoint.ts";

/** What a relayed connection needs from its surroundings. */
export interface RelayContext {
  /** What the captures of all connections share. */
  readonly capture: CaptureContext;
  /** Where times come from. */
  readonly clock: Clock;
  /** How targets are reached. */
  readonly dial: Dial;
  /** Close a connection on which nothing passed for so long; 0 for never. */
  readonly idleTimeoutMs: number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** Gives the number of the next connection. */
  readonly nextConnectionId: () => number;
}

/** Where a listener's connections go. */
export interface RelayTarget {
  /** Where connections go. */
  readonly target: Target;
  /** The target as users write it. */
  readonly name: string;
  /** Value for the Host field of each request; `undefined` to leave requests as they are. */
  readonly hostField: string | undefined;
}

const NO_CHUNKS: readonly Uint8Array[] = [];

/** After a failed dial: how long, and up to how much, what the client has sent already is read for the record. */
const LAST_WORDS_MS = 50;
const LAST_WORDS_BYTES = 64 * 1024;
/** After one side takes no more: for so long without a byte the other direction is waited for. */
const LAST_ANSWER_MS = 1_000;

/** One connection that a relay carries. {@link run} it once. */
export class RelayedConnection {
  readonly #context: RelayContext;
  readonly #client: Deno.Conn;
  readonly #info: ConnectionInfo;
  readonly #to: RelayTarget;
  readonly #acceptedAt: number;
  readonly #stop = new AbortController();
  readonly #up: Progress;
  readonly #down: Progress = { bytes: 0, sentBytes: 0, activeAt: 0 };
  #target: Deno.Conn | undefined;
  #capture: ConnectionCapture | undefined;
  #end: ConnectionEnd | undefined;
  #error: string | undefined;

  /** A connection that was accepted by `listener` and is to be relayed. Nothing happens before {@link run}. */
  constructor(context: RelayContext, client: Deno.Conn, listener: Deno.Addr, to: RelayTarget) {
    this.#context = context;
    this.#client = client;
    this.#to = to;
    this.#acceptedAt = context.clock.now();
    this.#up = { bytes: 0, sentBytes: 0, activeAt: this.#acceptedAt };
    this.#info = {
      id: context.nextConnectionId(),
      listener: formatEndpoint(listener),
      client: formatEndpoint(client.remoteAddr),
      target: to.name,
    };
  }

  /** Whether the connection can be closed without cutting an exchange. */
  get idle(): boolean {
    // The capture knows of bytes before the peer has taken them.
    return this.#capture !== undefined && this.#capture.idle &&
      this.#up.sentBytes === this.#up.bytes && this.#down.sentBytes === this.#down.bytes;
  }

  /** Whether the target was reached. */
  get reached(): boolean {
    return this.#target !== undefined;
  }

  /** Ends the connection at once. */
  stop(): void {
    this.#endNow("stopped");
  }

  /** Carries the connection until it is over. Never throws. */
  async run(): Promise<void> {
    const { clock } = this.#context;
    sendAtOnce(this.#client);
    const target = await this.#dial();
    const connectMs = clock.now() - this.#acceptedAt;
    if (target === undefined) {
      await this.#recordLastWords();
      this.#finish();
      return;
    }
    const { capture, idleTimeoutMs } = this.#context;
    this.#capture = new ConnectionCapture(capture, this.#info, connectMs, this.#to.hostField);
    this.#emit({
      type: "connection",
      event: "opened",
      connection: this.#info,
      at: capture.wall(clock.now()),
      connectMs,
    });
    const idleTimer = idleTimeoutMs > 0 ? this.#watchIdleness(idleTimeoutMs) : undefined;
    await Promise.all([
      copy(this.#client, target, this.#upTap(this.#capture), this.#up, clock.now).then((end) =>
        this.#directionEnded(end, "client", "target", this.#client)
      ),
      copy(target, this.#client, this.#downTap(this.#capture), this.#down, clock.now).then((end) =>
        this.#directionEnded(end, "target", "client", target)
      ),
    ]);
    clearInterval(idleTimer);
    this.#finish();
  }

  async #dial(): Promise<Deno.Conn | undefined> {
    try {
      const conn = await this.#context.dial(this.#to.target, this.#stop.signal);
      this.#target = conn;
      // Stopped while it was connecting.
      if (this.#stop.signal.aborted) this.#close();
      return conn;
    } catch (error) {
      this.#end ??= "connect-failed";
      if (this.#stop.signal.aborted) return undefined;
      this.#error ??= `cannot connect to ${this.#to.name}: ${reasonOf(error)}`;
      return undefined;
    }
  }

  /** The target cannot be reached: what the client asked for is recorded all the same. */
  async #recordLastWords(): Promise<void> {
    const { clock, capture } = this.#context;
    const recording = new ConnectionCapture(capture, this.#info, clock.now() - this.#acceptedAt);
    this.#capture = recording;
    const timer = setTimeout(() => closeQuietly(this.#client), LAST_WORDS_MS);
    try {
      const buffer = new Uint8Array(LAST_WORDS_BYTES);
      const read = await this.#client.read(buffer);
      if (read !== null) {
        this.#up.bytes = read;
        const at = clock.now();
        this.#guarded(() => recording.up(buffer.subarray(0, read), at, at));
      }
    } catch {
      // The client is gone, or said nothing in time.
    } finally {
      clearTimeout(timer);
    }
    this.#guarded(() => recording.ended(clock.now(), "connect-failed", this.#error));
  }

  #upTap(capture: ConnectionCapture): Tap {
    const ended = (at: number) => this.#guarded(() => capture.upEnded(at)) ?? NO_CHUNKS;
    if (this.#to.hostField === undefined) {
      return {
        passed: (chunk, readAt, sentAt) => {
          // As in guarded, but without a closure for each chunk.
          if (this.#captureFailed) return;
          try {
            capture.up(chunk, readAt, sentAt);
          } catch (error) {
            this.#captureFault(error);
          }
        },
        ended,
      };
    }
    return {
      passed: () => {},
      rewrite: (chunk, readAt) => this.#guarded(() => capture.rewriteUp(chunk, readAt)) ?? [chunk],
      sent: (at) => this.#guarded(() => capture.sent(at)),
      ended,
    };
  }

  #downTap(capture: ConnectionCapture): Tap {
    return {
      passed: (chunk, readAt, sentAt) => {
        if (this.#captureFailed) return;
        try {
          capture.down(chunk, readAt, sentAt);
        } catch (error) {
          this.#captureFault(error);
        }
      },
      ended: (at) => {
        this.#guarded(() => capture.downEnded(at));
        return NO_CHUNKS;
      },
    };
  }

  #captureFailed = false;

  /** Runs a step of the capture. A fault in it costs the records of this connection, never the connection. */
  #guarded<T>(step: () => T): T | undefined {
    if (this.#captureFailed) return undefined;
    try {
      return step();
    } catch (error) {
      this.#captureFault(error);
      return undefined;
    }
  }

  #emit(record: ConnectionRecord): void {
    try {
      this.#context.capture.emit(record);
    } catch (error) {
      this.#captureFault(error);
    }
  }

  #captureFault(error: unknown): void {
    this.#captureFailed = true;
    const text = error instanceof Error ? error.message : String(error);
    this.#context.warn(
      `capture of connection ${this.#info.id} failed, it is relayed unseen; please report: ${text}`,
    );
  }

  async #directionEnded(
    end: CopyEnd,
    reader: "client" | "target",
    writer: "client" | "target",
    source: Deno.Conn,
  ): Promise<void> {
    if (end.kind === "ended") {
      this.#end ??= `${reader}-closed`;
      return;
    }
    // Closing both sides ourselves ends what they were doing.
    if (this.#stop.signal.aborted) return;
    const culprit = end.kind === "read-failed" ? reader : writer;
    // What breaks a connection says more than that one side had finished before.
    if (this.#end === undefined || this.#end.endsWith("-closed")) {
      this.#end = `${culprit}-reset`;
      this.#error = `the ${culprit}: ${reasonOf(end.error)}`;
    }
    if (end.kind === "read-failed") return this.#endNow(this.#end);
    await this.#discard(source);
  }

  /**
   * One side takes no more, yet what it has sent may still be on its way: a server that refuses an upload answers and
   * closes. So the other direction goes on to its end, while what comes in this one is read and dropped; closing with
   * unread bytes would reset the connection, and with it take back the answer.
   */
  async #discard(source: Deno.Conn): Promise<void> {
    const { clock } = this.#context;
    const failedAt = clock.now();
    const timer = setInterval(() => {
      const activeAt = Math.max(failedAt, this.#up.activeAt, this.#down.activeAt);
      if (clock.now() - activeAt >= LAST_ANSWER_MS) this.#endNow("stopped");
    }, LAST_ANSWER_MS / 10);
    try {
      const buffer = new Uint8Array(LAST_WORDS_BYTES);
      while (await source.read(buffer) !== null);
    } catch {
      // It broke off, or was closed here after a while of silence.
    } finally {
      clearInterval(timer);
    }
  }

  #watchIdleness(timeoutMs: number): ReturnType<typeof setInterval> {
    // Connecting, which has a time-out of its own, does not count.
    this.#up.activeAt = this.#context.clock.now();
    return setInterval(() => {
      const activeAt = Math.max(this.#up.activeAt, this.#down.activeAt);
      if (this.#context.clock.now() - activeAt >= timeoutMs) this.#endNow("idle-timeout");
    }, Math.min(timeoutMs, Math.max(10, timeoutMs / 10)));
  }

  #endNow(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#stop.abort();
    this.#close();
  }

  #close(): void {
    closeQuietly(this.#client);
    closeQuietly(this.#target);
  }

  #finish(): void {
    this.#close();
    const { capture, clock } = this.#context;
    const at = clock.now();
    this.#guarded(() => this.#capture?.ended(at, undefined, this.#error));
    this.#emit({
      type: "connection",
      event: "closed",
      connection: this.#info,
      at: capture.wall(at),
      up: this.#up.bytes,
      down: this.#down.bytes,
      totalMs: at - this.#acceptedAt,
      end: this.#end ?? "stopped",
      error: this.#error,
      exchanges: this.#capture?.exchanges ?? 0,
    });
  }
}

/** Closes a connection that may be closed already. */
export function closeQuietly(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It was closed before.
  }
}
