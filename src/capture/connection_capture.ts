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
  type Framing,
  isInterim,
  mayEndHttp,
  NO_BODY,
  OVER_LIMIT,
  type StreamReason,
  UPGRADED,
} from "../http/framing.ts";
import type { RequestHead, ResponseHead } from "../http/head.ts";
import { HostRewriter } from "../http/host_rewriter.ts";
import { type MessageHandler, type MessageParser, requestParser, responseParser } from "../http/parser.ts";
import {
  type EventMessages,
  eventStreamOf,
  type WebSocketMessages,
  webSocketsOf,
} from "./message_streams.ts";
import { type CaptureContext, Pairing } from "./pairing.ts";
import type { PendingExchange } from "./pending_exchange.ts";
import type { ConnectionInfo, Direction, Outcome } from "./record.ts";

export type { CaptureContext };

/** Captures one connection. Times are monotonic ms, above 0. */
export class ConnectionCapture {
  readonly #context: CaptureContext;
  readonly #connection: ConnectionInfo;
  readonly #pairing: Pairing;
  readonly #rewriter: HostRewriter | undefined;
  readonly #requests: MessageParser<RequestHead>;
  readonly #responses: MessageParser<ResponseHead>;
  /** The events of the response at hand, and the messages after an upgrade. */
  #events: EventMessages | undefined;
  #webSockets: WebSocketMessages | undefined;
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
  /** Between {@link rewriteUp} and {@link sent}: exchanges whose request began, or ended, in what is being sent. */
  #sending = false;
  readonly #sendingHeads: PendingExchange[] = [];
  readonly #sendingEnds: PendingExchange[] = [];
  #upEndWaits = false;

  /**
   * Makes the capture of one connection.
   *
   * @param connectMs How long it took to reach the target; told with the first exchange.
   * @param hostField Value to write into each request's Host field, where it is to be rewritten.
   */
  constructor(context: CaptureContext, connection: ConnectionInfo, connectMs?: number, hostField?: string) {
    this.#context = context;
    this.#connection = connection;
    this.#pairing = new Pairing(context, connection, connectMs);
    this.#rewriter = hostField === undefined ? undefined : new HostRewriter(hostField);
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

  /** Bytes from the client were read and sent on. The chunk is borrowed until the call returns. */
  up(chunk: Uint8Array, readAt: number, sentAt: number): void {
    this.#readAt = readAt;
    this.#sentAt = sentAt;
    if (this.#requests.betweenMessages) this.#upBegins();
    this.#requests.push(chunk);
  }

  /**
   * Bytes from the client were read, and are to be sent on with another Host.
   *
   * @returns The pieces to send instead; tell {@link sent} afterwards.
   */
  rewriteUp(chunk: Uint8Array, readAt: number): readonly Uint8Array[] {
    const rewriter = this.#rewriter;
    if (rewriter === undefined) {
      this.up(chunk, readAt, readAt);
      return [chunk];
    }
    rewriter.begin(chunk);
    this.#sending = true;
    this.up(chunk, readAt, readAt);
    return rewriter.finish(this.#requests.heldHeadBytes);
  }

  /** What {@link rewriteUp} gave was sent on. */
  sent(sentAt: number): void {
    this.#sending = false;
    // A head is held until it is whole: none of its bytes was sent before.
    for (const exchange of this.#sendingHeads) exchange.relayMs += sentAt - exchange.startedAt;
    for (const exchange of this.#sendingEnds) exchange.requestSentAt = sentAt;
    this.#sendingHeads.length = this.#sendingEnds.length = 0;
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

  /**
   * The client will send no more.
   *
   * @returns Bytes that were held back for rewriting and are still to be sent.
   */
  upEnded(at: number): readonly Uint8Array[] {
    this.#readAt = this.#sentAt = at;
    this.#rewriter?.begin(new Uint8Array(0));
    this.#endUp();
    this.#webSockets?.end("up", at);
    return this.#rewriter?.finish(0) ?? [];
  }

  /** The target will send no more: what waits for a response will not get one. */
  downEnded(at: number, error?: string): void {
    this.#readAt = this.#sentAt = at;
    this.#responses.close();
    this.#webSockets?.end("down", at);
    this.#pairing.endResponses(at, undefined, error);
    this.#resume(false);
  }

  /** The connection is over: what is under way is recorded as it stands. Safe to call twice. */
  ended(at: number, outcome?: Outcome, error?: string): void {
    this.#readAt = this.#sentAt = at;
    this.#resume(false);
    this.#requests.close();
    this.#responses.abort();
    this.#webSockets?.end("up", at);
    this.#webSockets?.end("down", at);
    this.#pairing.endAll(at, outcome, error);
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
      head: (head, framing, start, end) => this.#requestHead(head, framing, start, end),
      body: (chunk, from, to) => this.#pairing.uploading?.addToRequest(chunk, from, to),
      flag: (flag) => this.#pairing.uploading?.flag(flag),
      end: (trailers, following) => {
        const exchange = this.#pairing.uploading;
        if (exchange !== undefined) {
          this.#pairing.requestTrailers(trailers);
          if (this.#sending) this.#sendingEnds.push(exchange);
          this.#pairing.endRequest("done", this.#sentAt);
        }
        if (following > 0) this.#upBegins();
      },
      stream: (chunk, from, to, offset, reason) => {
        this.#rewriter?.stream(chunk, from, to, offset);
        if (this.#pairing.uploading !== undefined) {
          this.#pairing.uploading.flag(reason === "over-limit" ? reason : "not-http");
          this.#pairing.endRequest("broken", this.#sentAt);
        }
        this.#stream("up", chunk, from, to, offset);
      },
    };
  }

  #requestHead(head: RequestHead, framing: Framing, start: number, end: number): Framing {
    const exchange = this.#pairing.beginRequest(head, framing, this.#upStartedAt);
    exchange.relayMs = this.#upRelayMs;
    if (this.#rewriter !== undefined) {
      exchange.rewritten = this.#rewriter.head(head, start, end);
      if (exchange.rewritten !== undefined) exchange.flag("host-rewritten");
      if (this.#sending) this.#sendingHeads.push(exchange);
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
      head: (head, framing) => this.#responseHead(head, framing),
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
      stream: (chunk, from, to, offset, reason) => {
        if (!this.#pairing.responsesAreOver) this.#responsesBreak(reason);
        this.#stream("down", chunk, from, to, offset);
      },
    };
  }

  #responseHead(head: ResponseHead, framing: Framing): Framing {
    if (isInterim(head.status) && head.status !== 101) {
      this.#pairing.interim(head, this.#downStartedAt, this.#downRelayMs, this.#sentAt);
      return NO_BODY;
    }
    const exchange = this.#pairing.beginResponse(head, this.#downStartedAt, this.#downRelayMs);
    const request = exchange.requestHead;
    if (endsHttp(head, request)) {
      this.#upgrade(exchange, head);
      return UPGRADED;
    }
    if (request !== undefined && mayEndHttp(request)) this.#resume(false);
    if (request?.method === "HEAD") return NO_BODY;
    this.#events = eventStreamOf(head, exchange.id, this.#connection, this.#context);
    return framing;
  }

  #upgrade(exchange: PendingExchange, head: ResponseHead): void {
    const { requestHead } = exchange;
    this.#pairing.endResponse("done", this.#sentAt, "upgraded");
    if (requestHead !== undefined) {
      this.#webSockets = webSocketsOf(requestHead, head, exchange.id, this.#connection, this.#context);
    }
    this.#pairing.endResponses(this.#sentAt);
    this.#resume(true);
  }

  /** What comes from the target is no HTTP, or ends inside a head. */
  #responsesBreak(reason: StreamReason): void {
    this.#events = undefined;
    if (reason === "cut") return this.#pairing.cutHead(this.#downStartedAt, this.#sentAt);
    const exchange = this.#pairing.answering ?? this.#pairing.awaiting;
    exchange?.flag(reason === "over-limit" ? reason : "not-http");
    this.#pairing.endResponse("broken", this.#sentAt);
    this.#pairing.endResponses(this.#sentAt, "not-http");
    this.#resume(false);
  }

  /** Bytes that are not HTTP: messages of the protocol that was switched to, or data. */
  #stream(direction: Direction, chunk: Uint8Array, from: number, to: number, offset: number): void {
    if (from === to) return;
    if (this.#webSockets?.push(direction, chunk, from, to, this.#readAt, offset)) return;
    this.#context.emit({
      type: "data",
      connection: this.#connection,
      at: this.#context.wall(this.#readAt),
      direction,
      offset,
      body: { bytes: to - from, kept: chunk.subarray(from, to) },
    });
  }
}
