/** Message heads and fields as JSON. */
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { writeBase64 } from "./json_base64.ts";
import { writeJsonString } from "./json_string.ts";

const encoder = new TextEncoder();
const METHOD = encoder.encode('{"method":');
const TARGET = encoder.encode(',"target":');
const VERSION = encoder.encode(',"version":');
const RESPONSE_VERSION = encoder.encode('{"version":');
const STATUS = encoder.encode(',"status":');
const REASON = encoder.encode(',"reason":');
const HEADERS = encoder.encode(',"headers":');
const HEAD_OPEN = encoder.encode(',"head":"');
const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/** Appends a head as an object that is left open, for the body and what else the message has. */
export function writeHead(out: ByteWriter, head: RequestHead | ResponseHead): void {
  if (head.kind === "request") {
    out.bytes(METHOD);
    writeJsonString(out, head.method);
    out.bytes(TARGET);
    writeJsonString(out, head.target);
    out.bytes(VERSION);
    writeJsonString(out, head.version);
  } else {
    out.bytes(RESPONSE_VERSION);
    writeJsonString(out, head.version);
    out.bytes(STATUS);
    out.integer(head.status);
    out.bytes(REASON);
    writeJsonString(out, head.reason);
  }
  out.bytes(HEADERS);
  writeFields(out, head.fields);
  if (head.exact) return;
  out.bytes(HEAD_OPEN);
  writeBase64(out, head.raw);
  out.byte(QUOTE);
}

/** Appends fields as an array of name and value pairs. */
export function writeFields(out: ByteWriter, fields: readonly Field[]): void {
  out.byte(BRACKET_OPEN);
  for (let i = 0; i < fields.length; i++) {
    if (i > 0) out.byte(COMMA);
    const field = fields[i];
    out.byte(BRACKET_OPEN);
    writeJsonString(out, field[0]);
    out.byte(COMMA);
    writeJsonString(out, field[1]);
    out.byte(BRACKET_CLOSE);
  }
  out.byte(BRACKET_CLOSE);
}
