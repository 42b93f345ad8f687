/**
 * One dump: the recent lines of segments, in a file of their own. It reads while recording goes on: the segments that
 * are removed first are opened first, and an open file can be read to its end.
 */
import { createDecompressor } from "./coder.ts";
import { partName } from "./names.ts";
import { RecentLines } from "./recent_lines.ts";
import type { Disk, Segment } from "./segments.ts";
import { writeAll } from "./write_all.ts";

/** How many segments are open ahead of the one that is read. */
const AHEAD = 16;
const STEP_BYTES = 128 * 1024;
/** Compressed bytes may become a thousand times as many: less at a time. */
const COMPRESSED_STEP_BYTES = 16 * 1024;

/** What goes into a dump. */
export interface DumpOrder {
  /** The segments, oldest first. */
  readonly segments: readonly Segment[];
  /** Up to where, in bytes of lines that this run has written. */
  readonly until: number;
  /** From when on, ms since the epoch. */
  readonly sinceMs: number;
  /** The file to write, which must not be there. */
  readonly path: string;
  /** The files. */
  readonly disk: Disk;
  /** Whether to give up. */
  readonly isAborted: () => boolean;
}

/** What became of a dump. */
export interface DumpResult {
  /** How many lines it has. */
  readonly records: number;
  /** How many lines of its segments it does not have, because they are older. */
  readonly older: number;
  /** How many segments could not be read: gone by then, or damaged. */
  readonly unread: number;
}

/**
 * Writes a dump. The file has its name only when it is whole.
 *
 * @throws What writing throws, and {@link Deno.errors.Interrupted} where it was aborted; then there is no file.
 */
export async function writeDump(order: DumpOrder): Promise<DumpResult> {
  const { segments, path, disk } = order;
  const part = partName(path);
  const files: Promise<OpenSegment | undefined>[] = [];
  let [records, older, unread, isDone] = [0, 0, 0, false];
  const target = await disk.open(part, { write: true, createNew: true, mode: 0o600 });
  try {
    for (let i = 0; i < segments.length; i++) {
      while (files.length < Math.min(i + AHEAD, segments.length)) {
        files.push(open(segments[files.length], disk));
      }
      using segment = await files[i];
      const lines = new RecentLines(order.sinceMs);
      if (segment === undefined || !await copy(segment, segments[i], lines, target, order)) unread++;
      records += lines.count;
      older += lines.leftOut;
    }
    await disk.rename(part, path);
    isDone = true;
  } finally {
    target.close();
    for (const file of files) (await file)?.[Symbol.dispose]();
    if (!isDone) await disk.remove(part).catch(() => {});
  }
  return { records, older, unread };
}

/** A segment's file, and how it is kept. Closing it again does nothing. */
class OpenSegment implements Disposable {
  readonly file: Deno.FsFile;
  readonly compression: Segment["compression"];
  #isClosed = false;

  constructor(file: Deno.FsFile, compression: Segment["compression"]) {
    this.file = file;
    this.compression = compression;
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.file.close();
    this.#isClosed = true;
  }
}

async function open(segment: Segment, disk: Disk): Promise<OpenSegment | undefined> {
  for (;;) {
    const { path, compression } = segment;
    try {
      return new OpenSegment(await disk.open(path), compression);
    } catch {
      // It may have been compressed in between, and has another name now.
      if (segment.path === path) return undefined;
    }
  }
}

/** Copies what is recent. @returns Whether the segment could be read to its end. @throws What writing throws. */
async function copy(
  source: OpenSegment,
  segment: Segment,
  lines: RecentLines,
  target: Deno.FsFile,
  order: DumpOrder,
): Promise<boolean> {
  const steps = source.compression === "none" ? read(source.file, STEP_BYTES) : decompressed(source);
  let left = order.until - segment.startsAt;
  for (;;) {
    if (order.isAborted()) throw new Deno.errors.Interrupted("tcpmon is ending");
    let step;
    try {
      step = await steps.next();
    } catch {
      return false;
    }
    if (step.done) return true;
    const bytes = step.value.subarray(0, Math.min(left, step.value.length));
    left -= bytes.length;
    await writeAll(target, lines.push(bytes));
    if (left > 0) continue;
    await steps.return(undefined);
    return true;
  }
}

async function* read(file: Deno.FsFile, stepBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const buffer = new Uint8Array(stepBytes);
  for (let size; (size = await file.read(buffer)) !== null;) yield buffer.subarray(0, size);
}

async function* decompressed({ file, compression }: OpenSegment): AsyncGenerator<Uint8Array, void, void> {
  const coder = createDecompressor(compression === "zstd" ? "zstd" : "gzip");
  try {
    for await (const bytes of read(file, COMPRESSED_STEP_BYTES)) yield* await coder.push(bytes);
    yield* await coder.end();
  } finally {
    coder.close();
  }
}
