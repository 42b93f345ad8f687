/**
 * The segments on disk and the room that they take: never more than the limit, whoever writes. The oldest are removed
 * before anything is written that would pass it.
 */
import type { Compression } from "./names.ts";

/** What the recorder does to files; `Deno` itself, but for tests. */
export type Disk = Pick<typeof Deno, "open" | "remove" | "rename">;

/** One segment. Its owner changes it as it grows, is compressed, and goes. */
export interface Segment {
  /** Its number in the folder. */
  readonly number: number;
  /** When it was begun, ms since the epoch. */
  readonly startedAtMs: number;
  /** How many bytes of lines this run had written when it was begun; -Infinity for one of an earlier run. */
  readonly startsAt: number;
  /** Where it is. */
  path: string;
  /** How it is kept. */
  compression: Compression;
  /** How much room it takes, in bytes. */
  bytes: number;
  /** Whether it is still being written; such a one is not removed. */
  isOpen: boolean;
  /** Whether it is gone, or about to be. */
  isRemoved: boolean;
}

/** All segments of a folder, oldest first. */
export class Segments {
  readonly #disk: Disk;
  readonly #limitBytes: number;
  readonly #segments: Segment[];
  #bytes: number;
  #removing: Promise<boolean> | undefined;
  #released = Promise.withResolvers<void>();

  /**
   * The segments that are there.
   *
   * @param limitBytes How much room they may take together. What is there already is not yet held to it.
   */
  constructor(disk: Disk, limitBytes: number, segments: readonly Segment[]) {
    this.#disk = disk;
    this.#limitBytes = limitBytes;
    this.#segments = [...segments];
    this.#bytes = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** How many bytes are taken, or set aside for what is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All of them now, oldest first. */
  list(): Segment[] {
    return [...this.#segments];
  }

  /** Adds the newest. */
  add(segment: Segment): void {
    this.#segments.push(segment);
  }

  /**
   * Sets room aside, at the cost of the oldest segments.
   *
   * @param on The segment that it is for.
   * @returns Whether there is room; false where `on` was removed itself.
   * @throws What removing throws.
   */
  async reserve(bytes: number, on?: Segment): Promise<boolean> {
    while (on?.isRemoved !== true && this.#bytes + bytes > this.#limitBytes) {
      // Where nothing can be removed, a compression holds the rest whose segment is gone: it gives that back.
      if (!await this.removeOldest()) await this.#released.promise;
    }
    if (on?.isRemoved === true) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Gives room back. */
  release(bytes: number): void {
    this.#bytes -= bytes;
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }

  /**
   * Removes the oldest segment that is not being written.
   *
   * @returns Whether there was one.
   * @throws What removing throws; a file that is gone already is no error.
   */
  async removeOldest(): Promise<boolean> {
    this.#removing ??= this.#remove().finally(() => this.#removing = undefined);
    return await this.#removing;
  }

  async #remove(): Promise<boolean> {
    const index = this.#segments.findIndex(({ isOpen }) => !isOpen);
    if (index < 0) return false;
    const [segment] = this.#segments.splice(index, 1);
    const { bytes } = segment;
    segment.isRemoved = true;
    try {
      await this.#disk.remove(segment.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        segment.isRemoved = false;
        this.#segments.splice(index, 0, segment);
        throw error;
      }
    }
    this.release(bytes);
    return true;
  }
}
