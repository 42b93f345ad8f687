/**
 * The elements of `log.entries` in a JSON document that comes in pieces (RFC 8259), each as its bytes: a HAR of any size
 * is read entry by entry. Of what stands around them only as much is looked at as tells where they are.
 */
import { joined } from "../http/joined.ts";

const QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a, BACKSLASH = 0x5c;
const BRACKET_OPEN = 0x5b, BRACKET_CLOSE = 0x5d, BRACE_OPEN = 0x7b, BRACE_CLOSE = 0x7d;

/** The longest key that is looked for, and one more. */
const KEY_CHARACTERS = 8;

/** One element: its bytes, or nothing where it is over the limit. */
export type Element = Uint8Array | "over-limit";

/** Finds the elements. */
export class EntryCutter {
  readonly #limitBytes: number;
  #stage: "before" | "inside" | "after" = "before";
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  /** The last string outside of the entries, and the last keys of the document and of the object in it. */
  #string = "";
  #outerKey = "";
  #innerKey = "";
  /** The element that has begun. */
  #isElement = false;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /**
   * Begins before the document.
   *
   * @param limitBytes Length of the longest element that is kept.
   */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Where in the document it is: before, inside or after the entries. */
  get stage(): "before" | "inside" | "after" {
    return this.#stage;
  }

  /** Reads a piece, of which nothing is kept but a copy of its last, unfinished element. */
  *push(piece: Uint8Array): Generator<Element> {
    let at = 0;
    while (at < piece.length && this.#stage !== "after") {
      if (this.#stage === "before") {
        at = this.#search(piece, at);
        continue;
      }
      if (!this.#isElement) {
        at = this.#begin(piece, at);
        continue;
      }
      const end = this.#endOf(piece, at);
      this.#keep(piece.subarray(at, end ?? piece.length));
      if (end === undefined) return;
      yield this.#take();
      at = end;
    }
  }

  /** Looks for the entries: where they begin, or the end of the piece. */
  #search(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at];
      if (this.#isString) {
        if (!this.#inString(byte)) continue;
        if (this.#string.length < KEY_CHARACTERS) this.#string += String.fromCharCode(byte);
      } else if (byte === QUOTE) {
        this.#isString = true;
        this.#string = "";
      } else if (byte === COLON) {
        if (this.#depth === 1) this.#outerKey = this.#string;
        else if (this.#depth === 2) this.#innerKey = this.#string;
      } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
        const isEntries = this.#depth === 2 && byte === BRACKET_OPEN && this.#outerKey === "log" &&
          this.#innerKey === "entries";
        if (isEntries) {
          this.#stage = "inside";
          this.#depth = 0;
          return at + 1;
        }
        this.#depth++;
      } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
        this.#depth--;
      }
    }
    return piece.length;
  }

  /** Looks for the next element: where it begins, or what follows the entries, or the end of the piece. */
  #begin(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at];
      if (byte === BRACKET_CLOSE) {
        this.#stage = "after";
        return at;
      }
      if (byte > 0x20 && byte !== COMMA) {
        this.#isElement = true;
        return at;
      }
    }
    return piece.length;
  }

  /** Where the element ends that has begun, or nothing. */
  #endOf(piece: Uint8Array, from: number): number | undefined {
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at];
      if (this.#isString) {
        this.#inString(byte);
      } else if (byte === QUOTE) {
        this.#isString = true;
      } else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
        this.#depth++;
      } else if (this.#depth === 0) {
        if (byte === BRACKET_CLOSE || byte === COMMA) return at;
      } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
        this.#depth--;
      }
    }
    return undefined;
  }

  /** Reads a byte of a string; whether it belongs to its content. */
  #inString(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) return this.#isString = false;
    return true;
  }

  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= this.#limitBytes) this.#pieces.push(bytes.slice());
    else this.#pieces = [];
  }

  #take(): Element {
    const element = this.#bytes > this.#limitBytes ? "over-limit" : joined(this.#pieces);
    this.#isElement = false;
    this.#pieces = [];
    this.#bytes = 0;
    return element;
  }
}
