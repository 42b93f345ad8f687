/**
 * A capture that comes from the page into the history: read as it comes, and no faster than it is stored, so that
 * neither is held. It goes into the history alone: a file that is opened is no traffic.
 */
import { type ArchiveProblem, readArchive } from "../archive/archive.ts";
import { SQLITE_MAGIC } from "../store/protocol.ts";
import type { OpenedView } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";
import { Intake, type IntakeSettings, unless } from "./history_intake.ts";

/** What opening needs from its surroundings. */
export interface OpenSettings extends IntakeSettings {
  /** A monotonic clock, ms. */
  readonly now: () => number;
}

/** Length of the longest line or entry that is read: while it is, nothing else gets its turn. */
const LINE_LIMIT_BYTES = 64 * 1024 * 1024;
/** How much of a file is read at once: compressed, it may stand for a thousand times as much. */
const PIECE_BYTES = 4 * 1024;
/** How long it is read before others have their turn: connections pass through the same thread. */
const TURN_MS = 8;
/** How many problems are told; the others are counted. */
const TOLD_PROBLEMS = 10;

/**
 * Reads a capture into the history.
 *
 * @param name Its name, for messages.
 * @param bytes What is in it. What reading it throws is passed on; what was read before stays in the history.
 * @param signal Ends it.
 * @throws {Refused} 400, where nothing of it can be read; 503, where it was ended, or the history takes no more.
 */
export async function openCapture(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  settings: OpenSettings,
  signal: AbortSignal,
): Promise<OpenedView> {
  const { history } = settings;
  const problems = new Problems();
  const turns = new Turns(settings.now);
  const intake = new Intake(settings, signal);
  const lostBefore = history.lost;
  const pieces = piecesOf(bytes, name, turns, signal);
  const onProblem = (problem: ArchiveProblem) => problems.add(problem);
  for await (const batch of readArchive(pieces, { onProblem, lineLimitBytes: LINE_LIMIT_BYTES })) {
    for (const { record } of batch) {
      await intake.take(record);
      await turns.give();
    }
  }
  await intake.flush();
  const { records, rows } = intake;
  const first = problems.first;
  if (records === 0 && first !== undefined) throw new Refused(400, `cannot read ${name}: ${first}`);
  const lost = history.lost - lostBefore;
  return {
    name,
    records,
    rows,
    problems: lost === 0 ? problems.told : [
      `${lost} records, of this file or of traffic meanwhile, could not be stored: the history did not keep up`,
      ...problems.told,
    ],
  };
}

/** What could not be read: of the file as a whole, then in single places, then what its records cannot show. */
class Problems {
  readonly #whole: string[] = [];
  readonly #single: string[] = [];
  readonly #remarks: string[] = [];
  #more = 0;

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
    const list = isRemark ? this.#remarks : place === undefined ? this.#whole : this.#single;
    if (list.length < TOLD_PROBLEMS) list.push(message);
    else this.#more++;
  }
}

/** Gives others their turn. */
class Turns {
  readonly #now: () => number;
  #since: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** Resolves at once, or when others had their turn. */
  async give(): Promise<void> {
    if (this.#now() - this.#since < TURN_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#since = this.#now();
  }
}

/** The bytes in small pieces, until the signal ends them. */
async function* piecesOf(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  turns: Turns,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let start = "";
  try {
    for (;;) {
      const { value, done } = await unless(signal, iterator.next());
      if (done === true) return;
      if (start.length < SQLITE_MAGIC.length) {
        start += String.fromCharCode(...value.subarray(0, SQLITE_MAGIC.length));
        if (start.startsWith(SQLITE_MAGIC)) throw new Refused(400, historyRefused(name));
      }
      for (let from = 0; from < value.length; from += PIECE_BYTES) {
        await turns.give();
        yield value.subarray(from, from + PIECE_BYTES);
      }
    }
  } finally {
    // Where it was ended, a read may be under way for as long as nothing comes: it is not waited for.
    iterator.return?.().catch(() => {});
  }
}

function historyRefused(name: string): string {
  return `cannot read ${name}: found a history (SQLite), which is no capture to be sent: tcpmon view FILE shows it`;
}
