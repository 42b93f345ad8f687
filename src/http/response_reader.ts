/**
 * The responses of a connection, each read as the answer to the request that it belongs to: a response to HEAD has no
 * body, a 2xx to CONNECT and a 101 end HTTP (RFC 9112 §6.3, RFC 9110 §9.3.6 and §15.2.2). Cut as message_cutter.ts cuts.
 */
import { endsHttp, type Framing, isInterim, NO_BODY, UPGRADED } from "./framing.ts";
import type { RequestHead, ResponseHead } from "./head.ts";
import { type MessageCutter, responseCutter } from "./message_cutter.ts";

/** Requests that may wait for their responses: as many as the capture pairs. */
const WAITING_LIMIT = 10_000;

/** What of a request tells how its response is read. Not its head: of many that wait, heads would take much memory. */
export type Asked = Pick<RequestHead, "method">;

const HEAD: Asked = { method: "HEAD" };
const CONNECT: Asked = { method: "CONNECT" };
const OTHER: Asked = { method: "" };

/** What a response is to its request: more follow, it is the answer, or it ends HTTP on the connection. */
export type ResponseRole = "interim" | "final" | "upgrade";

/** Receives the responses of a connection. Byte ranges are borrowed: they hold until the call returns. */
export interface ResponseHandler {
  /** A response begins, the answer to `asked`, or to nothing. */
  head(head: ResponseHead, role: ResponseRole, asked: Asked | undefined, framing: Framing): void;
  /** Bytes `from`–`to` of `chunk` belong to the response: its body as it came. */
  content(chunk: Uint8Array, from: number, to: number): void;
  /** The response is complete. Not told of one that ends HTTP. */
  end(role: ResponseRole): void;
  /** Bytes `from`–`to` of `chunk` are no HTTP. Nothing else follows but such bytes. */
  stream(chunk: Uint8Array, from: number, to: number): void;
}

/** Reads the responses of one connection. */
export class ResponseReader {
  readonly #cutter: MessageCutter<ResponseHead>;
  readonly #asked: Asked[] = [];
  #role: ResponseRole = "final";
  #isOdd = false;

  /** Begins before the first response. */
  constructor(handler: ResponseHandler) {
    this.#cutter = responseCutter({
      head: (head, framing) => {
        const role = this.#role = this.#roleOf(head);
        const asked = this.#asked[0];
        this.#isOdd = head.flags.length > 0;
        if (role !== "interim") this.#take();
        if (role === "final" && asked === HEAD) framing = NO_BODY;
        if (role === "upgrade") framing = UPGRADED;
        handler.head(head, role, asked, framing);
        return framing;
      },
      content: (chunk, from, to) => handler.content(chunk, from, to),
      end: () => handler.end(this.#role),
      stream: (chunk, from, to) => handler.stream(chunk, from, to),
      flag: (flag) => {
        if (flag !== "chunk-extension") this.#isOdd = true;
      },
    });
  }

  /**
   * Whether the response at hand, or the last one, breaks a rule in its head or its framing: others may find its end
   * elsewhere, and take what is left for the response to a later request.
   */
  get isOdd(): boolean {
    return this.#isOdd;
  }

  /** How many requests wait for the head of their final response. */
  get waiting(): number {
    return this.#asked.length;
  }

  /** Whether no response is half read. */
  get betweenMessages(): boolean {
    return this.#cutter.betweenMessages;
  }

  /** Whether the bytes are no longer read as HTTP. */
  get isStream(): boolean {
    return this.#cutter.isStream;
  }

  /**
   * A request goes out: one response more is to come.
   *
   * @returns Whether it was noted. If not, too many wait, and its response is read as one that nobody asked for.
   */
  expect({ method }: RequestHead): boolean {
    if (this.#asked.length >= WAITING_LIMIT) return false;
    this.#asked.push(method === "HEAD" ? HEAD : method === "CONNECT" ? CONNECT : OTHER);
    return true;
  }

  /** Takes the next bytes from the target. They are borrowed until the call returns. */
  push(chunk: Uint8Array): void {
    this.#cutter.push(chunk);
  }

  /** The target has ended. @returns Whether it ended where it may. */
  close(): boolean {
    return this.#cutter.close();
  }

  #roleOf(head: ResponseHead): ResponseRole {
    if (endsHttp(head, this.#asked[0])) return "upgrade";
    return isInterim(head.status) ? "interim" : "final";
  }

  #take(): void {
    // Of one, pop leaves the array's memory in place, where shift gives it up for the next push to take anew.
    if (this.#asked.length === 1) this.#asked.pop();
    else this.#asked.shift();
  }
}
