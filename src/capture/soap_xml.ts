/**
 * The tags of an XML text, one after the other (XML 1.0 §2.4–3.1), as far as SOAP needs them.
 *
 * One pass without recursion, so that its time and memory are bounded by the bytes it is given. Comments,
 * CDATA sections and processing instructions are passed over; a DOCTYPE ends the reading, since SOAP forbids
 * it (SOAP 1.1 §3, 1.2 Part 1 §5). Broken or cut markup is read as far as it goes; whether end tags fit their
 * start tags is not looked at.
 */
import { indexOf, startsWith } from "./redact/runs.ts";
import { isSpace } from "./redact/xml_text.ts";

/** What comes next: a start tag, one that closes itself, an end tag, or nothing more. */
export type Tag = "open" | "empty" | "close" | "none";

/** Takes an attribute: where its name and its value, quotes left out, begin and end. */
export type VisitAttribute = (nameStart: number, nameEnd: number, start: number, end: number) => void;

const BANG = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const COMMENT = [ascii("<!--"), ascii("-->")] as const;
const CDATA = [ascii("<![CDATA["), ascii("]]>")] as const;
const INSTRUCTION_CLOSE = ascii("?>");

/** A place in an XML text that moves on from tag to tag. */
export class XmlTags {
  /** The text, in UTF-8. */
  readonly bytes: Uint8Array;
  /** Where the tag at hand begins. */
  start = 0;
  /** Where its name begins, prefix included. */
  nameStart = 0;
  /** Where its name ends. */
  nameEnd = 0;
  /** Where the tag has ended. */
  end = 0;

  /** Starts at the beginning of the text. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Moves on to the next tag; past the last one, it stands at the end of the text. */
  next(): Tag {
    const { bytes } = this;
    let at = bytes.indexOf(LESS, this.end);
    while (at >= 0 && (bytes[at + 1] === BANG || bytes[at + 1] === QUESTION)) {
      const after = behindSection(bytes, at);
      at = after < 0 ? -1 : bytes.indexOf(LESS, after);
    }
    if (at < 0) return this.#none();
    const closes = bytes[at + 1] === SLASH;
    this.nameStart = closes ? at + 2 : at + 1;
    this.nameEnd = tokenEnd(bytes, this.nameStart);
    const end = tagEnd(bytes, this.nameEnd);
    if (end < 0) return this.#none();
    this.start = at;
    this.end = end + 1;
    if (closes) return "close";
    return bytes[end - 1] === SLASH ? "empty" : "open";
  }

  /** Passes over the content of the start tag at hand, and its end tag: that is then the tag at hand. */
  skip(): void {
    for (let depth = 1; depth > 0;) {
      const tag = this.next();
      if (tag === "none") return;
      if (tag === "open") depth++;
      else if (tag === "close") depth--;
    }
  }

  /** Where the local part of the name at hand begins. */
  get localStart(): number {
    const { bytes, nameStart, nameEnd } = this;
    for (let at = nameStart; at < nameEnd; at++) if (bytes[at] === COLON) return at + 1;
    return nameStart;
  }

  /** Whether the local part of the name at hand is this. */
  isLocal(name: Uint8Array): boolean {
    const from = this.localStart;
    return this.nameEnd - from === name.length && startsWith(this.bytes, from, this.nameEnd, name);
  }

  /**
   * Shows the attributes of the start tag at hand, in order. Those without a value in quotes are left out.
   */
  attributes(visit: VisitAttribute): void {
    const { bytes, end } = this;
    let at = this.nameEnd;
    while (at < end) {
      while (at < end && (isSpace(bytes[at]) || bytes[at] === SLASH)) at++;
      const nameStart = at;
      while (at < end && !isSpace(bytes[at]) && bytes[at] !== EQUALS && bytes[at] !== GREATER) at++;
      const nameEnd = at;
      while (at < end && isSpace(bytes[at])) at++;
      if (at >= end || bytes[at] === GREATER) return;
      if (bytes[at] !== EQUALS) continue;
      at++;
      while (at < end && isSpace(bytes[at])) at++;
      const quote = bytes[at];
      if (quote !== QUOTE && quote !== APOSTROPHE) continue;
      const start = ++at;
      while (at < end && bytes[at] !== quote) at++;
      if (at >= end) return;
      visit(nameStart, nameEnd, start, at++);
    }
  }

  #none(): "none" {
    this.start =
      this.nameStart =
      this.nameEnd =
      this.end =
        this.bytes.length;
    return "none";
  }
}

/**
 * Where the comment, CDATA section or instruction that begins at `at` has ended; -1 if it does not, or is a
 * DOCTYPE.
 */
function behindSection(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] === QUESTION) return behind(bytes, INSTRUCTION_CLOSE, at + 2);
  for (const [open, close] of [COMMENT, CDATA]) {
    if (startsWith(bytes, at, bytes.length, open)) return behind(bytes, close, at + open.length);
  }
  return -1;
}

function behind(bytes: Uint8Array, close: Uint8Array, from: number): number {
  const found = indexOf(bytes, close, from, bytes.length);
  return found < 0 ? -1 : found + close.length;
}

function tokenEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && !isSpace(bytes[at]) && bytes[at] !== GREATER && bytes[at] !== SLASH) at++;
  return at;
}

/** Where the ">" of a tag stands, or -1: those in quotes are none. */
function tagEnd(bytes: Uint8Array, from: number): number {
  let quote = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === GREATER) return at;
    else if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
  }
  return -1;
}
