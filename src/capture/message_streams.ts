/**
 * Streams of messages inside a connection: WebSocket messages after an upgrade, server-sent events inside a response.
 * Each becomes a record when it is complete.
 */
import { contentCodings } from "../http/coding.ts";
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

/** Connections repeat their heads, and this is asked of every response. */
const eventStreams = new WeakMap<ResponseHead, boolean>();

/** Whether the body is an event stream that can be read as it comes: not compressed. */
function isEventStream(head: ResponseHead): boolean {
  let known = eventStreams.get(head);
  if (known === undefined) {
    const type = fieldValue(head.fields, "content-type")?.split(";")[0].trim().toLowerCase();
    known = type === "text/event-stream" && contentCodings(head.fields).length === 0;
    eventStreams.set(head, known);
  }
  return known;
}

/** The events of a response, where it is an event stream that is not compressed. */
export function eventStreamOf(
  head: ResponseHead,
  exchange: number,
  connection: ConnectionInfo,
  context: MessageContext,
): EventMessages | undefined {
  if (!isEventStream(head)) return undefined;
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
  return {
    push(chunk, from, to, at) {
      readAt = at;
      reader.push(chunk, from, to);
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
