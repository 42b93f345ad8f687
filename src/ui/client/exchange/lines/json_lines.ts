/**
 * JSON in indented lines (grammar: RFC 8259), token by token: strings and numbers stay as they were written, in their
 * order. The text may come in pieces cut anywhere; nothing is read twice, and nothing nests in here.
 */
import { type Line, type LineReader, LineWriter, type TokenKind } from "./line.ts";

/** Deeper than this nothing is indented any more: no document for people nests so, hostile ones do. */
const MAX_DEPTH = 200;

/** What a string ends at, or is cut before. */
const STRING_END = /["\\]/g;
/** What a number or a literal ends at. */
const LITERAL_END = /[\s,:{}[\]"]/g;
const NOT_SPACE = /[^ \t\r\n]/g;

/** Reads lines of JSON, of one value or of several one after the other (JSON lines). */
export class JsonLines implements LineReader {
  readonly #out = new LineWriter();
  /** What closes the open objects and arrays, and the lines on which they began. */
  readonly #closers: ("}" | "]")[] = [];
  readonly #openings: number[] = [];
  #problem: { readonly line: number; readonly reason: string } | undefined;
  /** Of a token that goes on: what it is. */
  #inside: "string" | "literal" | undefined;
  #kind: TokenKind = "plain";
  /** Whether the next character of a string is escaped. */
  #isEscaped = false;
  /** Whether a value may stand here; otherwise a comma, a colon or what closes. */
  #wantsValue = true;
  #justOpened = false;
  /** Whether a string here is the name of a member. */
  #wantsName = false;

  /** The lines so far. */
  get lines(): readonly Line[] {
    return this.#out.lines;
  }

  /** Where it stops to be JSON. */
  get problem(): { readonly line: number; readonly reason: string } | undefined {
    return this.#problem;
  }

  /** Whether it takes no more. */
  get isFull(): boolean {
    return this.#out.isFull;
  }

  /** Takes the next piece. */
  push(text: string): void {
    let at = 0;
    while (at < text.length && !this.isFull) {
      if (this.#problem !== undefined) return this.#out.addText("plain", text.slice(at), 0);
      if (this.#inside === "string") at = this.#string(text, at);
      else if (this.#inside === "literal") at = this.#literal(text, at);
      else at = this.#token(text, at);
    }
  }

  /** The text is over. */
  end(): void {
    this.#inside = undefined;
  }

  #token(text: string, from: number): number {
    NOT_SPACE.lastIndex = from;
    const at = NOT_SPACE.exec(text)?.index;
    if (at === undefined) return text.length;
    const char = text[at];
    if (char === "," || char === ":") return this.#separator(char, at);
    if (char === "}" || char === "]") return this.#close(char, at);
    if (!this.#wantsValue && this.#closers.length > 0) return this.#fail("wanted a comma", at);
    if (this.#wantsName && char !== '"') return this.#fail("wanted a name in quotes", at);
    if (this.#justOpened || (!this.#wantsValue && !this.#out.isEmptyLine)) this.#lineBreak();
    this.#justOpened = false;
    if (char === "{" || char === "[") return this.#open(char, at);
    this.#inside = char === '"' ? "string" : "literal";
    if (char !== '"') this.#kind = /[-0-9]/.test(char) ? "number" : "literal";
    else this.#kind = this.#wantsName ? "name" : "string";
    this.#wantsValue = false;
    if (char === '"') this.#out.add(this.#kind, char);
    return char === '"' ? at + 1 : at;
  }

  #separator(char: "," | ":", at: number): number {
    if (this.#wantsValue || this.#closers.length === 0) return this.#fail("wanted a value", at);
    if (char === ":" && !this.#wantsName) return this.#fail("found a colon that no name stands before", at);
    if (char === "," && this.#wantsName) return this.#fail("wanted a colon", at);
    this.#out.add("punctuation", char === "," ? "," : ": ");
    if (char === ",") this.#lineBreak();
    this.#wantsValue = true;
    this.#wantsName = char === "," && this.#closers[this.#closers.length - 1] === "}";
    return at + 1;
  }

  #open(char: "{" | "[", at: number): number {
    if (this.#closers.length >= MAX_DEPTH) return this.#fail(`nests deeper than ${MAX_DEPTH} levels`, at);
    this.#out.add("punctuation", char);
    this.#closers.push(char === "{" ? "}" : "]");
    this.#openings.push(this.#out.openFold());
    this.#wantsValue = this.#justOpened = true;
    this.#wantsName = char === "{";
    return at + 1;
  }

  #close(char: "}" | "]", at: number): number {
    const isExpected = this.#closers[this.#closers.length - 1] === char;
    if (!isExpected) return this.#fail(`found ${char} that closes nothing`, at);
    if (this.#wantsValue && !this.#justOpened) return this.#fail("wanted a value", at);
    if (this.#wantsName && !this.#justOpened) return this.#fail("wanted a colon", at);
    this.#closers.pop();
    if (!this.#justOpened) this.#lineBreak();
    this.#out.add("punctuation", char);
    this.#out.closeFold(this.#openings.pop()!);
    this.#wantsValue = this.#wantsName = this.#justOpened = false;
    return at + 1;
  }

  #string(text: string, from: number): number {
    let at = from;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      at++;
    }
    while (at < text.length) {
      STRING_END.lastIndex = at;
      const end = STRING_END.exec(text)?.index;
      if (end === undefined) at = text.length;
      else if (text[end] === '"') {
        this.#inside = undefined;
        at = end + 1;
        break;
      } else {
        at = end + 2;
      }
    }
    this.#isEscaped = at > text.length;
    at = Math.min(at, text.length);
    this.#out.add(this.#kind, text.slice(from, at));
    return at;
  }

  #literal(text: string, from: number): number {
    LITERAL_END.lastIndex = from;
    const end = LITERAL_END.exec(text)?.index;
    if (end !== undefined) this.#inside = undefined;
    this.#out.add(this.#kind, text.slice(from, end));
    return end ?? text.length;
  }

  #lineBreak(): void {
    this.#out.newLine(this.#closers.length);
  }

  /** From here on the text stands as it was written. */
  #fail(reason: string, at: number): number {
    if (!this.#out.isEmptyLine) this.#out.newLine(0);
    this.#problem = { line: this.#out.at, reason };
    return at;
  }
}
