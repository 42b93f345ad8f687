/**
 * The tap of one connection: what was read in each direction → records. Synchronous; it copies what it keeps.
 *
 *     up ──▶ request parser ──┐                        ┌─▶ exchange records
 *                             ├─▶ pairing, in order ───┤
 *     down ─▶ response parser ┘                        └─▶ after an upgrade: messages or data
 *
 * Each direction falls back to a stream on its own where what comes is not HTTP; nothing of it is lost.
 */
import {
  endsHttp,
  expectsContinue,
  type Framing,
  isInterim,
  mayEndHttp,
  NO_BODY,
  OVER_LIMIT,
  type StreamReason,
  UNDELIMITED,
  UPGRADED,
} from "../http/framing.ts";
import type { RequestHead, ResponseHead } from "../http/head.ts";
import { type MessageHandler, type MessageParser, requestParser, responseParser } from "../http/parser.ts";
import type { Became } from "../http/request_rewriter.ts";
import { type Active, EVERYTHING, type IsWanted } from "./active.ts";
import { activeStream, type SoFar } from "./active_rows.ts";
import type { CaptureContext } from "./capture_context.ts";
import { type EventMessages, eventStreamOf } from "./message_streams.ts";
import { Pairing } from "./pairing.ts";
import type { PendingExchange } from "./pending_exchange.ts";
import { RawStream } from "./raw_stream.ts";
import type { ConnectionInfo, Direction, FaultNote, Outcome } from "./record.ts";

export type { CaptureContext };

/** The heads of a chunk, in order, and what became of each on its way. */
export type Rewritten = readonly Became[];

const AS_THEY_CAME: Rewritten = [];

/** Captures one connection. Times are monotonic ms, above 0. */
export class ConnectionCapture {
  readonly #context: CaptureContext;
  readonly #connection: ConnectionInfo;
  readonly #pairing: Pairing;
  readonly #requests: MessageParser<RequestHead>;
  #responses: MessageParser<ResponseHead>;
  /** The events of the response at hand. */
  #events: EventMessages | undefined;
  /** What is not HTTP, from its first byte or an upgrade on. */
  #raw: RawStream | undefined;
  /** The exchange whose response has borrowed from the chunk at hand. */
  #settling: PendingExchange | undefined;

  /** When the chunk at hand was read and sent on. */
  #readAt = 0;
  #sentAt = 0;
  /** When the first bytes of the message at hand were read, and how long until they were sent on, per direction. */
  #upStartedAt = 0;
  #upRelayMs = 0;
  #downStartedAt = 0;
  #downRelayMs = 0;
  /** What became of the heads of the chunk at hand, and how many of them were told. */
  #rewritten = AS_THEY_CAME;
  #rewrittenTold = 0;
  /** Whether what comes from the target is withheld from the client. */
  #isWithheld = false;
  #upEndWaits = false;
  #isOver = false;

  /**
   * Makes the capture of one connection.
   *
   * @param connectMs How long it took to reach the target, told with the first exchange; the TLS handshake included.
   * @param tlsMs How long that took.
   */
  constructor(context: CaptureContext, connection: ConnectionInfo, connectMs?: number, tlsMs?: number) {
    this.#context = context;
    this.#connection = connection;
    this.#pairing = new Pairing(context, connection, connectMs, tlsMs);
    this.#requests = requestParser(this.#requestHandler());
    this.#responses = responseParser(this.#responseHandler());
  }

  /** How many exchanges began on this connection. */
  get exchanges(): number {
    return this.#pairing.began;
  }

  /** Whether no exchange is under way and nothing is half read: a connection that may be closed without harm. */
  get idle(): boolean {
    return this.#pairing.isEmpty && this.#requests.betweenMessages && this.#responses.betweenMessages &&
      !this.#requests.isStream && !this.#responses.isStream;
  }

  /**
   * What is under way, put together anew: each exchange that was not recorded yet, and a stream (`soFar`: of the
   * connection) where something else than HTTP passes, or nothing has passed by which to know.
   */
  active(soFar: SoFar, isWanted: IsWanted = EVERYTHING): readonly Active[] {
    if (this.#isOver) return [];
    const rows = this.#pairing.active(isWanted);
    const isStream = this.#raw !== undefined || this.#pairing.began === 0;
    if (isStream && isWanted(soFar.at)) rows.push(activeStream(this.#connection, soFar, this.#raw?.request));
    return rows;
  }

  /**
   * Bytes from the client were read and sent on. The chunk is borrowed until the call returns.
   *
   * @param rewritten What became of the heads that end in the chunk, in order, where they were replaced on their way.
   */
  up(chunk: Uint8Array, readAt: number, sentAt: number, rewritten: Rewritten = AS_THEY_CAME): void {
    this.#readAt = readAt;
    this.#sentAt = sentAt;
    this.#rewritten = rewritten;
    this.#rewrittenTold = 0;
    if (this.#requests.betweenMessages) this.#upBegins();
    this.#requests.push(chunk);
  }

  /** Bytes from the target were read and sent on. The chunk is borrowed until the call returns. */
  down(chunk: Uint8Array, readAt: number, sentAt: number): void {
    this.#readAt = readAt;
    this.#sentAt = sentAt;
    if (this.#responses.betweenMessages) this.#downBegins();
    this.#responses.push(chunk);
    this.#settling?.settle();
    this.#settling = undefined;
  }

  /** The client will send no more. */
  upEnded(at: number): void {
    this.#readAt = this.#sentAt = at;
    this.#endUp();
    this.#raw?.end("up", at);
  }

  /**
   * Bytes of the target that do not go to the client, and neither does an unfinished head before them: they are told as
   * data, and what waits for its answer waits on. An interim response in them is one all the same.
   */
  withheld(chunk: Uint8Array, readAt: number): void {
    this.#isWithheld = true;
    this.down(chunk, readAt, readAt);
    // Half a head, too.
    this.#responses.resume(true);
    this.#isWithheld = false;
    this.#responses = responseParser(this.#responseHandler());
  }

  /**
   * tcpmon answers the request that came last, or what is none, itself, for this reason; its answer follows by
   * {@link down}.
   */
  refused(reason: string): void {
    this.#pairing.refuse(reason);
  }

  /** A simulated link has struck: it is noted with the exchange that is under way. */
  faulted(fault: FaultNote): void {
    this.#pairing.fault(fault);
  }

  /** The target will send no more: what waits for a response will not get one. */
  downEnded(at: number, error?: string): void {
    this.#readAt = this.#sentAt = at;
    this.#responses.close();
    this.#raw?.end("down", at);
    this.#pairing.endResponses(at, undefined, error);
    this.#resume(false);
  }

  /**
   * The connection is over: what is under way is recorded as it stands. Safe to call twice.
   *
   * @param error What went wrong with the connection, in words.
   * @param cut Why tcpmon itself ended it, in words, where it did.
   */
  ended(at: number, outcome?: Outcome, error?: string, cut?: string): void {
    this.#readAt = this.#sentAt = at;
    this.#resume(false);
    this.#requests.close();
    this.#responses.abort();
    this.#raw?.end("up", at);
    this.#raw?.end("down", at);
    this.#pairing.endAll(at, outcome, error, cut);
    this.#isOver = true;
  }

  #upBegins(): void {
    this.#upStartedAt = this.#readAt;
    this.#upRelayMs = this.#sentAt - this.#readAt;
  }

  #downBegins(): void {
    this.#downStartedAt = this.#readAt;
    this.#downRelayMs = this.#sentAt - this.#readAt;
  }

  /** The client has ended; while it is open what it sent, that waits. */
  #endUp(): void {
    this.#upEndWaits = this.#requests.isPaused;
    if (!this.#upEndWaits && !this.#requests.close()) this.#pairing.endRequest("cut", this.#sentAt);
  }

  /** It is known now what follows a request that might have ended HTTP. */
  #resume(upgraded: boolean): void {
    this.#requests.resume(upgraded);
    if (this.#upEndWaits) this.#endUp();
  }

  #requestHandler(): MessageHandler<RequestHead> {
    return {
      head: (head, framing) => this.#requestHead(head, framing),
      body: (chunk, from, to) => this.#pairing.uploading?.addToRequest(chunk, from, to),
      flag: (flag) => this.#pairing.uploading?.flag(flag),
      end: (trailers, following) => {
        const exchange = this.#pairing.uploading;
        if (exchange !== undefined) {
          this.#pairing.requestTrailers(trailers);
          this.#pairing.endRequest("done", this.#sentAt);
        }
        if (following > 0) this.#upBegins();
      },
      leftOut: (following) => {
        this.#pairing.leaveOutBody(this.#sentAt);
        if (following > 0) this.#upBegins();
      },
      cutHead: (head) => {
        this.#pairing.beginRequest(head, NO_BODY, this.#upStartedAt).relayMs = this.#upRelayMs;
      },
      stream: (chunk, from, to, offset, reason) => {
        if (this.#pairing.uploading !== undefined) {
          this.#pairing.uploading.flag(reason === "over-limit" ? reason : "not-http");
          this.#pairing.endRequest("broken", this.#sentAt);
        }
        this.#stream("up", chunk, from, to, offset, reason);
      },
    };
  }

  #requestHead(head: RequestHead, framing: Framing): Framing {
    const exchange = this.#pairing.beginRequest(head, framing, this.#upStartedAt);
    exchange.relayMs = this.#upRelayMs;
    if (this.#rewrittenTold < this.#rewritten.length) {
      const became = this.#rewritten[this.#rewrittenTold];
      if (became === "untouched") {
        exchange.flag("not-rewritten");
      } else {
        this.#rewrittenTold++;
        exchange.rewritten = became;
        // A head that is to be replaced is held until it is whole: none of its bytes was sent before.
        exchange.relayMs = this.#sentAt - exchange.startedAt;
      }
    }
    if (mayEndHttp(head) && !this.#pairing.responsesAreOver) this.#requests.pauseAfterMessage();
    if (this.#pairing.isOverLimit) {
      exchange.flag("over-limit");
      framing = OVER_LIMIT;
    }
    if (framing.kind === "stream") this.#pairing.endRequest("broken", this.#sentAt);
    return framing;
  }

  #responseHandler(): MessageHandler<ResponseHead> {
    return {
      head: (head, framing, start) => this.#responseHead(head, framing, start),
      body: (chunk, from, to) => {
        const exchange = this.#pairing.answering;
        if (exchange !== this.#settling) this.#settling?.settle();
        this.#settling = exchange;
        this.#settling?.addToResponse(chunk, from, to);
        this.#events?.push(chunk, from, to, this.#readAt);
      },
      flag: (flag) => this.#pairing.answering?.flag(flag),
      end: (trailers, following) => {
        const exchange = this.#pairing.answering;
        // An interim response has ended otherwise: its exchange still waits.
        if (exchange !== undefined) {
          exchange.responseTrailers = trailers;
          if (following > 0 && !this.#pairing.hasNext) exchange.flag("bytes-after-end");
          this.#events = undefined;
          this.#pairing.endResponse("done", this.#sentAt);
        }
        if (following > 0) this.#downBegins();
      },
      cutHead: (head) => this.#pairing.beginResponse(head, this.#downStartedAt, this.#downRelayMs),
      stream: (chunk, from, to, offset, reason) => {
        if (!this.#pairing.responsesAreOver && !this.#isWithheld) this.#responsesBreak(reason);
        this.#stream("down", chunk, from, to, offset, reason);
      },
    };
  }

  #responseHead(head: ResponseHead, framing: Framing, start: number): Framing {
    if (isInterim(head.status) && head.status !== 101) {
      this.#pairing.interim(head, this.#downStartedAt, this.#downRelayMs, this.#sentAt);
      return NO_BODY;
    }
    if (this.#isWithheld) {
      this.#stream("down", head.raw, 0, head.raw.length, start, "not-http");
      return UNDELIMITED;
    }
    const exchange = this.#pairing.beginResponse(head, this.#downStartedAt, this.#downRelayMs);
    const request = exchange.requestHead;
    if (endsHttp(head, request)) {
      this.#upgrade(exchange, head);
      return UPGRADED;
    }
    if (request !== undefined && mayEndHttp(request)) this.#resume(false);
    if (exchange.request === "open" && !exchange.isContinued && expectsContinue(request!)) {
      this.#requests.bodyMayBeLeftOut();
    }
    if (request?.method === "HEAD") return NO_BODY;
    this.#events = eventStreamOf(head, exchange.id, this.#connection, this.#context);
    return framing;
  }

  #upgrade(exchange: PendingExchange, head: ResponseHead): void {
    this.#pairing.endResponse("done", this.#sentAt, "upgraded");
    this.#raw ??= new RawStream(this.#context, this.#connection);
    this.#raw.upgraded(exchange.requestHead, head, exchange.id);
    this.#pairing.endResponses(this.#sentAt);
    this.#resume(true);
  }

  /** What comes from the target is no HTTP, or ends inside a start line. */
  #responsesBreak(reason: StreamReason): void {
    this.#events = undefined;
    if (reason === "cut") return this.#pairing.cutHead(this.#downStartedAt, this.#sentAt);
    const exchange = this.#pairing.answering ?? this.#pairing.awaiting;
    exchange?.flag(reason === "over-limit" ? reason : "not-http");
    this.#pairing.endResponse("broken", this.#sentAt);
    this.#pairing.endResponses(this.#sentAt, "not-http");
    this.#resume(false);
  }

  /** Bytes that are not HTTP, or could not be read as such. */
  #stream(
    direction: Direction,
    chunk: Uint8Array,
    from: number,
    to: number,
    offset: number,
    reason: StreamReason,
  ): void {
    if (from === to) return;
    this.#raw ??= new RawStream(this.#context, this.#connection);
    const isHttp = reason !== "upgraded" &&
      (this.#pairing.began > 0 || reason === "over-limit" || reason === "cut");
    this.#raw.push(direction, chunk, from, to, offset, this.#readAt, isHttp);
  }
}
