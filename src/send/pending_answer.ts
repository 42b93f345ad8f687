/** Who waits for the end of an exchange. It is over once the answer is there and the last write has ended. */
import type { ExchangeRecord } from "../capture/record.ts";
import { SendError } from "./send_error.ts";

interface Waiter {
  readonly resolve: (record: ExchangeRecord) => void;
  readonly reject: (error: SendError) => void;
}

/** The exchange that a connection is busy with, one at a time. */
export class PendingAnswer {
  #waiter: Waiter | undefined;
  #answer: ExchangeRecord | undefined;
  #isSending = false;

  /** Whether something is being sent. */
  get isSending(): boolean {
    return this.#isSending;
  }

  /** Whether somebody waits. */
  get isAwaited(): boolean {
    return this.#waiter !== undefined;
  }

  /** Whether the answer has not come yet. */
  get isUnanswered(): boolean {
    return this.#waiter !== undefined && this.#answer === undefined;
  }

  /** Whether somebody waits for nothing that could still come once the peer has ended. */
  get isDoneWith(): boolean {
    return this.isAwaited && !(this.isUnanswered && this.#isSending);
  }

  /** A request begins to be sent. */
  begin(): Promise<ExchangeRecord> {
    this.#isSending = true;
    return new Promise((resolve, reject) => this.#waiter = { resolve, reject });
  }

  /** The answer is there. */
  answered(record: ExchangeRecord): void {
    this.#answer = record;
    if (!this.#isSending) this.#resolve(record);
  }

  /** Nothing is being sent any more. */
  sent(): void {
    this.#isSending = false;
    if (this.#answer !== undefined) this.#resolve(this.#answer);
  }

  /** The connection is over: where there is no answer, for this reason. */
  fail(reason: string): void {
    this.sent();
    this.#waiter?.reject(new SendError(`no answer that can be read: ${reason}`));
    this.#waiter = undefined;
  }

  #resolve(record: ExchangeRecord): void {
    const waiter = this.#waiter;
    this.#waiter = this.#answer = undefined;
    waiter?.resolve(record);
  }
}
