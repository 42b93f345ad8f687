/**
 * Streams of messages inside a connection: WebSocket messages after an upgrade, server-sent events inside a response.
 * Each becomes a record when it is complete.
 */
import { contentCodings } from "../http/coding.ts";
import { GzipStream, isStreamed, type StreamedCoding } from "../http/coding/gzip_stream.ts";
import { EventStreamReader } from "../http/event_stream.ts";
import { fieldValue, type RequestHead, type ResponseHead } from "../http/head.ts";
import { isWebSocketUpgrade, webSocketExtensions, WebSocketReader } from "../http/websocket.ts";
import type { BodyMemory } from "./body_keeper.ts";
import type { ConnectionInfo, Direction, Record } from "./record.ts";

/** What the streams need of the capture. */
export interface MessageContext {
  /** Takes each record. */
  readonly emit: (record: Record) => void;
  /** Turns a monotonic time (ms) into ms since the epoch. */
  readonly wall: (monotonicMs: number) => number;
  /** Bounds what is kept of bodies. */
  readonly memory: BodyMemory;
}

/** The server-sent events of one response. */
export interface EventMessages {
  /** Takes bytes `from`–`to` of `chunk`, read at the monotonic time `at`. */
  push(chunk: Uint8Array, from: number, to: number, at: number): void;
}

/** The WebSocket messages of both directions. */
export interface WebSocketMessages {
  /**
   * Takes bytes `from`–`to` of `chunk`, which stand at `offset` of the direction and were read at the monotonic time `at`.
   *
   * @returns Whether they were taken; if not, they are to be shown as data.
   */
  push(
    direction: Direction,
    chunk: Uint8Array,
    from: number,
    to: number,
    at: number,
    offset: number,
  ): boolean;
  /** The direction has ended: what came of an unfinished message is told. */
  end(direction: Direction, at: number): void;
}

/** How an event stream can be read as it comes: plain, or with one coding off; `undefined`: it is none that can. */
type EventCoding = "plain" | StreamedCoding | undefined;

/** Connections repeat their heads, and this is asked of every response. */
const eventCodings = new WeakMap<ResponseHead, { readonly coding: EventCoding }>();

function eventCodingOf(head: ResponseHead): EventCoding {
  let known = eventCodings.get(head);
  if (known === undefined) {
    const type = fieldValue(head.fields, "content-type")?.split(";")[0].trim().toLowerCase();
    known = { coding: type === "text/event-stream" ? readableCoding(head) : undefined };
    eventCodings.set(head, known);
  }
  return known.coding;
}

function readableCoding(head: ResponseHead): EventCoding {
  const codings = contentCodings(head.fields);
  if (codings.length === 0) return "plain";
  return codings.length === 1 && isStreamed(codings[0]) ? codings[0] : undefined;
}

/** The events of a response, where it is an event stream that can be read as it comes. */
export function eventStreamOf(
  head: ResponseHead,
  exchange: number,
  connection: ConnectionInfo,
  context: MessageContext,
): EventMessages | undefined {
  const coding = eventCodingOf(head);
  if (coding === undefined) return undefined;
  let readAt = 0;
  let index = 0;
  const reader = new EventStreamReader({
    limitBytes: context.memory.limitBytes,
    onEvent: ({ event, lastEventId, retry, data }) =>
      context.emit({
        type: "message",
        protocol: "sse",
        connection,
        exchange,
        at: context.wall(readAt),
        direction: "down",
        index: ++index,
        event,
        lastEventId,
        retry,
        body: data,
      }),
  });
  const unzip = coding === "plain"
    ? undefined
    : new GzipStream(coding, (buffer, from, to) => reader.push(buffer, from, to));
  return {
    push(chunk, from, to, at) {
      readAt = at;
      if (unzip === undefined) reader.push(chunk, from, to);
      else unzip.push(chunk.subarray(from, to));
    },
  };
}

/** The messages of both directions after an upgrade to WebSocket; `undefined` after any other upgrade. */
export function webSocketsOf(
  request: RequestHead,
  response: ResponseHead,
  exchange: number,
  connection: ConnectionInfo,
  context: MessageContext,
): WebSocketMessages | undefined {
  if (!isWebSocketUpgrade(request, response)) return undefined;
  const extensions = webSocketExtensions(response.fields);
  let readAt = 0;
  /** Offset behind the bytes at hand, in their direction. */
  let endOffset = 0;
  const reading = { up: true, down: true };
  const readerOf = (direction: Direction) => {
    let index = 0;
    const side = direction === "up" ? "client" : "server";
    return new WebSocketReader({
      side,
      deflate: extensions?.[side],
      limitBytes: context.memory.limitBytes,
      onMessage: (message) =>
        context.emit({
          type: "message",
          protocol: "websocket",
          connection,
          exchange,
          at: context.wall(readAt),
          direction,
          index: ++index,
          ...message,
        }),
      onBroken(remaining) {
        reading[direction] = false;
        if (remaining.length === 0) return;
        context.emit({
          type: "data",
          connection,
          at: context.wall(readAt),
          direction,
          offset: endOffset - remaining.length,
          body: { bytes: remaining.length, kept: remaining },
        });
      },
    });
  };
  const readers = { up: readerOf("up"), down: readerOf("down") };
  return {
    push(direction, chunk, from, to, at, offset) {
      if (!reading[direction]) return false;
      readAt = at;
      endOffset = offset + to - from;
      readers[direction].push(chunk.subarray(from, to));
      return true;
    },
    end(direction, at) {
      readAt = at;
      readers[direction].end();
    },
  };
}
