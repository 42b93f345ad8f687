/**
 * Names of the recorder's files: `tcpmon-20261120T103106.123Z-000017.jsonl` for a segment, with `.gz` or `.zst` once it
 * is compressed, `dump-20261120T103206.500Z-SIGUSR2.jsonl` for a dump, and `.part` after either while it is written.
 * Whatever is named otherwise is not the recorder's, and is never touched.
 */

/** How segments are kept. */
export type Compression = "none" | "gzip" | "zstd";

/** What the name of a segment says. */
export interface SegmentName {
  /** When it was begun, whole ms since the epoch. */
  readonly startedAtMs: number;
  /** Its number in the folder: later segments have higher ones, over all runs, whatever the clock does. */
  readonly number: number;
  /** How it is kept. */
  readonly compression: Compression;
}

const ENDINGS = { none: "", gzip: ".gz", zstd: ".zst" } as const satisfies { [how in Compression]: string };

const STAMP = String.raw`(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)`;
/** Fifteen digits are whole numbers still. */
const SEGMENT = new RegExp(`^tcpmon-${STAMP}-(\\d{6,15})\\.jsonl(\\.gz|\\.zst|)$`);
const DUMP = new RegExp(`^dump-${STAMP}-[A-Za-z0-9_-]+\\.jsonl$`);
const PART = ".part";

const NUMBER_DIGITS = 6;
const MOST_REASON_CHARACTERS = 60;

/** The name of a segment. */
export function segmentName({ startedAtMs, number, compression }: SegmentName): string {
  const digits = String(number).padStart(NUMBER_DIGITS, "0");
  return `tcpmon-${stamp(startedAtMs)}-${digits}.jsonl${ENDINGS[compression]}`;
}

/** What the name of a segment says; undefined where it is not one. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = SEGMENT.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, number, ending] = match;
  const startedAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
  if (Number.isNaN(startedAtMs)) return undefined;
  const compression = ending === ".gz" ? "gzip" : ending === ".zst" ? "zstd" : "none";
  return { startedAtMs, number: Number(number), compression };
}

/**
 * The name of a dump.
 *
 * @param atMs When it was asked for, ms since the epoch.
 * @param reason Why, in any words; what a file name should not have becomes a hyphen.
 * @param again How many dumps have this name but for their number already.
 */
export function dumpName(atMs: number, reason: string, again: number): string {
  const safe = reason.replace(/[^A-Za-z0-9_]+/g, "-").slice(0, MOST_REASON_CHARACTERS).replace(
    /^-+|-+$/g,
    "",
  );
  return `dump-${stamp(atMs)}-${safe || "dump"}${again === 0 ? "" : `-${again + 1}`}.jsonl`;
}

/** Whether a file is a whole dump. */
export function isDumpName(name: string): boolean {
  return DUMP.test(name);
}

/** The name that a file has while it is written. */
export function partName(name: string): string {
  return name + PART;
}

/** Whether a file was left half written by a run that did not end well. */
export function isPartName(name: string): boolean {
  if (!name.endsWith(PART)) return false;
  const whole = name.slice(0, -PART.length);
  return isDumpName(whole) || parseSegmentName(whole) !== undefined;
}

/** `20261120T103106.123Z`: RFC 3339 without what file names cannot have everywhere. */
function stamp(atMs: number): string {
  return new Date(Math.floor(atMs)).toISOString().replace(/[-:]/g, "");
}
