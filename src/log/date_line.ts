/**
 * The date in the human formats, whose summaries have the time of day only: a line `# 2026-11-20 UTC+01:00` before the
 * first record of a log that is kept, and wherever the day or the offset from UTC has changed since the record before.
 *
 * Records are written when they are complete and bear the time at which they began, so about midnight the days may
 * alternate; each such line holds for the records after it.
 */
import type { ByteWriter } from "./byte_writer.ts";
import type { ZoneOffset } from "./units.ts";

/** Every time zone has its midnights and its changes at a multiple of this. */
const QUARTER_HOUR_MS = 15 * 60_000;

/** Writes the date lines of one log. */
export class DateLine {
  readonly #zoneOffset: ZoneOffset;
  readonly #fromStart: boolean;
  readonly #lineEnd: string;
  #quarter = NaN;
  #last: string | undefined;

  /**
   * Makes the calendar of one log.
   *
   * @param zoneOffset Local time at a moment, in minutes from UTC.
   * @param fromStart Whether the log begins with its date, for those who read it later; else only changes are told.
   * @param lineEnd What ends the line: one line feed, or two for an empty line after it.
   */
  constructor(zoneOffset: ZoneOffset, fromStart: boolean, lineEnd: "\n" | "\n\n") {
    this.#zoneOffset = zoneOffset;
    this.#fromStart = fromStart;
    this.#lineEnd = lineEnd;
  }

  /**
   * Appends the line that a record needs before it, if it needs one.
   *
   * @param at Time of the record, ms since the epoch.
   */
  write(at: number, out: ByteWriter): void {
    const quarter = Math.floor(at / QUARTER_HOUR_MS);
    if (quarter === this.#quarter) return;
    this.#quarter = quarter;
    const line = `# ${dateText(at, this.#zoneOffset(at))}${this.#lineEnd}`;
    if (line === this.#last) return;
    if (this.#last !== undefined || this.#fromStart) out.text(line);
    this.#last = line;
  }

  /** The line that a file begins with which goes on here; empty where no record was dated, or none begins with it. */
  get heading(): string {
    return this.#fromStart ? this.#last ?? "" : "";
  }
}

/** `2026-11-20 UTC+01:00`. */
function dateText(at: number, offsetMinutes: number): string {
  const day = new Date(at + offsetMinutes * 60_000).toISOString().slice(0, 10);
  const minutes = Math.abs(offsetMinutes);
  if (minutes === 0) return `${day} UTC`;
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, "0")
  );
  return `${day} UTC${offsetMinutes < 0 ? "-" : "+"}${hour}:${minute}`;
}
