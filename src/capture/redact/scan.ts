/** One pass over the bytes of a body: what the scanners look up in it, and what they replace. */
import { isListed, type RedactNames } from "./names.ts";
import type { Tagger } from "./tagger.ts";

/** What to hide, and what makes the tags. */
export interface Rules {
  /** Names whose values are secrets. */
  readonly names: RedactNames;
  /** Gives the tags. */
  readonly tagger: Tagger;
}

/**
 * Most secrets that are tagged one by one in one body; from there on, the rest of the body is one secret. A tag costs
 * about 10 µs, and a body made of nothing but listed names could otherwise hold up the relay for seconds.
 */
export const SECRET_LIMIT = 10_000;

/** Longest name that is looked at, in bytes: {@link NAME_LIMIT} characters, each written as an escape of six bytes, twice. */
const NAME_LIMIT_BYTES = 1200;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** A range of bytes and the ASCII text that takes its place. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Collects, in rising order, what is replaced in `bytes`. Scanners share it, each for a range of its own. */
export class Scan {
  /** What is scanned. It is not changed. */
  readonly bytes: Uint8Array;
  /** What is looked for. */
  readonly rules: Rules;
  readonly #edits: Edit[] = [];
  #full = false;

  /** Begins a pass in which nothing was found yet. */
  constructor(bytes: Uint8Array, rules: Rules) {
    this.bytes = bytes;
    this.rules = rules;
  }

  /** Whether everything from the last replacement to the end is replaced: a scanner can stop. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether a name is listed. */
  isListed(name: Uint8Array): boolean {
    return name.length > 0 && name.length <= NAME_LIMIT_BYTES && isListed(this.rules.names, textOf(name));
  }

  /**
   * Puts a tag in the place of `start`–`end`, unless there is nothing to hide.
   *
   * @param name The name that the secret stands under.
   * @param secret What is tagged: the bytes between, with the escapes of the format undone.
   * @param before What is written before the tag.
   * @param after What is written after it.
   * @param space How a space is written in this format.
   */
  hide(
    start: number,
    end: number,
    name: Uint8Array,
    secret: Uint8Array,
    before = "",
    after = "",
    space = " ",
  ): void {
    if (this.#full) return;
    if (this.#edits.length >= SECRET_LIMIT) {
      const rest = this.rules.tagger.tag(this.bytes.subarray(start)) ?? "";
      this.#edits.push({ start, end: this.bytes.length, text: rest });
      this.#full = true;
      return;
    }
    const short = name.length <= NAME_LIMIT_BYTES ? textOf(name) : "";
    const tag = this.rules.tagger.value(short, secret, space);
    if (tag !== undefined) this.#edits.push({ start, end, text: before + tag + after });
  }

  /**
   * The bytes with everything replaced; the same array where there was nothing to replace.
   *
   * @param bytes What to replace it in, where {@link bytes} is only an image of it, of the same length.
   */
  result(bytes: Uint8Array = this.bytes): Uint8Array {
    if (this.#edits.length === 0) return bytes;
    let size = bytes.length;
    for (const { start, end, text } of this.#edits) size += text.length - (end - start);
    const out = new Uint8Array(size);
    let from = 0;
    let at = 0;
    for (const { start, end, text } of this.#edits) {
      out.set(bytes.subarray(from, start), at);
      at += start - from;
      at += encoder.encodeInto(text, out.subarray(at)).written;
      from = end;
    }
    out.set(bytes.subarray(from), at);
    return out;
  }
}

/** Short text of bytes: one character at a time where they are ASCII, which is faster than a decoder for names. */
function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] >= 0x80) return decoder.decode(bytes);
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}
