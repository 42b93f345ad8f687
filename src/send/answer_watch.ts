/**
 * What comes back while a request is still on its way: leave to go on (100), or an answer that came early (RFC 9110
 * §10.1.1, RFC 9112 §9.5). No I/O: bytes in, what is known of them out.
 */
import { endsHttp, isInterim, NO_BODY, UPGRADED } from "../http/framing.ts";
import type { RequestHead, ResponseHead } from "../http/head.ts";
import { type MessageParser, responseParser } from "../http/parser.ts";

const CONTINUE = 100;

/** Watches the responses to one request. */
export class AnswerWatch {
  readonly #parser: MessageParser<ResponseHead>;
  readonly #waiting: (() => void)[] = [];
  #isContinued = false;
  #final: ResponseHead | undefined;
  #isOver = false;

  /** Nothing has come yet. */
  constructor(request: RequestHead) {
    this.#parser = responseParser({
      head: (head, framing) => {
        if (endsHttp(head, request)) {
          this.#final = head;
          this.#isOver = true;
          return UPGRADED;
        }
        if (isInterim(head.status)) {
          if (head.status === CONTINUE) this.#isContinued = true;
          return NO_BODY;
        }
        this.#final ??= head;
        return request.method === "HEAD" ? NO_BODY : framing;
      },
      body: () => {},
      flag: () => {},
      end: () => {
        if (this.#final !== undefined) this.#isOver = true;
      },
      // What is no HTTP is no leave to go on, but an answer of a kind.
      stream: () => this.#isOver = true,
    });
  }

  /** Whether the peer has asked for the body. */
  get isContinued(): boolean {
    return this.#isContinued;
  }

  /** The head of the final response, once it came. */
  get final(): ResponseHead | undefined {
    return this.#final;
  }

  /** Whether the final response is complete, or none can come any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes what was read. The bytes are borrowed until the call returns. */
  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
    this.#wake();
  }

  /** The peer sends no more. */
  ended(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Resolves when something has changed. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
