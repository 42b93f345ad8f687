/**
 * Reads the messages of a timeline: a page when somebody asks for it, or, while they still come, all there are. Then the
 * last ones are kept: a stream may go on for days.
 */
import { signal } from "@preact/signals";
import type { MessagePage } from "../../../api.ts";
import type { Settable, Value } from "../../state/value.ts";
import type { TimelineJson } from "../record_json.ts";

/** So many messages are fetched at a time. */
const PAGE_MESSAGES = 100;
/** So many pages at most before the page is drawn again. */
const PAGES_AT_ONCE = 5;
/** So many messages are kept while they come. */
export const KEPT_MESSAGES = 1000;
/** How long after something passed it is looked at again, ms: until then it is stored. */
const STORED_MS = 700;
/** How often it is looked at, at most. */
const PAUSE_MS = 300;

/** What was read. */
export interface Loaded {
  /** The messages, oldest first. */
  readonly messages: readonly { readonly row: number; readonly record: TimelineJson }[];
  /** How many before them are not kept any more. */
  readonly dropped: number;
  /** Whether there are more behind them, as far as is known. */
  readonly hasMore: boolean;
  /** What went wrong, one line. */
  readonly error?: string;
}

/** Reads behind a row, so many at most. */
export type ReadMessages = (after: number, limit: number) => Promise<MessagePage>;

/** The messages of one exchange or stream. */
export class TimelineReader {
  readonly #read: ReadMessages;
  readonly #loaded: Settable<Loaded | undefined> = signal(undefined);
  readonly #busy: Settable<boolean> = signal(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasStopped = false;

  /** Nothing is read yet. */
  constructor(read: ReadMessages) {
    this.#read = read;
  }

  /** What was read; undefined: nothing yet. */
  get loaded(): Value<Loaded | undefined> {
    return this.#loaded;
  }

  /** Whether it reads. */
  get isBusy(): Value<boolean> {
    return this.#busy;
  }

  /** Reads the next page. */
  async more(): Promise<void> {
    if (this.#busy.value || this.#hasStopped) return;
    this.#busy.value = true;
    await this.#page(Infinity);
    this.#busy.value = false;
  }

  /** Something passed: reads all there is, now and once it is stored. */
  follow(): void {
    if (this.#timer !== undefined || this.#hasStopped) return;
    this.#catchUpIn(this.#loaded.value === undefined ? 0 : PAUSE_MS, false);
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#hasStopped = true;
    clearTimeout(this.#timer);
  }

  #catchUpIn(ms: number, isLast: boolean): void {
    this.#timer = setTimeout(async () => {
      const found = await this.#catchUp();
      this.#timer = undefined;
      if (this.#hasStopped) return;
      // Where something was found there may be more; where nothing was, it may be on its way to the history still.
      if (found > 0) this.#catchUpIn(PAUSE_MS, false);
      else if (!isLast) this.#catchUpIn(STORED_MS, true);
    }, ms);
  }

  async #catchUp(): Promise<number> {
    if (this.#busy.value) return 0;
    let found = 0;
    this.#busy.value = true;
    for (let pages = 0; pages < PAGES_AT_ONCE; pages++) {
      found += await this.#page(KEPT_MESSAGES);
      if (this.#loaded.value?.hasMore !== true || this.#loaded.value.error !== undefined) break;
    }
    this.#busy.value = false;
    return found;
  }

  /** Reads a page, and keeps so many messages at most. @returns How many were new. */
  async #page(kept: number): Promise<number> {
    const known = this.#loaded.value ?? { messages: [], dropped: 0, hasMore: true };
    try {
      const page = await this.#read(known.messages.at(-1)?.row ?? 0, PAGE_MESSAGES);
      if (this.#hasStopped) return 0;
      const fresh = page.messages.map(({ row, record }) => ({ row, record: record as TimelineJson }));
      const all = [...known.messages, ...fresh];
      const messages = all.slice(-kept);
      const dropped = known.dropped + all.length - messages.length;
      this.#loaded.value = { messages, dropped, hasMore: page.hasMore };
      return fresh.length;
    } catch (error) {
      if (this.#hasStopped) return 0;
      const { messages, dropped } = known;
      const text = error instanceof Error ? error.message : `${error}`;
      this.#loaded.value = { messages, dropped, hasMore: true, error: text };
      return 0;
    }
  }
}
