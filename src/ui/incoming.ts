/**
 * Requests as they come over one connection of the viewer (RFC 9112): their heads, judged strictly, and their bodies, read
 * no faster than somebody wants them.
 */
import type { RequestHead } from "../http/head.ts";
import { type MessageParser, requestParser } from "../http/parser.ts";
import { Refused } from "./requests.ts";

/** What came next. */
export type Arrived =
  /** A request; its body may still be on its way. */
  | { readonly kind: "request"; readonly head: RequestHead }
  /** Something that is no request, or none that all would read alike: nothing more can be read. */
  | { readonly kind: "refused"; readonly status: 400 | 431 | 505; readonly error: string }
  /** Nothing: the other side ended, which it may between requests. */
  | { readonly kind: "end" };

/** Bytes taken per read: a head is small, and many connections never send one … */
const HEAD_READ_BYTES = 4 * 1024;
/** … while a body may be a file of gigabytes. */
const BODY_READ_BYTES = 64 * 1024;
/** Longest head, in bytes: a page's own are under 2 KiB, with a filter of the greatest length under 16. */
const MAX_HEAD_BYTES = 64 * 1024;
/** What may be odd about a head; all else could be read in two ways. Host is the lock's to judge. */
const HARMLESS: readonly string[] = ["leading-blank-line", "no-host", "duplicate-host"];

const NOTHING = new Uint8Array(0);

/** The requests of a connection, one after the other. */
export class Incoming {
  readonly #source: Pick<Deno.Conn, "read">;
  readonly #parser: MessageParser<RequestHead>;
  #buffer = new Uint8Array(HEAD_READ_BYTES);
  /** Bytes in the buffer that belong to what comes after the request at hand. */
  #unread: Uint8Array = NOTHING;
  #filling: Promise<boolean> | undefined;
  #head: RequestHead | undefined;
  #pieces: Uint8Array[] = [];
  #isWhole = false;
  #isBroken = false;

  /** Reads from a connection that stays its owner's. */
  constructor(source: Pick<Deno.Conn, "read">) {
    this.#source = source;
    this.#parser = requestParser({
      head: (head, framing) => {
        this.#head = head;
        this.#parser.stopAfterMessage();
        return framing;
      },
      body: (chunk, from, to) => this.#pieces.push(chunk.slice(from, to)),
      // Of the head they stand in it. What is odd about a body could be read in two ways as well.
      flag: (flag) => this.#isBroken ||= this.#head !== undefined && !HARMLESS.includes(flag),
      end: () => this.#isWhole = true,
      stream: () => this.#isBroken = true,
    });
  }

  /** Whether the request at hand came to its end; its last bytes may not have been taken yet. */
  get isWhole(): boolean {
    return this.#isWhole && !this.#isBroken;
  }

  /**
   * The next request. The one before has to be whole.
   *
   * @param onBegin Called when its first byte is there.
   * @throws What the connection throws.
   */
  async next(onBegin: () => void): Promise<Arrived> {
    if (this.#head !== undefined) this.#parser.resume(false);
    this.#head = undefined;
    this.#pieces = [];
    this.#isWhole = false;
    for (let bytes = 0; this.#head === undefined && !this.#isBroken;) {
      if (!await this.fill()) return { kind: "end" };
      if (bytes === 0) onBegin();
      bytes += this.#take();
      const headBytes = (this.#head as RequestHead | undefined)?.raw.length ?? bytes;
      if (headBytes > MAX_HEAD_BYTES) {
        return refused(431, `the head of a request is at most ${MAX_HEAD_BYTES} bytes long`);
      }
    }
    return this.#head === undefined ? refused(400, "this is no HTTP request") : judged(this.#head);
  }

  /**
   * The next bytes of the body; `undefined`: there are no more.
   *
   * @throws {Refused} 400, where the body cannot be read, or what the connection throws.
   */
  async piece(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) return piece;
      if (this.#isBroken) throw new Refused(400, "the body of the request breaks the rules of HTTP");
      if (this.#isWhole) return undefined;
      // Nothing is in the buffer, as the body would have taken it.
      if (this.#buffer.length < BODY_READ_BYTES && this.#filling === undefined) {
        this.#buffer = new Uint8Array(BODY_READ_BYTES);
      }
      if (!await this.fill()) throw new Error("the connection ended within the request");
      this.#take();
    }
  }

  /** Waits until something has come. Who waits while a request is answered learns of the other side's end. */
  fill(): Promise<boolean> {
    if (this.#unread.length > 0) return Promise.resolve(true);
    this.#filling ??= this.#read().finally(() => this.#filling = undefined);
    return this.#filling;
  }

  /** Lets pass whatever still comes, to the other side's end. */
  async drain(): Promise<void> {
    this.#unread = NOTHING;
    while (await this.fill()) this.#unread = NOTHING;
  }

  async #read(): Promise<boolean> {
    const length = await this.#source.read(this.#buffer);
    if (length !== null) this.#unread = this.#buffer.subarray(0, length);
    return length !== null;
  }

  #take(): number {
    const taken = this.#parser.push(this.#unread);
    this.#unread = this.#unread.subarray(taken);
    return taken;
  }
}

function judged(head: RequestHead): Arrived {
  if (head.version !== "HTTP/1.1" && head.version !== "HTTP/1.0") {
    return refused(505, "wanted HTTP/1.1");
  }
  const odd = head.flags.find((flag) => !HARMLESS.includes(flag));
  if (odd === undefined) return { kind: "request", head };
  return refused(400, `the request breaks the rules of HTTP: ${odd}`);
}

function refused(status: 400 | 431 | 505, error: string): Arrived {
  return { kind: "refused", status, error };
}
