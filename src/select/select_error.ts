/** The error of this room: a path that cannot be read, or a document that it cannot be applied to. */

/** One line: what was tried, what was found and what was wanted. */
export class SelectError extends Error {
  /** Its name, for logs. */
  override readonly name: string = "SelectError";
}

/** A document has more values or nodes than are taken into memory. */
export class TooLargeError extends SelectError {}

const SHOWN_CHARACTERS = 80;

/** What could steer a terminal, in what JSON leaves as it is. */
// deno-lint-ignore no-control-regex
const STEERING = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text for a message: quoted, on one line, shortened where it is long. */
export function quote(text: string): string {
  return visible(JSON.stringify(shortened(text)));
}

/** A text for a message, not quoted: white space made one space, shortened where it is long. */
export function plain(text: string): string {
  return visible(shortened(text.replace(/\s+/g, " ")));
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function visible(text: string): string {
  return text.replace(STEERING, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Where an offset of a text is, for a message; line and column from 1, in UTF-16 code units. */
export function placeOf(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    start = at + 1;
  }
  return `line ${line}, column ${offset - start + 1}`;
}
