/**
 * Zstandard (RFC 8878), frame by frame, with the decoder of the content codings: one frame may hold as much as the
 * limit. The runtime's own decoder is no help: Deno 2.4 has none, and that of 2.9 takes one frame only and does not tell
 * when that ends early.
 */
import { CappedOutput, CodingError } from "../http/coding/output.ts";
import { unzstd } from "../http/coding/zstd.ts";
import { CompressionError, type Decompressor } from "./decompressed.ts";

/** How much one frame may hold where it is decoded whole, and how long it may be. */
const FRAME_LIMIT_BYTES = 256 * 1024 * 1024;

const FIRST_BUFFER_BYTES = 256 * 1024;

const ZSTD_MAGIC = 0xfd2fb528;

/** The fewest bytes of a frame that tell its header's length; of one without data, the whole of it. */
const HEADER_BYTES = 8;
const BLOCK_HEADER_BYTES = 3, CHECKSUM_BYTES = 4;

/** What an error begins with that only says that HTTP allows no window as large as this one. */
const LARGE_WINDOW = "window of";

/** Decodes each frame when it is whole. */
export class ZstdFrameReader implements Decompressor {
  readonly #limitBytes: number;
  #buffer: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES);
  #length = 0;
  /** Where the next header stands that tells how the frame goes on: its own, or that of a block. */
  #next = 0;

  /**
   * Begins before the first frame.
   *
   * @param limitBytes How much one frame may hold, and how long it may be.
   */
  constructor(limitBytes: number = FRAME_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  *push(piece: Uint8Array): Generator<Uint8Array> {
    this.#append(piece);
    let from = 0;
    for (let end = this.#frameEnd(from); end !== undefined; end = this.#frameEnd(from)) {
      yield this.#decode(this.#buffer.subarray(from, end));
      from = this.#next = end;
    }
    this.#buffer.copyWithin(0, from, this.#length);
    this.#length -= from;
    this.#next -= from;
    if (this.#length > this.#limitBytes) throw this.#tooLarge();
  }

  *end(): Generator<Uint8Array> {
    if (this.#length === 0) return;
    yield this.#decode(this.#buffer.subarray(0, this.#length));
    throw broken("cut short");
  }

  #append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  /**
   * Where the frame ends that begins at `start` (§3.1.1), by the sizes of its blocks; nothing while it is not whole.
   * What is no frame ends where the bytes end, for the decoder to say what is wrong with it.
   */
  #frameEnd(start: number): number | undefined {
    const bytes = this.#buffer, length = this.#length;
    if (start + HEADER_BYTES > length) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    const magic = view.getUint32(start, true);
    if (isSkippable(magic)) return within(start + HEADER_BYTES + view.getUint32(start + 4, true), length);
    if (magic !== ZSTD_MAGIC) return length;
    const descriptor = bytes[start + 4];
    if (this.#next === start) {
      const isSingle = (descriptor & 0x20) !== 0;
      const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
      this.#next = start + (isSingle ? 5 : 6) + [0, 1, 2, 4][descriptor & 3] + sizeBytes;
    }
    while (this.#next + BLOCK_HEADER_BYTES <= length) {
      const at = this.#next;
      const block = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
      const isRepeated = (block >> 1 & 3) === 1;
      const end = at + BLOCK_HEADER_BYTES + (isRepeated ? 1 : block >> 3);
      if ((block & 1) === 1) return within(end + ((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0), length);
      this.#next = end;
    }
    return undefined;
  }

  #decode(frame: Uint8Array): Uint8Array {
    const output = new CappedOutput(this.#limitBytes);
    try {
      unzstd(frame, output);
    } catch (error) {
      if (!(error instanceof CodingError)) throw error;
      const isCut = error.message === "cut short";
      if (!isCut && !error.message.startsWith(LARGE_WINDOW)) throw broken(error.message);
    }
    if (output.full) throw this.#tooLarge();
    return output.take();
  }

  #tooLarge(): CompressionError {
    const limit = `${this.#limitBytes} bytes`;
    return new CompressionError(
      `found a Zstandard frame of more than ${limit}, wanted less in one; decompress it first: zstd -dc FILE`,
    );
  }
}

function broken(how: string): CompressionError {
  return new CompressionError(`found Zstandard data that is ${how}, wanted it whole`);
}

/** Whether a magic number begins a frame that holds no data (§3.1.2). */
function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** Whether the first bytes of a file say that it is Zstandard. */
export function isZstd(first: Uint8Array): boolean {
  const magic = (first[0] | first[1] << 8 | first[2] << 16 | first[3] << 24) >>> 0;
  return magic === ZSTD_MAGIC || isSkippable(magic);
}

function within(end: number, length: number): number | undefined {
  return end <= length ? end : undefined;
}
