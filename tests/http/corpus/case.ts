/** What a wire case is: bytes, and what they must become according to RFC 9112 and RFC 9110. */
import type { Flag } from "../../../src/http/flags.ts";
import type { StreamReason } from "../../../src/http/framing.ts";

/** One message, or the stream that the rest of a direction is. What is left out is empty, `end` and exact. */
export interface Becomes {
  /** `METHOD target version`, `version status reason`, or `stream`. */
  readonly start: string;
  /** `Name: value` of each field. */
  readonly fields?: readonly string[];
  /** Oddities of head and body, in any order. */
  readonly flags?: readonly Flag[];
  /** The body, transfer coding taken off, or what the stream carries. */
  readonly body?: string;
  /** `Name: value` of each trailer field. */
  readonly trailers?: readonly string[];
  /** `end`: complete (default). `cut`: the direction ended inside it. */
  readonly state?: "end" | "cut";
  /** Why it is a stream. */
  readonly reason?: StreamReason;
  /** Whether writing start line and fields back gives the bytes that came; `true` by default. */
  readonly exact?: boolean;
}

/** The bytes of one direction, to its end. */
export interface Case {
  /** A sentence. */
  readonly name: string;
  /** In which direction the bytes go. */
  readonly kind: "request" | "response";
  /** The responses answer HEAD. */
  readonly head?: boolean;
  /** One character per byte. */
  readonly wire: string;
  /** What they must become, in order. */
  readonly becomes: readonly Becomes[];
}

/** What is no HTTP from here on. */
export function stream(body: string, reason: StreamReason = "not-http"): Becomes {
  return { start: "stream", body, reason };
}
