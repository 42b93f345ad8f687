/**
 * What a connection carries beside HTTP: messages of the protocol that was switched to, or else data, a record for each
 * read. There is one only on connections where such bytes came, or HTTP was switched away from.
 */
import type { RequestHead, ResponseHead } from "../http/head.ts";
import type { CaptureContext } from "./capture_context.ts";
import { ClientHelloReader } from "./client_hello.ts";
import { type WebSocketMessages, webSocketsOf } from "./message_streams.ts";
import type { ConnectionInfo, Direction } from "./record.ts";

/** First byte of a TLS handshake record (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 22;

/** Tells of both directions of one connection. Times are monotonic ms. */
export class RawStream {
  readonly #context: CaptureContext;
  readonly #connection: ConnectionInfo;
  #request: RequestHead | undefined;
  #webSockets: WebSocketMessages | undefined;
  /** Reads what a TLS client says first. */
  #hello: ClientHelloReader | undefined;

  /** Begins before the first byte. */
  constructor(context: CaptureContext, connection: ConnectionInfo) {
    this.#context = context;
    this.#connection = connection;
  }

  /** The request that switched to another protocol, where one did. */
  get request(): RequestHead | undefined {
    return this.#request;
  }

  /**
   * What follows is another protocol.
   *
   * @param request Who asked for it; `undefined`: the target switched unasked.
   * @param exchange Id of the exchange.
   */
  upgraded(request: RequestHead | undefined, response: ResponseHead, exchange: number): void {
    this.#request = request;
    if (request === undefined) return;
    this.#webSockets = webSocketsOf(request, response, exchange, this.#connection, this.#context);
  }

  /**
   * Takes bytes `from`–`to` of `chunk`, at least one, read at `at`, which stand at `offset` of the direction.
   *
   * @param isHttp Whether they are a part of HTTP that could not be read as such.
   */
  push(
    direction: Direction,
    chunk: Uint8Array,
    from: number,
    to: number,
    offset: number,
    at: number,
    isHttp: boolean,
  ): void {
    if (direction === "up") this.#readHello(chunk, from, to, offset, at);
    if (this.#webSockets?.push(direction, chunk, from, to, at, offset)) return;
    this.#context.emit({
      type: "data",
      connection: this.#connection,
      at: this.#context.wall(at),
      direction,
      offset,
      body: { bytes: to - from, kept: chunk.subarray(from, to) },
      ...isHttp && { http: true },
    });
  }

  /** The direction has ended: what came of an unfinished message is told. */
  end(direction: Direction, at: number): void {
    this.#webSockets?.end(direction, at);
  }

  /** A client that begins with TLS says openly for whom it is. */
  #readHello(chunk: Uint8Array, from: number, to: number, offset: number, at: number): void {
    if (offset === 0 && chunk[from] === TLS_HANDSHAKE) this.#hello = new ClientHelloReader();
    const hello = this.#hello?.push(chunk.subarray(from, to)) ?? "more";
    if (hello === "more") return;
    this.#hello = undefined;
    if (hello === "not-tls") return;
    this.#context.emit({
      type: "connection",
      event: "client-hello",
      connection: this.#connection,
      at: this.#context.wall(at),
      hello,
    });
  }
}
