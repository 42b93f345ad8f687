/** The `exchange` line of the JSON log: the hot path, so everything that is the same each time is copied as bytes. */
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../capture/record.ts";
import type { ExchangeSoap, SoapCorrelation } from "../capture/soap_exchange.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { type BodyReading, writeBody, writeDecoded } from "./json_body.ts";
import type { ConnectionMemo } from "./json_connection.ts";
import { writeFaults } from "./json_faults.ts";
import { writeFields, writeHead } from "./json_head.ts";
import { writeJsonString } from "./json_string.ts";
import { writeSoap } from "./json_soap.ts";
import type { JsonTime } from "./json_time.ts";
import { writeTimings } from "./json_timings.ts";
import { isRedacted } from "./redacted.ts";

const encoder = new TextEncoder();
const OPEN = encoder.encode('{"type":"exchange","id":');
const REQUEST = encoder.encode(',"request":');
const INTERIM = encoder.encode(',"interim":[');
const RESPONSE = encoder.encode(',"response":');
const BODY = encoder.encode(',"body":{"bytes":');
const TRAILERS = encoder.encode(',"trailers":');
const REWRITTEN = encoder.encode(',"rewritten":');
const REDACTED = encoder.encode(',"redacted":true');
const OUTCOME = encoder.encode('},"outcome":');
const ERROR = encoder.encode(',"error":');
const FLAGS = encoder.encode(',"flags":[');
const LINE_CLOSE = encoder.encode("}\n");

/** The end of nearly every line. */
const COMPLETE = encoder.encode('},"outcome":"complete","flags":[]}\n');

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET_CLOSE = 0x5d;
const BRACE_CLOSE = 0x7d;

/**
 * Appends the line of an exchange.
 *
 * @param soap Finds the exchange that this one answers.
 * @param limitBytes How many bytes of a decoded body to keep.
 */
export function writeExchange(
  out: ByteWriter,
  record: ExchangeRecord,
  memo: ConnectionMemo,
  time: JsonTime,
  soap: SoapCorrelation,
  limitBytes: number,
): void {
  out.bytes(OPEN);
  out.integer(record.id);
  out.bytes(memo.shared);
  time.write(out, record.at);
  out.byte(QUOTE);
  const { request, interim, response } = record;
  if (request !== undefined) {
    writeMessage(out, request, memo.request.write(out, request.head, openRequest), limitBytes);
    if (request.rewritten !== undefined) memo.rewritten.write(out, request.rewritten, writeRewritten);
    out.byte(BRACE_CLOSE);
  }
  if (interim.length > 0) {
    out.bytes(INTERIM);
    for (let i = 0; i < interim.length; i++) {
      if (i > 0) out.byte(COMMA);
      writeHead(out, interim[i]);
      out.byte(BRACE_CLOSE);
    }
    out.byte(BRACKET_CLOSE);
  }
  if (response !== undefined) {
    writeMessage(out, response, memo.response.write(out, response.head, openResponse), limitBytes);
    out.byte(BRACE_CLOSE);
  }
  writeTimings(out, record.ms);
  writeEnd(out, record, soap.of(record, limitBytes));
}

/** Appends a request as far as the place for the bytes of its body. */
function openRequest(out: ByteWriter, head: RequestHead): void {
  out.bytes(REQUEST);
  writeHead(out, head);
  out.bytes(BODY);
}

/** Appends a response as far as the place for the bytes of its body. */
function openResponse(out: ByteWriter, head: ResponseHead): void {
  out.bytes(RESPONSE);
  writeHead(out, head);
  out.bytes(BODY);
}

function writeRewritten(out: ByteWriter, fields: readonly Field[]): void {
  out.bytes(REWRITTEN);
  writeFields(out, fields);
}

/** Appends what follows the head of a message. The object is left open. */
function writeMessage(
  out: ByteWriter,
  message: RequestMessage | ResponseMessage,
  reading: BodyReading,
  limitBytes: number,
): void {
  writeBody(out, message.body, reading);
  if (reading.coded) writeDecoded(out, message, reading, limitBytes);
  out.byte(BRACE_CLOSE);
  if (message.trailers.length > 0) {
    out.bytes(TRAILERS);
    writeFields(out, message.trailers);
  }
  if (isRedacted(message)) out.bytes(REDACTED);
}

/** Appends the brace that closes the durations, and what follows them to the end of the line. */
function writeEnd(out: ByteWriter, record: ExchangeRecord, soap: ExchangeSoap | undefined): void {
  const { outcome, error, flags, faults } = record;
  const isComplete = outcome === "complete" && error === undefined && flags.length === 0;
  if (isComplete && faults === undefined && soap === undefined) return out.bytes(COMPLETE);
  out.bytes(OUTCOME);
  writeJsonString(out, outcome);
  if (error !== undefined) {
    out.bytes(ERROR);
    writeJsonString(out, error);
  }
  out.bytes(FLAGS);
  for (let i = 0; i < flags.length; i++) {
    if (i > 0) out.byte(COMMA);
    writeJsonString(out, flags[i]);
  }
  out.byte(BRACKET_CLOSE);
  if (faults !== undefined) writeFaults(out, faults);
  if (soap !== undefined) writeSoap(out, soap);
  out.bytes(LINE_CLOSE);
}
