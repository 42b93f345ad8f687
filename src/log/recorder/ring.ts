/**
 * Where the recorder's lines go: segments of whole lines, each begun when the one before is full. What this run has
 * written is counted in bytes of lines, so that a dump can say up to where it goes.
 */
import type { Destination } from "../destination.ts";
import { segmentName } from "./names.ts";
import type { Disk, Segment, Segments } from "./segments.ts";
import { writeAll } from "./write_all.ts";

const LF = 10;

/** What a ring needs. */
export interface RingOptions {
  /** The folder, for paths and messages. */
  readonly folder: string;
  /** How large segments become, in bytes; one that begins with a longer line has that line only. */
  readonly segmentBytes: number;
  /** The segments that are there, and the room that they have. */
  readonly segments: Segments;
  /** The files. */
  readonly disk: Disk;
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** A segment is complete. */
  readonly onComplete: (segment: Segment) => void;
}

/** A destination that begins a new file now and then, and removes the oldest. */
export class SegmentRing implements Destination {
  /** What it is called in messages. */
  readonly name: string;
  readonly #options: RingOptions;
  #current: { readonly segment: Segment; readonly file: Deno.FsFile } | undefined;
  #nextNumber: number;
  #written = 0;
  /** Room that was set aside for what is being written. */
  #reserved = 0;
  #waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  /** A ring that begins its first segment with its first line. */
  constructor(options: RingOptions) {
    this.name = `the flight recorder in ${options.folder}`;
    this.#options = options;
    this.#nextNumber = 1 + (options.segments.list().at(-1)?.number ?? 0);
  }

  /**
   * Writes whole lines, as many as go into one segment.
   *
   * @param bytes Whole lines.
   * @throws What the file system throws. A full disk costs the oldest segments first.
   */
  async write(bytes: Uint8Array): Promise<number> {
    for (;;) {
      try {
        const size = await this.#writeOnce(bytes);
        this.#written += size;
        this.#wake();
        return size;
      } catch (error) {
        if (!await this.#isMended() || !isDiskFull(error)) throw error;
        if (!await this.#options.segments.removeOldest()) throw error;
      }
    }
  }

  /** Resolves when so many bytes of lines were written, or the ring was closed. */
  reached(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, resolve });
      this.#wake();
    });
  }

  /** Does nothing: nobody but the recorder moves its files. */
  reopen(): Promise<void> {
    return Promise.resolve();
  }

  /** Closes the segment at hand. */
  close(): void {
    this.#endSegment();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  async #writeOnce(bytes: Uint8Array): Promise<number> {
    const { segmentBytes, segments } = this.#options;
    const left = segmentBytes - (this.#current?.segment.bytes ?? segmentBytes);
    let size = bytes.length <= left ? bytes.length : bytes.lastIndexOf(LF, left - 1) + 1;
    if (left <= 0 || size === 0) {
      this.#endSegment();
      size = bytes.length <= segmentBytes ? bytes.length : bytes.lastIndexOf(LF, segmentBytes - 1) + 1;
      if (size === 0) size = bytes.indexOf(LF) + 1;
    }
    // Room first: the limit holds at every moment.
    await segments.reserve(size, this.#current?.segment);
    this.#reserved = size;
    const { file, segment } = this.#current ??= await this.#beginSegment();
    await writeAll(file, bytes.subarray(0, size));
    segment.bytes += size;
    this.#reserved = 0;
    return size;
  }

  async #beginSegment(): Promise<{ segment: Segment; file: Deno.FsFile }> {
    const { folder, segments, disk, epochNow } = this.#options;
    const name = {
      startedAtMs: Math.floor(epochNow()),
      number: this.#nextNumber,
      compression: "none",
    } as const;
    const path = `${folder}/${segmentName(name)}`;
    const file = await disk.open(path, { append: true, createNew: true, mode: 0o600 });
    this.#nextNumber++;
    const startsAt = this.#written;
    const segment: Segment = { ...name, startsAt, path, bytes: 0, isOpen: true, isRemoved: false };
    segments.add(segment);
    return { segment, file };
  }

  /**
   * After a failed write: takes away what arrived, so that no line is torn or there twice.
   *
   * @returns Whether that went well. If not it stays, its last line perhaps torn, which readers leave out.
   */
  async #isMended(): Promise<boolean> {
    const size = this.#reserved;
    this.#reserved = 0;
    try {
      await this.#current?.file.truncate(this.#current.segment.bytes);
      this.#options.segments.release(size);
      return true;
    } catch {
      if (this.#current !== undefined) this.#current.segment.bytes += size;
      this.#endSegment();
      return false;
    }
  }

  #endSegment(): void {
    if (this.#current === undefined) return;
    const { file, segment } = this.#current;
    this.#current = undefined;
    segment.isOpen = false;
    file.close();
    this.#options.onComplete(segment);
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const isThere = ({ bytes }: { bytes: number }) => bytes <= this.#written;
    for (const { resolve } of this.#waiting.filter(isThere)) resolve();
    this.#waiting = this.#waiting.filter((waiting) => !isThere(waiting));
  }
}

/** Whether the disk has no room, or the user's share of it has none. */
function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}
