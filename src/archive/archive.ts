/**
 * Captures that were saved → records again: JSON lines as tcpmon writes them, HAR 1.2, pcap and pcapng, and the text
 * that TCPMon saved; each also compressed with gzip or Zstandard. The kind is told by the first bytes.
 *
 * Whatever a file holds, it is data: what cannot be read is told as a problem, and reading goes on behind it.
 */
import { joined } from "../http/joined.ts";
import { decompressed } from "./decompressed.ts";
import { HarReader } from "./har.ts";
import { JsonLinesReader } from "./json_lines.ts";
import { kindOf } from "./kind.ts";
import { isProblem } from "./reading.ts";
import type { Archived, ArchiveProblem, ArchiveReader, Reading, ReadingLimits } from "./reading.ts";
import { PcapReader } from "./pcap.ts";
import { SavedTextReader } from "./saved_text.ts";

export type { Archived, ArchiveProblem };

/** What reading can be told. */
export interface ArchiveOptions {
  /**
   * Told of each problem, in the order of the file: after the records before it were given and before those behind it.
   * What it throws ends the reading.
   */
  readonly onProblem: (problem: ArchiveProblem) => void;
  /** Length of the longest line (JSON lines) or entry (HAR) that is read, in bytes; 256 MiB by default. */
  readonly lineLimitBytes?: number;
}

/** Longer than any body that a capture keeps unless told to; the line is held about three times while it is read. */
const LINE_LIMIT_BYTES = 256 * 1024 * 1024;

/** How much is looked at to tell the kind of a file. */
const SNIFFED_BYTES = 64 * 1024;

/**
 * Reads an archive.
 *
 * JSON lines and HAR take constant memory: a batch is what came with one piece of the file. The text that TCPMon saved
 * is held whole, up to a limit. Errors of `bytes` itself are passed on.
 *
 * @param bytes The file, in pieces of any size.
 * @returns Records in batches, in the order of the file.
 */
export async function* readArchive(
  bytes: AsyncIterable<Uint8Array>,
  options: ArchiveOptions,
): AsyncGenerator<readonly Archived[]> {
  const limits = { lineLimitBytes: options.lineLimitBytes ?? LINE_LIMIT_BYTES };
  const first: Uint8Array[] = [];
  let firstBytes = 0;
  let reader: ArchiveReader | undefined;
  for await (const piece of decompressed(bytes, options.onProblem)) {
    if (reader !== undefined) {
      yield* told(reader.push(piece), options);
      continue;
    }
    first.push(piece.slice());
    firstBytes += piece.length;
    if (firstBytes < SNIFFED_BYTES) continue;
    const start = withoutMark(joined(first));
    reader = readerOf(start, limits, options);
    if (reader === undefined) return;
    yield* told(reader.push(start), options);
  }
  if (reader === undefined) {
    const start = withoutMark(joined(first));
    reader = readerOf(start, limits, options);
    if (reader === undefined) return;
    yield* told(reader.push(start), options);
  }
  yield* told(reader.end(), options);
}

/** The bytes behind a byte order mark of UTF-8. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** The reader for a file that begins with these bytes; none for what is no archive, which is told. */
function readerOf(
  first: Uint8Array,
  limits: ReadingLimits,
  { onProblem }: ArchiveOptions,
): ArchiveReader | undefined {
  const kind = kindOf(first);
  switch (kind.kind) {
    case "json-lines":
      return new JsonLinesReader(limits);
    case "har":
      return new HarReader(limits);
    case "saved-text":
      return new SavedTextReader(limits);
    case "packets":
      return new PcapReader();
    case "unknown":
      onProblem({
        message: `found ${kind.found}, wanted JSON lines of tcpmon, HAR, pcap, or the text that TCPMon saves`,
      });
  }
}

/** The records, the problems between them told on the way. */
function* told(readings: Iterable<Reading>, { onProblem }: ArchiveOptions): Generator<readonly Archived[]> {
  for (const reading of readings) {
    if (isProblem(reading)) onProblem(reading);
    else yield reading;
  }
}
