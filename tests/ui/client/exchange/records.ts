/** Exchanges made from their parts, for tests of how they are shown. */
import type {
  ConnectionInfo,
  DataRecord,
  ExchangeRecord,
  RequestMessage,
  ResponseMessage,
  ServerSentEventRecord,
  WebSocketRecord,
} from "../../../../src/capture/record.ts";
import { composeRequestHead, composeResponseHead } from "../../../../src/http/compose_head.ts";
import type { Field } from "../../../../src/http/head.ts";

const encoder = new TextEncoder();

/** When everything began, ms since the epoch. */
export const BEGAN = 1_795_170_666_123;

/** What a message is made of. */
export interface MessageParts {
  readonly fields?: readonly Field[];
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly trailers?: readonly Field[];
}

/** What an exchange is made of; what is left out is ordinary. */
export interface ExchangeParts extends Partial<Omit<ExchangeRecord, "request" | "response">> {
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly request?: MessageParts & { readonly rewritten?: readonly Field[] };
  readonly response?: MessageParts;
}

/** Makes records; each exchange has a number and a connection of its own. */
export class Recorder {
  #ids = 0;

  /** An exchange. */
  exchange(parts: ExchangeParts = {}): ExchangeRecord {
    const { method = "GET", target = "/", status = 200, reason = "OK", request, response, ...rest } = parts;
    const id = ++this.#ids;
    const requestHead = {
      method,
      target,
      version: "HTTP/1.1",
      fields: fieldsOf(request, [["Host", "localhost:8081"]]),
    };
    const responseHead = { status, reason, version: "HTTP/1.1", fields: fieldsOf(response, []) };
    const asked: RequestMessage = {
      ...messageOf(request),
      head: composeRequestHead(requestHead),
      ...request?.rewritten && { rewritten: request.rewritten },
    };
    const told: ResponseMessage = { ...messageOf(response), head: composeResponseHead(responseHead) };
    return {
      type: "exchange",
      id,
      connection: connectionOf(id),
      at: BEGAN,
      request: asked,
      response: told,
      interim: [],
      ms: { connect: 3.2, tls: 2.1, send: 0.4, wait: 12.5, receive: 1.9, total: 18, relay: 0.12 },
      outcome: "complete",
      flags: [],
      ...rest,
    };
  }

  /** An exchange without a request or without a response. */
  half(part: "request" | "response", parts: ExchangeParts): ExchangeRecord {
    const { [part]: _, ...half } = this.exchange(parts);
    return half as ExchangeRecord;
  }

  /** A WebSocket message of an exchange. */
  webSocket(
    exchange: ExchangeRecord,
    index: number,
    content: string | Uint8Array,
    isUp = true,
  ): WebSocketRecord {
    return {
      ...streamed(exchange, index, content, isUp),
      protocol: "websocket",
      opcode: typeof content === "string" ? "text" : "binary",
      frames: 1,
    };
  }

  /** A server-sent event of an exchange. */
  event(exchange: ExchangeRecord, index: number, data: string, event = "message"): ServerSentEventRecord {
    return { ...streamed(exchange, index, data, false), protocol: "sse", event };
  }

  /** Reads of a stream that is not HTTP, the ways taking turns. */
  stream(...reads: readonly (string | Uint8Array)[]): readonly DataRecord[] {
    const connection = connectionOf(++this.#ids);
    const offsets = { up: 0, down: 0 };
    return reads.map((content, i) => {
      const direction = i % 2 === 0 ? "up" : "down";
      const body = bodyOf(content);
      const offset = offsets[direction];
      offsets[direction] += body.bytes;
      return { type: "data", connection, at: BEGAN + i, direction, offset, body };
    });
  }
}

/** A body coded with gzip. */
export async function gzipped(content: string | Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytesOf(content).slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function streamed(exchange: ExchangeRecord, index: number, content: string | Uint8Array, isUp: boolean) {
  return {
    type: "message",
    connection: exchange.connection,
    exchange: exchange.id,
    at: BEGAN + index * 10,
    direction: isUp ? "up" : "down",
    index,
    body: bodyOf(content),
  } as const;
}

function connectionOf(id: number): ConnectionInfo {
  return { id, listener: "127.0.0.1:8081", client: "127.0.0.1:40112", target: "localhost:8080" };
}

function fieldsOf({ fields = [], type, body }: MessageParts = {}, first: readonly Field[]): readonly Field[] {
  return [
    ...first,
    ...fields,
    ...type === undefined ? [] : [["Content-Type", type] as const],
    ...body === undefined ? [] : [["Content-Length", `${bytesOf(body).length}`] as const],
  ];
}

function messageOf({ body = "", trailers = [] }: MessageParts = {}) {
  return { body: bodyOf(body), trailers };
}

function bodyOf(content: string | Uint8Array) {
  const kept = bytesOf(content);
  return { bytes: kept.length, kept };
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? encoder.encode(content) : content;
}
