/**
 * Cuts one direction of an HTTP/1.x connection into heads and what lies between them, for someone who replaces heads
 * and sends everything else on as it came, framing and trailers included (RFC 9112). No I/O, no clock.
 *
 * Rules: the bytes of heads, contents and streams, one after the other, are the bytes that came. A head is held back
 * until it is whole, and so is what may be the start line of one; nothing else is.
 */
import type { Flag } from "./flags.ts";
import type { Framing, StreamReason } from "./framing.ts";
import type { RequestHead, ResponseHead } from "./head.ts";
import { type MessageHandler, type MessageParser, requestParser, responseParser } from "./parser.ts";

const NOTHING = new Uint8Array(0);

/** Receives the pieces of one direction. Byte ranges are borrowed: they hold until the call returns. */
export interface CutHandler<H> {
  /**
   * A message begins, at this offset of the direction.
   *
   * @returns How its body is delimited: `framing`, or what the receiver knows better (a response to HEAD).
   */
  head(head: H, framing: Framing, offset: number): Framing;
  /** Bytes `from`–`to` of `chunk` belong to the message: its body as it came. */
  content(chunk: Uint8Array, from: number, to: number): void;
  /** The message is complete. */
  end(): void;
  /** As {@link end}, but the body was left out. Told only after {@link MessageCutter.bodyMayBeLeftOut}. */
  leftOut?(): void;
  /** Bytes `from`–`to` of `chunk` are no HTTP. Nothing else follows but such bytes. */
  stream(chunk: Uint8Array, from: number, to: number, reason: StreamReason): void;
  /** Something is odd about the framing of the body. */
  flag?(flag: Flag): void;
}

/** Cuts one direction. Make one with {@link requestCutter} or {@link responseCutter}. */
export class MessageCutter<H extends RequestHead | ResponseHead> {
  readonly #handler: CutHandler<H>;
  readonly #parser: MessageParser<H>;
  #chunk: Uint8Array = NOTHING;
  /** Offset in the direction of the chunk's first byte, and of the first byte that was not handed over yet. */
  #base = 0;
  #given = 0;
  #inMessage = false;
  /** Whether the body of the message may be left out, and it is not known yet. */
  #isUnsure = false;

  /** Begins before the first message. */
  constructor(handler: CutHandler<H>, parserFor: (handler: MessageHandler<H>) => MessageParser<H>) {
    this.#handler = handler;
    this.#parser = parserFor({
      head: (head, framing, start, end) => {
        this.#given = end;
        this.#inMessage = true;
        return handler.head(head, framing, start);
      },
      body: () => {},
      flag: (flag) => handler.flag?.(flag),
      end: (_trailers, following) => {
        // Between chunks, at the end of the direction, everything was handed over.
        this.#giveUpTo(this.#base + this.#chunk.length - following);
        this.#inMessage = false;
        handler.end();
      },
      late: (held) => {
        this.#given += held.length;
        handler.content(held, 0, held.length);
      },
      leftOut: () => {
        this.#inMessage = false;
        handler.leftOut?.();
      },
      stream: (chunk, from, to, offset, reason) => {
        // The body up to here could be read. A line of framing that began in an earlier chunk was handed over with it.
        if (this.#inMessage) this.#giveUpTo(offset);
        const skipped = Math.max(0, this.#given - offset);
        this.#given = Math.max(this.#given, offset + to - from);
        this.#inMessage = false;
        if (from + skipped < to) handler.stream(chunk, from + skipped, to, reason);
      },
    });
  }

  /** Whether the next byte begins a message. */
  get betweenMessages(): boolean {
    return this.#parser.betweenMessages;
  }

  /** Whether the bytes are no longer read as HTTP. */
  get isStream(): boolean {
    return this.#parser.isStream;
  }

  /** Called from within `head`: what follows this message is left until {@link resume} says what it is. */
  stopAfterMessage(): void {
    this.#parser.stopAfterMessage();
  }

  /** As {@link MessageParser.bodyMayBeLeftOut}. */
  bodyMayBeLeftOut(): void {
    this.#parser.bodyMayBeLeftOut();
    this.#isUnsure = this.#parser.isUnsure;
  }

  /** Whether bytes are held that may become a start line, or not. */
  get holdsStartLine(): boolean {
    return this.#parser.holdsStartLine;
  }

  /** What {@link holdsStartLine} tells of is none: it is handed over. */
  releaseStartLine(): void {
    this.#parser.releaseStartLine();
  }

  /** What follows the message that was to be the last is HTTP, or (`upgraded`) a stream. */
  resume(upgraded: boolean): void {
    this.#parser.resume(upgraded);
  }

  /**
   * Takes the next bytes of the direction. They are borrowed until the call returns.
   *
   * @returns How many were taken: all, unless {@link stopAfterMessage} ended it before; give the others again later.
   */
  push(chunk: Uint8Array): number {
    this.#chunk = chunk;
    const taken = this.#parser.push(chunk);
    if (this.#isUnsure) this.#isUnsure = this.#parser.isUnsure;
    if (this.#inMessage && !this.#isUnsure) this.#giveUpTo(this.#base + taken);
    this.#base += taken;
    this.#chunk = NOTHING;
    return taken;
  }

  /**
   * The direction has ended; half a head that was held back is given up as a stream.
   *
   * @returns Whether it ended where it may: between messages, or in a body that lasts until then.
   */
  close(): boolean {
    return this.#parser.close();
  }

  #giveUpTo(offset: number): void {
    if (offset <= this.#given) return;
    const from = this.#given - this.#base;
    this.#given = offset;
    this.#handler.content(this.#chunk, from, offset - this.#base);
  }
}

/** Cuts the requests of a connection. */
export function requestCutter(handler: CutHandler<RequestHead>): MessageCutter<RequestHead> {
  return new MessageCutter(handler, requestParser);
}

/** Cuts the responses of a connection. */
export function responseCutter(handler: CutHandler<ResponseHead>): MessageCutter<ResponseHead> {
  return new MessageCutter(handler, responseParser);
}
