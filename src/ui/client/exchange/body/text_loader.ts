/**
 * A body as lines, read page by page: what is asked for is fetched, decoded and formatted, and nothing else. Long work
 * is done in slices, between which the page can breathe.
 */
import { JsonLines } from "../lines/json_lines.ts";
import type { LineReader } from "../lines/line.ts";
import { RawLines } from "../lines/raw_lines.ts";
import { XmlLines } from "../lines/xml_lines.ts";
import { type ByteSource, PAGE_BYTES } from "./source.ts";

/** How lines are made. */
export type LineFormat = "json" | "xml" | "raw";

/** So many characters are formatted before the page may breathe. */
const SLICE_CHARACTERS = 32 * 1024;

/** What {@link TextLoader} needs of the outside. */
export interface TextLoaderOptions {
  /** Where the bytes come from. */
  readonly source: ByteSource;
  /** Name of their encoding. */
  readonly encoding: string;
  /** How lines are made. */
  readonly format: LineFormat;
  /** Lets others run for a moment. */
  readonly breathe: () => Promise<void>;
}

/** Reads a body as lines. */
export class TextLoader {
  readonly #source: ByteSource;
  readonly #lines: LineReader;
  readonly #decoder: TextDecoder;
  /** Only to find out whether bytes are valid. Undefined: some were not. */
  #strict: TextDecoder | undefined;
  readonly #breathe: () => Promise<void>;
  #at = 0;
  #isDone = false;

  /**
   * Prepares to read; nothing is fetched yet.
   *
   * @throws {RangeError} Where the encoding is none of the Encoding Standard.
   */
  constructor({ source, encoding, format, breathe }: TextLoaderOptions) {
    this.#source = source;
    this.#decoder = new TextDecoder(encoding);
    this.#strict = new TextDecoder(encoding, { fatal: true });
    this.#lines = format === "json" ? new JsonLines() : format === "xml" ? new XmlLines() : new RawLines();
    this.#breathe = breathe;
  }

  /** The lines so far. */
  get lines(): LineReader {
    return this.#lines;
  }

  /** How many bytes were read. */
  get bytesRead(): number {
    return this.#at;
  }

  /** Whether there is nothing left to read. */
  get isDone(): boolean {
    return this.#isDone || this.#lines.isFull;
  }

  /** Whether all bytes were valid in their encoding. Others are shown as U+FFFD. */
  get isValid(): boolean {
    return this.#strict !== undefined;
  }

  /**
   * Reads the next page.
   *
   * @throws {Error} Where its bytes cannot be had.
   */
  async more(): Promise<void> {
    if (this.isDone) return;
    const bytes = await this.#source.read(this.#at, this.#at + PAGE_BYTES);
    this.#at += bytes.length;
    this.#isDone = bytes.length < PAGE_BYTES || this.#at >= this.#source.bytes;
    this.#check(bytes);
    const text = this.#decoder.decode(bytes, { stream: !this.#isDone });
    for (let from = 0; from < text.length; from += SLICE_CHARACTERS) {
      if (from > 0) await this.#breathe();
      this.#lines.push(text.slice(from, from + SLICE_CHARACTERS));
    }
    if (this.#isDone) this.#lines.end();
  }

  #check(bytes: Uint8Array): void {
    try {
      // Where it was cut, by `--max-body` say, the last character may be incomplete: that is said elsewhere.
      this.#strict?.decode(bytes, { stream: true });
    } catch {
      this.#strict = undefined;
    }
  }
}
