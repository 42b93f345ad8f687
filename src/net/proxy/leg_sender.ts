/** The direction of a way to a target in which requests go. */
import type { Rewritten } from "../../capture/connection_capture.ts";
import type { Connection } from "../connection.ts";
import { copy, type CopyEnd, type Progress, type Times, writeRest } from "../copy.ts";
import type { GuardedCapture } from "../guarded_capture.ts";
import type { LinkedConnection } from "../link/link.ts";

/** Sends to one target. */
export class LegSender {
  readonly #linked: LinkedConnection;
  readonly #capture: GuardedCapture;
  readonly #times: Times;
  readonly #progress: Progress;
  #takesMore = true;
  #hasEnded = false;
  #sending = 0;

  /**
   * Nothing was sent yet.
   *
   * @param times The monotonic clock, ms.
   * @param progress Counts what is sent.
   */
  constructor(linked: LinkedConnection, capture: GuardedCapture, times: Times, progress: Progress) {
    this.#linked = linked;
    this.#capture = capture;
    this.#times = times;
    this.#progress = progress;
  }

  /** Whether another request can be sent. */
  get takesMore(): boolean {
    return this.#takesMore;
  }

  /** Whether the client sends no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the target has not taken yet all that it was given. */
  get isSending(): boolean {
    return this.#sending > 0;
  }

  /**
   * Sends bytes of a request on.
   *
   * @param came The bytes as they came, of which these were made: for the capture.
   * @param readAt When they were read, monotonic ms.
   * @param rewritten The fields of the head that differ from what came.
   * @returns Whether the target took them. Where it did not, the answer says how it went.
   */
  async send(
    bytes: Uint8Array,
    came: readonly Uint8Array[],
    readAt: number,
    rewritten?: Rewritten,
  ): Promise<boolean> {
    const progress = this.#progress;
    const writing = writeRest(this.#linked.up, bytes, 0, progress, this.#times.now);
    const sentAt = this.#times.now();
    progress.activeAt = sentAt;
    for (const chunk of came) {
      progress.bytes += chunk.length;
      this.#capture.up(chunk, readAt, sentAt, rewritten);
    }
    this.#sending++;
    try {
      await writing;
      progress.sentBytes = progress.bytes;
      return true;
    } catch {
      this.#takesMore = false;
      return false;
    } finally {
      this.#sending--;
    }
  }

  /** The client sends no more after the request at hand: passes that on. */
  end(): void {
    this.#takesMore = false;
    this.#hasEnded = true;
    this.#linked.up.closeWrite().catch(() => {});
    this.#linked.clientEnded();
  }

  /** After an upgrade: carries what the client sends, until it ends. */
  carry(client: Connection): Promise<CopyEnd> {
    return copy(client, this.#linked.up, this.#capture.upTap, this.#progress, this.#times);
  }
}
