/** Answers that the proxy gives itself: a status, a line of plain text that says why, and a record of each. */
import type { ConnectionEnd, ConnectionInfo, FaultNote } from "../../capture/record.ts";
import type { StreamReason } from "../../http/framing.ts";
import type { Field, RequestHead } from "../../http/head.ts";
import { plainAnswer } from "../../http/plain_answer.ts";
import { GuardedCapture } from "../guarded_capture.ts";
import type { ProxySettings } from "./settings.ts";

const CLOSE: Field = ["Connection", "close"];

/** What is said of a client that sent what is no request, and with which status. */
const BROKEN: Readonly<Record<StreamReason, readonly [status: number, text: string]>> = {
  "not-http": [400, "found no HTTP request, wanted one in absolute-form, CONNECT or SOCKS 5"],
  "over-limit": [431, "the request's head is larger than 256 KiB, or has more than 2,000 fields"],
  "cut": [400, "the request ended inside its head"],
  "upgraded": [400, "found no HTTP request"],
};

/** One answer. */
export interface OwnAnswer {
  /** Its status. */
  readonly status: number;
  /** Why, in one line. */
  readonly text: string;
  /** Whom the request was for, as far as that is known. */
  readonly name: string;
  /** Fields that it has beside the usual ones. */
  readonly fields?: readonly Field[];
  /** The simulated fault that it is. */
  readonly fault?: FaultNote;
  /** How long it was tried to reach the target, ms. Absent: it was not. */
  readonly connectMs?: number;
}

/** An answer of tcpmon's own, behind which nothing can follow. */
export interface Refusal {
  /** How records call that. */
  readonly end: ConnectionEnd;
  /** What it says. */
  readonly text: string;
}

/** What they need of the client's connection. */
export interface OwnAnswersOptions {
  /** How the proxy behaves. */
  readonly settings: ProxySettings;
  /** How records name the connection where it goes to that target. */
  readonly infoFor: (target: string) => ConnectionInfo;
  /** Sends an answer to the client, and tells the capture, which ends with it. */
  readonly answer: (bytes: Uint8Array, capture: GuardedCapture) => Promise<void>;
}

/** Gives them to one client. */
export class OwnAnswers {
  readonly #options: OwnAnswersOptions;

  /** Makes the answers of one connection. */
  constructor(options: OwnAnswersOptions) {
    this.#options = options;
  }

  /**
   * Answers a request that was not sent on.
   *
   * @param content What came of its body.
   * @param startedAt When its time begins, monotonic ms.
   * @param goesOn Whether another request can follow.
   */
  async to(
    head: RequestHead,
    content: Uint8Array | undefined,
    startedAt: number,
    answer: OwnAnswer,
    goesOn: boolean,
  ): Promise<void> {
    const capture = this.#captureFor(answer.name, answer.connectMs);
    const at = this.#options.settings.clock.now();
    capture.up(head.raw, startedAt, at);
    if (content !== undefined) capture.up(content, startedAt, at);
    await this.through(capture, head, answer, goesOn);
  }

  /** Answers a request that a capture has seen already. */
  async through(
    capture: GuardedCapture,
    head: RequestHead,
    { status, text, fields = [], fault }: OwnAnswer,
    goesOn: boolean,
  ): Promise<void> {
    capture.refused(text);
    if (fault !== undefined) capture.faulted(fault);
    const bytes = plainAnswer(status, head, text, goesOn ? fields : [...fields, CLOSE]);
    await this.#options.answer(bytes, capture);
  }

  /** Answers what is no request. @returns What it says. */
  async toBroken(reason: StreamReason, bytes: Uint8Array, readAt: number): Promise<string> {
    const [status, text] = BROKEN[reason];
    const capture = this.#captureFor("");
    capture.up(bytes, readAt, this.#options.settings.clock.now());
    capture.refused(text);
    await this.#options.answer(plainAnswer(status, undefined, text, [CLOSE]), capture);
    return text;
  }

  #captureFor(name: string, connectMs?: number): GuardedCapture {
    const { settings, infoFor } = this.#options;
    return new GuardedCapture(settings.capture, infoFor(name), settings.warn, connectMs);
  }
}
