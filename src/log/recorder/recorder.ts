/**
 * The flight recorder: the last of what passed, on disk, as JSON lines in a ring of files that takes no more room than
 * it was given; and out of it, when something happens, what led up to it. Like the log it never waits for its disk, and
 * costs records, counted in `lost` ones, where that is too slow.
 */
import type { Record, Sink } from "../../capture/record.ts";
import type { Format } from "../format.ts";
import { createJsonFormat } from "../json.ts";
import { LogWriter } from "../log_writer.ts";
import { sizeText } from "../units.ts";
import { canCompress } from "./coder.ts";
import { Dumper } from "./dumper.ts";
import { holdFolder } from "./folder.ts";
import type { Compression } from "./names.ts";
import { SegmentRing } from "./ring.ts";
import { SegmentCompressor } from "./segment_compressor.ts";
import { type Disk, Segments } from "./segments.ts";

const MIB = 1024 * 1024;
/** A full ring has lost at most a sixteenth of what it could hold, when its oldest segment was removed … */
const SEGMENTS = 16;
/** … but files are neither tiny, nor so large that a dump reads much for nothing. */
const LEAST_SEGMENT_BYTES = MIB;
const MOST_SEGMENT_BYTES = 64 * MIB;
/** Whatever was asked for, the ring has so many segments; a line may take half of it. */
const LEAST_SEGMENTS = 4;

/** What is recorded, and where. */
export interface RecorderSettings {
  /** The folder, made where there is none. */
  readonly folder: string;
  /** How much room all segments may take together, in bytes, those of earlier runs included; dumps are extra. */
  readonly limitBytes: number;
  /** How large a segment becomes; absent: a sixteenth of the limit, 1 MiB to 64 MiB. At most a quarter of the limit. */
  readonly segmentBytes?: number;
  /** How segments are kept that are complete. */
  readonly compression: Compression;
  /** How much of each body is decoded, in bytes. */
  readonly maxBodyBytes: number;
  /** How many bytes may wait to be written. */
  readonly queueBytes: number;
  /** Which records ask for a dump; absent: none does. */
  readonly dumpOn?: (record: Record) => boolean;
  /** How far back a dump goes, in ms. */
  readonly dumpWindowMs: number;
}

/** What the recorder needs from its surroundings. */
export interface RecorderSurroundings {
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** What to record instead of a record: redaction. */
  readonly transform?: (record: Record) => Record;
  /** The files; absent: those of the system. */
  readonly disk?: Disk;
}

/** A recorder that takes records until it is closed. */
export interface Recorder extends Sink {
  /**
   * Writes the records of the last window, those that still wait included, to a file of its own, and tells of it.
   *
   * @param reason Why, for the file's name and for people.
   * @returns The file's path.
   * @throws {Error} One line for people, where it could not be written.
   */
  dump(reason: string): Promise<string>;
  /** Resolves when everything recorded so far is on disk, or cannot be. */
  flush(): Promise<void>;
  /** Writes what waits, and lets dumps end that were begun, for at most so long. */
  close(timeoutMs: number): Promise<void>;
  /** How many records could not be taken. */
  readonly lost: number;
}

/**
 * Opens a recorder.
 *
 * @throws {Error} One line for people, where the folder cannot be had or the compression is not there.
 */
export async function openRecorder(
  settings: RecorderSettings,
  surroundings: RecorderSurroundings,
): Promise<Recorder> {
  const { folder, limitBytes, compression, dumpOn } = settings;
  const { epochNow, warn, transform, disk = Deno } = surroundings;
  if (!canCompress(compression)) {
    throw new Error(
      `cannot record with zstd: Deno ${Deno.version.deno} does not have it, 2.9 does; take gzip (--record-compress)`,
    );
  }
  const held = await holdFolder(folder);
  const segments = new Segments(disk, limitBytes, held.segments);
  try {
    await segments.reserve(0);
  } catch (error) {
    held.release();
    throw error;
  }
  const compressor = compression === "none"
    ? undefined
    : new SegmentCompressor({ compression, segments, disk, warn });
  for (const segment of segments.list()) if (segment.compression === "none") compressor?.add(segment);
  const ring = new SegmentRing({
    folder,
    segmentBytes: segmentBytesOf(settings),
    segments,
    disk,
    epochNow,
    onComplete: (segment) => compressor?.add(segment),
  });
  const lines = new RecorderLines(settings.maxBodyBytes, Math.floor(limitBytes / 2), epochNow);
  const writer = new LogWriter({
    destination: ring,
    format: lines.format,
    queueLimitBytes: settings.queueBytes,
    epochNow,
    warn,
    onClosed: () => warn(`${ring.name} cannot be written to any more, it ends here; traffic goes on`),
  });
  const dumper = new Dumper({
    folder,
    windowMs: settings.dumpWindowMs,
    limitBytes,
    segments,
    ring,
    disk,
    epochNow,
    warn,
    made: () => lines.bytes,
    hurry: () => void writer.flush(),
  });
  return {
    get lost() {
      return writer.lost + lines.tooLarge;
    },
    write(record) {
      writer.write(transform === undefined ? record : transform(record));
      if (dumpOn?.(record) === true) dumper.trigger(record);
    },
    dump: (reason) => dumper.dump(reason),
    flush: () => writer.flush(),
    async close(timeoutMs) {
      await Promise.all([writer.close(timeoutMs), dumper.end(timeoutMs), compressor?.stop()]);
      held.release();
    },
  };
}

/** Records as JSON lines, counted; in place of one that is too large for the ring, that it was lost. */
class RecorderLines {
  /** How many bytes of lines were made. */
  bytes = 0;
  /** How many records had a line that was too long. */
  tooLarge = 0;
  /** Appends a record's line. */
  readonly format: Format;

  constructor(bodyLimitBytes: number, lineLimitBytes: number, epochNow: () => number) {
    const json = createJsonFormat({ limitBytes: bodyLimitBytes });
    this.format = (record, out) => {
      const start = out.length;
      json(record, out);
      const size = out.length - start;
      if (size > lineLimitBytes) {
        out.reset(start);
        this.tooLarge++;
        const [now, line, most] = [epochNow(), sizeText(size), sizeText(lineLimitBytes)];
        const reason = `a line of ${line} is too long for the flight recorder, which takes ${most}`;
        json({ type: "lost", count: 1, from: now, to: now, reason }, out);
      }
      this.bytes += out.length - start;
    };
  }
}

function segmentBytesOf({ limitBytes, segmentBytes }: RecorderSettings): number {
  const usual = Math.min(Math.max(limitBytes / SEGMENTS, LEAST_SEGMENT_BYTES), MOST_SEGMENT_BYTES);
  return Math.floor(Math.min(segmentBytes ?? usual, limitBytes / LEAST_SEGMENTS));
}
