/**
 * Dumps: on demand, and where a record asks for one. One is written at a time. Records that ask for one within a window
 * of the last are told of together, at the end of that window, by one more dump: so each of them is in a dump, and
 * however many there are, what they cost is what passes anyway. And where dumps take as much room as the ring may,
 * only people get more.
 */
import type { Record } from "../../capture/record.ts";
import { reasonOf } from "../destination.ts";
import { sizeText } from "../units.ts";
import { writeDump } from "./dump.ts";
import { dumpsBytes } from "./folder.ts";
import { dumpName } from "./names.ts";
import type { SegmentRing } from "./ring.ts";
import type { Disk, Segment, Segments } from "./segments.ts";

/** Windows may be as short as one likes: no more dumps than one a second. */
const LEAST_GAP_MS = 1_000;
/** How long a dump waits for records that are still queued; then it does without them. */
const QUEUE_MS = 5_000;
/** How long a dump that is given up may take to remove what it has written. */
const ABORT_MS = 500;
/** A segment's start by the system's clock, and the times in its lines, may differ by as much. */
const CLOCK_SLACK_MS = 2_000;

/** What it needs. */
export interface DumperOptions {
  /** The folder. */
  readonly folder: string;
  /** How far back a dump goes. */
  readonly windowMs: number;
  /** How much room dumps may take before no more are written unless by hand. */
  readonly limitBytes: number;
  /** What was recorded. */
  readonly segments: Segments;
  /** What writes it. */
  readonly ring: SegmentRing;
  /** The files. */
  readonly disk: Disk;
  /** Wall clock, ms since the epoch. */
  readonly epochNow: () => number;
  /** Tells the user, on a line of its own. */
  readonly warn: (text: string) => void;
  /** How many bytes of lines were made so far, written or not. */
  readonly made: () => number;
  /** Lets what waits be written without delay. */
  readonly hurry: () => void;
}

/** A dump that is asked for, as things were then. */
interface Wanted {
  readonly reason: string;
  /** When it was asked for, ms since the epoch. */
  readonly now: number;
  /** From when on it goes, ms since the epoch. */
  readonly sinceMs: number;
  /** Up to where, in bytes of lines. */
  readonly until: number;
}

/** Writes dumps, one after the other. */
export class Dumper {
  readonly #options: DumperOptions;
  #last: Promise<unknown> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #triggers = 0;
  #firstTrigger = "";
  #isRefused = false;
  #isEnding = false;
  #isAborted = false;

  /** A dumper that has written none. */
  constructor(options: DumperOptions) {
    this.#options = options;
  }

  /** A record that was just written asks for a dump. */
  trigger(record: Record): void {
    if (this.#isEnding) return;
    if (this.#triggers++ === 0) this.#firstTrigger = nameOf(record);
    if (this.#timer === undefined) this.#dumpTriggers(Infinity);
  }

  /**
   * Writes what was recorded within the window up to now, what is queued included.
   *
   * @returns Its path.
   * @throws {Error} One line for people.
   */
  dump(reason: string): Promise<string> {
    if (this.#isEnding) {
      return Promise.reject(new Error(`cannot write a dump for ${reason}: tcpmon is ending`));
    }
    const wanted = this.#wanted(reason, Infinity);
    return this.#next(() => this.#write(wanted));
  }

  /** Lets dumps that were begun end, for at most so long; there are no further ones. */
  async end(timeoutMs: number): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    if (this.#triggers > 0) {
      this.#options.warn(
        `no dump for the last ${this.#triggers} that asked for one: they are in ${this.#options.folder}`,
      );
    }
    await within(timeoutMs, this.#last);
    this.#isAborted = true;
    await within(ABORT_MS, this.#last);
  }

  /**
   * Dumps for those that asked, and no sooner again than in a window.
   *
   * @param since From when on at the latest: after a dump the next one leaves no gap.
   */
  #dumpTriggers(since: number): void {
    this.#timer = undefined;
    if (this.#triggers === 0) return;
    const more = this.#triggers > 1 ? `, and ${this.#triggers - 1} more` : "";
    const wanted = this.#wanted(this.#firstTrigger + more, since);
    this.#triggers = 0;
    const gapMs = Math.max(this.#options.windowMs, LEAST_GAP_MS);
    this.#timer = setTimeout(() => this.#dumpTriggers(wanted.now), gapMs);
    this.#next(async () => {
      if (!await this.#isFull(wanted.reason)) await this.#write(wanted);
    }).catch((error) => this.#options.warn(reasonOf(error)));
  }

  #wanted(reason: string, since: number): Wanted {
    const { epochNow, windowMs, made } = this.#options;
    const now = epochNow();
    return { reason, now, sinceMs: Math.floor(Math.min(now - windowMs, since)), until: made() };
  }

  /** Does it when all before it is done. */
  #next<Result>(write: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(write);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Whether dumps have taken their room; told of once until they have not. */
  async #isFull(reason: string): Promise<boolean> {
    const { folder, limitBytes, warn } = this.#options;
    const isFull = await dumpsBytes(folder) >= limitBytes;
    if (isFull && !this.#isRefused) {
      warn(
        `no dump for ${reason}: dumps in ${folder} take ${sizeText(limitBytes)} (--record-size) already; ` +
          "move some away",
      );
    }
    this.#isRefused = isFull;
    return isFull;
  }

  async #write({ reason, now, sinceMs, until }: Wanted): Promise<string> {
    const { windowMs, segments, disk, warn } = this.#options;
    try {
      await this.#queued(until);
      const path = await this.#freePath(now, reason);
      const all = segments.list();
      const taken = relevant(all, sinceMs, until);
      const { records, older, unread } = await writeDump({
        segments: taken,
        until,
        sinceMs,
        path,
        disk,
        isAborted: () => this.#isAborted,
      });
      const window = windowMs < 1000 ? `${windowMs} ms` : `${windowMs / 1000} s`;
      // Segments were removed that may have been of the window: all that is left is.
      const isShort = taken.length > 0 && taken[0] === all[0] && all[0].number > 1 && older === 0;
      const held = isShort ? " as far as --record-size had room for them" : "";
      const missing = unread === 0 ? "" : `, without ${unread} segments that could not be read`;
      warn(`wrote the last ${window}${held}, ${records} records, to ${path}${missing}: ${reason}`);
      return path;
    } catch (error) {
      throw new Error(`cannot write a dump for ${reason}: ${reasonOf(error)}`);
    }
  }

  /** Waits until the queue is written up to here, or does not get there. */
  async #queued(until: number): Promise<void> {
    this.#options.hurry();
    await within(QUEUE_MS, this.#options.ring.reached(until));
  }

  async #freePath(now: number, reason: string): Promise<string> {
    for (let again = 0;; again++) {
      const path = `${this.#options.folder}/${dumpName(now, reason, again)}`;
      const isThere = await Deno.lstat(path).then(() => true, () => false);
      if (!isThere) return path;
    }
  }
}

/** Waits for something, but no longer than this. */
async function within(timeoutMs: number, done: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, timeoutMs));
  await Promise.race([done, late]);
  clearTimeout(timer);
}

/** The segments that may have records of the window. A segment was complete when the next one was begun. */
function relevant(segments: readonly Segment[], sinceMs: number, until: number): Segment[] {
  return segments.filter(({ startedAtMs, startsAt }, i) => {
    if (startsAt >= until) return false;
    const endedAtMs = segments[i + 1]?.startedAtMs ?? Infinity;
    // Where the clock was set back, nothing is known.
    return endedAtMs < startedAtMs || endedAtMs >= sinceMs - CLOCK_SLACK_MS;
  });
}

/** What a record is called as a reason. */
function nameOf(record: Record): string {
  switch (record.type) {
    case "exchange":
      return `exchange ${record.id} ${record.response?.head.status ?? record.outcome}`;
    case "message":
      return `message ${record.index} of exchange ${record.exchange}`;
    case "lost":
      return "lost records";
    default:
      return `${record.type} ${record.connection.id}`;
  }
}
