/**
 * Text from the wire, made safe for terminals and log files.
 *
 * Policy. Shown escaped are what could steer a terminal (see steering.ts) but TAB, and lone surrogates: below U+0100 as
 * `\x1b`, above as `\u{202e}`, both in lower-case hex. Everything else stands as it is.
 *
 * The result is unambiguous: backslashes directly before something escaped, or before what would read as an escape
 * (`x` and two digits, `u{…}` of three or four), are doubled. So an odd number of backslashes before those begins an
 * escape, an even one does not; all other backslashes stand for themselves. JSON's own `\r`, `\"` and `\u00e9` and
 * the paths of Windows are thus shown as they came.
 *
 * In bodies LF and CRLF end a line; elsewhere LF is shown as `\x0a`.
 */
import type { ByteWriter } from "./byte_writer.ts";
import { isControl, isSteering } from "./steering.ts";

/** What stands before each line of a body, so that none can pass for a head or for a line of the log. */
export const INDENT = "    ";

const TAB = 9;
const LF = 10;
const CR = 13;
const BACKSLASH = 92;
const BRACE = 123;
const LOWER_U = 117;
const LOWER_X = 120;
const SPACE = 32;

/** How much of a body is copied before room is made again: bounds what a run of line feeds reserves. */
const PIECE_BYTES = 4096;

/** 1 for the bytes that stand for themselves wherever they are: printable ASCII but the backslash, and TAB. */
const PLAIN = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte === TAB || (byte < 128 && !isControl(byte) && byte !== BACKSLASH) ? 1 : 0,
);

/** What an escape has after its backslash. */
const AFTER_BACKSLASH = /x[0-9a-f]{2}|u\{[0-9a-f]{3,4}\}/y;

/** A text on one line: every line break in it escaped. */
export function escapeLine(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (PLAIN[text.charCodeAt(i)] !== 1) return escape(text, undefined);
  }
  return text;
}

/** Appends a text on one line, as {@link escapeLine} has it. Clean ASCII, the common case, costs a copy. */
export function writeLine(text: string, out: ByteWriter): void {
  const length = text.length;
  const buffer = out.reserve(length);
  const start = out.length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 126 || PLAIN[code] !== 1) return out.text(escape(text, undefined));
    buffer[start + i] = code;
  }
  out.advance(length);
}

/** A text as lines, each indented by {@link INDENT} and ended by LF; nothing for an empty text. */
export function escapeLines(text: string): string {
  if (text === "") return "";
  const escaped = INDENT + escape(text, "\n" + INDENT);
  // A line break at the end of the text ends its last line; it does not begin another one.
  return text.endsWith("\n") ? escaped.slice(0, -INDENT.length) : escaped + "\n";
}

/**
 * Appends bytes as indented lines, as {@link escapeLines} does, where that takes no decoding and no escaping.
 *
 * @returns Whether it could: for bytes with anything but plain ASCII nothing is appended.
 */
export function writePlainLines(bytes: Uint8Array, out: ByteWriter): boolean {
  const length = bytes.length;
  if (length === 0) return true;
  const start = out.length;
  for (let from = 0; from < length; from += PIECE_BYTES) {
    const to = Math.min(from + PIECE_BYTES, length);
    const buffer = out.reserve((to - from) * (INDENT.length + 1) + INDENT.length + 1);
    const first = out.length;
    let at = first;
    if (from === 0) at = indent(buffer, at);
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (PLAIN[byte] === 1) {
        buffer[at++] = byte;
      } else if (byte === LF) {
        buffer[at++] = LF;
        if (i + 1 < length) at = indent(buffer, at);
      } else if (byte === BACKSLASH && isLoneBackslash(bytes, i)) {
        buffer[at++] = byte;
      } else if (byte !== CR || bytes[i + 1] !== LF) {
        out.reset(start);
        return false;
      }
    }
    if (to === length && bytes[length - 1] !== LF) buffer[at++] = LF;
    out.advance(at - first);
  }
  return true;
}

function indent(buffer: Uint8Array, at: number): number {
  for (let i = 0; i < INDENT.length; i++) buffer[at++] = SPACE;
  return at;
}

/** Whether the backslash at `at` needs no doubling for what follows it, as far as that shows at once. */
function isLoneBackslash(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1];
  if (next === LOWER_X) return false;
  if (next === LOWER_U) return bytes[at + 2] !== BRACE;
  // Of several in a row the last one tells.
  return PLAIN[next] === 1 || next === BACKSLASH;
}

/** Escapes; with `lineBreak` given LF and CRLF become it. */
function escape(text: string, lineBreak: string | undefined): string {
  let escaped = "";
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (PLAIN[code] === 1) continue;
    if (code === BACKSLASH) {
      let end = i + 1;
      while (text.charCodeAt(end) === BACKSLASH) end++;
      if (needsDoubling(text, end, lineBreak !== undefined)) {
        escaped += text.slice(done, end) + text.slice(i, end);
        done = end;
      }
      i = end - 1;
    } else if (lineBreak !== undefined && endsLine(text, i)) {
      escaped += text.slice(done, i) + lineBreak;
      if (code === CR) i++;
      done = i + 1;
    } else if (isUnsafe(text, i)) {
      escaped += text.slice(done, i) + escapeOf(code);
      done = i + 1;
    } else if (code >= 0xd800 && code < 0xdc00) {
      i++;
    }
  }
  return done === 0 ? text : escaped + text.slice(done);
}

/** Whether backslashes that end before `at` would be taken for an escape, or stand before one. */
function needsDoubling(text: string, at: number, hasLines: boolean): boolean {
  if (at >= text.length) return false;
  const next = text.charCodeAt(at);
  if (next === LOWER_X || next === LOWER_U) {
    AFTER_BACKSLASH.lastIndex = at;
    return AFTER_BACKSLASH.test(text);
  }
  return !(hasLines && endsLine(text, at)) && isUnsafe(text, at);
}

function endsLine(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === LF || (code === CR && text.charCodeAt(at + 1) === LF);
}

/** Whether the UTF-16 code unit at `at` is to be escaped. */
function isUnsafe(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 128) return isControl(code) && code !== TAB;
  if (code < 0xd800 || code > 0xdfff) return isSteering(code);
  const isPair = code < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
  return !isPair;
}

function escapeOf(code: number): string {
  if (code < 256) return "\\x" + code.toString(16).padStart(2, "0");
  return "\\u{" + code.toString(16) + "}";
}
