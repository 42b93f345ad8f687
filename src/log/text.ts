/**
 * The log format `text`, for people: one block a record, each followed by an empty line.
 *
 * What a line is, its first character tells, whatever came over the wire: `#` begins a block with its summary, `>` and
 * `<` are lines of the request and the response (after a body: its trailers), `~` a field as tcpmon sent it on, `!`
 * says what went wrong, `[` is a note on the body, four spaces are the body. Records are written when they are
 * complete. A connection that opened is shown where there is something to say of its TLS. Times of day are local, as TCPMon's were; `# ` begins a line with their date (see date_line.ts).
 */
import type { ExchangeRecord, Record } from "../capture/record.ts";
import { BodyWriter } from "./body_lines.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { DateLine } from "./date_line.ts";
import { writeLine } from "./escape.ts";
import type { Format } from "./format.ts";
import { HeadWriter } from "./head_lines.ts";
import { createPaint, type Paint, writeStyled } from "./paint.ts";
import { hasTlsDetails, isShown, outcomeText, SummaryWriter, timeOf } from "./summary.ts";
import { localZoneOffset, type ZoneOffset } from "./units.ts";

const LF = 10;

/** What `text` can be told. */
export interface TextOptions {
  /** Whether to put SGR colours around parts of the lines. Never around, or from, bytes of the wire. */
  readonly color: boolean;
  /** Indent XML (three spaces) and JSON (two): for display only. */
  readonly pretty: boolean;
  /** Show every body whole as a hex dump of the bytes that came. */
  readonly hex: boolean;
  /** How much of what a content coding unpacks to is read and shown, in bytes. */
  readonly limitBytes: number;
  /** Local time at a moment, in minutes from UTC; the machine's time zone unless given. */
  readonly zoneOffset?: ZoneOffset;
  /** Whether the log begins with its date, for those who read it later; else only changes of the day are told. */
  readonly dated?: boolean;
}

/** Makes the format. */
export function createTextFormat(options: TextOptions): Format {
  const { zoneOffset = localZoneOffset, dated = false } = options;
  const dates = new DateLine(zoneOffset, dated, "\n\n");
  const paint = createPaint(options.color);
  const summary = new SummaryWriter(paint, zoneOffset, options.limitBytes);
  const heads = new HeadWriter(paint);
  const bodies = new BodyWriter(paint, options);
  const write: Format = (record, out) => {
    if (!isShown(record) && !hasTlsDetails(record)) return;
    dates.write(timeOf(record), out);
    summary.record(record, out);
    out.byte(LF);
    writeError(record, paint, out);
    if (record.type === "exchange") writeExchange(record, heads, bodies, out);
    else if (record.type === "data") bodies.body(record.body, undefined, record.offset, out);
    else if (record.type === "message") bodies.body(record.body, undefined, 0, out);
    out.byte(LF);
  };
  return Object.assign(write, { heading: () => dates.heading });
}

function writeExchange(record: ExchangeRecord, heads: HeadWriter, bodies: BodyWriter, out: ByteWriter): void {
  const { connection, request, response } = record;
  if (request !== undefined) {
    const hints = heads.head(request.head, connection.id, out);
    if (request.rewritten !== undefined) heads.fields(request.rewritten, "~", out);
    heads.end(">", out);
    bodies.message(request, hints, out);
    heads.fields(request.trailers, ">", out);
  }
  for (const interim of record.interim) {
    heads.head(interim, connection.id, out);
    heads.end("<", out);
  }
  if (response !== undefined) {
    const hints = heads.head(response.head, connection.id, out);
    heads.end("<", out);
    bodies.message(response, hints, out);
    heads.fields(response.trailers, "<", out);
  }
}

/** `! response-cut: Connection reset by peer`. */
function writeError(record: Record, paint: Paint, out: ByteWriter): void {
  if (!("error" in record) || record.error === undefined) return;
  let what = "";
  if (record.type === "exchange") what = `${outcomeText(record.outcome)}: `;
  else if (record.type === "connection") what = `${record.end}: `;
  writeStyled("!", paint.red, out);
  out.text(` ${what}`);
  writeLine(record.error, out);
  out.byte(LF);
}
