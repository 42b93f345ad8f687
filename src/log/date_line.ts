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
  #quarter = NaN;
  #last: string | undefined;

  /**
   * Makes the calendar of one log.
   *
   * @param zoneOffset Local time at a moment, in minutes from UTC.
   * @param fromStart Whether the log begins with its date, for those who read it later; else only changes are told.
   */
  constructor(zoneOffset: ZoneOffset, fromStart: boolean) {
    this.#zoneOffset = zoneOffset;
    this.#fromStart = fromStart;
  }

  /**
   * Appends the line that a record needs before it, if it needs one.
   *
   * @param at Time of the record, ms since the epoch.
   * @returns Whether there was one.
   */
  write(at: number, out: ByteWriter): boolean {
    const quarter = Math.floor(at / QUARTER_HOUR_MS);
    if (quarter === this.#quarter) return false;
    this.#quarter = quarter;
    const line = dateText(at, this.#zoneOffset(at));
    if (line === this.#last) return false;
    const told = this.#last !== undefined || this.#fromStart;
    this.#last = line;
    if (told) out.text(`# ${line}\n`);
    return told;
  }

  /** Begins again, for a log that goes on in a new file. */
  restart(): void {
    this.#quarter = NaN;
    this.#last = undefined;
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
