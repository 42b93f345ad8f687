/**
 * Replaces the head of every request of a connection by what a rule makes of it. All other bytes go through as they
 * came, and what is no HTTP goes through whole (TCPMon rewrote the first request only, and wrongly).
 *
 * A head is held back until it is whole, and a body that may be left out until it is told from one. Behind a request
 * that may end HTTP (CONNECT, Upgrade) nothing is read before its answer says whether HTTP goes on: that is what `waits`
 * tells.
 */
import {
  expectsContinue,
  type Framing,
  isAmbiguous,
  mayEndHttp,
  NO_BODY,
  OVER_LIMIT,
  UNDELIMITED,
} from "./framing.ts";
import type { Field, RequestHead } from "./head.ts";
import { type MessageCutter, requestCutter } from "./message_cutter.ts";
import { plainAnswer } from "./plain_answer.ts";
import { rewriteHead, type RewrittenHead } from "./rewrite_head.ts";

/** A request that must not be sent on. */
export interface Refusal {
  /** Why, in one line: the client is told, with 400, and nothing follows. */
  readonly refuse: string;
}

/** What is made of the heads of requests. */
export interface RewriteRule {
  /** What becomes of a head: the bytes to send instead of it, and the fields that differ. `undefined`: it stays. */
  (head: RequestHead): RewrittenHead | Refusal | undefined;
  /** Why what is no request must not be sent on either, unless an upgrade was agreed on; absent: it is. */
  readonly refusesOther?: string;
}

/**
 * A rule as it is used: asked once for each head, as connections repeat theirs.
 *
 * @param refusesOther Why what is no request must not be sent on; absent: it is.
 */
export function remembered(rule: RewriteRule, refusesOther = rule.refusesOther): RewriteRule {
  const known = new WeakMap<RequestHead, { readonly made: ReturnType<RewriteRule> }>();
  const asked = (head: RequestHead) => {
    let found = known.get(head);
    if (found === undefined) known.set(head, found = { made: rule(head) });
    return found.made;
  };
  return Object.assign(asked, { refusesOther });
}

/**
 * The rule that writes `value` into every Host field.
 *
 * @param value The value that `Host` gets, for example `www.example.com:8080`.
 */
export function hostRule(value: string): (head: RequestHead) => RewrittenHead | undefined {
  const values = new Map([["host", value]]);
  const isOther = ([name, found]: Field) =>
    name.length === 4 && found !== value && name.toLowerCase() === "host";
  return (head) => head.fields.some(isOther) ? rewriteHead(head, { values }) : undefined;
}

const NOTHING = new Uint8Array(0);
/** Why a request that takes the place of a body is not sent on where all that is has to be read for certain. */
const LEFT_OUT = "found a request where the body of the last one was due, which others may read differently";

/**
 * What became of a head: the fields that differ, or `undefined` where it is as it came. `untouched` stands at the end:
 * heads that follow in the chunk are no longer looked at.
 */
export type Became = readonly Field[] | undefined | "untouched";

/** What is asked and told about each request. */
export interface RewriteHandler {
  /** What becomes of the heads; absent: they stay. */
  readonly rule?: RewriteRule;
  /**
   * A response to give instead of sending on the request, which begins at this offset of the direction; `undefined` to
   * send it. Absent: all are sent.
   */
  readonly answer?: (head: RequestHead, offset: number) => Uint8Array | undefined;
  /**
   * Told of each request that is sent on, before its pieces are there to be sent.
   *
   * @returns Whether its response can still be told from others; if not, all that follows goes through as it came.
   */
  readonly sending: (head: RequestHead) => boolean;
}

/** Turns the chunks of one direction into the pieces to send instead. */
export class RequestRewriter {
  readonly #cutter: MessageCutter<RequestHead>;
  readonly #pieces: Uint8Array[] = [];
  /** Whether what is no request is sent on. */
  readonly #isOpen: boolean;
  readonly #rewritten: Became[] = [];
  #waits = false;
  #answer: Uint8Array | undefined;
  #answerDue = false;
  #refusal: string | undefined;
  /** The request that is sent on and has not ended. */
  #request: RequestHead | undefined;
  /** Whether the next request takes the place of a body. */
  #leftOut = false;
  /** Whether heads would be rewritten that are no longer looked at. */
  #misses = false;
  /** Whether {@link pieces} holds what an upgrade has set free since they were sent. */
  #carriesOver = false;

  /** Begins before the first chunk. */
  constructor(handler: RewriteHandler) {
    this.#isOpen = handler.rule?.refusesOther === undefined;
    this.#cutter = requestCutter({
      head: (head, framing, offset) => this.#head(handler, head, framing, offset),
      content: (chunk, from, to) => {
        if (this.#answer === undefined) this.#pieces.push(chunk.subarray(from, to));
      },
      end: () => {
        this.#request = undefined;
        this.#answerDue = this.#answer !== undefined;
      },
      leftOut: () => this.#leftOut = true,
      stream: (chunk, from, to, reason) => {
        const refusesOther = handler.rule?.refusesOther;
        this.#misses = handler.rule !== undefined;
        if (refusesOther === undefined || reason === "upgraded") {
          this.#pieces.push(chunk.subarray(from, to));
        } else if (this.#refusal === undefined) {
          this.#refuse(refusesOther, undefined);
          this.#answerDue = true;
        }
      },
    });
  }

  /** Whether the answer to a request decides what follows it, or is still to be given. */
  get waits(): boolean {
    return this.#waits;
  }

  /** The response to give instead of sending the last request on, once that has come whole; {@link answered} follows. */
  get mustAnswer(): Uint8Array | undefined {
    return this.#answerDue ? this.#answer : undefined;
  }

  /**
   * Why nothing more is sent on, where that is so. {@link mustAnswer} is then the last answer; it is empty where a
   * request had gone out in part, to which none can be given.
   */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** What the last call of {@link push} or {@link close} gave to send: views of its chunk, in order. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** The heads that ended in the last chunk, in order, and what became of each. */
  get rewritten(): readonly Became[] {
    return this.#rewritten;
  }

  /**
   * The last request that was sent on has got its final answer, and no leave to send its body: it may leave that out,
   * where it asked for leave and nothing of it came so far.
   */
  bodyMayBeLeftOut(): void {
    if (this.#request !== undefined && expectsContinue(this.#request)) this.#cutter.bodyMayBeLeftOut();
  }

  /** Whether bytes are held that may become a start line, or not; not where nothing else is to be sent on. */
  get holdsStartLine(): boolean {
    return this.#isOpen && this.#cutter.holdsStartLine;
  }

  /** What {@link holdsStartLine} tells of is to go on as it came: it is in {@link pieces}. */
  releaseStartLine(): void {
    this.#begin();
    this.#cutter.releaseStartLine();
  }

  /**
   * The target has decided what follows: HTTP, or (`upgraded`) something else. That an upgrade was not asked for makes
   * no difference: half a head that was held back is in {@link pieces} after the next {@link push} or {@link close}.
   */
  resume(upgraded: boolean): void {
    // To a request that is answered here the target says nothing: what it said was meant for one before.
    if (this.#answer !== undefined || !(this.#waits || upgraded)) return;
    this.#waits = false;
    this.#pieces.length = 0;
    this.#cutter.resume(upgraded);
    this.#carriesOver = this.#pieces.length > 0;
  }

  /** The answer that was due was given: HTTP goes on. */
  answered(): void {
    if (!this.#answerDue) return;
    this.#waits = this.#answerDue = false;
    this.#answer = undefined;
    this.#cutter.resume(false);
  }

  /**
   * Takes the next bytes, and makes {@link pieces} of them.
   *
   * @returns How many were taken: all, unless it waits; give the others again once it does no longer.
   */
  push(chunk: Uint8Array): number {
    this.#begin();
    const taken = this.#cutter.push(chunk);
    if (this.#misses) this.#rewritten.push("untouched");
    return taken;
  }

  /** The direction has ended: what was held back is in {@link pieces}. */
  close(): void {
    this.#begin();
    this.#cutter.close();
  }

  #begin(): void {
    if (!this.#carriesOver) this.#pieces.length = 0;
    this.#carriesOver = false;
    this.#rewritten.length = 0;
  }

  #refuse(reason: string, head: RequestHead | undefined): void {
    this.#refusal = reason;
    this.#waits = true;
    this.#answer = this.#request !== undefined
      ? NOTHING
      : plainAnswer(400, head, reason, [["Connection", "close"]]);
  }

  #head(
    { rule, answer, sending }: RewriteHandler,
    head: RequestHead,
    framing: Framing,
    offset: number,
  ): Framing {
    const made = this.#leftOut && rule?.refusesOther !== undefined ? { refuse: LEFT_OUT } : rule?.(head);
    if (made !== undefined && "refuse" in made) {
      this.#cutter.stopAfterMessage();
      this.#refuse(made.refuse, head);
      this.#rewritten.push(undefined);
      return NO_BODY;
    }
    this.#leftOut = false;
    this.#request = undefined;
    const ambiguous = isAmbiguous(head);
    this.#answer = ambiguous ? undefined : answer?.(head, offset);
    if (this.#answer !== undefined || mayEndHttp(head)) {
      this.#waits = true;
      this.#cutter.stopAfterMessage();
    }
    if (this.#answer !== undefined) {
      this.#rewritten.push(undefined);
      return framing;
    }
    const isFollowed = sending(head);
    this.#request = head;
    this.#pieces.push(made === undefined ? head.raw : made.bytes);
    this.#rewritten.push(made === undefined || made.fields.length === 0 ? undefined : made.fields);
    // Whom a recipient believes here is anyone's guess: what follows might be a body, in which nothing is changed.
    if (ambiguous) return UNDELIMITED;
    return isFollowed ? framing : OVER_LIMIT;
  }
}
