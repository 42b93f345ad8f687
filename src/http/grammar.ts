/**
 * Where a head begins and ends, and whether the first bytes of a direction can be HTTP at all (RFC 9112 §2.1).
 *
 * A line-based protocol or a binary one must be told from an unfinished head early, so that its bytes are shown when they
 * come and not when the connection ends.
 */
import { type Framing, requestFraming, responseFraming } from "./framing.ts";
import type { RequestHead, ResponseHead } from "./head.ts";
import {
  type HeadFailure,
  isPlainRequestLine,
  isRequestLine,
  isStatusLine,
  parseCutRequestHead,
  parseCutResponseHead,
  parseRequestHead,
  parseResponseHead,
} from "./head_parser.ts";
import { BLANK_LINE_LIMIT_BYTES, METHOD_LIMIT, START_LINE_LIMIT_BYTES } from "./limits.ts";

/** What differs between requests and responses. */
export interface Grammar<H> {
  /** Reads a whole head. */
  parse(raw: Uint8Array): H | HeadFailure;
  /** Reads what there is of a head inside which the direction ended. */
  parseCut(raw: Uint8Array): H | HeadFailure;
  /** How the body behind a head is delimited. */
  framing(head: H): Framing;
  /** Whether a whole line, its end taken off, is a start line. */
  isStartLine(line: Uint8Array): boolean;
  /** Whether the first bytes of a start line can become one. */
  canStart(bytes: Uint8Array, from: number, to: number): boolean;
}

/** Which bytes a token may hold (RFC 9110 §5.6.2). */
const IS_TOKEN: readonly boolean[] = Array.from(
  { length: 256 },
  (_, byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)),
);

/** The grammar of requests. */
export const REQUESTS: Grammar<RequestHead> = {
  parse: parseRequestHead,
  parseCut: parseCutRequestHead,
  framing: requestFraming,
  isStartLine: isRequestLine,
  canStart(bytes, from, to) {
    const end = Math.min(to, from + METHOD_LIMIT + 1);
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === 32 || byte === 9) return at > from;
      if (!IS_TOKEN[byte]) return false;
    }
    return to - from <= METHOD_LIMIT;
  },
};

const PROTOCOLS = ["HTTP/1.", "RTSP/", "ICE/1."];

/** The grammar of responses. */
export const RESPONSES: Grammar<ResponseHead> = {
  parse: parseResponseHead,
  parseCut: parseCutResponseHead,
  framing: responseFraming,
  isStartLine: isStatusLine,
  canStart(bytes, from, to) {
    return PROTOCOLS.some((name) => {
      for (let i = 0; i < name.length && from + i < to; i++) {
        if (bytes[from + i] !== name.charCodeAt(i)) return false;
      }
      return true;
    });
  },
};

/**
 * Whether bytes that hold no whole head can still become one.
 *
 * @param searched How many of them an earlier call has seen.
 * @returns `start-line-seen` once the first line is whole and is a start line: no need to ask again.
 */
export function isUnfinishedHead<H>(
  grammar: Grammar<H>,
  bytes: Uint8Array,
  searched: number,
): "yes" | "no" | "start-line-seen" {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 13 || bytes[start] === 10)) start++;
  if (start > BLANK_LINE_LIMIT_BYTES) return "no";
  if (start === bytes.length) return "yes";
  if (!grammar.canStart(bytes, start, bytes.length)) return "no";
  const lineEnd = bytes.indexOf(10, Math.max(start, searched));
  if (lineEnd < 0) return "yes";
  const to = bytes[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd;
  return grammar.isStartLine(bytes.subarray(start, to)) ? "start-line-seen" : "no";
}

/**
 * Whether a request begins where a body of `bodyLength` bytes was due that may be left out. The whole start line decides:
 * the first bytes of a body can look like a method.
 *
 * @returns `open` while the line is not whole.
 */
export function beginsRequest(bytes: Uint8Array, bodyLength: number): "yes" | "no" | "open" {
  const first = bytes.subarray(0, START_LINE_LIMIT_BYTES);
  const lineEnd = first.indexOf(10);
  if (lineEnd < 0) {
    // A body that came whole waits for nothing.
    const isOpen = first.length < Math.min(bodyLength, START_LINE_LIMIT_BYTES);
    return isOpen && REQUESTS.canStart(first, 0, first.length) ? "open" : "no";
  }
  const to = first[lineEnd - 1] === 13 ? lineEnd - 1 : lineEnd;
  if (!isPlainRequestLine(first.subarray(0, to))) return "no";
  // A body shorter than the line may have a request behind it: `x` and `GET / HTTP/1.1`.
  return bodyLength <= lineEnd && isPlainRequestLine(first.subarray(bodyLength, to)) ? "no" : "yes";
}

/** Whether `bytes` holds `prefix` from index `at` on; the caller has checked that it is long enough. */
export function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  // Heads differ most often near their end (a date, a counter), or in the first line: look at the end first.
  const length = prefix.length;
  for (let i = length - 1; i >= 0; i--) {
    if (bytes[at + i] !== prefix[i]) return false;
  }
  return true;
}

/**
 * Index behind the empty line that ends a head, or -1. Empty lines before the start line do not count.
 *
 * @param start Where the head begins.
 * @param from Where the search goes on: what lies before it, up to three bytes, is known to hold no end.
 * @param end Index behind the last byte.
 */
export function findHeadEnd(bytes: Uint8Array, start: number, from: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === 13 || bytes[at] === 10)) at++;
  if (from > at) at = from;
  while (at < end) {
    if (bytes[at++] !== 10) continue;
    if (at < end && bytes[at] === 10) return at + 1;
    if (at + 1 < end && bytes[at] === 13 && bytes[at + 1] === 10) return at + 2;
  }
  return -1;
}
