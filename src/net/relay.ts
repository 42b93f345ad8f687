/**
 * One relayed connection: client ⇄ target, half-close passed on, everything told to a capture.
 *
 * The target is dialled at once, so that protocols in which the server speaks first work. A reset of one side ends the
 * other at once; this runtime cannot send a reset of its own, so the other side sees the connection closed. A side that
 * only takes no more may still have answered: the direction from it goes on to its end. What the
 * capture does can neither delay nor end the connection, not even by failing.
 */
import type { Active, IsWanted } from "../capture/active.ts";
import type { CaptureContext } from "../capture/connection_capture.ts";
import type { Clock } from "../capture/clock.ts";
import type { ConnectionEnd, ConnectionInfo, FaultNote, TlsInfo } from "../capture/record.ts";
import { closeQuietly, type Connection, type Outlet, type Reached } from "./connection.ts";
import { ConnectionRecords } from "./connection_records.ts";
import { copy, type CopyEnd, copyRewritten, type Progress, type RewrittenEnd } from "./copy.ts";
import { type Dial, reasonOf, sendAtOnce } from "./dial.ts";
import type { GuardedCapture } from "./guarded_capture.ts";
import { letGo } from "./last_answer.ts";
import { dropRest, recordLastWords } from "./last_words.ts";
import type { Link, LinkedConnection } from "./link/link.ts";
import { answersRequests, RelayHttp } from "./relay_http.ts";
import type { RelayTarget } from "./relay_target.ts";

export type { RelayTarget, Secure } from "./relay_target.ts";

/** What a relayed connection needs from its surroundings. */
export interface RelayContext {
  /** What the captures of all connections share. */
  readonly capture: CaptureContext;
  /** Where times come from. */
  readonly clock: Clock;
  /** How targets are reached. */
  readonly dial: Dial;
  /** Slows and breaks connections, where it has rules to do so. */
  readonly link: Link;
  /** Close a connection on which nothing passed for so long; 0 for never. */
  readonly idleTimeoutMs: number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** Gives the number of the next connection. */
  readonly nextConnectionId: () => number;
}

/** One connection that a relay carries. {@link run} it once. */
export class RelayedConnection {
  readonly #context: RelayContext;
  readonly #info: ConnectionInfo;
  readonly #to: RelayTarget;
  readonly #acceptedAt: number;
  readonly #stop = new AbortController();
  readonly #up: Progress;
  readonly #down: Progress = { bytes: 0, sentBytes: 0, activeAt: 0 };
  readonly #records: ConnectionRecords;
  #client: Connection;
  #clientTls: TlsInfo | undefined;
  #target: Connection | undefined;
  /** Whether the target is being reached; {@link run} goes on as soon as that ends, by {@link stop} or otherwise. */
  #dials = false;
  #linked: LinkedConnection | undefined;
  #http: RelayHttp | undefined;
  #end: ConnectionEnd | undefined;
  /** What made us end it ourselves. */
  #cutBy: ConnectionEnd | undefined;
  #error: string | undefined;

  /**
   * A connection that was accepted and is to be relayed. Nothing happens before {@link run}.
   *
   * @param clientTls TLS that was ended with the client already.
   */
  constructor(
    context: RelayContext,
    client: Connection,
    info: ConnectionInfo,
    to: RelayTarget,
    clientTls?: TlsInfo,
  ) {
    this.#context = context;
    this.#client = client;
    this.#clientTls = clientTls;
    this.#to = to;
    this.#acceptedAt = context.clock.now();
    this.#up = { bytes: 0, sentBytes: 0, activeAt: this.#acceptedAt };
    this.#info = info;
    this.#records = new ConnectionRecords(context, info, this.#acceptedAt);
  }

  /** Whether the connection can be closed without cutting an exchange. */
  get idle(): boolean {
    // The capture knows of bytes before the peer has taken them.
    const { capture } = this.#records;
    return capture !== undefined && capture.idle && (this.#linked?.queuedBytes ?? 0) === 0 &&
      this.#up.sentBytes === this.#up.bytes && this.#down.sentBytes === this.#down.bytes;
  }

  /** Whether the target was reached. */
  get reached(): boolean {
    return this.#target !== undefined;
  }

  /**
   * What is under way on it: its exchanges, or the connection itself while it is being opened or carries something else.
   * Never throws.
   */
  active(isWanted?: IsWanted): readonly Active[] {
    return this.#records.active(this.#up.bytes, this.#down.bytes, isWanted);
  }

  /** Ends the connection at once. */
  stop(): void {
    this.#endNow("stopped");
  }

  /** Carries the connection until it is over. Never throws. */
  async run(): Promise<void> {
    const { clock, link } = this.#context;
    sendAtOnce(this.#client);
    const refusal = link.refuses(this.#info.id);
    if (refusal !== undefined) return this.#refuse(refusal);
    if (!await this.#secureClient()) return this.#finish();
    // What the client took for its TLS is no part of the time to connect.
    const dialledAt = clock.now();
    this.#dials = true;
    const reached = await this.#dial();
    this.#dials = false;
    const reachedAt = clock.now();
    const connectMs = (this.#to.wayMs ?? 0) + reachedAt - dialledAt;
    if (reached === undefined) {
      const [client, reason, up, down] = [this.#client, this.#error!, this.#up, this.#down];
      const explains = this.#to.explains === true && !this.#stop.signal.aborted;
      const recording = this.#records.capturing(connectMs);
      await recordLastWords({ client, reason, explains, up, down }, recording, clock);
      return this.#finish();
    }
    const capture = this.#records.open(reachedAt, { reached, connectMs, clientTls: this.#clientTls });
    await this.#carry(capture, reached.connection);
    this.#finish();
  }

  async #carry(capture: GuardedCapture, target: Connection): Promise<void> {
    const { idleTimeoutMs, link } = this.#context;
    const linked = link.attach({
      connectionId: this.#info.id,
      client: this.#client,
      target,
      note: (fault) => this.#records.note(fault),
      end: (by) => this.#breakLink(by),
      sentBytes: (direction) => (direction === "up" ? this.#up : this.#down).sentBytes,
    });
    this.#linked = linked;
    const idleTimer = idleTimeoutMs > 0 ? this.#watchIdleness(idleTimeoutMs) : undefined;
    const client = this.#client;
    await Promise.all([
      this.#copyUp(capture, linked).then((end) => this.#directionEnded(end, "client", "target", client)),
      this.#copyDown(capture, target, linked.down).then((end) =>
        this.#directionEnded(end, "target", "client", target)
      ),
    ]);
    clearInterval(idleTimer);
  }

  #copyUp(capture: GuardedCapture, { up, down }: LinkedConnection): Promise<RewrittenEnd> {
    const { clock, link } = this.#context;
    if (this.#to.rule === undefined && !answersRequests(link)) {
      return copy(this.#client, up, capture.upTap, this.#up, clock);
    }
    this.#http = new RelayHttp({
      rule: this.#to.rule,
      hasUpstreamLogin: this.#to.hasUpstreamLogin,
      connectionId: this.#info.id,
      link,
      note: (fault) => this.#records.note(fault),
      client: down,
      capture,
      down: this.#down,
      now: clock.now,
    });
    return copyRewritten(this.#client, up, this.#http, capture.upTap, this.#up, clock);
  }

  #copyDown(capture: GuardedCapture, target: Connection, down: Outlet): Promise<CopyEnd> {
    const tap = this.#http?.downTap(capture.downTap) ?? capture.downTap;
    return copy(target, down, tap, this.#down, this.#context.clock);
  }

  /** Ends TLS that the client speaks, where it is to speak it. @returns Whether the connection can go on. */
  async #secureClient(): Promise<boolean> {
    const { secure } = this.#to;
    if (secure === undefined) return true;
    try {
      const { connection, tls } = await secure(this.#client, this.#stop.signal);
      this.#client = connection;
      this.#clientTls = tls;
      if (!this.#stop.signal.aborted) return true;
      this.#close();
    } catch (error) {
      this.#end ??= "tls-failed";
      if (!this.#stop.signal.aborted) this.#error = `TLS with the client: ${reasonOf(error)}`;
    }
    return false;
  }

  async #dial(): Promise<Reached | undefined> {
    try {
      const reached = await this.#context.dial(this.#to.target, this.#stop.signal);
      this.#target = reached.connection;
      // Stopped while it was connecting.
      if (this.#stop.signal.aborted) this.#close();
      return reached;
    } catch (error) {
      this.#end ??= "connect-failed";
      this.#error ??= this.#stop.signal.aborted
        ? `stopped while connecting to ${this.#to.name}`
        : `cannot connect to ${this.#to.name}: ${reasonOf(error)}`;
      return undefined;
    }
  }

  /** A simulated link ends the connection: by itself, or since nothing can happen any more. */
  #breakLink(by: ConnectionEnd): void {
    if (by === "fault" && this.#end?.endsWith("-closed")) this.#end = by;
    this.#endNow(by);
  }

  #refuse(fault: FaultNote): void {
    this.#end = "fault";
    this.#records.note(fault);
    this.#finish();
  }

  async #directionEnded(
    end: RewrittenEnd,
    reader: "client" | "target",
    writer: "client" | "target",
    source: Connection,
  ): Promise<void> {
    const { clock } = this.#context;
    const activeAt = () => Math.max(this.#up.activeAt, this.#down.activeAt);
    if (reader === "target") this.#http?.responsesEnded();
    if (end.kind === "ended") {
      this.#end ??= `${reader}-closed`;
      return;
    }
    if (end.kind === "answered") {
      const close = () => this.#endNow("client-closed");
      this.#end ??= "client-closed";
      await letGo(this.#client, this.#linked!, clock, activeAt, close);
      return close();
    }
    // Closing both sides ourselves ends what they were doing.
    if (this.#stop.signal.aborted) return;
    const culprit = end.kind === "read-failed" ? reader : writer;
    // What breaks a connection says more than that one side had finished before.
    if (this.#end === undefined || this.#end.endsWith("-closed")) {
      this.#end = `${culprit}-reset`;
      this.#error = `the ${culprit}: ${reasonOf(end.error)}`;
    }
    if (end.kind === "read-failed") {
      if (reader === "target") await this.#delivered();
      return this.#endNow(this.#end);
    }
    await dropRest(source, clock, activeAt, () => this.#endNow("stopped"));
  }

  /** The target broke off: what it had sent may still be on a slow link to the client. */
  async #delivered(): Promise<void> {
    const linked = this.#linked;
    if (linked !== undefined && !linked.held) await linked.delivered()?.catch(() => {});
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
    if (this.#stop.signal.aborted) return;
    this.#end ??= end;
    this.#cutBy ??= end;
    this.#stop.abort();
    this.#http?.responsesEnded();
    // A client that waits for its target may have asked for something: that is read first.
    if (!this.#dials) this.#close();
  }

  #close(): void {
    closeQuietly(this.#client);
    closeQuietly(this.#target);
    this.#linked?.detach();
  }

  #finish(): void {
    this.#close();
    this.#records.close({
      up: this.#up.bytes,
      down: this.#down.bytes,
      end: this.#end ?? "stopped",
      cutBy: this.#cutBy,
      error: this.#error,
    });
  }
}
