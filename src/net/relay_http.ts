/**
 * What a relay has to know of HTTP where it replaces heads, or answers requests itself: which requests are out, and
 * what their responses make of the connection. It reads for itself and does not ask the capture, so that no limit and
 * no fault of that one can change what is sent.
 */
import type { FaultNote } from "../capture/record.ts";
import { plainAnswer } from "../http/plain_answer.ts";
import { type Field, fieldValue, type RequestHead } from "../http/head.ts";
import { persists } from "../http/hop_by_hop.ts";
import { RequestRewriter, type RewriteRule } from "../http/request_rewriter.ts";
import { ResponseReader } from "../http/response_reader.ts";
import type { Outlet } from "./connection.ts";
import { type Progress, type Rewriting, type Tap, writeRest } from "./copy.ts";
import type { GuardedCapture } from "./guarded_capture.ts";
import type { Link } from "./link/link.ts";
import { LOGIN_WANTED, loginWanted } from "./upstream/login.ts";

const CLOSE: readonly Field[] = [["Connection", "close"]];

/** What it needs of its connection. */
export interface RelayHttpOptions {
  /** What becomes of heads; absent: they stay. */
  readonly rule?: RewriteRule;
  /** Whether an upstream proxy is told a login with them. */
  readonly hasUpstreamLogin?: boolean;
  /** Number of the connection. */
  readonly connectionId: number;
  /** Says which requests are answered by a fault. */
  readonly link: Link;
  /** Takes the note of such a fault. */
  readonly note: (fault: FaultNote) => void;
  /** The way to the client. */
  readonly client: Outlet;
  /** Looks at what the client gets. */
  readonly capture: GuardedCapture;
  /** Counts what the client gets. */
  readonly down: Progress;
  /** The monotonic clock, ms. */
  readonly now: () => number;
}

/** Follows the exchanges of one connection. */
export class RelayHttp implements Rewriting {
  /** Makes the pieces to send of what was read. */
  readonly rewriter: RequestRewriter;
  readonly #options: RelayHttpOptions;
  readonly #responses: ResponseReader;
  #requests = 0;
  /** Whether the last request was told to send its body. */
  #isContinued = false;
  #fault: FaultNote | undefined;
  /** Whether the client wants no more after the answer that is to be given. */
  #isLast = false;
  #over = false;
  #wake = () => {};

  /** Begins before the first request. */
  constructor(options: RelayHttpOptions) {
    this.#options = options;
    this.rewriter = new RequestRewriter({
      rule: options.rule,
      answer: answersRequests(options.link) ? (head, offset) => this.#answerOf(head, offset) : undefined,
      sending: (head) => {
        this.#isContinued = false;
        return this.#responses.expect(head);
      },
    });
    this.#responses = new ResponseReader({
      head: (head, role, asked) => {
        const asksLogin = options.rule?.refusesOther !== undefined && head.status === LOGIN_WANTED;
        if (asksLogin && this.#responses.waiting === 0) {
          const wanted = loginWanted(head, options.hasUpstreamLogin === true);
          options.capture.refused(`the upstream proxy ${wanted}`);
        }
        if (role === "upgrade") this.#decide(true);
        else if (role === "interim") {
          this.#isContinued ||= head.status === 100 && this.#responses.waiting === 1;
        } else if (this.#responses.waiting === 0) {
          this.#decide(false);
          if (asked !== undefined && !this.#isContinued) this.rewriter.bodyMayBeLeftOut();
        }
      },
      content: () => {},
      end: () => this.#wake(),
      // What is no HTTP decides where something waits for it; requests go on to be read as such.
      stream: () => {
        if (options.rule?.refusesOther !== undefined) this.#wake();
        else if (this.rewriter.waits) this.#decide(true);
      },
    });
  }

  /** Looks at what the target sends, and lets `tap` look. */
  downTap(tap: Tap): Tap {
    return {
      passed: (chunk, readAt, sentAt) => {
        // First, so that the record of an answer can say what is known of it here.
        this.#responses.push(chunk);
        tap.passed(chunk, readAt, sentAt);
      },
      ended: (at) => tap.ended(at),
    };
  }

  /** No response will come any more. */
  responsesEnded(): void {
    this.#over = true;
    this.#wake();
  }

  /**
   * Resolves once the rewriter takes bytes again; gives the answer that is due before.
   *
   * @returns `over` where the client wanted no more after that answer.
   * @throws {Error} where nothing more is to be sent on.
   */
  readonly ready = async (): Promise<void | "over"> => {
    const { rewriter } = this;
    while (rewriter.waits) {
      const answer = rewriter.mustAnswer;
      const { refusal } = rewriter;
      if (refusal !== undefined && (answer?.length === 0 || this.#isTooLate)) {
        throw new Error(refusal);
      } else if (answer !== undefined && this.#isTooLate) {
        rewriter.answered();
      } else if (answer !== undefined && this.#isQuiet) {
        await this.#give(answer, refusal);
        if (refusal !== undefined) throw new Error(refusal);
        if (this.#isLast) return "over";
        rewriter.answered();
      } else if (this.#isTooLate && this.#options.rule?.refusesOther !== undefined) {
        throw new Error(this.#options.rule.refusesOther);
      } else if (this.#over) {
        rewriter.resume(true);
      } else {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    }
  };

  /** Whether the client waits for nothing from the target. */
  get #isQuiet(): boolean {
    return this.#responses.waiting === 0 && this.#responses.betweenMessages;
  }

  /** Whether the client can no longer be given responses: its direction has ended, or carries something else. */
  get #isTooLate(): boolean {
    return this.#over || this.#responses.isStream;
  }

  #decide(upgraded: boolean): void {
    this.rewriter.resume(upgraded);
    this.#wake();
  }

  async #give(answer: Uint8Array, refusal: string | undefined): Promise<void> {
    const { capture, client, down, now } = this.#options;
    const at = now();
    capture.refused(refusal ?? "answered by a simulated fault");
    if (refusal === undefined && this.#fault !== undefined) this.#options.note(this.#fault);
    down.bytes += answer.length;
    const writing = writeRest(client, answer, 0, down, now);
    capture.down(answer, at, now());
    await writing;
    down.sentBytes += answer.length;
  }

  #answerOf(head: RequestHead, offset: number): Uint8Array | undefined {
    if (this.#isTooLate) return undefined;
    const { link, connectionId } = this.#options;
    const status = link.statusFor(connectionId, this.#requests++);
    // A client that waits for leave to send its body would wait for ever.
    if (status === undefined || fieldValue(head.fields, "expect") !== undefined) return undefined;
    this.#fault = link.statusNote(offset);
    this.#isLast = !persists(head);
    return plainAnswer(status, head, "a fault that tcpmon was asked for", this.#isLast ? CLOSE : []);
  }
}

/** Whether requests may be answered by a simulated fault. */
export function answersRequests(link: Link): boolean {
  return link.rules.status.length > 0;
}
