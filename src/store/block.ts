/**
 * Lines of the log that are stored together, and what is told of them so that a search need not read them.
 */
import { displayText } from "../capture/charset.ts";
import { contentOf } from "../capture/content.ts";
import type { Body, Record, RequestMessage, ResponseMessage } from "../capture/record.ts";
import { fieldValue } from "../http/head.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import { writeJsonString } from "../log/json_string.ts";
import { ROW_NUMBERS, type RowNumber } from "./row.ts";
import { SignatureBuilder } from "./signature.ts";

/** A block is full with so many records … */
export const BLOCK_RECORDS = 128;
/** … or when its lines have so many bytes; a longer line is a block of its own. */
export const BLOCK_BYTES = 160 * 1024;

/** What a block's records have among them. */
export interface Summary {
  /** Shapes, each once. */
  readonly shapes: readonly number[];
  /** Sides, each once. */
  readonly sides: readonly number[];
  /** The least and the greatest of each number that one of them has. */
  readonly ranges: { readonly [key in RowNumber]?: readonly [least: number, greatest: number] };
  /** Whether the signature cannot tell what is not there. */
  readonly unsure: boolean;
}

/** A block that is complete. */
export interface FullBlock {
  /** How many records it has. */
  readonly count: number;
  /** The latest time of a record, ms since the epoch. */
  readonly newest: number;
  /** What they have among them. */
  readonly summary: Summary;
  /** Which sequences of bytes are in them. */
  readonly signature: Uint8Array;
  /** The lines, each with its line feed: a view, valid until the next record is added. */
  readonly lines: Uint8Array;
}

/** Characters beyond ASCII that become ASCII in lower case (K, the Kelvin sign, and İ), as UTF-8. */
const FOLDING = [[0xe2, 0x84, 0xaa], [0xc4, 0xb0]] as const;

/** Makes blocks, one after the other. */
export class BlockBuilder {
  readonly #signature = new SignatureBuilder();
  #lines = new ByteWriter(BLOCK_BYTES);
  readonly #scratch = new ByteWriter();
  readonly #least = new Float64Array(ROW_NUMBERS.length);
  readonly #greatest = new Float64Array(ROW_NUMBERS.length);
  #shapes = new Set<number>();
  #sides = new Set<number>();
  #count = 0;
  #newest = 0;
  #unsure = false;

  readonly #limitBytes: number;

  /**
   * Begins an empty block.
   *
   * @param limitBytes How much of a body is decoded.
   */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#reset();
  }

  /** How many records it has. */
  get count(): number {
    return this.#count;
  }

  /** Whether a line of that many bytes belongs in the next block. */
  isFullFor(lineBytes: number): boolean {
    return this.#count >= BLOCK_RECORDS || (this.#count > 0 && this.#lines.length + lineBytes > BLOCK_BYTES);
  }

  /**
   * Adds a record.
   *
   * @param line Its line, without line feed.
   * @param at When it was, ms since the epoch.
   */
  add(
    line: Uint8Array,
    record: Record,
    shape: number,
    side: number | null,
    at: number,
    numbers: readonly (number | null)[],
  ): void {
    this.#count++;
    this.#lines.bytes(line);
    this.#lines.byte(0x0a);
    this.#shapes.add(shape);
    if (side !== null) this.#sides.add(side);
    if (at > this.#newest) this.#newest = at;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i];
      if (number === null) continue;
      if (number < this.#least[i]) this.#least[i] = number;
      if (number > this.#greatest[i]) this.#greatest[i] = number;
    }
    this.#signature.add(line);
    this.#addHidden(record);
  }

  /** Adds an empty line in place of a record that was removed: the others keep their places. */
  skip(): void {
    this.#count++;
    this.#lines.byte(0x0a);
  }

  /** The block as it is; the next record begins another one. */
  take(): FullBlock {
    const ranges: { [key in RowNumber]?: readonly [number, number] } = {};
    ROW_NUMBERS.forEach((key, i) => {
      if (this.#least[i] <= this.#greatest[i]) ranges[key] = [this.#least[i], this.#greatest[i]];
    });
    const lines = this.#hasLongLine ? this.#lines.copy() : this.#lines.view();
    this.#unsure ||= FOLDING.some((bytes) => indexOf(lines, bytes) >= 0);
    const summary = { shapes: [...this.#shapes], sides: [...this.#sides], ranges, unsure: this.#unsure };
    const block = {
      count: this.#count,
      newest: this.#newest,
      summary,
      signature: this.#signature.take(),
      lines,
    };
    this.#reset();
    return block;
  }

  /** Forgets what was added. */
  clear(): void {
    this.#signature.take();
    this.#reset();
  }

  get #hasLongLine(): boolean {
    return this.#lines.capacity > 2 * BLOCK_BYTES;
  }

  #reset(): void {
    if (this.#hasLongLine) {
      // Its memory is given back at once.
      this.#lines.free();
      this.#lines = new ByteWriter(BLOCK_BYTES);
    }
    this.#lines.reset();
    this.#least.fill(Infinity);
    this.#greatest.fill(-Infinity);
    this.#shapes = new Set();
    this.#sides = new Set();
    this.#count = this.#newest = 0;
    this.#unsure = false;
  }

  /** Adds what filters find and the line does not show as text: bodies that stand there in base64. */
  #addHidden(record: Record): void {
    if (record.type === "exchange") {
      this.#addMessage(record.request);
      this.#addMessage(record.response);
    } else if (record.type === "data" || record.type === "message") {
      if (!isText(record.body)) this.#addText(new TextDecoder().decode(record.body.kept));
    }
  }

  #addMessage(message: RequestMessage | ResponseMessage | undefined): void {
    if (message === undefined || isText(message.body)) return;
    const content = contentOf(message, this.#limitBytes);
    const bytes = content?.bytes ?? message.body.kept;
    const text = displayText(bytes, fieldValue(message.head.fields, "content-type"));
    if (text !== undefined) this.#addText(text);
  }

  #addText(text: string): void {
    this.#scratch.reset();
    writeJsonString(this.#scratch, text);
    const bytes = this.#scratch.view();
    this.#signature.add(bytes);
    this.#unsure ||= FOLDING.some((folding) => indexOf(bytes, folding) >= 0);
  }
}

function isText(body: Body & { readonly text?: string }): boolean {
  return body.text !== undefined || body.kept.length === 0;
}

/** Where bytes stand in others; -1: nowhere. */
function indexOf(bytes: Uint8Array, wanted: readonly number[]): number {
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
