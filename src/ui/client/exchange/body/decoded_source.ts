/**
 * What a content coding hides, decoded in the browser as far as somebody looks: for bodies of which the record has only
 * the beginning. It is never decoded further than it was asked for, and never further than a limit.
 */
import { type ByteSource, PAGE_BYTES } from "./source.ts";

/** So much of it is kept at most: a small body can decode to any length. */
export const DECODED_LIMIT_BYTES = 64 * 1024 * 1024;

/** The codings as `DecompressionStream` calls them. Newer browsers know more of them than older ones. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
  ["zstd", "zstd"],
]);

/**
 * Bytes of a coded body, or `undefined` where this browser cannot undo the coding.
 *
 * @param sent The body as it was sent.
 * @param codings Its codings, in the order in which they were applied.
 */
export function decodedSource(sent: ByteSource, codings: readonly string[]): ByteSource | undefined {
  // Several codings at a time nobody uses.
  const format = codings.length === 1 ? FORMATS.get(codings[0]) : undefined;
  if (format === undefined) return undefined;
  let stream: DecompressionStream;
  try {
    stream = new DecompressionStream(format as CompressionFormat);
  } catch {
    return undefined;
  }
  return new DecodedSource(sent, stream);
}

class DecodedSource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #held = 0;
  #end: number | undefined;
  #error: unknown;
  /** Readers wait for each other: bytes come in one order. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(sent: ByteSource, stream: DecompressionStream) {
    this.#reader = pagesOf(sent).pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>)
      .getReader();
  }

  /** How many there are; not known before the end has come. */
  get bytes(): number {
    return this.#end ?? Infinity;
  }

  read(from: number, to: number): Promise<Uint8Array> {
    const reading = this.#turn.then(() => this.#read(from, to));
    this.#turn = reading.catch(() => {});
    return reading;
  }

  async #read(from: number, to: number): Promise<Uint8Array> {
    const wanted = Math.min(to, DECODED_LIMIT_BYTES);
    while (this.#held < wanted && this.#end === undefined) await this.#pull();
    const bytes = joined(this.#chunks);
    this.#chunks = [bytes];
    if (from >= bytes.length && this.#error !== undefined) throw this.#error;
    return bytes.subarray(from, wanted);
  }

  async #pull(): Promise<void> {
    try {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#end = this.#held;
        return;
      }
      this.#chunks.push(value);
      this.#held += value.length;
      if (this.#held < DECODED_LIMIT_BYTES) return;
      this.#end = DECODED_LIMIT_BYTES;
      await this.#reader.cancel();
    } catch (error) {
      // What came before the place where it breaks is shown all the same.
      this.#end = this.#held;
      this.#error = new Error(`cannot decode further: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function pagesOf(sent: ByteSource): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const page = at < sent.bytes ? await sent.read(at, at + PAGE_BYTES) : new Uint8Array(0);
      at += page.length;
      if (page.length === 0) controller.close();
      else controller.enqueue(page);
    },
  }, { highWaterMark: 0 });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
