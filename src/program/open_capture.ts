/**
 * A capture that comes from the page into the history: read as it comes, and no faster than it is stored, so that
 * neither is held. It goes into the history alone: a file that is opened is no traffic.
 */
import { RecordReader } from "../archive/record_reader.ts";
import { SQLITE_MAGIC } from "../store/protocol.ts";
import type { OpenedView } from "../ui/api.ts";
import { Refused } from "../ui/requests.ts";
import { type FileHeard, startFileTalk } from "./file_talk.ts";
import { Intake, type IntakeSettings, unless } from "./history_intake.ts";

/** What opening needs from its surroundings. */
export interface OpenSettings extends IntakeSettings {
  /** A monotonic clock, ms. */
  readonly now: () => number;
}

/** Length of the longest line or entry that is read: storing it takes its time on the thread that passes traffic. */
const LINE_LIMIT_BYTES = 8 * 1024 * 1024;
/** How much of a file is handed on at once. */
const PIECE_BYTES = 256 * 1024;
/** How long records are taken before others have their turn: connections pass through the same thread. */
const TURN_MS = 5;

/**
 * Reads a capture into the history. A worker reads it, so that all that is left to do here is to take its records.
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
  const lostBefore = history.lost;
  const intake = new Intake(settings, signal);
  const { first, problems } = await read(piecesOf(bytes, name, signal), intake, settings.now, signal);
  await intake.flush();
  const { records, rows } = intake;
  if (records === 0 && first !== undefined) throw new Refused(400, `cannot read ${name}: ${first}`);
  const lost = history.lost - lostBefore;
  return {
    name,
    records,
    rows,
    problems: lost === 0 ? problems : [
      `${lost} records, of this file or of traffic meanwhile, could not be stored: the history did not keep up`,
      ...problems,
    ],
  };
}

/** Has a worker read a capture, and takes its records. @returns What could not be read. */
async function read(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  intake: Intake,
  now: () => number,
  signal: AbortSignal,
): Promise<Extract<FileHeard, { kind: "read-all" }>> {
  const turns = new Turns(now);
  const records = new RecordReader();
  // A file may come slowly, and is refused by its first bytes: no worker is started before there are some.
  let next: IteratorResult<Uint8Array<ArrayBuffer>> | undefined = await pieces.next();
  using talk = startFileTalk();
  try {
    for (;;) {
      const heard = await unless(signal, talk.hear());
      switch (heard.kind) {
        case "ready":
          talk.say({ kind: "read", lineLimitBytes: LINE_LIMIT_BYTES });
          break;
        case "more": {
          const { value, done } = next ?? await pieces.next();
          next = undefined;
          if (done === true) talk.say({ kind: "end" });
          else talk.say({ kind: "bytes", bytes: value }, [value.buffer]);
          break;
        }
        case "read":
          for (const line of heard.lines) {
            const record = records.read(JSON.parse(line));
            await turns.give();
            await intake.take(record);
            await turns.give();
          }
          talk.say({ kind: "taken" });
          break;
        case "read-all":
          return heard;
        default:
          throw new Error(heard.kind === "failed" ? heard.error : `found ${heard.kind} of the worker`);
      }
    }
  } finally {
    // Where it was ended, a read may be under way for as long as nothing comes: it is not waited for.
    pieces.return(undefined).catch(() => {});
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

/** The bytes in pieces that can be given away, until the signal ends them. */
async function* piecesOf(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
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
        yield value.slice(from, from + PIECE_BYTES);
      }
    }
  } finally {
    // As above.
    iterator.return?.().catch(() => {});
  }
}

function historyRefused(name: string): string {
  return `cannot read ${name}: found a history (SQLite), which is no capture to be sent: tcpmon view FILE shows it`;
}
