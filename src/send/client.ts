/**
 * tcpmon's own client: one connection to a target, which carries requests one after the other, or bytes as they are.
 *
 *     exchange(pieces) ─▶ write ─▶ target        It sends over the dial of the relays, and records as they do: what is
 *              │            └────▶ capture ─▶ records (emit), of which the exchange is the result
 *              └──────── read ◀──▶ capture
 *
 * Reading never stops while the connection is open: an answer that comes before the request is over cannot block it, and
 * a target that closes an idle connection is noticed before the next request is lost to it.
 */
import { ConnectionCapture } from "../capture/connection_capture.ts";
import type { ConnectionEnd, ConnectionInfo, ExchangeRecord, Record } from "../capture/record.ts";
import type { Target } from "../net/address.ts";
import { closeQuietly, type Connection, ReadBuffer } from "../net/connection.ts";
import { reasonOf } from "../net/dial.ts";
import { Ending } from "./ending.ts";
import { PendingAnswer } from "./pending_answer.ts";
import { type ClientContext, reach, type ReachedTarget } from "./reach.ts";
import { ReceivedBytes } from "./received_bytes.ts";
import { recordsOwn } from "./records_own.ts";
import { keepsConnection } from "./reuse.ts";
import { SendError } from "./send_error.ts";
import { Upload } from "./upload.ts";
import { WHOLE_LIMIT_BYTES, WholeRequest } from "./whole_request.ts";

export type { ClientContext };
export { SendError };

/** After the target takes no more: for so long its answer is waited for. */
const LAST_ANSWER_MS = 1_000;
/** How often it is looked whether an exchange takes too long, at most and at least. */
const SWEEP_MAX_MS = 500;
const SWEEP_MIN_MS = 10;

/** One connection to a target. Close it when it is no longer needed. */
export class ClientConnection {
  readonly #context: ClientContext;
  readonly #connection: Connection;
  readonly #openedAt: number;
  readonly #capture: ConnectionCapture;
  readonly #sweep: ReturnType<typeof setInterval> | undefined;
  readonly #received = new ReceivedBytes();
  readonly #buffer = new ReadBuffer();
  readonly #whole = new WholeRequest();
  readonly #onAbort = () => this.#finish("stopped");
  readonly #pending = new PendingAnswer();
  readonly #ending = new Ending();
  #deadline = Infinity;
  /** Exchanges that had begun before the one at hand. */
  #exchangesBefore = 0;
  /** The request that is on its way in parts. */
  #upload: Upload | undefined;
  #signal: AbortSignal | undefined;
  #keeps = true;
  #peerEnded = false;
  #isClosed = false;
  #lastAnswerTimer: ReturnType<typeof setTimeout> | undefined;
  #sentBytes = 0;

  /** What the records of this connection call it. */
  readonly info: ConnectionInfo;

  private constructor(context: ClientContext, { reached, info, openedAt, connectMs }: ReachedTarget) {
    this.#context = context;
    this.#connection = reached.connection;
    this.#openedAt = openedAt;
    this.info = info;
    const { clock, memory, nextExchangeId: nextId, timeoutMs } = context;
    const shared = { emit: this.#emit.bind(this), wall: clock.wall.bind(clock), nextId, memory };
    this.#capture = new ConnectionCapture(shared, info, connectMs, reached.tlsMs);
    if (timeoutMs > 0) {
      const everyMs = Math.min(SWEEP_MAX_MS, Math.max(SWEEP_MIN_MS, timeoutMs / 10));
      this.#sweep = setInterval(() => this.#endIfLate(), everyMs);
    }
    this.#receive().catch((error) => this.#finish("stopped", reasonOf(error)));
  }

  /**
   * Connects.
   *
   * @param signal Ends the attempt.
   * @throws {SendError} where the target cannot be reached. That was recorded then.
   */
  static async open(context: ClientContext, target: Target, signal: AbortSignal): Promise<ClientConnection> {
    return new ClientConnection(context, await reach(context, target, signal));
  }

  /** Whether another request may be sent: kept alive by both ends, framing known, nothing left over (RFC 9112 §9.3). */
  get isReusable(): boolean {
    const { isSending, isAwaited } = this.#pending;
    return this.#keeps && !this.#isClosed && !this.#peerEnded && !isSending && !isAwaited &&
      this.#capture.idle;
  }

  /** Resolves once the peer sends no more, or the connection is closed. Never rejects. */
  get ended(): Promise<void> {
    return this.#received.ended;
  }

  /** How many bytes came from the peer. */
  get receivedBytes(): number {
    return this.#received.count;
  }

  /** How many bytes were sent. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Resolves once so many bytes in all have come from the peer, or no more will. */
  received(bytes: number): Promise<void> {
    return this.#received.atLeast(bytes);
  }

  /**
   * Sends one request, whole, as these pieces. One at a time.
   *
   * @param pieces The request as it is to cross the wire; the first begins with its head. They must not change before
   *   the exchange is over.
   * @param signal Ends the exchange, and with it the connection.
   * @returns The exchange once it is over, whatever its outcome. Its bytes are its own.
   * @throws {SendError} where the connection is closed or in use, or what was sent is no HTTP and got no answer.
   */
  exchange(pieces: readonly Uint8Array[], signal: AbortSignal): Promise<ExchangeRecord> {
    if (this.#isClosed || this.#pending.isAwaited || this.#pending.isSending) {
      const why = this.#isClosed ? "closed" : "in use";
      return Promise.reject(new SendError(`cannot send a request: its connection is ${why}`));
    }
    if (signal !== this.#signal) this.#listen(signal);
    if (signal.aborted) {
      this.#finish("stopped");
      return Promise.reject(new SendError("cannot send a request: stopped"));
    }
    const answer = this.#pending.begin();
    const { clock, timeoutMs } = this.#context;
    if (timeoutMs > 0) this.#deadline = clock.now() + timeoutMs;
    this.#exchangesBefore = this.#capture.exchanges;
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    if (bytes <= WHOLE_LIMIT_BYTES && !this.#whole.waits(pieces, bytes)) {
      this.#send(this.#write(this.#whole.joined(pieces, bytes)));
    } else {
      const upload = this.#upload = new Upload(pieces, {
        write: (bytes) => this.#write(bytes),
        sentBytes: () => this.#sentBytes,
        giveUp: (error) => this.#pending.isAwaited && this.#finish("client-closed", error),
      });
      this.#send(upload.run());
    }
    return answer;
  }

  /**
   * Sends bytes as they are.
   *
   * @throws {SendError} where the target takes no more.
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) throw new SendError("cannot send: the connection is closed");
    try {
      await this.#write(bytes);
    } catch (error) {
      this.#broken(error);
      throw new SendError(`cannot send: ${reasonOf(error)}`);
    }
  }

  /** Ends the sending half; the peer may go on. */
  async closeWrite(): Promise<void> {
    if (this.#isClosed) return;
    this.#keeps = false;
    this.#ending.tell("client-closed");
    this.#capture.upEnded(this.#context.clock.now());
    try {
      await this.#connection.closeWrite();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Ends the connection at once. What is under way is recorded as it stands, then the end. Safe to call twice. */
  close(): void {
    this.#finish("client-closed");
  }

  /** Waits for the end of what was begun to be sent. */
  async #send(sending: Promise<void>): Promise<void> {
    try {
      await sending;
    } catch (error) {
      this.#broken(error);
    }
    this.#upload?.stop();
    this.#upload = undefined;
    this.#pending.sent();
    if (this.#peerEnded && this.#pending.isAwaited) this.#finish("target-closed");
  }

  /** Writes all of it; the capture is told of it when the first write has begun. */
  async #write(bytes: Uint8Array): Promise<void> {
    const at = this.#context.clock.now();
    const writing = this.#connection.write(bytes);
    this.#capture.up(bytes, at, this.#context.clock.now());
    for (let written = await writing;; written = await this.#connection.write(bytes)) {
      this.#sentBytes += written;
      if (written === bytes.length) return;
      bytes = bytes.subarray(written);
    }
  }

  async #receive(): Promise<void> {
    for (;;) {
      let read: number | null;
      try {
        read = await this.#connection.read(this.#buffer.bytes);
      } catch (error) {
        if (this.#isClosed) return;
        this.#ending.broke(error);
        return this.#finish("target-reset");
      }
      if (this.#isClosed) return;
      if (read === null) return this.#peerEnds();
      const at = this.#context.clock.now();
      const chunk = this.#buffer.bytes.subarray(0, read);
      this.#capture.down(chunk, at, at);
      this.#upload?.answered(chunk);
      this.#received.add(read);
      this.#buffer.fit(read);
      // Where bytes come without end, a timer may have to wait for its turn.
      if (at >= this.#deadline) this.#endIfLate();
    }
  }

  #peerEnds(): void {
    this.#peerEnded = true;
    this.#ending.tell("target-closed");
    this.#capture.downEnded(this.#context.clock.now(), this.#ending.error);
    this.#upload?.peerEnded();
    // A request may go on where it has no answer yet; behind an answer nobody wants the rest of it.
    if (this.#pending.isDoneWith) this.#finish("target-closed");
    this.#received.end();
  }

  /** The target takes no more; what it has answered before may still be read. */
  #broken(error: unknown): void {
    if (this.#isClosed) return;
    this.#keeps = false;
    this.#ending.broke(error);
    if (this.#peerEnded) return this.#finish("target-reset");
    this.#lastAnswerTimer ??= setTimeout(() => this.#finish("target-reset"), LAST_ANSWER_MS);
  }

  #endIfLate(): void {
    if (!this.#pending.isAwaited || this.#context.clock.now() < this.#deadline) return;
    this.#finish("client-closed", `no complete answer within ${this.#context.timeoutMs} ms`);
  }

  #listen(signal: AbortSignal): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort);
  }

  #emit(record: Record): void {
    if (record.type !== "exchange") return this.#context.emit(record);
    const exchange = recordsOwn(record, this.#buffer, this.#context.memory);
    this.#context.emit(exchange);
    // An answer to what could not be read as a request stands alone.
    const isAnswer = this.#pending.isUnanswered &&
      (exchange.request !== undefined || this.#capture.exchanges === this.#exchangesBefore + 1);
    this.#keeps = this.#keeps && isAnswer && keepsConnection(exchange);
    if (isAnswer) this.#pending.answered(exchange);
  }

  #finish(end: ConnectionEnd, error?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ending.tell(end, error);
    clearInterval(this.#sweep);
    clearTimeout(this.#lastAnswerTimer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    closeQuietly(this.#connection);
    this.#upload?.stop();
    const { clock, emit } = this.#context;
    const at = clock.now();
    this.#capture.ended(at, undefined, this.#ending.error);
    emit({
      type: "connection",
      event: "closed",
      connection: this.info,
      at: clock.wall(at),
      up: this.#sentBytes,
      down: this.#received.count,
      totalMs: at - this.#openedAt,
      end: this.#ending.end ?? end,
      error: this.#ending.error,
      exchanges: this.#capture.exchanges,
    });
    this.#pending.fail(this.#ending.error ?? "what was sent cannot be read as HTTP");
    this.#received.end();
  }
}
