/**
 * One direction of an HTTP/1.x connection: bytes in, events out (RFC 9112). No I/O, no clock, no promise.
 *
 *     Start ──head──▶ Length | Chunked | Close ──end──▶ Start …
 *       │             (Unsure: this body, or another message instead?)
 *       │                                     (Paused after a request that may end HTTP: CONNECT, Upgrade)
 *       └──not HTTP, or too large──▶ Stream, for good
 *
 * Rules: every byte that goes in comes out in exactly one event, in order, except framing (chunk sizes, trailers) of
 * bodies that could be read. Nothing throws. Kept are only an unfinished head or line of framing, up to its limit.
 */
import { ChunkedReader } from "./chunked.ts";
import type { Flag } from "./flags.ts";
import { type Framing, NO_BODY, type StreamReason } from "./framing.ts";
import type { Field, RequestHead, ResponseHead } from "./head.ts";
import {
  beginsRequest,
  findHeadEnd,
  type Grammar,
  isUnfinishedHead,
  REQUESTS,
  RESPONSES,
  startsWith,
} from "./grammar.ts";
import type { HeadFailure } from "./head_parser.ts";
import { joined } from "./joined.ts";
import { HEAD_LIMIT_BYTES, PAUSE_LIMIT_BYTES } from "./limits.ts";

/** Receives the events of one direction. Byte ranges are borrowed: they hold until the call returns. */
export interface MessageHandler<H> {
  /**
   * A message begins. `start` and `end` are offsets in the direction.
   *
   * @returns How its body is delimited: `framing`, or what the receiver knows better (a response to HEAD).
   */
  head(head: H, framing: Framing, start: number, end: number): Framing;
  /** Bytes `from`–`to` of `chunk` belong to the body; transfer coding is taken off. */
  body(chunk: Uint8Array, from: number, to: number): void;
  /** Something is odd about the framing of the body. */
  flag(flag: Flag): void;
  /** The message is complete. `following` bytes of the chunk at hand come after it. */
  end(trailers: readonly Field[], following: number): void;
  /** As {@link end}, but the body was left out. Told only after {@link MessageParser.bodyMayBeLeftOut}. */
  leftOut?(following: number): void;
  /** These bytes of earlier chunks are the body's first after all: {@link body} follows. */
  late?(held: Uint8Array): void;
  /**
   * The direction ended inside this head, whose start line is whole. Nothing follows. Absent: its bytes come as a stream,
   * as those of a start line that is not whole.
   */
  cutHead?(head: H): void;
  /** Bytes `from`–`to` of `chunk`, at `offset` of the direction, are not HTTP. Nothing else follows but such bytes. */
  stream(chunk: Uint8Array, from: number, to: number, offset: number, reason: StreamReason): void;
}

export type { StreamReason };

const enum State {
  Start,
  Length,
  Chunked,
  Close,
  /** A body is due, or another message instead. */
  Unsure,
  Paused,
  Stream,
}

const NO_TRAILERS: readonly Field[] = [];
const NOTHING = new Uint8Array(0);

/** Reads the messages of one direction. Make one with {@link requestParser} or {@link responseParser}. */
export class MessageParser<H extends RequestHead | ResponseHead> {
  readonly #handler: MessageHandler<H>;
  readonly #grammar: Grammar<H>;
  #state: State = State.Start;
  #remaining = 0;
  #chunked: ChunkedReader | undefined;
  /** How the body at hand is delimited, where its framing says so. */
  #framing: Framing = NO_BODY;
  /** Bytes of an unfinished head, of a pause, or of what may be a body. */
  #held: Uint8Array = NOTHING;
  #heldLength = 0;
  /** Up to where the held bytes were searched for the end of the head. */
  #searched = 0;
  #startLineSeen = false;
  #pause = false;
  /** Whether what follows a pause is left to the caller. */
  #leaves = false;
  /** Offset in the direction of the first byte of the chunk at hand. */
  #base = 0;
  /** The last head and its framing: most connections repeat it byte for byte. */
  #lastHead: H | undefined;
  #lastFraming: Framing = NO_BODY;
  #reason: StreamReason = "not-http";

  /** Begins before the first message. */
  constructor(handler: MessageHandler<H>, grammar: Grammar<H>) {
    this.#handler = handler;
    this.#grammar = grammar;
  }

  /** Whether the next byte begins a message (or a stream's next piece). */
  get betweenMessages(): boolean {
    return this.#heldLength === 0 &&
      (this.#state === State.Start || this.#state === State.Stream || this.#state === State.Paused);
  }

  /** Whether what comes waits for {@link resume}. */
  get isPaused(): boolean {
    return this.#state === State.Paused;
  }

  /** Whether the bytes are no longer read as HTTP. */
  get isStream(): boolean {
    return this.#state === State.Stream;
  }

  /** Called from within `head`: what follows this message waits until {@link resume} says what it is. */
  pauseAfterMessage(): void {
    this.#pause = true;
  }

  /** As {@link pauseAfterMessage}, but what follows is not taken: {@link push} says how far it got. */
  stopAfterMessage(): void {
    this.#pause = this.#leaves = true;
  }

  /**
   * The request at hand has been answered, and need not send its body any more: if nothing of that came so far, what
   * comes next is the body, or, by its start line, another request (RFC 9110 §10.1.1).
   */
  bodyMayBeLeftOut(): void {
    const isDue = this.#framing.kind === "length"
      ? this.#state === State.Length && this.#remaining === this.#framing.length
      : this.#state === State.Chunked && this.#chunked!.isUntouched;
    if (isDue) this.#state = State.Unsure;
  }

  /** Whether what comes is still to be told: the body that is due, or another request. */
  get isUnsure(): boolean {
    return this.#state === State.Unsure;
  }

  /** Whether bytes are held that may become a start line, or not. */
  get holdsStartLine(): boolean {
    if (this.#heldLength === 0) return false;
    if (this.#state !== State.Start) return this.#state === State.Unsure;
    const isBlank = (byte: number) => byte === 13 || byte === 10;
    return !this.#startLineSeen && !this.#held.subarray(0, this.#heldLength).every(isBlank);
  }

  /** What {@link holdsStartLine} tells of is none: it is a body, or no HTTP. */
  releaseStartLine(): void {
    if (!this.holdsStartLine) return;
    if (this.#state === State.Unsure) this.#beginBody(0);
    else this.#abandonHeld("not-http");
  }

  /** Reads what waited: as HTTP, or as the stream that an upgrade made of it. */
  resume(upgraded: boolean): void {
    this.#pause = this.#leaves = false;
    if (upgraded) this.#reason = "upgraded";
    if (this.#state !== State.Paused) {
      if (!upgraded) return;
      // An upgrade that nobody asked for: half a head, or the rest of a body that is still to come, is its beginning.
      if (this.#heldLength > 0) this.#abandonHeld("upgraded");
      this.#state = State.Stream;
      return;
    }
    const held = this.#held.subarray(0, this.#heldLength);
    this.#dropHeld();
    this.#state = upgraded ? State.Stream : State.Start;
    if (held.length === 0) return;
    this.#base -= held.length;
    this.#read(held);
  }

  /**
   * Takes the next bytes of the direction. They are borrowed until the call returns.
   *
   * @returns How many were taken: all, unless {@link stopAfterMessage} ended it before.
   */
  push(chunk: Uint8Array): number {
    return this.#read(chunk);
  }

  /**
   * The direction has ended.
   *
   * @returns Whether it ended where it may: between messages, or in a body that lasts until then. Half a head is told as
   *   such, or given up as a stream, for the reason `cut`.
   */
  close(): boolean {
    if (this.#state === State.Close) {
      this.#state = State.Start;
      this.#handler.end(NO_TRAILERS, 0);
      return true;
    }
    if (this.#state === State.Unsure) {
      const isLeftOut = this.#heldLength === 0;
      if (isLeftOut) this.#leaveOut(0);
      else this.#beginBody(0);
      return isLeftOut;
    }
    if (this.#heldLength > 0) {
      const cut = this.#state === State.Start;
      if (!cut || !this.#tellCutHead()) this.#abandonHeld("cut");
      return !cut;
    }
    return this.#state === State.Start || this.#state === State.Paused || this.#state === State.Stream;
  }

  /** The connection broke off: as {@link close}, but a body that lasts until the end is not complete then. */
  abort(): void {
    if (this.#state === State.Close) this.#state = State.Stream;
    else this.close();
  }

  /** Tells of half a head. @returns Whether it was one, and somebody wanted to know. */
  #tellCutHead(): boolean {
    if (!this.#startLineSeen || this.#handler.cutHead === undefined) return false;
    const head = this.#grammar.parseCut(this.#held.slice(0, this.#heldLength));
    if (typeof head === "string") return false;
    this.#dropHeld();
    this.#handler.cutHead(head);
    return true;
  }

  #read(chunk: Uint8Array): number {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.#leaves && this.#state === State.Paused) break;
      switch (this.#state) {
        case State.Start:
          at = this.#readHead(chunk, at, end);
          break;
        case State.Length: {
          const to = Math.min(end, at + this.#remaining);
          this.#handler.body(chunk, at, to);
          this.#remaining -= to - at;
          at = to;
          if (this.#remaining === 0) this.#endMessage(NO_TRAILERS, end - at);
          break;
        }
        case State.Chunked:
          at = this.#readChunked(chunk, at, end);
          break;
        case State.Close:
          this.#handler.body(chunk, at, end);
          at = end;
          break;
        case State.Unsure:
          at = this.#readUnsure(chunk, at, end);
          break;
        case State.Paused:
          this.#hold(chunk, at, end);
          at = end;
          if (this.#heldLength > PAUSE_LIMIT_BYTES) {
            this.#base += end;
            this.#abandonHeld("over-limit");
            this.#base -= end;
          }
          break;
        case State.Stream:
          this.#handler.stream(chunk, at, end, this.#base + at, this.#reason);
          at = end;
          break;
      }
    }
    this.#base += at;
    return at;
  }

  #readHead(chunk: Uint8Array, at: number, end: number): number {
    if (this.#heldLength > 0) return this.#readHeldHead(chunk, at, end);
    const last = this.#lastHead;
    if (last !== undefined) {
      const length = last.raw.length;
      if (at + length <= end && startsWith(chunk, at, last.raw)) {
        this.#begin(last, this.#lastFraming, this.#base + at, end - at - length);
        return at + length;
      }
    }
    const headEnd = findHeadEnd(chunk, at, at, end);
    if (headEnd > 0 && headEnd - at <= HEAD_LIMIT_BYTES) {
      return this.#parseHead(chunk.slice(at, headEnd), at, headEnd, end)
        ? headEnd
        : this.#giveUp(chunk, at, end);
    }
    this.#hold(chunk, at, end);
    const failure = this.#unfinishedHead();
    this.#searched = Math.max(0, end - at - 3);
    if (failure !== undefined) {
      this.#dropHeld();
      this.#reason = failure;
      return this.#giveUp(chunk, at, end);
    }
    return end;
  }

  #readHeldHead(chunk: Uint8Array, at: number, end: number): number {
    const before = this.#heldLength;
    // One byte past the limit shows that it was passed; more need not be copied.
    const take = Math.min(end - at, HEAD_LIMIT_BYTES + 1 - before);
    this.#hold(chunk, at, at + take);
    const headEnd = findHeadEnd(this.#held, 0, this.#searched, this.#heldLength);
    if (headEnd > 0 && headEnd <= HEAD_LIMIT_BYTES) {
      const raw = this.#held.slice(0, headEnd);
      const next = at + headEnd - before;
      const start = at - before;
      const keep = this.#heldLength;
      this.#heldLength = 0;
      if (this.#parseHead(raw, start, next, end)) {
        this.#dropHeld();
        return next;
      }
      this.#heldLength = keep;
      this.#abandonHeld(this.#reason, at + take);
      return at + take;
    }
    const failure = this.#unfinishedHead();
    this.#searched = Math.max(0, this.#heldLength - 3);
    if (failure !== undefined) this.#abandonHeld(failure, at + take);
    return at + take;
  }

  /** Why the held bytes can no longer become a head, if they cannot. */
  #unfinishedHead(): HeadFailure | undefined {
    if (!this.#startLineSeen) {
      const held = this.#held.subarray(0, this.#heldLength);
      const state = isUnfinishedHead(this.#grammar, held, this.#searched);
      if (state === "no") return "not-http";
      this.#startLineSeen = state === "start-line-seen";
    }
    return this.#heldLength > HEAD_LIMIT_BYTES ? "over-limit" : undefined;
  }

  /** Reads a whole head; `start` and `end` are indexes in the chunk at hand, `start` negative where it began before. */
  #parseHead(raw: Uint8Array, start: number, end: number, chunkEnd: number): boolean {
    const head = this.#grammar.parse(raw);
    if (head === "not-http" || head === "over-limit") {
      this.#reason = head;
      return false;
    }
    this.#lastHead = head;
    this.#lastFraming = this.#grammar.framing(head);
    this.#begin(head, this.#lastFraming, this.#base + start, chunkEnd - end);
    return true;
  }

  #begin(head: H, declared: Framing, start: number, following: number): void {
    this.#startLineSeen = false;
    const framing = this.#handler.head(head, declared, start, start + head.raw.length);
    switch (framing.kind) {
      case "none":
        return this.#endMessage(NO_TRAILERS, following);
      case "length":
        this.#remaining = framing.length;
        this.#framing = framing;
        this.#state = State.Length;
        return;
      case "chunked":
        this.#chunked ??= new ChunkedReader(this.#handler);
        this.#chunked.reset();
        this.#framing = framing;
        this.#state = State.Chunked;
        return;
      case "close":
        this.#state = State.Close;
        return;
      case "stream":
        this.#state = State.Stream;
        this.#reason = framing.reason;
        return;
    }
  }

  #readUnsure(chunk: Uint8Array, at: number, end: number): number {
    const fresh = chunk.subarray(at, end);
    const found = this.#heldLength === 0 ? fresh : joined([this.#held.subarray(0, this.#heldLength), fresh]);
    const length = this.#framing.kind === "length" ? this.#framing.length : Infinity;
    switch (beginsRequest(found, length)) {
      case "open":
        this.#hold(chunk, at, end);
        return end;
      case "yes":
        // What is held is the beginning of its head.
        this.#leaveOut(found.length);
        return at;
      case "no":
        this.#beginBody(at);
        return at;
    }
  }

  #leaveOut(following: number): void {
    this.#state = this.#pause ? State.Paused : State.Start;
    this.#handler.leftOut?.(following);
  }

  /** It is the body, of which some may be held; `at` is the index in the chunk at hand behind that. */
  #beginBody(at: number): void {
    const held = this.#held.subarray(0, this.#heldLength);
    this.#dropHeld();
    this.#state = this.#framing.kind === "length" ? State.Length : State.Chunked;
    if (held.length === 0) return;
    this.#handler.late?.(held);
    const base = this.#base;
    this.#base += at - held.length;
    this.#read(held);
    this.#base = base;
  }

  #readChunked(chunk: Uint8Array, at: number, end: number): number {
    const reader = this.#chunked!;
    const state = reader.push(chunk, at, end);
    const next = reader.consumed;
    if (state === "end") {
      this.#endMessage(reader.trailers, end - next);
    } else if (state !== "more") {
      this.#state = State.Stream;
      this.#reason = state;
      const { unread } = reader;
      // The line that could not be read lies in this chunk, most often: one piece with what follows it.
      if (unread.length <= next) {
        reader.reset();
        return this.#giveUp(chunk, next - unread.length, end);
      }
      this.#handler.stream(unread, 0, unread.length, this.#base + next - unread.length, state);
      reader.reset();
    }
    return next;
  }

  #endMessage(trailers: readonly Field[], following: number): void {
    // Set first: the handler may resume at once.
    this.#state = this.#pause ? State.Paused : State.Start;
    this.#handler.end(trailers, following);
  }

  /** What begins at `at` is no message: the chunk's rest is a stream. */
  #giveUp(chunk: Uint8Array, at: number, end: number): number {
    this.#state = State.Stream;
    this.#handler.stream(chunk, at, end, this.#base + at, this.#reason);
    return end;
  }

  /** The held bytes, which end at index `end` of the chunk at hand, are no head: they begin a stream. */
  #abandonHeld(reason: StreamReason, end = 0): void {
    const held = this.#held.subarray(0, this.#heldLength);
    this.#dropHeld();
    this.#state = State.Stream;
    this.#reason = reason;
    this.#handler.stream(held, 0, held.length, this.#base + end - held.length, reason);
  }

  #hold(chunk: Uint8Array, from: number, to: number): void {
    const length = this.#heldLength + to - from;
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, Math.min(this.#held.length * 2, HEAD_LIMIT_BYTES + 1)));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(chunk.subarray(from, to), this.#heldLength);
    this.#heldLength = length;
  }

  #dropHeld(): void {
    this.#held = NOTHING;
    this.#heldLength = 0;
    this.#searched = 0;
    this.#startLineSeen = false;
  }
}

/** A parser for the requests of a connection. */
export function requestParser(handler: MessageHandler<RequestHead>): MessageParser<RequestHead> {
  return new MessageParser(handler, REQUESTS);
}

/** A parser for the responses of a connection. */
export function responseParser(handler: MessageHandler<ResponseHead>): MessageParser<ResponseHead> {
  return new MessageParser(handler, RESPONSES);
}
