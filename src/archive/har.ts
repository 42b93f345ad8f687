/**
 * HAR 1.2, as browsers and proxies write it → records. What HAR has no room for, or the records have not, is told once
 * for each kind of it: see `har_entry.ts`.
 */
import { type Element, EntryCutter } from "./har_cutter.ts";
import { HarEntries } from "./har_entry.ts";
import { parseJson } from "./json_text.ts";
import { type Archived, type ArchiveReader, type Reading, type ReadingLimits, Remarks } from "./reading.ts";
import { Wrong } from "./shape.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads a HAR entry by entry. */
export class HarReader implements ArchiveReader {
  readonly #cutter: EntryCutter;
  readonly #remarks = new Remarks();
  readonly #entries = new HarEntries(this.#remarks);
  readonly #limits: ReadingLimits;
  #entry = 0;

  /** Begins before the document. */
  constructor(limits: ReadingLimits) {
    this.#limits = limits;
    this.#cutter = new EntryCutter(limits.lineLimitBytes);
  }

  *push(piece: Uint8Array): Generator<Reading> {
    let batch: Archived[] = [];
    for (const element of this.#cutter.push(piece)) {
      const place = ++this.#entry;
      try {
        for (const record of this.#entries.read(this.#parsed(element), place)) batch.push({ record, place });
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        if (batch.length > 0) {
          yield batch;
          batch = [];
        }
        yield { place, message: `entry ${place}: ${error.message}` };
      }
    }
    if (batch.length > 0) yield batch;
  }

  *end(): Generator<Reading> {
    if (this.#cutter.stage === "before") {
      yield {
        message:
          'found JSON without {"log":{"entries":[…]}}, wanted HAR, or one record of tcpmon a line (jq -c .)',
      };
    } else if (this.#cutter.stage === "inside") {
      const place = this.#entry + 1;
      yield { place, message: `entry ${place}: found the end of the file inside the entries, wanted ]}}` };
    }
    yield* this.#remarks.tell();
  }

  #parsed(element: Element): unknown {
    if (element === "over-limit") {
      throw new Wrong(`found more than ${this.#limits.lineLimitBytes} bytes, wanted less`);
    }
    let text: string;
    try {
      text = decoder.decode(element);
    } catch {
      throw new Wrong("found bytes that are not UTF-8, wanted JSON");
    }
    const parsed = parseJson(text);
    if (parsed.kind === "value") return parsed.value;
    throw new Wrong(
      parsed.kind === "not-json"
        ? "found no JSON, wanted an entry"
        : "found far more values than an entry has",
    );
  }
}
