/** What came of a resend, one by one and in sum. */
import type { ConnectionInfo, ExchangeRecord } from "../capture/record.ts";
import { isAnswered } from "../send/answered.ts";

/** What became of one thing that was recorded. They come in the order in which they end. */
export type ResendResult = ExchangeResult | DialogueResult | SkippedResult;

/** A request was sent, or should have been. */
export interface ExchangeResult {
  /** Tells the kinds of result apart. */
  readonly kind: "exchange";
  /** The exchange as it was recorded. */
  readonly recorded: ExchangeRecord;
  /** Where it stands in the capture. */
  readonly place: number;
  /** The exchange that came of it, whatever its outcome. Absent: there is an error. */
  readonly sent?: ExchangeRecord;
  /** What went wrong, in words: it could not be sent, or got no answer that can be read. */
  readonly error?: string;
  /** What could not be kept of it, in words. */
  readonly notes: readonly string[];
}

/** A connection that is not HTTP, or is no longer, was gone through. */
export interface DialogueResult {
  /** Tells the kinds of result apart. */
  readonly kind: "dialogue";
  /** The connection as it was recorded. */
  readonly connection: ConnectionInfo;
  /** How many bytes were sent. */
  readonly sentBytes: number;
  /** How many bytes of the target were recorded, as far as the capture says. */
  readonly recordedBytes: number;
  /** How many came now. */
  readonly receivedBytes: number;
  /** What went wrong, in words. */
  readonly error?: string;
}

/** Something is not sent. */
export interface SkippedResult {
  /** Tells the kinds of result apart. */
  readonly kind: "skipped";
  /** The exchange, where it is one; else it is a dialogue, or the rest of one. */
  readonly recorded?: ExchangeRecord;
  /** Where it stands in the capture. */
  readonly place: number;
  /** Why. */
  readonly reason: string;
}

/** A resend in figures. */
export interface ResendTotals {
  /** Requests that got an answer to its end. */
  readonly sent: number;
  /** Requests and dialogues that did not, or that could not be made as asked. */
  readonly failed: number;
  /** What was not sent, and how often for each reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** How often each status came. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Connections that were gone through as dialogues, without fault. */
  readonly dialogues: number;
  /** Requests that were sent once more, as a kept connection was just being closed. */
  readonly retried: number;
  /** From the first to the last, ms. */
  readonly elapsedMs: number;
  /** Requests a second; 0 where none was sent. */
  readonly perSecond: number;
  /** Whether it was stopped before its end. */
  readonly isStopped: boolean;
}

/** Different reasons that are counted one by one; those beyond are counted together. */
const REASON_LIMIT = 100;
const OTHER_REASONS = "other reasons";

/** Adds up results. */
export class Tally {
  #sent = 0;
  #failed = 0;
  #dialogues = 0;
  #retried = 0;
  readonly #skipped = new Map<string, number>();
  readonly #statuses = new Map<number, number>();

  /** Counts a result. */
  add(result: ResendResult): void {
    switch (result.kind) {
      case "exchange": {
        const { sent } = result;
        if (sent?.response !== undefined) {
          const { status } = sent.response.head;
          this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
        }
        if (sent !== undefined && isAnswered(sent)) this.#sent++;
        else this.#failed++;
        return;
      }
      case "dialogue":
        if (result.error === undefined) this.#dialogues++;
        else this.#failed++;
        return;
      case "skipped": {
        const isKnown = this.#skipped.has(result.reason) || this.#skipped.size < REASON_LIMIT;
        const reason = isKnown ? result.reason : OTHER_REASONS;
        this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
      }
    }
  }

  /** Counts a request that was sent once more. */
  retried(): void {
    this.#retried++;
  }

  /** The figures. */
  totals(elapsedMs: number, isStopped: boolean): ResendTotals {
    return {
      sent: this.#sent,
      failed: this.#failed,
      skipped: this.#skipped,
      statuses: this.#statuses,
      dialogues: this.#dialogues,
      retried: this.#retried,
      elapsedMs,
      perSecond: elapsedMs > 0 ? this.#sent * 1000 / elapsedMs : 0,
      isStopped,
    };
  }
}
