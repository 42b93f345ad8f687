/**
 * The log format `short`: one line a record, the summary of the `text` format, with what went wrong at its end. Lines
 * with the date (see date_line.ts) stand between them.
 */
import { SOAP_DECODED_BYTES } from "../capture/soap.ts";
import { DateLine } from "./date_line.ts";
import { writeLine } from "./escape.ts";
import type { Format } from "./format.ts";
import { createPaint } from "./paint.ts";
import { isShown, SummaryWriter, timeOf } from "./summary.ts";
import { localZoneOffset, type ZoneOffset } from "./units.ts";

/** What `short` can be told. */
export interface ShortOptions {
  /** Whether to put SGR colours around parts of the line. */
  readonly color: boolean;
  /** How much of what a content coding unpacks to is read, in bytes; {@link SOAP_DECODED_BYTES} unless given. */
  readonly limitBytes?: number;
  /** Local time at a moment, in minutes from UTC; the machine's time zone unless given. */
  readonly zoneOffset?: ZoneOffset;
  /** Whether the log begins with its date, for those who read it later; else only changes of the day are told. */
  readonly dated?: boolean;
}

/** Makes the format. */
export function createShortFormat(options: ShortOptions): Format {
  const { limitBytes = SOAP_DECODED_BYTES, zoneOffset = localZoneOffset, dated = false } = options;
  const dates = new DateLine(zoneOffset, dated, "\n");
  const summary = new SummaryWriter(createPaint(options.color), zoneOffset, limitBytes);
  const write: Format = (record, out) => {
    if (!isShown(record)) return;
    dates.write(timeOf(record), out);
    summary.record(record, out);
    if ("error" in record && record.error !== undefined) {
      out.text(": ");
      writeLine(record.error, out);
    }
    out.byte(10);
  };
  return Object.assign(write, { heading: () => dates.heading });
}
