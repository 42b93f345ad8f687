/**
 * gzip (RFC 1952) as it comes, members one after the other: what logrotate, `cat a.gz b.gz` and a program that was
 * killed leave behind. Memory is bounded by the window and by what one small piece can stand for.
 */
import { Inflater } from "../http/coding/inflate.ts";
import { type Output, SLACK_BYTES } from "../http/coding/output.ts";
import { joined } from "../http/joined.ts";
import { crc32 } from "./crc32.ts";
import { CompressionError, type Decompressor } from "./decompressed.ts";

/** How far back DEFLATE can reach (RFC 1951 §2). */
const WINDOW_BYTES = 32 * 1024;

/** How much is decoded before the window moves on. */
const RUN_BYTES = 256 * 1024;

/** How much is inflated at once: it can stand for a thousand times as much. */
const PIECE_BYTES = 16 * 1024;

/** Longest header of a member that is waited for: it may hold a name and a comment. */
const HEADER_LIMIT_BYTES = 128 * 1024;

const FIXED_HEADER_BYTES = 10, TRAILER_BYTES = 8;

/** Flags of a member header (RFC 1952 §2.3.1). */
const HAS_HEADER_CRC = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16;

/** Decoded bytes behind the window that they may be copied from. */
class Window implements Output {
  buffer: Uint8Array = new Uint8Array(WINDOW_BYTES + RUN_BYTES + SLACK_BYTES);
  length = 0;
  #taken = 0;
  readonly #full: Uint8Array[] = [];

  room(): boolean {
    if (this.length + SLACK_BYTES > this.buffer.length) {
      this.#full.push(this.buffer.slice(this.#taken, this.length));
      this.buffer.copyWithin(0, this.length - WINDOW_BYTES, this.length);
      this.length = this.#taken = WINDOW_BYTES;
    }
    return true;
  }

  /** Forgets what was decoded: a member reaches back into none before it. */
  clear(): void {
    this.length = this.#taken = 0;
  }

  /** What was decoded since the last call, as copies. */
  take(): Uint8Array[] {
    const taken = this.#full.splice(0);
    if (this.length > this.#taken) taken.push(this.buffer.slice(this.#taken, this.length));
    this.#taken = this.length;
    return taken;
  }
}

/** Decodes gzip. */
export class GzipReader implements Decompressor {
  #stage: "header" | "data" | "trailer" = "header";
  /** The part of a header or trailer that has come. */
  #rest: Uint8Array = new Uint8Array(0);
  readonly #window = new Window();
  #inflater = new Inflater(this.#window);
  #sum = 0;
  #size = 0;
  #members = 0;

  *push(piece: Uint8Array): Generator<Uint8Array> {
    for (let from = 0; from < piece.length; from += PIECE_BYTES) {
      yield* this.#read(piece.subarray(from, from + PIECE_BYTES));
    }
  }

  /**
   * Nothing is left: it only tells whether the data is over.
   *
   * @throws {CompressionError} where it is not.
   */
  end(): readonly Uint8Array[] {
    if (this.#stage !== "header" || this.#members === 0 || this.#rest.length > 0) {
      throw new CompressionError("found gzip data that is cut short, wanted all of it");
    }
    return [];
  }

  *#read(piece: Uint8Array): Generator<Uint8Array> {
    while (piece.length > 0) {
      if (this.#stage === "data") {
        const state = this.#inflater.push(piece);
        for (const decoded of this.#window.take()) {
          this.#sum = crc32(decoded, this.#sum);
          this.#size += decoded.length;
          yield decoded;
        }
        if (state === "broken") {
          throw new CompressionError(`found gzip data that is ${this.#inflater.error}, wanted it whole`);
        }
        if (state === "input") return;
        piece = piece.subarray(piece.length - this.#inflater.unusedBytes);
        this.#stage = "trailer";
      } else {
        this.#rest = joined([this.#rest, piece]);
        const next = this.#stage === "header" ? this.#header() : this.#trailer();
        if (next === undefined) return;
        piece = this.#rest.subarray(next);
        this.#rest = new Uint8Array(0);
      }
    }
  }

  /** Reads a member's header: where its data begins, or nothing while it is not whole. */
  #header(): number | undefined {
    const bytes = this.#rest;
    // Tapes and disks fill up with zeros.
    if (this.#members > 0 && bytes.every((byte) => byte === 0)) return bytes.length;
    if (bytes.length < FIXED_HEADER_BYTES) return undefined;
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) {
      throw new CompressionError("found other data behind the end of gzip data, wanted nothing");
    }
    const flags = bytes[3];
    let at = FIXED_HEADER_BYTES;
    if ((flags & HAS_EXTRA) !== 0) at += 2 + (bytes[at] | bytes[at + 1] << 8);
    if ((flags & HAS_NAME) !== 0) at = afterNul(bytes, at);
    if ((flags & HAS_COMMENT) !== 0) at = afterNul(bytes, at);
    if ((flags & HAS_HEADER_CRC) !== 0) at += 2;
    if (!(at <= bytes.length)) {
      if (bytes.length < HEADER_LIMIT_BYTES) return undefined;
      throw new CompressionError(
        `found a gzip header of over ${HEADER_LIMIT_BYTES} bytes, wanted a shorter one`,
      );
    }
    this.#stage = "data";
    // Members may be few bytes long, and many: each a window of its own would cost more than what is in it.
    this.#window.clear();
    this.#inflater = new Inflater(this.#window);
    this.#sum = this.#size = 0;
    this.#members++;
    return at;
  }

  /** Reads checksum and length: where the next member begins, or nothing while they are not whole. */
  #trailer(): number | undefined {
    if (this.#rest.length < TRAILER_BYTES) return undefined;
    const view = new DataView(this.#rest.buffer, this.#rest.byteOffset);
    if (view.getUint32(0, true) !== this.#sum || view.getUint32(4, true) !== this.#size % 2 ** 32) {
      throw new CompressionError(
        "found gzip data with another checksum or length than it says, wanted it whole",
      );
    }
    this.#stage = "header";
    return TRAILER_BYTES;
  }
}

/** Behind the next NUL; past the end where there is none. */
function afterNul(bytes: Uint8Array, from: number): number {
  const nul = bytes.indexOf(0, from);
  return nul < 0 ? Infinity : nul + 1;
}
