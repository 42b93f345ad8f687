/** Reads the requests of one client of the proxy one at a time: head, then body piece by piece (RFC 9112 §2.2, §9.3). */
import { isAmbiguous, NO_BODY, type StreamReason, UNDELIMITED } from "../../http/framing.ts";
import type { RequestHead } from "../../http/head.ts";
import { type MessageCutter, requestCutter } from "../../http/message_cutter.ts";
import type { ClientReader } from "./client_reader.ts";

const NOTHING = new Uint8Array(0);

/** The requests of one client. What it tells is about the bytes that {@link next} read last. */
export class ClientRequests {
  readonly #reader: ClientReader;
  readonly #cutter: MessageCutter<RequestHead>;
  #head: RequestHead | undefined;
  #content: Uint8Array | undefined;
  #ended = false;
  #broken: StreamReason | undefined;
  #stray = NOTHING;

  /** Begins before the first request. */
  constructor(reader: ClientReader) {
    this.#reader = reader;
    this.#cutter = requestCutter({
      head: (head, framing) => {
        this.#head = head;
        this.#cutter.stopAfterMessage();
        if (head.method === "CONNECT") return NO_BODY;
        return isAmbiguous(head) ? UNDELIMITED : framing;
      },
      content: (chunk, from, to) => this.#content = chunk.subarray(from, to),
      end: () => this.#ended = true,
      stream: (chunk, from, to, reason) => {
        this.#broken = reason;
        this.#stray = chunk.slice(from, to);
      },
      // What is read as the end of a chunk here may be none for the target.
      flag: (flag) => {
        if (flag !== "chunk-extension") this.#broken ??= "not-http";
      },
    });
  }

  /** The head that ended there. */
  get head(): RequestHead | undefined {
    return this.#head;
  }

  /** What there was of its body, as it came. Borrowed until more is read. */
  get content(): Uint8Array | undefined {
    return this.#content;
  }

  /** Whether the request ended there. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why it is no request, or none that others read in the same way. */
  get broken(): StreamReason | undefined {
    return this.#broken;
  }

  /** What came instead of a request. */
  get stray(): Uint8Array {
    return this.#stray;
  }

  /** Whether the next byte begins a request. */
  get betweenRequests(): boolean {
    return this.#cutter.betweenMessages;
  }

  /** Reads on in the chunk at hand: at most one request, or a part of it. @returns The head, if one ended there. */
  next(): RequestHead | undefined {
    const reader = this.#reader;
    this.#head = this.#content = this.#broken = undefined;
    this.#ended = false;
    reader.take(this.#cutter.push(reader.chunk));
    return this.#head;
  }

  /** Another request may follow. */
  goOn(): void {
    this.#cutter.resume(false);
  }

  /** The client has ended: half a head is no request. */
  close(): void {
    this.#cutter.close();
  }
}
