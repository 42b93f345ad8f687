/**
 * HTTP/1.x messages over a connection, for the demo's two ends: pulls what the sans-io parser finds, and writes bytes.
 *
 * The demo speaks through its own small ends, not through `Deno.serve` and `fetch`, because those can neither send
 * trailers nor interim responses, nor keep the case of field names: what the log is to show.
 */
import type { Framing } from "../http/framing.ts";
import { type Field, fieldValue, type RequestHead, type ResponseHead } from "../http/head.ts";
import type { MessageHandler, MessageParser } from "../http/parser.ts";

/** Bytes of a body that are kept. The demo's own messages are a few hundred; this is for what users try. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** Bytes taken per read: several messages of the demo. */
const READ_BYTES = 16 * 1024;

/** What follows a head: the body and its trailers. */
export interface MessageRest {
  /** The body, transfer coding taken off; at most {@link BODY_LIMIT_BYTES} of it. */
  readonly body: Uint8Array;
  /** How many bytes the body had. */
  readonly bytes: number;
  /** Trailer fields of a chunked body, in wire order. */
  readonly trailers: readonly Field[];
}

type WireEvent<H> =
  | { readonly type: "head"; readonly head: H }
  | { readonly type: "body" | "stream"; readonly bytes: Uint8Array }
  | { readonly type: "end"; readonly trailers: readonly Field[] };

/** Pulls messages off a connection, in order: {@link head}, {@link rest}, and so on, or {@link bytes} after an upgrade. */
export class WireReader<H extends RequestHead | ResponseHead> {
  readonly #source: Pick<Deno.Conn, "read">;
  readonly #parser: MessageParser<H>;
  readonly #buffer = new Uint8Array(READ_BYTES);
  /** What the last read brought; the next read waits until it is used up, so it is bounded by one buffer. */
  #events: WireEvent<H>[] = [];
  #ended = false;

  /**
   * Reads from a connection that stays its owner's.
   *
   * @param source The connection to read.
   * @param parser `requestParser` or `responseParser`.
   * @param frame Says how the body of a message is delimited where the reader's owner knows better than its head.
   */
  constructor(
    source: Pick<Deno.Conn, "read">,
    parser: (handler: MessageHandler<H>) => MessageParser<H>,
    frame: (head: H, declared: Framing) => Framing = (_head, declared) => declared,
  ) {
    this.#source = source;
    this.#parser = parser({
      head: (head, declared) => {
        this.#events.push({ type: "head", head });
        if (head.kind === "request" && fieldValue(head.fields, "upgrade") !== undefined) {
          this.#parser.pauseAfterMessage();
        }
        return frame(head, declared);
      },
      body: (chunk, from, to) => this.#events.push({ type: "body", bytes: chunk.slice(from, to) }),
      flag: () => {},
      end: (trailers) => this.#events.push({ type: "end", trailers }),
      stream: (chunk, from, to) => this.#events.push({ type: "stream", bytes: chunk.slice(from, to) }),
    });
  }

  /** Whether what came is not, or no longer, HTTP. */
  get isStream(): boolean {
    return this.#parser.isStream;
  }

  /** The head of the next message; `undefined` where none comes any more. Throws what the connection throws. */
  async head(): Promise<H | undefined> {
    const event = await this.#next();
    return event?.type === "head" ? event.head : undefined;
  }

  /** Body and trailers of the message whose head was read last; `undefined` where it was cut short. */
  async rest(): Promise<MessageRest | undefined> {
    const pieces: Uint8Array[] = [];
    let kept = 0;
    let bytes = 0;
    for (;;) {
      const event = await this.#next();
      if (event?.type === "body") {
        const piece = event.bytes.subarray(0, BODY_LIMIT_BYTES - kept);
        if (piece.length > 0) pieces.push(piece);
        kept += piece.length;
        bytes += event.bytes.length;
      } else if (event?.type === "end") {
        return { body: concat(pieces), bytes, trailers: event.trailers };
      } else {
        return undefined;
      }
    }
  }

  /** The next bytes after an upgrade; `undefined` at the end. Throws what the connection throws. */
  async bytes(): Promise<Uint8Array | undefined> {
    const event = await this.#next();
    return event?.type === "stream" ? event.bytes : undefined;
  }

  /** Says what follows a request that asked for an upgrade: something else, or more HTTP. */
  resume(upgraded: boolean): void {
    this.#parser.resume(upgraded);
  }

  async #next(): Promise<WireEvent<H> | undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined || this.#ended) return event;
      const size = await this.#source.read(this.#buffer);
      if (size === null) {
        this.#ended = true;
        this.#parser.close();
      } else {
        this.#parser.push(this.#buffer.subarray(0, size));
      }
    }
  }
}

/** Writes all of `bytes`; one write may take less. Throws what the connection throws. */
export async function writeAll(target: Pick<Deno.Conn, "write">, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await target.write(bytes.subarray(at));
}

/** The bytes of a message head: start line and fields in order, ended by an empty line (RFC 9112 §2.1). */
export function headBytes(startLine: string, fields: readonly Field[]): Uint8Array {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new TextEncoder().encode(`${startLine}\r\n${lines}\r\n`);
}

/** Closes a connection that may be closed already: by its owner, who is stopping. */
export function closeConnection(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed, which is what is wanted.
  }
}

/** One array of all the pieces, in order. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Waits, but not longer than until `signal` is aborted; whoever waits looks at the signal afterwards. */
export function pause(waitMs: number, signal?: AbortSignal): Promise<void> {
  if (waitMs <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    signal?.addEventListener("abort", done);
  });
}
