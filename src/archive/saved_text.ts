/**
 * The text that TCPMon saves (Apache Axis 1 and WS-Commons TCPMon 1.0) → records. Each row of its table is
 *
 *     ==============
 *     Listen Port: 8081
 *     Target Host: localhost
 *     Target Port: 8080
 *     ==== Request ====
 *     (text)==== Response ====
 *     (text)
 *     ==============
 *
 * without the lines of equals signs in early versions. The texts are those of its window: there are no times, and bytes
 * that were no text are lost. They are read as a connection is read while it is captured.
 */
import { joined } from "../http/joined.ts";
import type { Archived, ArchiveReader, Reading, ReadingLimits } from "./reading.ts";
import { Remarks } from "./reading.ts";
import { SavedRows } from "./saved_row.ts";

/** What stands before the texts of a row. */
const ROW =
  /(?:^|\n)(?:={3,}\r?\n)?Listen Port: (\d{1,5})\r?\nTarget Host: ([^\n]*?)\r?\nTarget Port: (\d{1,5})\r?\n==== Request ====\r?\n/g;

/** What stands between the texts: nothing but the request's own last line feed may come before it. */
const BETWEEN = /==== Response ====\r?\n/;

/** What stands behind them. */
const BEHIND = /\r?\n={3,}\s*$/;

/** Reads saved text, whole: it is as large as what a window could show. */
export class SavedTextReader implements ArchiveReader {
  readonly #limits: ReadingLimits;
  readonly #remarks = new Remarks();
  readonly #rows = new SavedRows(this.#remarks);
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Begins before the first row. */
  constructor(limits: ReadingLimits) {
    this.#limits = limits;
  }

  push(piece: Uint8Array): readonly Reading[] {
    this.#bytes += piece.length;
    if (this.#bytes <= this.#limits.lineLimitBytes) this.#pieces.push(piece.slice());
    else this.#pieces = [];
    return [];
  }

  *end(): Generator<Reading> {
    if (this.#bytes > this.#limits.lineLimitBytes) {
      const limit = this.#limits.lineLimitBytes;
      yield {
        message: `found more than ${limit} bytes of text saved by TCPMon, which is read whole, wanted less`,
      };
      return;
    }
    const bytes = joined(this.#pieces);
    this.#pieces = [];
    const text = characterOfEach(bytes);
    const begins = [...text.matchAll(ROW)];
    if (begins.length === 0) {
      yield { message: "found no row of TCPMon's text, wanted Listen Port, Target Host, …" };
    }
    let line = 1, counted = 0;
    for (let i = 0; i < begins.length; i++) {
      const [before, listenPort, host, targetPort] = begins[i];
      const from = begins[i].index + (before.startsWith("\n") ? 1 : 0);
      line += lineFeeds(text, counted, from);
      counted = from;
      const place = line;
      const row = text.slice(begins[i].index + before.length, begins[i + 1]?.index);
      const between = BETWEEN.exec(row);
      if (between === null) {
        yield {
          place,
          message: `line ${place}: found no "==== Response ====" behind a request, wanted both`,
        };
        continue;
      }
      const request = row.slice(0, between.index);
      const response = row.slice(between.index + between[0].length).replace(BEHIND, "");
      const target = targetOf(host, targetPort);
      const connection = { id: i + 1, listener: `0.0.0.0:${listenPort}`, client: "unknown", target };
      const batch: Archived[] = [];
      for (const record of this.#rows.read(connection, request, response)) batch.push({ record, place });
      if (batch.length > 0) yield batch;
    }
    yield* this.#remarks.tell();
  }
}

const utf16 = new TextDecoder("utf-16le", { ignoreBOM: true });

/**
 * One character for each byte, so that the texts can be cut anywhere. It goes by way of UTF-16, as Deno 2.4 joins
 * Buffer's "latin1" one by one: 9 s and 700 MB for 20 MB.
 */
function characterOfEach(bytes: Uint8Array): string {
  return utf16.decode(new Uint16Array(bytes));
}

/** A target as it is written; that of a Unix socket, which tcpmon puts in the place of the host, has no port. */
function targetOf(host: string, port: string): string {
  if (host.startsWith("unix:")) return host;
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

function lineFeeds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
