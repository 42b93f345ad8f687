/**
 * A request that does not go out in one write: a large one, or one that waits for leave to send its body (RFC 9110
 * §10.1.1). It ends early where the target has answered and wants no more (RFC 9112 §9.5).
 */
import { findHeadEnd } from "../http/grammar.ts";
import { fieldList, type RequestHead } from "../http/head.ts";
import { parseRequestHead } from "../http/head_parser.ts";
import { HEAD_LIMIT_BYTES } from "../http/limits.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { closes } from "./reuse.ts";

/** So much goes into one write. */
const SLICE_BYTES = 64 * 1024;
/** How long leave to send the body is waited for: some servers never give it. */
const CONTINUE_MS = 1_000;
/** After an answer that keeps the connection: for so long without progress the rest is still offered. */
const STALLED_MS = 1_000;

/** What an upload needs of its connection. */
export interface UploadContext {
  /** Writes all of it, and tells the capture. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** How many bytes the connection has sent. */
  readonly sentBytes: () => number;
  /** The exchange cannot be ended as it was meant: it ends as it stands, for this reason. */
  readonly giveUp: (error?: string) => void;
}

/** Sends one request in parts. */
export class Upload {
  readonly #context: UploadContext;
  readonly #pieces: readonly Uint8Array[];
  readonly #watch: AnswerWatch | undefined;
  readonly #head: RequestHead | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isStopped = false;

  /** Nothing is sent before {@link run}. */
  constructor(pieces: readonly Uint8Array[], context: UploadContext) {
    this.#pieces = pieces;
    this.#context = context;
    const first = pieces.length === 0 ? new Uint8Array(0) : pieces[0];
    const end = findHeadEnd(first, 0, 0, Math.min(first.length, HEAD_LIMIT_BYTES));
    const head = end < 0 ? "not-http" : parseRequestHead(first.slice(0, end));
    // What cannot be read goes out all the same.
    this.#head = typeof head === "string" ? undefined : head;
    this.#watch = this.#head && new AnswerWatch(this.#head);
  }

  /** Sends it. Rejects as the connection's write does. */
  async run(): Promise<void> {
    const headBytes = this.#head?.raw.length ?? 0;
    let sent = 0;
    for (const piece of this.#pieces) {
      for (let at = 0; at < piece.length;) {
        const isHead = sent < headBytes;
        const end = Math.min(piece.length, at + (isHead ? headBytes - sent : SLICE_BYTES));
        await this.#context.write(piece.subarray(at, end));
        sent += end - at;
        at = end;
        if (this.#isStopped) return;
        if (isHead && sent === headBytes && this.#asksFirst() && !await this.#hasLeave()) return;
      }
    }
  }

  /** Bytes came from the target. They are borrowed until the call returns. */
  answered(chunk: Uint8Array): void {
    const watch = this.#watch;
    if (watch === undefined || this.#isStopped) return;
    watch.push(chunk);
    if (!watch.isOver) return;
    if (watch.final === undefined || closes(watch.final)) return this.#context.giveUp();
    let sent = this.#context.sentBytes();
    this.#timer ??= setInterval(() => {
      if (this.#context.sentBytes() === sent) this.#context.giveUp("the target answered and takes no more");
      sent = this.#context.sentBytes();
    }, STALLED_MS);
  }

  /** The target sends no more. */
  peerEnded(): void {
    this.#watch?.ended();
    const isAnswered = this.#watch?.final !== undefined;
    this.#context.giveUp(isAnswered ? undefined : "the target ended the connection during the request");
  }

  /** The exchange is over, or the connection is. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#watch?.ended();
  }

  #asksFirst(): boolean {
    return this.#head !== undefined && fieldList(this.#head.fields, "expect").includes("100-continue");
  }

  /** Waits until the target wants the body. @returns Whether it is to be sent. */
  async #hasLeave(): Promise<boolean> {
    const watch = this.#watch!;
    let isLate = false;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      isLate = true;
      late.resolve();
    }, CONTINUE_MS);
    while (!watch.isContinued && watch.final === undefined && !watch.isOver && !isLate) {
      await Promise.race([watch.changed(), late.promise]);
    }
    clearTimeout(timer);
    if (watch.final === undefined) return !this.#isStopped && (!watch.isOver || watch.isContinued);
    // It has been decided without the body (RFC 9110 §10.1.1); without it the connection is of no more use.
    while (!watch.isOver) await watch.changed();
    this.#context.giveUp("the target answered before the body, which was kept back");
    return false;
  }
}
