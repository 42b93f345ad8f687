/**
 * Content codings put on again after an edit (RFC 9110 §8.4.1).
 *
 * What the run time cannot do is left off and said: a body is never sent under the name of a coding that it lacks.
 */
import * as zlib from "node:zlib";

/** A body with its codings. */
export interface Recoded {
  /** The coded bytes. */
  readonly bytes: Uint8Array;
  /** The codings that are on it, in the order in which they were applied. */
  readonly codings: readonly string[];
  /** The first coding that could not be applied; it and those after it were left off. */
  readonly leftOff?: string;
}

type Encode = (bytes: Uint8Array) => Uint8Array;

/** What this run time can apply: Zstandard is not there before Deno 2.5. */
const ENCODERS: ReadonlyMap<string, Encode> = new Map([
  ["gzip", zlib.gzipSync],
  ["x-gzip", zlib.gzipSync],
  ["deflate", zlib.deflateSync],
  ["br", zlib.brotliCompressSync],
  ["zstd", (zlib as { zstdCompressSync?: Encode }).zstdCompressSync],
].filter((entry): entry is [string, Encode] => entry[1] !== undefined));

/**
 * Applies codings, first to last.
 *
 * @param bytes The content.
 * @param codings The codings in the order in which they were applied, lower-cased.
 * @param before The body as it was coded: `deflate` without its wrapper, which is wrong yet common, stays without it.
 */
export function recode(bytes: Uint8Array, codings: readonly string[], before: Uint8Array): Recoded {
  let coded = bytes;
  for (let i = 0; i < codings.length; i++) {
    const isOutermost = i === codings.length - 1;
    const encode = codings[i] === "deflate" && isOutermost && !hasZlibHeader(before)
      ? (content: Uint8Array) => new Uint8Array(zlib.deflateRawSync(content))
      : ENCODERS.get(codings[i]);
    if (encode === undefined) {
      return { bytes: coded, codings: codings.slice(0, i), leftOff: codings[i] };
    }
    // A Buffer may be a part of a pool that others share.
    coded = new Uint8Array(encode(coded));
  }
  return { bytes: coded, codings };
}

/** Whether bytes begin as RFC 1950 §2.2 has it. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && (bytes[0] & 15) === 8 && (bytes[0] * 256 + bytes[1]) % 31 === 0;
}
