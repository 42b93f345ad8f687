/**
 * Compresses segments that are complete, one after the other, in the background: in small steps with pauses between, so
 * that traffic hardly notices. Where traffic is faster than that, segments stay as they are and are removed as such.
 */
import { reasonOf } from "../destination.ts";
import { createCompressor } from "./coder.ts";
import { parseSegmentName, partName, segmentName } from "./names.ts";
import type { Disk, Segment, Segments } from "./segments.ts";
import { writeAll } from "./write_all.ts";

/** A step of compression stops everything else for about a fifth of a millisecond … */
const STEP_BYTES = 64 * 1024;
/** … and after each one everything else has so long. */
const PAUSE_MS = 2;

/** What it needs. */
export interface CompressorOptions {
  /** How to compress. */
  readonly compression: "gzip" | "zstd";
  /** The segments, and the room that they have. */
  readonly segments: Segments;
  /** The files. */
  readonly disk: Disk;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
}

/** Compresses one segment at a time. */
export class SegmentCompressor {
  readonly #options: CompressorOptions;
  readonly #waiting: Segment[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isStopped = false;
  #hasFailed = false;

  /** A compressor that has nothing to do yet. */
  constructor(options: CompressorOptions) {
    this.#options = options;
  }

  /** Compresses a complete segment when those before it are done. */
  add(segment: Segment): void {
    this.#waiting.push(segment);
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  /** Gives up what is being compressed, whose segment stays as it was. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let segment; !this.#isStopped && (segment = this.#waiting.shift()) !== undefined;) {
      try {
        if (!segment.isRemoved) await this.#compress(segment);
      } catch (error) {
        if (!this.#hasFailed) {
          this.#options.warn(`cannot compress ${segment.path}: ${reasonOf(error)}; it stays as it is`);
        }
        this.#hasFailed = true;
      }
    }
    this.#isRunning = false;
  }

  async #compress(segment: Segment): Promise<void> {
    const { compression, segments, disk } = this.#options;
    const plain = { path: segment.path, bytes: segment.bytes };
    const path = compressedPath(segment.path, compression);
    const part = partName(path);
    let bytes = 0;
    let isDone = false;
    try {
      using source = await disk.open(plain.path);
      using target = await disk.open(part, { write: true, createNew: true, mode: 0o600 });
      for await (const piece of compressed(source, compression)) {
        if (this.#isStopped || !await segments.reserve(piece.length, segment)) return;
        bytes += piece.length;
        await writeAll(target, piece);
      }
      // The only copy from here on: a crash of the machine must not leave an empty one.
      await target.syncData();
      await disk.rename(part, path);
      isDone = true;
    } catch (error) {
      if (!segment.isRemoved) throw error;
    } finally {
      if (!isDone || segment.isRemoved) {
        await disk.remove(isDone ? path : part).catch(() => {});
        segments.release(bytes);
        isDone = false;
      }
    }
    if (!isDone) return;
    Object.assign(segment, { path, compression, bytes });
    await disk.remove(plain.path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    segments.release(plain.bytes);
  }
}

async function* compressed(source: Deno.FsFile, compression: "gzip" | "zstd"): AsyncGenerator<Uint8Array> {
  const coder = createCompressor(compression);
  const buffer = new Uint8Array(STEP_BYTES);
  try {
    for (let size; (size = await source.read(buffer)) !== null;) {
      yield* await coder.push(buffer.subarray(0, size));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    yield* await coder.end();
  } finally {
    coder.close();
  }
}

function compressedPath(path: string, compression: "gzip" | "zstd"): string {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  const name = parseSegmentName(path.slice(at))!;
  return path.slice(0, at) + segmentName({ ...name, compression });
}
