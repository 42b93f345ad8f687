/**
 * Lines of a block made smaller: they repeat each other, so that deflate at its fastest makes a tenth of them, which
 * saves more time of the processor in writing (twice: ahead and to its place) than it takes.
 */
import { deflateSync, inflateSync } from "node:zlib";

/** The first byte of what deflateSync gives (RFC 1950): no line begins with it. */
const PACKED = 0x78;
/** Less is not worth it. */
const LEAST_BYTES = 1024;
/** What does not become smaller than this part of itself is stored as it is … */
const WORTH = 0.7;
/** … and the next blocks are not even tried, twice as many each time up to that: traffic of images is slow to pack. */
const MOST_SKIPPED = 32;
/** The fastest way, in one piece: its output is asked for in pieces of that size. */
const OPTIONS = { level: 1, memLevel: 9, chunkSize: 64 * 1024 };
/** A block is mostly unpacked in one piece. */
const CHUNK_BYTES = 192 * 1024;

/** Packs blocks of lines, one after the other. */
export class Packer {
  #skipped = 0;
  #skip = 0;

  /** The bytes packed, or as they are where that is not worth it. */
  pack(bytes: Uint8Array): Uint8Array {
    if (bytes.length < LEAST_BYTES) return bytes;
    if (this.#skipped < this.#skip) {
      this.#skipped++;
      return bytes;
    }
    const packed = deflateSync(bytes, OPTIONS);
    const isWorthIt = packed.length <= bytes.length * WORTH;
    this.#skip = isWorthIt ? 0 : Math.min(Math.max(this.#skip * 2, 1), MOST_SKIPPED);
    this.#skipped = 0;
    return isWorthIt ? packed : bytes;
  }
}

/**
 * The bytes as they were before they were packed.
 *
 * @throws {Error} Where they are damaged.
 */
export function unpacked(bytes: Uint8Array): Uint8Array {
  return bytes[0] === PACKED ? inflateSync(bytes, { chunkSize: CHUNK_BYTES }) : bytes;
}
