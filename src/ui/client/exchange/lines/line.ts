/**
 * Lines to be shown: what a body becomes, piece by piece as it is read. A line knows its depth and, where something
 * begins on it that can be folded, the line on which that ends.
 */

/** What a piece of a line is; it decides its colour. */
export type TokenKind = "plain" | "name" | "string" | "number" | "literal" | "punctuation" | "comment";

/** A piece of a line. */
export interface Token {
  /** What it is. */
  readonly kind: TokenKind;
  /** Its text, as it came. */
  readonly text: string;
}

/** One line. */
export interface Line {
  /** How deep it is indented. */
  readonly depth: number;
  /** What stands on it. */
  readonly tokens: readonly Token[];
  /** Whether it goes on from the line before, which was cut for its length. */
  readonly isContinued: boolean;
  /** Index of the line on which ends what begins here; -1 while that has not come. Absent: nothing to fold. */
  readonly foldEnd?: number;
}

/** Makes lines of a text that comes in pieces. */
export interface LineReader {
  /** The lines so far. The last one may grow while there is more to come. */
  readonly lines: readonly Line[];
  /** Why the text is not formatted from some line on: that line, from 0, and the reason. */
  readonly problem?: { readonly line: number; readonly reason: string };
  /** Whether it takes no more: there are as many lines as a page can hold. */
  readonly isFull: boolean;
  /** Takes the next piece of the text. */
  push(text: string): void;
  /** The text is over. */
  end(): void;
}

/** A line is cut at so many characters: the browser lays out longer ones at length. */
export const LINE_CHARACTERS = 8192;

/** So many lines are kept of a formatted text: each takes some 200 bytes. */
export const MAX_LINES = 200_000;

/** A line while it is written. */
interface GrowingLine {
  depth: number;
  tokens: Token[];
  isContinued: boolean;
  foldEnd?: number;
}

/** Collects lines. */
export class LineWriter {
  readonly #lines: GrowingLine[] = [];
  #length = 0;

  /** The lines so far. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** Index of the line that is written. */
  get at(): number {
    return Math.max(this.#lines.length - 1, 0);
  }

  /** Whether there are as many lines as are kept. */
  get isFull(): boolean {
    return this.#lines.length >= MAX_LINES;
  }

  /** Whether nothing stands on the line that is written. */
  get isEmptyLine(): boolean {
    return this.#length === 0;
  }

  /** Begins a line. */
  newLine(depth: number): void {
    this.#begin(depth, false);
  }

  /** Appends to the line; one that gets too long goes on in the next. */
  add(kind: TokenKind, text: string): void {
    if (this.#lines.length === 0) this.newLine(0);
    for (let from = 0; from < text.length;) {
      if (this.#length >= LINE_CHARACTERS) this.#begin(this.#lines[this.at].depth, true);
      const to = wholeEnd(text, Math.min(from + LINE_CHARACTERS - this.#length, text.length));
      const piece = text.slice(from, to);
      const { tokens } = this.#lines[this.at];
      const last = tokens[tokens.length - 1];
      if (last?.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + piece };
      else tokens.push({ kind, text: piece });
      this.#length += piece.length;
      from = to;
    }
  }

  /** Appends text in which LF and CRLF end lines; each of them begins at the depth that is given. */
  addText(kind: TokenKind, text: string, depth: number): void {
    for (let from = 0;;) {
      const end = text.indexOf("\n", from);
      const line = text.slice(from, end < 0 ? undefined : end);
      this.add(kind, end >= 0 && line.endsWith("\r") ? line.slice(0, -1) : line);
      if (end < 0) return;
      this.newLine(depth);
      from = end + 1;
    }
  }

  /** Something that can be folded begins on the line that is written. */
  openFold(): number {
    if (this.#lines.length === 0) this.newLine(0);
    const { at } = this;
    this.#lines[at].foldEnd ??= -1;
    return at;
  }

  /** What began on a line ends on the one that is written. On one and the same line there is nothing to fold. */
  closeFold(line: number): void {
    const opening = this.#lines[line];
    if (this.at > line) opening.foldEnd = this.at;
    else delete opening.foldEnd;
  }

  #begin(depth: number, isContinued: boolean): void {
    this.#lines.push({ depth, tokens: [], isContinued });
    this.#length = 0;
  }
}

/** The end of a piece, moved so that it cuts no pair of surrogates. */
function wholeEnd(text: string, end: number): number {
  const isInside = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return isInside ? end + 1 : end;
}
