/**
 * The chunked transfer coding, read piece by piece (RFC 9112 §7.1).
 *
 * Size lines and trailers are kept until they are whole, so that a line which turns out not to be one can be given back.
 */
import type { Flag } from "./flags.ts";
import type { Field } from "./head.ts";
import { type HeadFailure, parseTrailers } from "./head_parser.ts";
import { CHUNK_LINE_LIMIT_BYTES, HEAD_LIMIT_BYTES } from "./limits.ts";

/** Receives what a chunked body carries. */
export interface ChunkedHandler {
  /** Bytes `from`–`to` of `chunk` belong to the body. */
  body(chunk: Uint8Array, from: number, to: number): void;
  /** Something is odd about the framing. */
  flag(flag: Flag): void;
}

/** How far the reader is: more to come, the body's end reached, or no chunked coding after all. */
export type ChunkedState = "more" | "end" | HeadFailure;

const enum At {
  Size,
  Data,
  DataEnd,
  Trailers,
}

/** First capacity for a line of framing, in bytes: enough for all but extensions and trailers. */
const LINE_CAPACITY = 64;

/** Reads one chunked body. {@link reset} makes it ready for the next. */
export class ChunkedReader {
  readonly #handler: ChunkedHandler;
  #at: At = At.Size;
  #remaining = 0;
  #line = new Uint8Array(LINE_CAPACITY);
  #lineLength = 0;
  #trailers: readonly Field[] = [];
  #consumed = 0;

  /** Begins before the first chunk. */
  constructor(handler: ChunkedHandler) {
    this.#handler = handler;
  }

  /** Forgets everything of the body before. */
  reset(): void {
    this.#at = At.Size;
    this.#remaining = -1;
    this.#lineLength = 0;
    this.#trailers = [];
    if (this.#line.length > CHUNK_LINE_LIMIT_BYTES) this.#line = new Uint8Array(LINE_CAPACITY);
  }

  /** Whether not a byte was read since {@link reset}. */
  get isUntouched(): boolean {
    return this.#remaining < 0 && this.#lineLength === 0;
  }

  /** The trailer fields, once the state is `end`. */
  get trailers(): readonly Field[] {
    return this.#trailers;
  }

  /** Index behind the last byte that the last {@link push} read. */
  get consumed(): number {
    return this.#consumed;
  }

  /** After a failure, or when the connection ends: bytes read that belong to no body and no line that could be read. */
  get unread(): Uint8Array {
    return this.#line.subarray(0, this.#lineLength);
  }

  /** Reads on in `chunk` from `from` to `to`. */
  push(chunk: Uint8Array, from: number, to: number): ChunkedState {
    let at = from;
    while (at < to) {
      if (this.#at === At.Data) {
        const end = Math.min(to, at + this.#remaining);
        this.#handler.body(chunk, at, end);
        this.#remaining -= end - at;
        at = end;
        if (this.#remaining === 0) this.#at = At.DataEnd;
        continue;
      }
      const byte = chunk[at++];
      this.#keep(byte);
      if (this.#at === At.Trailers) {
        if (byte === 10 && this.#emptyLine()) return this.#finish(at);
        if (this.#lineLength >= HEAD_LIMIT_BYTES) return this.#fail(at, "over-limit");
      } else if (this.#at === At.DataEnd) {
        if (byte !== 10 && (byte !== 13 || this.#lineLength > 1)) return this.#fail(at, "not-http");
        if (byte === 10) {
          if (this.#lineLength === 1) this.#handler.flag("bare-lf");
          this.#at = At.Size;
          this.#lineLength = 0;
        }
      } else if (byte === 10) {
        const size = this.#size();
        if (size < 0) return this.#fail(at, "not-http");
        this.#remaining = size;
        this.#at = size === 0 ? At.Trailers : At.Data;
        this.#lineLength = 0;
      } else if (this.#lineLength >= CHUNK_LINE_LIMIT_BYTES) {
        return this.#fail(at, "over-limit");
      } else if (this.#lineLength === 1 && hexDigit(byte) < 0 && byte !== 32 && byte !== 9) {
        return this.#fail(at, "not-http");
      }
    }
    this.#consumed = at;
    return "more";
  }

  #keep(byte: number): void {
    if (this.#lineLength === this.#line.length) {
      const grown = new Uint8Array(this.#line.length * 2);
      grown.set(this.#line);
      this.#line = grown;
    }
    this.#line[this.#lineLength++] = byte;
  }

  #fail(at: number, failure: HeadFailure): ChunkedState {
    this.#consumed = at;
    return failure;
  }

  /** Whether the trailer section read so far ends in an empty line, or is one. */
  #emptyLine(): boolean {
    const line = this.#line;
    let at = this.#lineLength - 1;
    if (at > 0 && line[at - 1] === 13) at--;
    return at === 0 || line[at - 1] === 10;
  }

  #finish(at: number): ChunkedState {
    this.#consumed = at;
    if (this.#lineLength > 2) {
      const trailers = parseTrailers(this.#line.slice(0, this.#lineLength));
      if (trailers === undefined) return "over-limit";
      this.#trailers = trailers.fields;
      for (const flag of trailers.flags) this.#handler.flag(flag);
    } else if (this.#lineLength === 1) {
      this.#handler.flag("bare-lf");
    }
    this.#lineLength = 0;
    return "end";
  }

  /** The size that the kept line gives, or -1: `1*HEXDIG [ chunk-ext ] CRLF`, white space around the size tolerated. */
  #size(): number {
    const line = this.#line;
    let end = this.#lineLength - 1;
    if (end > 0 && line[end - 1] === 13) end--;
    else this.#handler.flag("bare-lf");
    let at = 0;
    while (at < end && (line[at] === 32 || line[at] === 9)) at++;
    if (at > 0) this.#handler.flag("odd-chunk-size");
    let size = 0;
    const first = at;
    for (let digit = 0; at < end && (digit = hexDigit(line[at])) >= 0; at++) size = size * 16 + digit;
    if (at === first || !Number.isSafeInteger(size)) return -1;
    const afterDigits = at;
    while (at < end && (line[at] === 32 || line[at] === 9)) at++;
    if (at === end) {
      if (at > afterDigits) this.#handler.flag("odd-chunk-size");
      return size;
    }
    if (line[at] !== 59) return -1;
    this.#handler.flag("chunk-extension");
    for (; at < end; at++) {
      // A CR, NUL or other control character: to some recipients the line ends there.
      if ((line[at] < 32 && line[at] !== 9) || line[at] === 127) {
        this.#handler.flag("odd-chunk-size");
        break;
      }
    }
    return size;
  }
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
