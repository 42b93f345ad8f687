/** In a worker: a capture → lines of the JSON log, a few at a time. */
import { type ArchiveProblem, readArchive } from "../archive/archive.ts";
import { createJsonFormat } from "../log/json.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import type { FileHeard, FileSaid, ReadJob } from "./file_talk.ts";
import type { Partner } from "./worker_talk.ts";

/** Handed on as soon as there is so much. */
const PIECE_BYTES = 128 * 1024;
/** How many problems are told; the others are counted. */
const TOLD_PROBLEMS = 10;
/** After so many and no record it is no capture, though it may be a gigabyte of something like it. */
const MOST_PROBLEMS = 1000;

const decoder = new TextDecoder();

/** Ends the reading of what is no capture. */
class NoCapture extends Error {}

/** Reads the capture: asks for its bytes until there are no more, and gives lines meanwhile. */
export async function readFile(
  { lineLimitBytes }: ReadJob,
  program: Partner<FileHeard, FileSaid>,
): Promise<void> {
  // The bodies are decoded where the lines are stored.
  const format = createJsonFormat({ limitBytes: 0 });
  const out = new ByteWriter(2 * PIECE_BYTES);
  const problems = new Problems();
  let lines: string[] = [];
  let bytes = 0;
  let records = 0;
  const give = async () => {
    if (lines.length > 0) await program.ask({ kind: "read", lines });
    [lines, bytes] = [[], 0];
  };
  const onProblem = (problem: ArchiveProblem) => {
    problems.add(problem);
    if (records === 0 && problems.count >= MOST_PROBLEMS) throw new NoCapture();
  };
  const pieces = async function* () {
    for (;;) {
      // What was in the pieces before is given before the next one is waited for.
      await give();
      const said = await program.ask({ kind: "more" });
      if (said.kind !== "bytes") return;
      yield said.bytes;
    }
  };
  try {
    for await (const batch of readArchive(pieces(), { onProblem, lineLimitBytes })) {
      for (const { record, place } of batch) {
        out.reset();
        format(record, out);
        if (out.length > lineLimitBytes) {
          const found = `found ${out.length} bytes, wanted at most ${lineLimitBytes} in one`;
          onProblem({ place, message: `record ${place}: ${found}; tcpmon view FILE shows it` });
          continue;
        }
        records++;
        lines.push(decoder.decode(out.view()));
        bytes += out.length;
        if (bytes >= PIECE_BYTES) await give();
      }
    }
  } catch (error) {
    if (!(error instanceof NoCapture)) throw error;
  }
  await give();
  await program.ask({ kind: "read-all", first: problems.first, problems: problems.told });
}

/** What could not be read: of the file as a whole, then in single places, then what its records cannot show. */
class Problems {
  readonly #whole: string[] = [];
  readonly #single: string[] = [];
  readonly #remarks: string[] = [];
  #more = 0;
  #count = 0;

  /** How many there are, remarks left out. */
  get count(): number {
    return this.#count;
  }

  /** The first of them that is no remark. */
  get first(): string | undefined {
    return this.#whole[0] ?? this.#single[0];
  }

  /** The first ones. */
  get told(): readonly string[] {
    const more = this.#more === 0 ? [] : [`${this.#more} more of such`];
    return [...this.#whole, ...this.#single, ...more, ...this.#remarks];
  }

  add({ message, place, isRemark }: ArchiveProblem): void {
    if (!isRemark) this.#count++;
    const list = isRemark ? this.#remarks : place === undefined ? this.#whole : this.#single;
    if (list.length < TOLD_PROBLEMS) list.push(message);
    else this.#more++;
  }
}
