/**
 * gzip (RFC 1952) and zstd (RFC 8878) in steps, by what the runtime carries. Each step runs on the program's one
 * thread: callers keep steps small and let others run between them.
 */
import zlib from "node:zlib";
import type { Compression } from "./names.ts";

/** Level 3 of both makes JSON lines nearly as small as their defaults, at 250 MB/s and more. */
const LEVEL = 3;

/** What is used of a stream of `node:zlib`. */
interface ZlibStream {
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
  end(): unknown;
  destroy(): unknown;
}

/** What newer runtimes have in `node:zlib` besides. */
interface ZstdFactory {
  readonly createZstdCompress?: (options: { params: { [parameter: number]: number } }) => ZlibStream;
  readonly createZstdDecompress?: () => ZlibStream;
}

const zstd: ZstdFactory = zlib as unknown as ZstdFactory;
/** Number of the parameter "compression level" (zstd.h, ZSTD_c_compressionLevel). */
const ZSTD_LEVEL = 100;

/** Whether this runtime can do it. */
export function canCompress(compression: Compression): boolean {
  return compression !== "zstd" || zstd.createZstdCompress !== undefined;
}

/** Compresses. @throws {Error} Where {@link canCompress} says no. */
export function createCompressor(compression: "gzip" | "zstd"): Coder {
  if (compression === "gzip") return new Coder(zlib.createGzip({ level: LEVEL }));
  if (zstd.createZstdCompress === undefined) throw new Error("this Deno has no zstd");
  return new Coder(zstd.createZstdCompress({ params: { [ZSTD_LEVEL]: LEVEL } }));
}

/** Undoes it. @throws {Error} Where the runtime has no zstd. */
export function createDecompressor(compression: "gzip" | "zstd"): Coder {
  if (compression === "gzip") return new Coder(zlib.createGunzip());
  if (zstd.createZstdDecompress === undefined) throw new Error("this Deno has no zstd");
  return new Coder(zstd.createZstdDecompress());
}

/** A coder that is given bytes and gives bytes, when it has some. */
export class Coder {
  readonly #stream: ZlibStream;
  #out: Uint8Array[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #reject: ((error: Error) => void) | undefined;

  /** A coder by a stream that nobody else uses. */
  constructor(stream: ZlibStream) {
    this.#stream = stream;
    // A failure is told of at the step that it happens in; at the end there may be nobody waiting any more.
    this.#ended.promise.catch(() => {});
    stream.on("data", (bytes) => this.#out.push(bytes));
    stream.on("end", () => this.#ended.resolve());
    stream.on("error", (error) => {
      this.#reject?.(error);
      this.#ended.reject(error);
    });
  }

  /** Takes bytes. @returns What became of them, and of others before, so far. */
  async push(bytes: Uint8Array): Promise<Uint8Array[]> {
    await new Promise<void>((resolve, reject) => {
      this.#reject = reject;
      this.#stream.write(bytes, (error) => error ? reject(error) : resolve());
    });
    return this.#take();
  }

  /** Says that there is no more. @returns The rest. */
  async end(): Promise<Uint8Array[]> {
    this.#stream.end();
    await this.#ended.promise;
    return this.#take();
  }

  /** Gives up what it holds. */
  close(): void {
    this.#stream.destroy();
  }

  #take(): Uint8Array[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}
