/**
 * Words of a POSIX shell (XCU §2.2): text of the wire as one argument each, whatever stands in it.
 *
 * Everything goes into single quotes, in which nothing has a meaning. What could drive the terminal into which a
 * command is pasted is written by `printf` instead.
 */
import { isSteered } from "./body_text.ts";

/** Words that need no quotes in any shell. */
const BARE = /^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:=@%+,-]*$/;

/** What a format of `printf` cannot hold as it is: its own signs, quotes, what looks like an option, controls. */
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  /^-|[%\\'\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const ESCAPES = new Map([["%", "%%"], ["\\", "\\\\"], ["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

const encoder = new TextEncoder();

/** A text in single quotes. It must hold no NUL. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text as one word. It must hold no NUL; where it holds controls, it must not end in a line break. */
export function shellWord(text: string): string {
  if (BARE.test(text)) return text;
  if (!isSteered(text) && !text.includes("\r")) return singleQuoted(text);
  return `"$(${printfCommand(text)})"`;
}

/** Bytes as one word. They must hold no NUL and not end in a line break. */
export function shellWordOfBytes(bytes: Uint8Array): string {
  return `"$(printf '${bytesFormat(bytes)}')"`;
}

/** A command that prints a text as UTF-8, byte for byte, and is itself printable. */
export function printfCommand(text: string): string {
  return `printf '${text.replace(UNPRINTABLE, escapeCharacter)}'`;
}

function escapeCharacter(character: string): string {
  const known = ESCAPES.get(character);
  if (known !== undefined) return known;
  return Array.from(encoder.encode(character), octal).join("");
}

function bytesFormat(bytes: Uint8Array): string {
  let format = "";
  for (const byte of bytes) {
    format += byte < 0x80 ? String.fromCharCode(byte).replace(UNPRINTABLE, escapeCharacter) : octal(byte);
  }
  return format;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
