/** Runs bytes through a parser and writes down what came out, in a form that does not depend on how they were cut. */
import type { Flag } from "../../src/http/flags.ts";
import { type Framing, NO_BODY } from "../../src/http/framing.ts";
import type { RequestHead, ResponseHead } from "../../src/http/head.ts";
import {
  type MessageHandler,
  requestParser,
  responseParser,
  type StreamReason,
} from "../../src/http/parser.ts";

/** A message or the stream at the end, as far as it came. Byte strings hold one character per byte. */
export interface Seen {
  /** `METHOD target version` or `version status reason`; `stream` for what is not HTTP. */
  start: string;
  /** `Name: value` of each field. */
  fields: string[];
  /** Oddities of head and body. */
  flags: Flag[];
  /** The body, or what the stream carries. */
  body: string;
  /** `Name: value` of each trailer field. */
  trailers: string[];
  /** `end`: complete. `cut`: the direction ended inside it. `open`: as long as the connection. `stream`: no HTTP. */
  state: "end" | "cut" | "open" | "stream";
  /** Why it is a stream, where it is one. */
  reason: StreamReason | "";
  /** Offset in the direction. */
  at: number;
  /** What the head says of itself. */
  exact: boolean;
  /** The head's bytes. */
  raw: string;
}

/** One character per byte. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** One byte per character. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** How the responses of a test are to be framed, in order: as answers to HEAD, or as their heads say. */
export interface Reading {
  /** Which parser reads. */
  kind: "request" | "response";
  /** Responses answer HEAD requests. */
  head?: boolean;
  /** After this request (counted from 0) parsing pauses, and goes on so when all bytes were pushed. */
  pause?: { after: number; upgraded: boolean };
}

/** Pushes the pieces one after the other, closes, and gives what was seen. */
export function read(pieces: readonly Uint8Array[], reading: Reading): { seen: Seen[]; closedWell: boolean } {
  const seen: Seen[] = [];
  let current: Seen | undefined;
  let messages = 0;
  const handler: MessageHandler<RequestHead | ResponseHead> = {
    head(head, framing: Framing, start) {
      current = {
        start: head.kind === "request"
          ? `${head.method} ${head.target} ${head.version}`
          : `${head.version} ${head.status} ${head.reason}`,
        fields: head.fields.map(([name, value]) => `${name}: ${value}`),
        flags: [...head.flags],
        body: "",
        trailers: [],
        state: "cut",
        reason: "",
        at: start,
        exact: head.exact,
        raw: latin1(head.raw),
      };
      seen.push(current);
      if (reading.pause?.after === messages++) parser.pauseAfterMessage();
      if (framing.kind === "close") current.state = "open";
      return reading.head ? NO_BODY : framing;
    },
    body: (chunk, from, to) => current!.body += latin1(chunk.subarray(from, to)),
    flag(flag) {
      if (!current!.flags.includes(flag)) current!.flags.push(flag);
    },
    end(trailers) {
      current!.state = "end";
      current!.trailers = trailers.map(([name, value]) => `${name}: ${value}`);
    },
    stream(chunk, from, to, offset, reason) {
      const last = seen.at(-1);
      const text = latin1(chunk.subarray(from, to));
      if (last?.state === "stream") {
        if (last.at + last.body.length !== offset) throw new Error(`gap in the stream at ${offset}`);
        last.body += text;
        return;
      }
      seen.push({
        start: "stream",
        fields: [],
        flags: [],
        body: text,
        trailers: [],
        state: "stream",
        reason,
        at: offset,
        exact: true,
        raw: "",
      });
    },
  };
  const parser = reading.kind === "request" ? requestParser(handler) : responseParser(handler);
  for (const piece of pieces) {
    // A borrowed buffer: what the parser keeps of it without a copy is wiped out.
    const borrowed = piece.slice();
    parser.push(borrowed);
    borrowed.fill(0x21);
  }
  if (reading.pause !== undefined) parser.resume(reading.pause.upgraded);
  return { seen, closedWell: parser.close() };
}

/** Cuts bytes at these offsets. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const sorted = [0, ...[...offsets].sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((to, i) => bytes.subarray(sorted[i], to));
}
