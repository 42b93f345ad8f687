/** Bodies in HAR: `postData` of requests, `content` of responses. */
import { contentOf } from "../capture/content.ts";
import type { RequestMessage, ResponseMessage } from "../capture/record.ts";
import { fieldValue } from "../http/head.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { writeBase64 } from "../log/json_base64.ts";
import { writeJsonString } from "../log/json_string.ts";
import { bodyText, isCut, writeJsonText } from "./body_text.ts";
import type { Note } from "./exporter.ts";
import { writeParameters } from "./har_fields.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const POST_DATA = encode(',"postData":{"mimeType":');
const SIZE = encode('{"size":');
const MIME_TYPE = encode(',"mimeType":');
const TEXT = encode(',"text":');
const BRACE_CLOSE = 0x7d;

/** What is written where no Content-Type says what a body is, as browsers do. */
const UNKNOWN_TYPE = "x-unknown";

/** Bodies of which `--max-body` took the end. */
export const CUT_BODIES = "bodies cut by --max-body: only their beginning is there";

/**
 * Appends `,"postData":{…}`, where the request has a body.
 *
 * HAR has no place for a body that is not text: it stands in `_base64`, as it was sent. A body with a content coding has
 * both, `text` being what it decodes to.
 *
 * @param limitBytes How many bytes of a decoded body to keep.
 */
export function writePostData(
  out: ByteWriter,
  request: RequestMessage,
  limitBytes: number,
  note: Note,
): void {
  const { body, head } = request;
  if (body.bytes === 0) return;
  const type = fieldValue(head.fields, "content-type");
  const content = contentOf(request, limitBytes);
  const text = content === undefined
    ? bodyText(body, type)
    : bodyText({ bytes: content.bytes.length, kept: content.bytes }, type);
  out.bytes(POST_DATA);
  writeJsonString(out, type ?? "");
  if (text !== undefined && /^application\/x-www-form-urlencoded\b/i.test(type ?? "")) {
    out.text(',"params":');
    writeParameters(out, text);
  }
  out.bytes(TEXT);
  writeJsonText(out, text ?? "");
  if (text === undefined || content !== undefined) {
    out.text(',"_base64":"');
    writeBase64(out, body.kept);
    out.text('"');
  }
  if (isCut(body)) writeCut(out, body.kept.length, body.bytes, note);
  out.byte(BRACE_CLOSE);
}

/**
 * Appends a response's `content`: decoded, as HAR wants it. What cannot be decoded stands there as it came, and `_error`
 * says why.
 *
 * @param limitBytes How many bytes of a decoded body to keep.
 */
export function writeContent(
  out: ByteWriter,
  response: ResponseMessage,
  limitBytes: number,
  note: Note,
): void {
  const { body, head } = response;
  const type = fieldValue(head.fields, "content-type");
  const decoded = contentOf(response, limitBytes);
  // Where not one byte could be decoded, the coded ones tell more than nothing.
  const content = decoded?.error !== undefined && decoded.bytes.length === 0 ? undefined : decoded;
  out.bytes(SIZE);
  out.integer(content === undefined ? body.bytes : content.bytes.length);
  if (content !== undefined) {
    out.text(`,"compression":${content.bytes.length - body.bytes}`);
    note("content codings: HAR holds bodies decoded, not as they were sent");
    if (content.truncated && !isCut(body)) {
      note("decoded bodies past the limit: only their beginning is there");
    }
  }
  out.bytes(MIME_TYPE);
  writeJsonString(out, type ?? UNKNOWN_TYPE);
  const kept = content === undefined ? body : { bytes: content.bytes.length, kept: content.bytes };
  if (kept.bytes > 0) {
    // Bytes that are still coded are no text in the charset that their type names.
    const isCoded = content !== decoded;
    const text = isCoded ? undefined : bodyText(kept, type);
    if (text !== undefined) {
      out.bytes(TEXT);
      writeJsonText(out, text);
    } else {
      out.text(',"encoding":"base64","text":"');
      writeBase64(out, kept.kept);
      out.text('"');
    }
  }
  if (isCut(body)) writeCut(out, body.kept.length, body.bytes, note);
  if (decoded?.error !== undefined) {
    note("bodies whose content coding is broken");
    out.text(',"_error":');
    writeJsonString(out, decoded.error);
  }
  out.byte(BRACE_CLOSE);
}

function writeCut(out: ByteWriter, kept: number, bytes: number, note: Note): void {
  note(CUT_BODIES);
  out.text(`,"comment":"the first ${kept} of ${bytes} bytes"`);
}
