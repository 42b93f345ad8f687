/** Counts the records in a log of JSON lines, so that a fast relay is known to have logged what it relayed. */

/** How many records of the kinds that matter here a log holds. */
export interface LogCount {
  /** Records of type `exchange`. */
  readonly exchanges: number;
  /** Records that say the log could not keep up. */
  readonly lost: number;
}

const NEWLINE = 10;

const encoder = new TextEncoder();
const EXCHANGE = encoder.encode('{"type":"exchange"');
const LOST = encoder.encode('{"type":"lost"');

/** Longest start of a line that is compared. */
const START_BYTES = Math.max(EXCHANGE.length, LOST.length);

function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[at + index] === byte);
}

/** Counts lines by how they start, in one pass over chunks cut anywhere. */
export class RecordCounter {
  #exchanges = 0;
  #lost = 0;
  /** The start of the line that the last chunk ended in, up to {@link START_BYTES}; `undefined` past that. */
  #start: Uint8Array | undefined = new Uint8Array();

  /** Takes the next bytes of the log. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#start !== undefined) {
        const before = this.#start.length;
        const start = new Uint8Array([...this.#start, ...chunk.subarray(at, at + START_BYTES - before)]);
        const end = start.indexOf(NEWLINE, before);
        if (end === -1 && start.length < START_BYTES) {
          this.#start = start;
          return;
        }
        if (startsWith(start, 0, EXCHANGE)) this.#exchanges++;
        else if (startsWith(start, 0, LOST)) this.#lost++;
        this.#start = undefined;
      }
      const newline = chunk.indexOf(NEWLINE, at);
      if (newline === -1) return;
      at = newline + 1;
      this.#start = new Uint8Array();
    }
  }

  /** What was counted so far. */
  get count(): LogCount {
    return { exchanges: this.#exchanges, lost: this.#lost };
  }
}

/** Counts the records of the log in `file` from offset `from` on, where a line begins. */
export async function countLog(file: string, from = 0): Promise<LogCount> {
  const counter = new RecordCounter();
  using log = await Deno.open(file);
  await log.seek(from, Deno.SeekMode.Start);
  const buffer = new Uint8Array(1024 ** 2);
  for (let count = await log.read(buffer); count !== null; count = await log.read(buffer)) {
    counter.push(buffer.subarray(0, count));
  }
  return counter.count;
}
