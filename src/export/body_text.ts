/** Bodies as text for export, without decoding what is text already, and escapes for what must not reach a terminal. */
import { decodeText, displayText } from "../capture/charset.ts";
import type { Body } from "../capture/record.ts";
import type { ByteWriter } from "../log/byte_writer.ts";
import { writeJsonString } from "../log/json_string.ts";

/** A body whose text is known: it stood in the log that the body was read from. */
export interface TextBody extends Body {
  /** The text of {@link Body.kept}, in the charset that the message declares; absent where it is not text. */
  readonly text?: string;
  /** Whether the end of the body was not kept. Asking this does not make bytes of the text, as `kept` would. */
  readonly truncated?: boolean;
}

/** Whether the end of a body was not kept. */
export function isCut(body: Body): boolean {
  return (body as TextBody).truncated ?? body.kept.length < body.bytes;
}

/**
 * The text of a body, where it is exact: it encodes back to the same bytes. Of a body that was cut, what can be read.
 *
 * @returns `undefined` where it is not text.
 */
export function bodyText(body: Body, contentType: string | undefined): string | undefined {
  const { text } = body as TextBody;
  if (text !== undefined) return text;
  const { kept } = body;
  return decodeText(kept, contentType) ?? (isCut(body) ? displayText(kept, contentType, true) : undefined);
}

/** Controls other than TAB and line breaks, and what reorders a line, as the log's formats have them. */
const STEERING =
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const STEERINGS = new RegExp(STEERING.source, "g");

/** Whether a text holds what could drive a terminal or reorder a line. TAB, CR and LF do not. */
export function isSteered(text: string): boolean {
  return STEERING.test(text);
}

/** Text with what could drive a terminal or reorder a line escaped as `\u001b`; TAB, CR and LF are kept. */
export function escapeSteering(text: string): string {
  return STEERING.test(text) ? text.replace(STEERINGS, escaped) : text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Up to this length a loop is about as fast as what the engine does natively. */
const SHORT_CHARACTERS = 256;
/** What JSON leaves as it is of what must be escaped. */
const STEERING_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
/** How much is encoded at once: the buffer asks for three times its room ahead. */
const PIECE_CHARACTERS = 256 * 1024;

/** Appends a JSON string as `writeJsonString` does, the engine's way: several times as fast for long ones. */
export function writeJsonText(out: ByteWriter, text: string): void {
  if (text.length <= SHORT_CHARACTERS) return writeJsonString(out, text);
  const json = JSON.stringify(text);
  const start = out.length;
  writeText(out, json);
  // As many bytes as characters are ASCII, and of that only DEL is left: no need to look at each.
  if (out.length - start === json.length && !json.includes("\x7f")) return;
  if (!STEERING_IN_JSON.test(json)) return;
  out.reset(start);
  writeText(out, escapeSteering(json));
}

/** Appends a text that may be long as UTF-8. */
export function writeText(out: ByteWriter, text: string): void {
  if (text.length <= PIECE_CHARACTERS) return out.text(text);
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + PIECE_CHARACTERS, text.length);
    const last = text.charCodeAt(to - 1);
    if (last >= 0xd800 && last <= 0xdbff && to < text.length) to++;
    out.text(text.slice(from, to));
    from = to;
  }
}
