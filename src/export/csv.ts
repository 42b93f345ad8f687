/**
 * Exchanges as CSV (RFC 4180): a row of names, then one row each. Durations in ms, sizes in bytes.
 *
 * A text that a spreadsheet would take for a formula begins with an apostrophe, which makes it a text there.
 */
import type { ExchangeRecord } from "../capture/record.ts";
import { fieldValue } from "../http/head.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { JsonTime } from "../log/json_time.ts";
import { escapeSteering } from "./body_text.ts";
import type { Exporter, Note } from "./exporter.ts";
import { Schemes } from "./origin.ts";

/** The names of the columns, in order. */
export const CSV_COLUMNS = [
  "id",
  "time",
  "connection",
  "listener",
  "client",
  "target",
  "method",
  "url",
  "version",
  "status",
  "reason",
  "outcome",
  "error",
  "flags",
  "request_type",
  "request_bytes",
  "response_type",
  "response_bytes",
  "connect_ms",
  "tls_ms",
  "send_ms",
  "wait_ms",
  "receive_ms",
  "total_ms",
  "relay_ms",
] as const;

const COMMA = 0x2c;

/**
 * Makes an exporter that writes one row for each exchange.
 *
 * @param note Told of records that have no row.
 */
export function createCsvExporter(note: Note = () => {}): Exporter {
  const schemes = new Schemes();
  const time = new JsonTime();
  return {
    begin(out) {
      out.text(`${CSV_COLUMNS.join(",")}\r\n`);
    },
    record(record, out) {
      if (record.type === "exchange") return writeRow(out, record, schemes, time);
      if (record.type === "connection") schemes.connection(record);
      else note(record.type === "data" ? "data that is not HTTP" : `${record.type} records`);
    },
    end() {},
  };
}

function writeRow(out: ByteWriter, record: ExchangeRecord, schemes: Schemes, time: JsonTime): void {
  const { connection, request, response, ms } = record;
  out.integer(record.id);
  out.byte(COMMA);
  time.write(out, record.at);
  out.text(`,${connection.id}`);
  writeCell(out, connection.listener);
  writeCell(out, connection.client);
  writeCell(out, connection.target);
  writeCell(out, request?.head.method);
  writeCell(out, request && schemes.url(record));
  writeCell(out, request?.head.version ?? response?.head.version);
  out.text(`,${response?.head.status ?? ""}`);
  writeCell(out, response?.head.reason);
  writeCell(out, record.outcome);
  writeCell(out, record.error);
  writeCell(out, record.flags.join(" "));
  writeCell(out, request && fieldValue(request.head.fields, "content-type"));
  out.text(`,${request?.body.bytes ?? ""}`);
  writeCell(out, response && fieldValue(response.head.fields, "content-type"));
  out.text(`,${response?.body.bytes ?? ""}`);
  for (const duration of [ms.connect, ms.tls, ms.send, ms.wait, ms.receive, ms.total, ms.relay]) {
    out.byte(COMMA);
    if (duration !== undefined) out.milliseconds(duration);
  }
  out.text("\r\n");
}

/** Appends a comma and a text. */
function writeCell(out: ByteWriter, text: string | undefined): void {
  out.byte(COMMA);
  if (text === undefined || text === "") return;
  const safe = escapeSteering(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  out.text(/[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe);
}
