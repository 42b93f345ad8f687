/**
 * A head with another target, other values or fewer fields; every line that is not concerned stays byte for
 * byte as it came: its end, its white space, the case of its name.
 *
 * Lines and names are told apart exactly as head_parser.ts does it: what is decided over the fields that were read must
 * hold for the bytes that are sent.
 */
import { trimSpace } from "./framing.ts";
import type { Field, RequestHead, ResponseHead } from "./head.ts";
import { joined } from "./joined.ts";

/** What is to be changed. Names are in lower case. */
export interface HeadEdits {
  /** Request target to write instead of the one that came; for requests only. */
  readonly target?: string;
  /** Fields that get another value, wherever they stand. */
  readonly values?: ReadonlyMap<string, string>;
  /** Fields that are taken out. */
  readonly drop?: (name: string) => boolean;
  /** Fields that are added at the end. */
  readonly add?: readonly Field[];
  /** Whether empty lines before the start line are taken out. */
  readonly dropBlankLines?: boolean;
}

/** What a head becomes. */
export interface RewrittenHead {
  /** The bytes to send instead of the head's. */
  readonly bytes: Uint8Array;
  /** Fields with another value than they came with, and those that were added, as they are sent. */
  readonly fields: readonly Field[];
}

const COLON = 58;
const LF = 10;
const CR = 13;
const encoder = new TextEncoder();

/** Each byte as the character of the same number, in steps, as arguments are limited in number. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

/** The head with these changes. Where none of them concerns it, the bytes are the head's own. */
export function rewriteHead(head: RequestHead | ResponseHead, edits: HeadEdits): RewrittenHead {
  const { raw } = head;
  const pieces: Uint8Array[] = [];
  const fields: Field[] = [];
  let copied = 0;
  /** Cuts out bytes `from`–`to` and puts others in their place. */
  const replace = (from: number, to: number, bytes?: Uint8Array) => {
    if (from > copied) pieces.push(raw.subarray(copied, from));
    if (bytes !== undefined) pieces.push(bytes);
    copied = to;
  };
  let place: "blank" | "first field" | "fields" = "blank";
  let line: "kept" | "dropped" | "replaced" = "kept";
  let finalAt = raw.length;
  for (let at = 0; at < raw.length;) {
    const lineFeed = raw.indexOf(LF, at);
    const next = lineFeed < 0 ? raw.length : lineFeed + 1;
    let end = lineFeed < 0 ? raw.length : lineFeed;
    if (end > at && raw[end - 1] === CR) end--;
    if (place === "blank") {
      if (end > at) {
        place = "first field";
        if (edits.dropBlankLines && at > 0) replace(0, at);
        if (edits.target !== undefined && head.kind === "request") {
          replaceTarget(head, at, end, edits.target, replace);
        }
      }
    } else if (end === at) {
      finalAt = at;
      break;
    } else if (place === "fields" && (raw[at] === 32 || raw[at] === 9)) {
      // A continued line: the rest of an old value goes with it.
      if (line !== "kept") replace(at, next);
    } else {
      const colon = raw.subarray(at, end).indexOf(COLON);
      // White space before the first name, and before the colon, is odd, yet the field is read.
      const written = colon < 0 ? "" : trimSpace(latin1(raw.subarray(at, at + colon)));
      place = "fields";
      const name = written.toLowerCase();
      const value = edits.values?.get(name);
      line = "kept";
      if (colon >= 0 && edits.drop?.(name)) {
        line = "dropped";
        replace(at, next);
      } else if (colon >= 0 && value !== undefined) {
        line = "replaced";
        replace(at + colon + 1, end, encoder.encode(` ${value}`));
        fields.push([written, value]);
      }
    }
    at = next;
  }
  const added = edits.add ?? [];
  // Not a whole head, whose last line has no end: what is added must not become a part of it.
  if (added.length > 0 && raw[finalAt - 1] !== LF) replace(finalAt, finalAt, encoder.encode("\r\n"));
  for (const field of added) {
    replace(finalAt, finalAt, encoder.encode(`${field[0]}: ${field[1]}\r\n`));
    fields.push(field);
  }
  if (pieces.length === 0 && copied === 0) return { bytes: raw, fields };
  if (copied < raw.length) pieces.push(raw.subarray(copied));
  return { bytes: joined(pieces), fields };
}

/** Finds the target between the first and the last white space of the request line. */
function replaceTarget(
  head: RequestHead,
  at: number,
  end: number,
  target: string,
  replace: (from: number, to: number, bytes: Uint8Array) => void,
): void {
  const { raw } = head;
  const isSpace = (index: number) => raw[index] === 32 || raw[index] === 9;
  let from = at;
  while (from < end && !isSpace(from)) from++;
  while (from < end && isSpace(from)) from++;
  let to = end;
  while (to > from && isSpace(to - 1)) to--;
  while (to > from && !isSpace(to - 1)) to--;
  while (to > from && isSpace(to - 1)) to--;
  if (to <= from) return;
  // A target that is not UTF-8 was read as ISO 8859-1, in which case it is shorter than it would be as UTF-8. What is
  // made of it is written as it was read, so that its bytes stay the same.
  const isUtf8 = encoder.encode(head.target).length === to - from;
  const asRead = isUtf8 ? encoder.encode(target) : Uint8Array.from(target, (char) => char.charCodeAt(0));
  replace(from, to, asRead);
}
