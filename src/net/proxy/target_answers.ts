/**
 * What the bytes of a target become for a client of the proxy: responses without what was meant for tcpmon alone
 * (RFC 9110 §7.6.1), and nothing that answers no request. No I/O, no clock.
 *
 * Recipients must agree where a response ends. Where they may not (RFC 9112 §11.1) it goes to the client, but nothing
 * follows it on either connection.
 */
import type { Field, RequestHead, ResponseHead } from "../../http/head.ts";
import { expectsContinue } from "../../http/framing.ts";
import { asksForUpgrade, persists } from "../../http/hop_by_hop.ts";
import { returnedHead } from "../../http/proxy_request.ts";
import { ResponseReader } from "../../http/response_reader.ts";
import { LOGIN_WANTED, loginWanted } from "../upstream/login.ts";

const EXPECTATION_FAILED = 417;

/** How far the answer to the last request is. */
export type AnswerState =
  | "waiting"
  /** A part of the final response has gone to the client. */
  | "begun"
  | "done"
  /** The connection now carries another protocol. */
  | "upgraded";

/** How much of a request was sent on. */
export type RequestSent = "head" | "body begun" | "whole";

/** What is made of a head, and known of it. */
interface Made {
  /** What goes to the client, where its connection stays open. */
  readonly bytes: Uint8Array;
  /** Whether the target keeps its connection open. */
  readonly persists: boolean;
  /** Whether it is sure that recipients agree where the response ends, and that another can follow. */
  readonly isPlain: boolean;
}

/** Reads what one target sends. */
export class TargetAnswers {
  readonly #responses: ResponseReader;
  readonly #add: readonly Field[];
  /** Heads that were made before, as connections repeat theirs. */
  readonly #made = new WeakMap<ResponseHead, Made>();
  readonly #pieces: Uint8Array[] = [];
  /** How much of the last request was sent on. */
  requestSent: RequestSent = "whole";
  #request: RequestHead | undefined;
  #state: AnswerState = "done";
  #clientPersists = true;
  /** Whether the client was told to send its body. */
  #isContinued = false;
  #closes = false;
  #reusable = true;
  #problem: string | undefined;
  #isRefusedUpstream = false;

  /**
   * Begins before the first request.
   *
   * @param add Fields that are added to each response.
   * @param upstream What the upstream proxy that gives them was told: a login that it wants is no business of the client.
   *   Absent: the target gives them.
   */
  constructor(add: readonly Field[], upstream?: { readonly authorization?: string }) {
    this.#add = add;
    this.#responses = new ResponseReader({
      head: (head, role, asked, framing) => {
        const request = this.#request;
        if (this.#problem !== undefined) return;
        if (asked === undefined || request === undefined) {
          return this.#fail("the target sent a response that nobody had asked for");
        }
        if (role === "interim") return this.#interim(head, request);
        if (role === "upgrade") return this.#upgrade(head, request);
        if (upstream !== undefined && head.status === LOGIN_WANTED) {
          this.#isRefusedUpstream = true;
          return this.#fail(`the upstream proxy ${loginWanted(head, upstream.authorization !== undefined)}`);
        }
        this.#final(head, this.#madeOf(head), framing.kind === "close" || framing.kind === "stream");
      },
      content: (chunk, from, to) => {
        if (this.#problem === undefined) this.#pieces.push(chunk.subarray(from, to));
      },
      end: (role) => {
        if (role !== "final" || this.#problem !== undefined) return;
        this.#state = "done";
        if (!this.#responses.isOdd) return;
        this.#closes = true;
        this.#reusable = false;
      },
      stream: (chunk, from, to) => {
        if (this.#state === "upgraded") this.#pieces.push(chunk.subarray(from, to));
        else this.#fail("the target sent what is no HTTP response");
      },
    });
  }

  /** How far the answer to the last request is. */
  get state(): AnswerState {
    return this.#state;
  }

  /** Whether nothing of a final response has gone to the client. */
  get isWaiting(): boolean {
    return this.#state === "waiting";
  }

  /** Whether the upstream proxy refused: the target was never asked. */
  get isRefusedUpstream(): boolean {
    return this.#isRefusedUpstream;
  }

  /** Whether the client's connection is to be closed after the answer. */
  get closes(): boolean {
    return this.#closes;
  }

  /** Whether another request may follow on the connection. */
  get reusable(): boolean {
    return this.#reusable;
  }

  /** Whether no response is half read. */
  get betweenMessages(): boolean {
    return this.#responses.betweenMessages;
  }

  /** Why what comes is no longer passed on, where it is not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** What the last call of {@link push} gave to send to the client: views of its chunk, in order. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /**
   * A request goes out.
   *
   * @param clientPersists Whether the client keeps its connection open after it.
   */
  expect(request: RequestHead, clientPersists: boolean): void {
    this.#request = request;
    this.#state = "waiting";
    this.#closes = this.#isContinued = false;
    this.#clientPersists = clientPersists;
    this.#responses.expect(request);
  }

  /** Takes the next bytes from the target, and makes {@link pieces} of them. They are borrowed, and so are those. */
  push(chunk: Uint8Array): void {
    this.#pieces.length = 0;
    this.#responses.push(chunk);
  }

  /** The target has ended: an answer that lasts until then is done. */
  close(): void {
    this.#pieces.length = 0;
    this.#responses.close();
  }

  /** Nothing more is passed on. */
  mute(reason: string): void {
    this.#fail(reason);
  }

  #final(head: ResponseHead, { bytes, persists, isPlain }: Made, untilClose: boolean): void {
    // A target that answers early and closes will not take the rest of the request.
    const lost = this.requestSent !== "whole" && !persists;
    const isUnsure = this.#mayLeaveBodyOut(head);
    const isLast = untilClose || !isPlain || lost || !this.#clientPersists;
    this.#closes = isLast || isUnsure;
    if (untilClose || !isPlain || !persists || isUnsure) this.#reusable = false;
    // To be told of the end keeps curl from sending it again without Expect, which it does on a new connection, too.
    const isTold = isLast || (isUnsure && head.status !== EXPECTATION_FAILED);
    this.#pieces.push(isTold ? returnedHead(head, true, this.#add) : bytes);
    this.#state = "begun";
  }

  /**
   * Whether the client, which asked for leave to send its body and is refused, may leave that out (RFC 9110 §10.1.1). Some
   * do, and go on with another request; target and proxy could disagree which it is, so that nothing follows.
   */
  #mayLeaveBodyOut({ status }: ResponseHead): boolean {
    return this.requestSent === "head" && status >= 300 && !this.#isContinued &&
      expectsContinue(this.#request!);
  }

  #interim(head: ResponseHead, request: RequestHead): void {
    // Such a client knows none (RFC 9110 §15.2).
    if (request.version === "HTTP/1.0") return;
    this.#pieces.push(this.#madeOf(head).bytes);
    if (head.status === 100) this.#isContinued = true;
  }

  #upgrade(head: ResponseHead, request: RequestHead): void {
    if (!asksForUpgrade(request.fields)) {
      return this.#fail("the target switched protocols (101) without being asked");
    }
    this.#pieces.push(this.#madeOf(head).bytes);
    this.#reusable = false;
    this.#state = "upgraded";
  }

  #madeOf(head: ResponseHead): Made {
    let made = this.#made.get(head);
    if (made === undefined) {
      made = {
        bytes: returnedHead(head, false, this.#add),
        persists: persists(head),
        isPlain: head.flags.length === 0 && /^HTTP\/1\.[1-9]$/.test(head.version),
      };
      this.#made.set(head, made);
    }
    return made;
  }

  #fail(reason: string): void {
    this.#problem ??= reason;
    this.#reusable = false;
  }
}
