/**
 * Content codings (RFC 9110 §8.4.1): takes off what Content-Encoding names, synchronously, never past a limit.
 *
 * The decoders are this project's own for the sake of hostile input: those of the run time cannot be stopped at a limit
 * in every version it is built with, and of the libraries that were tried, one cannot be stopped either (Brotli), one is
 * kept busy for minutes by thirty bytes (Zstandard), and one checks no checksums (gzip).
 */
import { unbrotli } from "./coding/brotli.ts";
import { gunzip, inflateEither } from "./coding/gzip.ts";
import { CappedOutput, CodingError, CUT_SHORT } from "./coding/output.ts";
import { unzstd } from "./coding/zstd.ts";
import { type Field, fieldList } from "./head.ts";

/** What a coded body holds. */
export interface Decoded {
  /** The decoded bytes, at most the limit; with an {@link error}, those that came before it. */
  readonly bytes: Uint8Array;
  /** Whether there was more than the limit allows. */
  readonly truncated: boolean;
  /** Why not all of it could be decoded, in words: corrupt, cut short, or a coding that is not known. */
  readonly error?: string;
  /** Whether the {@link error} is only that the input ends too early. */
  readonly cutShort?: boolean;
}

/** How many codings are taken off at most, as curl has it: nobody needs more, and each costs the limit in memory. */
const MAX_CODINGS = 5;

const DECODERS = new Map<string, (input: Uint8Array, output: CappedOutput) => void>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflateEither],
  ["br", unbrotli],
  ["zstd", unzstd],
]);

const NOTHING = new Uint8Array(0);

/**
 * The codings that Content-Encoding names, in the order in which they were applied, lower-cased, without `identity`.
 *
 * @param fields The fields of a message, in wire order.
 */
export function contentCodings(fields: readonly Field[]): string[] {
  return fieldList(fields, "content-encoding").filter((coding) => coding !== "identity");
}

/**
 * Takes content codings off a body. Time and memory are bounded by the limit and the length of the input.
 *
 * @param codings The codings in the order in which they were applied, lower-cased.
 * @param input The body, transfer coding taken off; without codings, it is given back as it is.
 * @param limitBytes How many bytes are wanted at most, from each coding.
 */
export function decodeContent(codings: readonly string[], input: Uint8Array, limitBytes: number): Decoded {
  const applied = codings.filter((coding) => coding !== "identity");
  if (applied.length > MAX_CODINGS) {
    return { bytes: NOTHING, truncated: false, error: `more than ${MAX_CODINGS} content codings` };
  }
  const unknown = applied.find((coding) => !DECODERS.has(coding));
  if (unknown !== undefined) {
    return { bytes: NOTHING, truncated: false, error: `unknown content coding ${JSON.stringify(unknown)}` };
  }
  let decoded: Decoded = applied.length > 0
    ? { bytes: input, truncated: false }
    : { bytes: input.subarray(0, limitBytes), truncated: input.length > limitBytes };
  for (const coding of applied.reverse()) {
    const layer = decodeLayer(coding, decoded.bytes, limitBytes);
    // What was cut by the limit or by an error in the layer outside ends too early in here: that is no news.
    const known = decoded.truncated || decoded.error !== undefined;
    decoded = {
      bytes: layer.bytes,
      truncated: layer.truncated || decoded.truncated,
      ...(known && (layer.cutShort || layer.error === undefined) ? reasonOf(decoded) : reasonOf(layer)),
    };
  }
  return decoded;
}

function reasonOf({ error, cutShort }: Decoded): Pick<Decoded, "error" | "cutShort"> {
  if (error === undefined) return {};
  return cutShort ? { error, cutShort } : { error };
}

function decodeLayer(coding: string, input: Uint8Array, limitBytes: number): Decoded {
  const output = new CappedOutput(limitBytes);
  let reason: Pick<Decoded, "error" | "cutShort"> = {};
  try {
    DECODERS.get(coding)!(input, output);
  } catch (error) {
    if (!(error instanceof CodingError)) throw error;
    reason = { error: `${coding}: ${error.message}` };
    if (error.message === CUT_SHORT) reason = { ...reason, cutShort: true };
  }
  return { bytes: output.take(), truncated: output.full, ...reason };
}
