/**
 * gzip (RFC 1952) and zlib (RFC 1950) decoded as they come, for what must be seen before its end. Checksums are left to
 * who decodes the whole; what breaks the format ends the decoding.
 */
import { joined } from "../joined.ts";
import { isZlib, memberData, TRAILER_BYTES } from "./gzip.ts";
import { Inflater } from "./inflate.ts";
import { CodingError, CUT_SHORT } from "./output.ts";
import { type PassOn, SlidingOutput } from "./sliding_output.ts";

/** History of DEFLATE (RFC 1951 §2), in bytes. */
const WINDOW_BYTES = 32 * 1024;
/** Longest header: it may hold a file name and a comment of any length, which nobody sends. */
const HEADER_LIMIT_BYTES = 4 * 1024;
/** Past this, one piece is a bomb: pieces are at most 256 KiB, and text in them shrinks to a tenth. */
const PIECE_LIMIT_BYTES = 4 * 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** The codings that can be decoded as they come. */
export type StreamedCoding = "gzip" | "x-gzip" | "deflate";

/** Whether a coding, lower-cased, can be decoded as it comes. */
export function isStreamed(coding: string): coding is StreamedCoding {
  return coding === "gzip" || coding === "x-gzip" || coding === "deflate";
}

/** Decodes one body. Kept are the window and an unfinished header. */
export class GzipStream {
  readonly #isGzip: boolean;
  readonly #output: SlidingOutput;
  #state: "header" | "data" | "trailer" | "over" = "header";
  #inflater: Inflater | undefined;
  #header: Uint8Array = NOTHING;
  #trailerLeft = 0;
  #pieceBytes = 0;

  /**
   * Begins before the first byte.
   *
   * @param onBytes Takes bytes `from`–`to` of a buffer, which are borrowed until it returns.
   */
  constructor(coding: StreamedCoding, onBytes: (buffer: Uint8Array, from: number, to: number) => void) {
    this.#isGzip = coding !== "deflate";
    const passOn: PassOn = (buffer, from, to) => {
      this.#pieceBytes += to - from;
      if (to > from) onBytes(buffer, from, to);
      return this.#pieceBytes <= PIECE_LIMIT_BYTES;
    };
    this.#output = new SlidingOutput(WINDOW_BYTES, passOn);
  }

  /** Decodes the next piece. What cannot be decoded, and everything behind it, is passed over. */
  push(piece: Uint8Array): void {
    this.#pieceBytes = 0;
    let rest = piece;
    while (rest.length > 0 && this.#state !== "over") {
      if (this.#state === "header") rest = this.#readHeader(rest);
      else if (this.#state === "data") rest = this.#inflate(rest);
      else rest = this.#skipTrailer(rest);
    }
  }

  #readHeader(piece: Uint8Array): Uint8Array {
    const header = this.#header.length === 0 ? piece : joined([this.#header, piece]);
    const end = this.#headerEnd(header);
    if (end === undefined) {
      this.#header = header.slice();
      if (header.length > HEADER_LIMIT_BYTES) this.#state = "over";
      return NOTHING;
    }
    this.#header = NOTHING;
    if (end < 0) {
      this.#state = "over";
      return NOTHING;
    }
    this.#output.clear();
    this.#inflater = new Inflater(this.#output);
    this.#state = "data";
    return header.subarray(end);
  }

  /** Where the compressed data begins; -1: there is none; `undefined`: more is needed to tell. */
  #headerEnd(header: Uint8Array): number | undefined {
    if (this.#isGzip) return gzipData(header);
    if (header.length < 2) return undefined;
    if (!isZlib(header)) return 0;
    return (header[1] & 0x20) === 0 ? 2 : -1;
  }

  #inflate(piece: Uint8Array): Uint8Array {
    const inflater = this.#inflater!;
    const state = inflater.push(piece);
    const wantsMore = this.#output.passOn();
    if (state === "done" && wantsMore) {
      this.#state = this.#isGzip ? "trailer" : "over";
      this.#trailerLeft = TRAILER_BYTES;
      return inflater.unusedBytes === 0 ? NOTHING : piece.subarray(piece.length - inflater.unusedBytes);
    }
    if (state !== "input" || !wantsMore) this.#state = "over";
    return NOTHING;
  }

  #skipTrailer(piece: Uint8Array): Uint8Array {
    const skipped = Math.min(piece.length, this.#trailerLeft);
    this.#trailerLeft -= skipped;
    if (this.#trailerLeft === 0) this.#state = "header";
    return piece.subarray(skipped);
  }
}

/** Where the data of a gzip member begins; -1: it is none; `undefined`: more is needed to tell. */
function gzipData(header: Uint8Array): number | undefined {
  try {
    return memberData(header, 0);
  } catch (error) {
    if (error instanceof CodingError) return error.message === CUT_SHORT ? undefined : -1;
    throw error;
  }
}
