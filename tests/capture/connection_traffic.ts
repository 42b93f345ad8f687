/** Traffic of one connection, good and bad, in any order. */
import fc from "fast-check";
import type { Direction } from "../../src/capture/record.ts";
import { get, ok, post, textOf } from "./connection_script.ts";

/** What clients send, without transfer codings: bodies stand on the wire as they are told. */
export const UP = [
  get("/a"),
  get("/b"),
  post("/c", "body"),
  post("/d", "GET / HTTP/1.0\r\n\r\n"),
  post("/e", "longer than comes").slice(0, -5),
  get("/u", "Upgrade: x\r\n"),
  "CONNECT b:1 HTTP/1.1\r\nHost: b:1\r\n\r\n",
  "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\nxx",
  "\r\n",
  "GET /half HT",
  "EHLO x\r\n",
  "\0",
];
/** What targets send, in the same way. */
export const DOWN = [
  ok("1"),
  ok("2"),
  ok(""),
  ok("no", "407 x"),
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 101 x\r\n\r\n",
  "HTTP/1.1 204 x\r\n\r\n",
  "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n",
  "HTTP/1.0 200 x\r\n\r\nall",
  ok("longer than comes").slice(0, -5),
  "\r\n",
  "HTTP/1.1 200",
  "220 x\r\n",
  "\0",
];
/** A request whose body is chunked. */
export const CHUNKED_UP = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
/** A response whose body is. */
export const CHUNKED_DOWN = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
/** Pieces of such bodies. */
export const CHUNKS = ["1\r\nx\r\n", "3;a\r\nabc\r\n", "0\r\n\r\n", "0\r\nT: 1\r\n\r\n", "zz\r\n", "5\r\nab"];

/** What one side sends at a time. */
export interface Segment {
  readonly direction: Direction;
  readonly text: string;
}

/** Any of these from both sides, and rubbish between them. */
export function traffic(up: readonly string[], down: readonly string[]): fc.Arbitrary<Segment[]> {
  const rubbish = fc.uint8Array({ maxLength: 8 }).map(textOf);
  const of = (direction: Direction, texts: readonly string[]) =>
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...texts) }, rubbish).map((text) => ({
      direction,
      text,
    }));
  return fc.array(fc.oneof(of("up", up), of("down", down)), { maxLength: 14 });
}
