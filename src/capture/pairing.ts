/**
 * Pairs the requests of a connection with its responses, in order (RFC 9112 §9.3.2), and records each exchange when both
 * its messages have ended.
 *
 *     request ──▶ [newest … oldest] ◀── response      A response that no request waits for is an exchange of its own.
 *
 * Only the newest request can be under way; so the oldest exchange alone can have been answered and still wait (for the
 * end of its request).
 */
import type { Framing } from "../http/framing.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import type { Active, IsWanted } from "./active.ts";
import { activeExchange } from "./active_rows.ts";
import { SHARED_LIMIT_BYTES } from "./body_keeper.ts";
import type { CaptureContext } from "./capture_context.ts";
import { noted } from "./fault_notes.ts";
import { describe, outcomeOf } from "./outcome.ts";
import { PendingExchange } from "./pending_exchange.ts";
import type { ConnectionInfo, FaultNote, Outcome } from "./record.ts";

/** Requests of one connection that may wait for their responses before the rest is shown as a stream. */
export const PENDING_LIMIT = 10_000;

/** Memory that these requests may take; ten thousand ordinary ones take half of it. */
const PENDING_LIMIT_BYTES = 32 * 1024 * 1024;
/** What an exchange takes beside its head, and each field beside its text, which is there as bytes and as a string. */
const EXCHANGE_BYTES = 1_200;
const FIELD_BYTES = 80;

/** The exchanges of one connection that are under way. Times are monotonic ms. */
export class Pairing {
  readonly #context: CaptureContext;
  readonly #connection: ConnectionInfo;
  /** Requests whose exchange is not over, oldest first. */
  readonly #pending: PendingExchange[] = [];
  #pendingBytes = 0;
  /** Whether there was no memory left for a request. */
  #isRefused = false;
  #connectMs: number | undefined;
  #tlsMs: number | undefined;
  /** Why tcpmon answers itself what came instead of a request. */
  #refusal: string | undefined;
  /** Of a simulated link, for the next exchange. */
  #faults: FaultNote[] | undefined;
  #began = 0;
  #uploading: PendingExchange | undefined;
  #answering: PendingExchange | undefined;
  #responsesAreOver = false;
  /** What becomes of requests that get no response any more. */
  #unanswered: { outcome?: Outcome; error?: string } = {};

  /**
   * Begins with no exchange.
   *
   * @param connectMs How long it took to reach the target; told with the first exchange.
   * @param tlsMs How much of that the TLS handshake took.
   */
  constructor(context: CaptureContext, connection: ConnectionInfo, connectMs?: number, tlsMs?: number) {
    this.#context = context;
    this.#connection = connection;
    this.#connectMs = connectMs;
    this.#tlsMs = tlsMs;
  }

  /** How many exchanges began. */
  get began(): number {
    return this.#began;
  }

  /** Whether no exchange is under way. */
  get isEmpty(): boolean {
    return this.#pending.length === 0 && this.#answering === undefined;
  }

  /** Whether the requests that wait are more than are kept. */
  get isOverLimit(): boolean {
    return this.#isRefused || this.#pending.length > PENDING_LIMIT ||
      this.#pendingBytes > PENDING_LIMIT_BYTES;
  }

  /** Whether no response will come any more. */
  get responsesAreOver(): boolean {
    return this.#responsesAreOver;
  }

  /** The exchange whose request is under way. */
  get uploading(): PendingExchange | undefined {
    return this.#uploading;
  }

  /** The exchange whose final response is under way. */
  get answering(): PendingExchange | undefined {
    return this.#answering;
  }

  /** The exchange that the next response belongs to. */
  get awaiting(): PendingExchange | undefined {
    const first = this.#pending[0];
    return first !== undefined && first.response === "none" ? first : undefined;
  }

  /** Whether a request waits behind the one that is being answered. */
  get hasNext(): boolean {
    return this.#pending.length > (this.#pending[0] === this.#answering ? 1 : 0);
  }

  /** The exchanges that are under way and wanted, oldest first, as they stand. */
  active(isWanted: IsWanted): Active[] {
    const rows: Active[] = [];
    const add = (exchange: PendingExchange) => {
      const at = this.#context.wall(exchange.startedAt);
      if (isWanted(at)) rows.push(activeExchange(exchange, this.#connection, at));
    };
    for (const exchange of this.#pending) add(exchange);
    const answered = this.#answering;
    // A response that nobody asked for waits in no line.
    if (answered !== undefined && answered.requestHead === undefined) add(answered);
    return rows;
  }

  /**
   * A simulated link has struck: the exchange that it met is the one whose response is next, or its request. Where none
   * is under way it met the first bytes of the next.
   */
  fault(fault: FaultNote): void {
    const exchange = this.#answering ?? this.#pending[0] ?? this.#uploading;
    if (exchange === undefined) this.#faults = noted(this.#faults, fault);
    else exchange.faults = noted(exchange.faults, fault);
  }

  /** tcpmon answers the newest request itself, for this reason; where there is none, what came instead of one. */
  refuse(reason: string): void {
    const exchange = this.#pending[this.#pending.length - 1];
    if (exchange !== undefined) exchange.refusal = reason;
    else this.#refusal = reason;
  }

  /** A request begins. */
  beginRequest(head: RequestHead, framing: Framing, startedAt: number): PendingExchange {
    const exchange = this.#begin(startedAt);
    exchange.requestHead = head;
    exchange.request = "open";
    this.#weigh(
      exchange,
      EXCHANGE_BYTES + 2 * head.raw.length + head.fields.length * FIELD_BYTES +
        (framing.kind === "none" ? 0 : SHARED_LIMIT_BYTES),
    );
    this.#pending.push(exchange);
    this.#uploading = exchange;
    return exchange;
  }

  /** Trailers of the request under way: they wait with it, as long as there is memory for them. */
  requestTrailers(trailers: readonly Field[]): void {
    const exchange = this.#uploading;
    if (exchange === undefined || trailers.length === 0) return;
    let bytes = trailers.length * FIELD_BYTES;
    for (const [name, value] of trailers) bytes += 2 * (name.length + value.length);
    if (this.#weigh(exchange, bytes)) exchange.requestTrailers = trailers;
    else exchange.flag("over-limit");
  }

  /** The request under way is over. */
  endRequest(how: "done" | "cut" | "broken", at: number): void {
    const exchange = this.#uploading;
    if (exchange === undefined) return;
    this.#uploading = undefined;
    exchange.request = how;
    if (how !== "cut") exchange.requestSentAt = at;
    if (exchange.response !== "none" || this.#responsesAreOver) this.#emitFinished(at);
  }

  /** The request under way is over: it was answered, and has left its body out. */
  leaveOutBody(at: number): void {
    const exchange = this.#uploading;
    if (exchange === undefined) return;
    this.#uploading = undefined;
    exchange.flag("body-left-out");
    exchange.request = "done";
    this.#emitFinished(at);
  }

  /** An interim response came. */
  interim(head: ResponseHead, startedAt: number, relayMs: number, at: number): void {
    const exchange = this.awaiting ?? this.#unrequested(startedAt);
    exchange.relayMs += relayMs;
    exchange.addInterim(head);
    // It must not be taken for an exchange that waits: the next request's response would go to it.
    if (exchange.requestHead === undefined) this.#emit(exchange, "unrequested", undefined, at);
  }

  /** A final response begins. */
  beginResponse(head: ResponseHead, startedAt: number, relayMs: number): PendingExchange {
    const exchange = this.awaiting ?? this.#unrequested(startedAt);
    exchange.relayMs += relayMs;
    exchange.responseHead = head;
    exchange.response = "open";
    exchange.responseStartedAt = startedAt;
    if (exchange.request === "open") exchange.flag("early-response");
    this.#answering = exchange;
    return exchange;
  }

  /** The target ended inside the start line of a response. Its exchange is recorded when that end is told. */
  cutHead(startedAt: number, at: number): void {
    const exchange = this.awaiting;
    if (exchange === undefined) return;
    exchange.response = "cut";
    exchange.responseStartedAt = startedAt;
    exchange.responseEndedAt = at;
  }

  /** The response under way is over; with `outcome`, so is its exchange. */
  endResponse(how: "done" | "cut" | "broken", at: number, outcome?: Outcome): void {
    const exchange = this.#answering;
    if (exchange === undefined) return;
    this.#answering = undefined;
    exchange.response = how;
    exchange.responseEndedAt = at;
    if (outcome !== undefined || exchange.requestHead === undefined) {
      this.#emit(exchange, outcome, undefined, at);
    } else {
      this.#emitFinished(at);
    }
  }

  /** No response will come any more: requests are recorded as soon as they have ended. */
  endResponses(at: number, outcome?: Outcome, error?: string): void {
    this.#responsesAreOver = true;
    this.#unanswered = { outcome, error };
    if (this.#answering?.requestHead === undefined) this.endResponse("cut", at);
    this.#cutAnswer(at);
    this.#emitFinished(at);
  }

  /** The connection is over, perhaps `cut` by tcpmon itself: what is under way is recorded as it stands. */
  endAll(at: number, outcome?: Outcome, error?: string, cut?: string): void {
    this.#responsesAreOver = true;
    const answering = this.#answering;
    this.#cutAnswer(at);
    if (answering !== undefined && answering.requestHead === undefined) {
      this.#emit(answering, outcome, error, at, cut);
    }
    while (this.#pending.length > 0) this.#emit(this.#pending[0], outcome, error, at, cut);
  }

  #cutAnswer(at: number): void {
    const exchange = this.#answering;
    if (exchange === undefined) return;
    this.#answering = undefined;
    exchange.response = "cut";
    exchange.responseEndedAt = at;
  }

  #begin(startedAt: number): PendingExchange {
    const exchange = new PendingExchange(this.#context.nextId(), startedAt, this.#context.memory);
    exchange.connectMs = this.#connectMs;
    exchange.tlsMs = this.#tlsMs;
    exchange.faults = this.#faults;
    this.#connectMs = this.#tlsMs = this.#faults = undefined;
    this.#began++;
    return exchange;
  }

  #unrequested(startedAt: number): PendingExchange {
    const exchange = this.#begin(startedAt);
    exchange.refusal = this.#refusal;
    if (exchange.refusal === undefined) exchange.flag("unrequested-response");
    this.#refusal = undefined;
    return exchange;
  }

  /** Records the exchanges at the front whose two messages have ended, or whose response will not come. */
  #emitFinished(at: number): void {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      if (first.request === "open" || first.response === "open") return;
      if (first.response !== "none" && first.response !== "cut") {
        this.#emit(first, undefined, undefined, at);
      } else {
        if (!this.#responsesAreOver) return;
        this.#emit(first, this.#unanswered.outcome, this.#unanswered.error, at);
      }
    }
  }

  /** Counts memory that an exchange takes while it waits. @returns Whether there was any. */
  #weigh(exchange: PendingExchange, bytes: number): boolean {
    if (!this.#context.memory.reserve(bytes)) {
      this.#isRefused = true;
      return false;
    }
    exchange.waitingBytes += bytes;
    this.#pendingBytes += bytes;
    return true;
  }

  #emit(
    exchange: PendingExchange,
    outcome: Outcome | undefined,
    error: string | undefined,
    at: number,
    cut?: string,
  ): void {
    if (exchange === this.#pending[0]) {
      // Of one, pop leaves the array's memory in place, where shift gives it up for the next push to take anew.
      if (this.#pending.length === 1) this.#pending.pop();
      else this.#pending.shift();
      this.#pendingBytes -= exchange.waitingBytes;
      this.#context.memory.release(exchange.waitingBytes);
    }
    if (exchange === this.#uploading) this.#uploading = undefined;
    const { refusal } = exchange;
    const ended = refusal === undefined ? outcome ?? outcomeOf(exchange) : "refused";
    const wall = this.#context.wall(exchange.startedAt);
    this.#context.emit(
      exchange.record(this.#connection, ended, error ?? refusal ?? describe(exchange, ended, cut), wall, at),
    );
  }
}
