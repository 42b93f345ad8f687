/**
 * JSON lines: one record a line, complete enough that the log is the capture. The fields are described in
 * `static/record.schema.json`.
 */
import type {
  ConnectionClosed,
  ConnectionOpened,
  ConnectionRecord,
  DataRecord,
  LostRecord,
  MessageRecord,
  ServerSentEventRecord,
  WebSocketRecord,
} from "../capture/record.ts";
import { SoapCorrelation } from "../capture/soap_exchange.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { Format } from "./format.ts";
import { PLAIN_READING, writeBody } from "./json_body.ts";
import { ConnectionMemos } from "./json_connection.ts";
import { writeExchange } from "./json_exchange.ts";
import { writeFaults } from "./json_faults.ts";
import { writeJsonString } from "./json_string.ts";
import { JsonTime } from "./json_time.ts";
import { writeHello, writeTls } from "./json_tls.ts";
import { isRedacted } from "./redacted.ts";

/** What the JSON format can be told. */
export interface JsonFormatOptions {
  /** How many bytes of a body to keep once its content codings are undone. */
  readonly limitBytes: number;
}

/**
 * A format that writes each record as one line of JSON.
 *
 * The lines are UTF-8 without raw control characters: also DEL, C1, line separators and bidirectional controls are
 * escaped, so that showing a log cannot drive a terminal.
 */
export function createJsonFormat(options: JsonFormatOptions): Format {
  const time = new JsonTime();
  const memos = new ConnectionMemos();
  const soap = new SoapCorrelation();

  return (record, out) => {
    switch (record.type) {
      case "exchange":
        return writeExchange(out, record, memos.of(record.connection), time, soap, options.limitBytes);
      case "connection":
        writeConnection(out, record, memos.of(record.connection).shared, time);
        if (record.event === "closed") memos.forget(record.connection);
        return;
      case "data":
        return writeData(out, record, memos.of(record.connection).shared, time);
      case "message":
        return writeMessage(out, record, memos.of(record.connection).shared, time);
      case "lost":
        return writeLost(out, record, time);
    }
  };
}

/** Appends the line of a connection that was opened or closed, or of the TLS that passes through it. */
function writeConnection(
  out: ByteWriter,
  record: ConnectionRecord,
  shared: Uint8Array,
  time: JsonTime,
): void {
  out.text(`{"type":"connection","event":"${record.event}"`);
  out.bytes(shared);
  time.write(out, record.at);
  out.text('"');
  if (record.event === "opened") writeOpened(out, record);
  else if (record.event === "closed") writeClosed(out, record);
  else writeHello(out, record.hello);
  out.text("}\n");
}

function writeOpened(out: ByteWriter, record: ConnectionOpened): void {
  out.text(',"ms":{"connect":');
  out.milliseconds(record.connectMs);
  if (record.tlsMs !== undefined) {
    out.text(',"tls":');
    out.milliseconds(record.tlsMs);
  }
  out.text("}");
  writeTls(out, record);
}

function writeClosed(out: ByteWriter, record: ConnectionClosed): void {
  out.text(',"up":');
  out.integer(record.up);
  out.text(',"down":');
  out.integer(record.down);
  out.text(',"ms":{"total":');
  out.milliseconds(record.totalMs);
  out.text(`},"end":"${record.end}","exchanges":`);
  out.integer(record.exchanges);
  writeOptionalString(out, "error", record.error);
  if (record.faults !== undefined) writeFaults(out, record.faults);
}

/** Appends the line of a read from a connection that is not HTTP. */
function writeData(out: ByteWriter, record: DataRecord, shared: Uint8Array, time: JsonTime): void {
  out.text('{"type":"data"');
  out.bytes(shared);
  time.write(out, record.at);
  out.text(`","direction":"${record.direction}","offset":`);
  out.integer(record.offset);
  out.text(',"bytes":');
  writeBody(out, record.body, PLAIN_READING);
  if (record.http === true) out.text(',"http":true');
  if (isRedacted(record)) out.text(',"redacted":true');
  out.text("}\n");
}

/** Appends the line of a WebSocket message or a server-sent event. */
function writeMessage(out: ByteWriter, record: MessageRecord, shared: Uint8Array, time: JsonTime): void {
  out.text(`{"type":"message","protocol":"${record.protocol}","exchange":`);
  out.integer(record.exchange);
  out.bytes(shared);
  time.write(out, record.at);
  out.text(`","direction":"${record.direction}","index":`);
  out.integer(record.index);
  if (record.protocol === "websocket") writeWebSocket(out, record);
  else writeServerSentEvent(out, record);
  out.text("}\n");
}

function writeWebSocket(out: ByteWriter, record: WebSocketRecord): void {
  out.text(`,"opcode":"${record.opcode}","frames":`);
  out.integer(record.frames);
  out.text(',"bytes":');
  writeBody(out, record.body, PLAIN_READING);
  writeOptionalInteger(out, "compressedBytes", record.compressedBytes);
  writeOptionalInteger(out, "closeCode", record.closeCode);
  writeOptionalString(out, "error", record.error);
}

function writeServerSentEvent(out: ByteWriter, record: ServerSentEventRecord): void {
  out.text(',"event":');
  writeJsonString(out, record.event);
  writeOptionalString(out, "lastEventId", record.lastEventId);
  writeOptionalInteger(out, "retry", record.retry);
  out.text(',"bytes":');
  writeBody(out, record.body, PLAIN_READING);
}

/** Appends the line that says how many records the log could not take. */
function writeLost(out: ByteWriter, record: LostRecord, time: JsonTime): void {
  out.text('{"type":"lost","count":');
  out.integer(record.count);
  out.text(',"from":"');
  time.write(out, record.from);
  out.text('","to":"');
  time.write(out, record.to);
  out.text('","reason":');
  writeJsonString(out, record.reason);
  out.text("}\n");
}

function writeOptionalString(out: ByteWriter, name: string, value: string | undefined): void {
  if (value === undefined) return;
  out.text(`,"${name}":`);
  writeJsonString(out, value);
}

function writeOptionalInteger(out: ByteWriter, name: string, value: number | undefined): void {
  if (value === undefined) return;
  out.text(`,"${name}":`);
  out.integer(value);
}
