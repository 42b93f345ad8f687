/**
 * The bytes of a body, a message or a read, as JSON: `text` where it is text that encodes back to the same bytes, else
 * `base64`; what a content coding hides, as `decoded`.
 */
import { decodeText, encodingOf } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { Body, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { type Field, fieldValue } from "../http/head.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { writeBase64 } from "./json_base64.ts";
import { writeJsonAscii, writeJsonString } from "./json_string.ts";
import { isCut } from "./redacted.ts";

/** Most bytes of one character that can stand before a cut: all but the last of four (UTF-8, UTF-16, GB 18030). */
const CUT_BYTES = 3;

const encoder = new TextEncoder();
const TEXT_OPEN = encoder.encode(',"text":"');
const EMPTY_TEXT = encoder.encode(',"text":""');
const TEXT_LABEL = encoder.encode(',"text":');
const BASE64_OPEN = encoder.encode(',"base64":"');
const TRUNCATED = encoder.encode(',"truncated":true');
const DECODED_OPEN = encoder.encode(',"decoded":{"bytes":');
const ERROR_LABEL = encoder.encode(',"error":');
const QUOTE = 0x22;
const BRACE_CLOSE = 0x7d;

/** What the fields of a message say about how its body is to be read. */
export interface BodyReading {
  /** Value of Content-Type, where there is one. */
  readonly contentType: string | undefined;
  /** Whether ASCII bytes are their own text in the charset of the body. */
  readonly asciiCompatible: boolean;
  /** Whether a Content-Encoding is named. */
  readonly coded: boolean;
}

/** How bytes that no field describes are read: as UTF-8. */
export const PLAIN_READING: BodyReading = { contentType: undefined, asciiCompatible: true, coded: false };

/** What the fields of a message say about its body. */
export function bodyReading(fields: readonly Field[]): BodyReading {
  const contentType = fieldValue(fields, "content-type");
  return {
    contentType,
    asciiCompatible: isAsciiCompatible(encodingOf(contentType)),
    coded: fieldValue(fields, "content-encoding") !== undefined,
  };
}

/** Of the encodings of the web, only UTF-16, ISO-2022-JP and the one that stands for none read ASCII differently. */
function isAsciiCompatible(encoding: string | undefined): boolean {
  return encoding !== undefined && !encoding.startsWith("utf-16") && encoding !== "iso-2022-jp" &&
    encoding !== "replacement";
}

/**
 * Appends the count that a `"bytes":` before it waits for, then `text` or `base64`, and `truncated` where not all bytes
 * were kept.
 */
export function writeBody(out: ByteWriter, body: Body, reading: BodyReading): void {
  out.integer(body.bytes);
  const truncated = isCut(body);
  writeContent(out, body.kept, truncated, reading);
  if (truncated) out.bytes(TRUNCATED);
}

/**
 * Appends `decoded`, where a content coding of the message could be undone or was found to be broken.
 *
 * @param limitBytes How many decoded bytes to keep.
 */
export function writeDecoded(
  out: ByteWriter,
  message: RequestMessage | ResponseMessage,
  reading: BodyReading,
  limitBytes: number,
): void {
  const content = contentOf(message, limitBytes);
  if (content === undefined) return;
  const { bytes, truncated, error } = content;
  out.bytes(DECODED_OPEN);
  out.integer(bytes.length);
  // Where nothing could be decoded, an empty text would say that the content is empty.
  if (bytes.length > 0 || error === undefined) writeContent(out, bytes, truncated, reading);
  if (truncated) out.bytes(TRUNCATED);
  if (error !== undefined) {
    out.bytes(ERROR_LABEL);
    writeJsonString(out, error);
  }
  out.byte(BRACE_CLOSE);
}

/** Appends `text` or `base64`. */
function writeContent(out: ByteWriter, bytes: Uint8Array, truncated: boolean, reading: BodyReading): void {
  if (bytes.length === 0) return out.bytes(EMPTY_TEXT);
  if (reading.asciiCompatible) {
    const start = out.length;
    out.bytes(TEXT_OPEN);
    if (writeJsonAscii(out, bytes)) return out.byte(QUOTE);
    out.reset(start);
  }
  const text = decodeText(bytes, reading.contentType) ??
    (truncated ? textBeforeCut(bytes, reading.contentType) : undefined);
  if (text !== undefined) {
    out.bytes(TEXT_LABEL);
    return writeJsonString(out, text);
  }
  out.bytes(BASE64_OPEN);
  writeBase64(out, bytes);
  out.byte(QUOTE);
}

/**
 * The text of a truncated body without the character in which it was cut. It encodes back to the same bytes, a few
 * fewer of them: without this, most long texts beyond ASCII would be base64.
 */
function textBeforeCut(bytes: Uint8Array, contentType: string | undefined): string | undefined {
  for (let cut = 1; cut <= CUT_BYTES && cut < bytes.length; cut++) {
    const text = decodeText(bytes.subarray(0, bytes.length - cut), contentType);
    if (text !== undefined) return text;
  }
  return undefined;
}
