/** A file as it was before it was compressed with gzip (RFC 1952) or Zstandard (RFC 8878); any other as it is. */
import { GzipReader } from "./gzip.ts";
import type { ArchiveProblem } from "./reading.ts";
import { isZstd, ZstdFrameReader } from "./zstd.ts";

/** Bytes that tell a compression. */
const MAGIC_BYTES = 4;

/** Undoes a compression piece by piece. */
export interface Decompressor {
  /** What comes of a piece. The decoded bytes are the caller's. */
  push(piece: Uint8Array): Iterable<Uint8Array>;
  /** What is left at the end of the file. */
  end(): Iterable<Uint8Array>;
}

/** What a decompressor throws for data that it cannot read: `message` says why, in words. */
export class CompressionError extends Error {}

/**
 * The decompressed bytes. Data that ends early or is corrupt is told, after all that could be read of it.
 *
 * @param bytes The file, in pieces of any size.
 */
export async function* decompressed(
  bytes: AsyncIterable<Uint8Array>,
  onProblem: (problem: ArchiveProblem) => void,
): AsyncGenerator<Uint8Array> {
  let first: Uint8Array = new Uint8Array(0);
  let decompressor: Decompressor | undefined;
  try {
    for await (const piece of bytes) {
      if (decompressor === undefined) {
        const magic = new Uint8Array(first.length + piece.length);
        magic.set(first);
        magic.set(piece, first.length);
        first = magic;
        if (first.length < MAGIC_BYTES) continue;
        decompressor = decompressorOf(first);
        yield* decompressor.push(first);
      } else {
        yield* decompressor.push(piece);
      }
    }
    decompressor ??= decompressorOf(first);
    if (first.length < MAGIC_BYTES) yield* decompressor.push(first);
    yield* decompressor.end();
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    onProblem({ message: error.message });
  }
}

/** Gives everything as it is. */
const NONE: Decompressor = {
  push: (piece) => [piece],
  end: () => [],
};

function decompressorOf(first: Uint8Array): Decompressor {
  if (first[0] === 0x1f && first[1] === 0x8b) return new GzipReader();
  if (isZstd(first)) return new ZstdFrameReader();
  return NONE;
}
