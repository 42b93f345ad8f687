/** JSON lines → records. What is no record costs one problem each, and the lines around it are read all the same. */
import { parseJson } from "./json_text.ts";
import { LineCutter, type Lines } from "./lines.ts";
import type { Archived, ArchiveReader, Reading, ReadingLimits } from "./reading.ts";
import { RecordReader } from "./record_reader.ts";
import { shown, Wrong } from "./shape.ts";

const BRACE_OPEN = 0x7b;

/** Reads a log of JSON lines in constant memory: what it holds is the line at hand. */
export class JsonLinesReader implements ArchiveReader {
  readonly #records = new RecordReader();
  readonly #cutter: LineCutter;
  readonly #limits: ReadingLimits;
  #line = 0;

  /** Begins before the first line. */
  constructor(limits: ReadingLimits) {
    this.#limits = limits;
    this.#cutter = new LineCutter(limits.lineLimitBytes);
  }

  *push(piece: Uint8Array): Generator<Reading> {
    for (const lines of this.#cutter.push(piece)) yield* this.#read(lines, false);
  }

  *end(): Generator<Reading> {
    for (const lines of this.#cutter.end()) yield* this.#read(lines, true);
  }

  *#read(lines: Lines, isCut: boolean): Generator<Reading> {
    if (lines.kind === "text") return yield* this.#lines(lines.text, isCut);
    const place = ++this.#line;
    const found = lines.kind === "not-utf-8"
      ? isCut ? "the end of the file inside a record" : "bytes that are not UTF-8"
      : `more than ${this.#limits.lineLimitBytes} bytes`;
    yield { place, message: `line ${place}: found ${found}, wanted a record of tcpmon` };
  }

  /** @param isCut Whether there was no line feed behind the last line. */
  *#lines(text: string, isCut: boolean): Generator<Reading> {
    let batch: Archived[] = [];
    for (let from = 0; from <= text.length;) {
      const found = text.indexOf("\n", from);
      const to = found < 0 ? text.length : found;
      const place = ++this.#line;
      const line = text.slice(from, to);
      from = to + 1;
      if (line.charCodeAt(0) !== BRACE_OPEN && line.trim() === "") continue;
      const parsed = parseJson(line);
      let message: string;
      if (parsed.kind === "value") {
        try {
          batch.push({ record: this.#records.read(parsed.value), place });
          continue;
        } catch (error) {
          if (!(error instanceof Wrong)) throw error;
          message = error.message;
        }
      } else {
        message = parsed.kind === "too-many-values"
          ? "found far more values than a record has, wanted a record of tcpmon"
          : isCut
          ? "found the end of the file inside a record, wanted a whole line"
          : `found ${shown(line.trim())}, which is not JSON, wanted a record of tcpmon`;
      }
      if (batch.length > 0) {
        yield batch;
        batch = [];
      }
      yield { place, message: `line ${place}: ${message}` };
    }
    if (batch.length > 0) yield batch;
  }
}
