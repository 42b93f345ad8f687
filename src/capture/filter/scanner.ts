/** Reads a filter's characters: white space, punctuation, words with quoted parts. It knows no keys and no grammar. */
import { FilterSyntaxError, quoted } from "./syntax_error.ts";

/** A run of text inside a word, as written or from quotes. In a quoted one, `*`, `=` and the like mean themselves. */
export interface Piece {
  /** What it says, quotes and backslashes taken off. */
  readonly text: string;
  /** Whether it stood in quotes. */
  readonly quoted: boolean;
}

/** A word: its pieces, and the place where it stands. */
export interface Word {
  /** Its pieces in order; none where nothing stands there. */
  readonly pieces: readonly Piece[];
  /** Where it begins, in UTF-16 units. */
  readonly from: number;
  /** Where it has ended, in UTF-16 units. */
  readonly to: number;
}

/** Ends a word, or a piece of it, where it stands outside quotes. */
const PUNCTUATION = '()|"';

/** What may follow a backslash inside quotes, and what it means. */
const ESCAPES = new Map([['"', '"'], ["\\", "\\"], ["n", "\n"], ["r", "\r"], ["t", "\t"]]);

/** A place in a filter's source that moves on. All `read…` and `skip…` methods start where the last one stopped. */
export class Scanner {
  /** The filter as it was written. */
  readonly source: string;
  #at = 0;

  /**
   * Starts at the beginning.
   *
   * @param source The filter as it was written.
   */
  constructor(source: string) {
    this.source = source;
  }

  /** Where it stands, in UTF-16 units. */
  get at(): number {
    return this.#at;
  }

  /** The next UTF-16 unit, or the empty string at the end. */
  peek(): string {
    return this.source.charAt(this.#at);
  }

  /** Whether a word ends here: white space, `)`, `|`, or the end. */
  atBreak(): boolean {
    const next = this.peek();
    return next === "" || next === ")" || next === "|" || isSpace(next);
  }

  /** Passes over white space. */
  skipSpace(): void {
    while (this.#at < this.source.length && isSpace(this.source[this.#at])) this.#at++;
  }

  /** Passes over that one character, if it is next. Says whether it was. */
  skip(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at++;
    return true;
  }

  /** Reads what looks like a key, and the colon after it. `undefined`, and nothing passed over, where there is none. */
  readKey(): string | undefined {
    const key = /[\p{L}_][\p{L}\p{N}_-]*(?=:)/yu;
    key.lastIndex = this.#at;
    const found = key.exec(this.source)?.[0];
    if (found !== undefined) this.#at += found.length + 1;
    return found;
  }

  /**
   * Reads a word up to white space, `)`, `|`, the end, or a comma where that is asked for. Possibly empty.
   *
   * @param endsAtComma Whether a comma outside quotes ends it.
   */
  readWord(endsAtComma: boolean): Word {
    const from = this.#at;
    const pieces: Piece[] = [];
    while (!this.atBreak() && !(endsAtComma && this.peek() === ",")) {
      if (this.peek() === "(") {
        this.fail(`found "(" inside a word: put the word in quotes, or a space before "("`, this.#at, 1);
      }
      pieces.push(this.peek() === '"' ? this.#readQuoted() : this.#readPlain(endsAtComma));
    }
    return { pieces, from, to: this.#at };
  }

  /** Throws a {@link FilterSyntaxError} for a place in this source. */
  fail(message: string, from: number, length: number): never {
    throw new FilterSyntaxError(message, this.source, from, length);
  }

  #readPlain(endsAtComma: boolean): Piece {
    const from = this.#at;
    while (this.#at < this.source.length) {
      const next = this.source[this.#at];
      if (PUNCTUATION.includes(next) || isSpace(next) || (endsAtComma && next === ",")) break;
      this.#at++;
    }
    return { text: this.source.slice(from, this.#at), quoted: false };
  }

  #readQuoted(): Piece {
    const opened = this.#at++;
    const runs: string[] = [];
    let from = this.#at;
    for (; this.#at < this.source.length; this.#at++) {
      const next = this.source[this.#at];
      if (next === '"') {
        runs.push(this.source.slice(from, this.#at++));
        return { text: runs.join(""), quoted: true };
      }
      if (next !== "\\" || this.#at + 1 === this.source.length) continue;
      const escape = String.fromCodePoint(this.source.codePointAt(this.#at + 1)!);
      const meant = ESCAPES.get(escape);
      if (meant === undefined) {
        const mend = `wanted \\" \\\\ \\n \\r or \\t: write \\\\ for a backslash`;
        this.fail(`found ${quoted("\\" + escape)} inside quotes, ${mend}`, this.#at, 1 + escape.length);
      }
      runs.push(this.source.slice(from, this.#at), meant);
      this.#at++;
      from = this.#at + 1;
    }
    return this.fail(
      `these quotes are never closed: add a " at the end`,
      opened,
      this.source.length - opened,
    );
  }
}

/** Whether a UTF-16 unit is white space. */
export function isSpace(unit: string): boolean {
  return unit === " " || (unit.trim() === "" && unit !== "");
}
