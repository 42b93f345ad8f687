/**
 * The head of an HTTP/1.x message as it came: start line, fields, and its exact bytes (RFC 9112 §2–5).
 *
 * A head is immutable and may be shared: the parser hands out the same object again when a connection repeats a head
 * byte for byte, so consumers can keep what they derived from it in a WeakMap.
 */
import type { Flag } from "./flags.ts";

/** One field line: name in wire case, value without the white space around it (RFC 9110 §5.5). */
export type Field = readonly [name: string, value: string];

/** What request and response heads have in common. */
export interface Head {
  /** Protocol as written on the wire, for example `HTTP/1.1`, `RTSP/1.0`, `ICE/1.0`. */
  readonly version: string;
  /** Fields in wire order, duplicates kept. Non-UTF-8 values are read as ISO 8859-1. */
  readonly fields: readonly Field[];
  /**
   * The head's bytes as received: blank lines before it, start line, field lines and the final empty line; of a
   * {@link isCutHead cut} one, what came of them.
   */
  readonly raw: Uint8Array;
  /** Whether writing start line and fields back in the ordinary way gives exactly {@link raw}. */
  readonly exact: boolean;
  /** What is odd about this head, in the order in which it was found. */
  readonly flags: readonly Flag[];
}

/** The head of a request (RFC 9112 §3). */
export interface RequestHead extends Head {
  /** Tells requests from responses. */
  readonly kind: "request";
  /** Method in wire case, for example `GET`. */
  readonly method: string;
  /** Request target as written (RFC 9112 §3.2): origin-form, absolute-form, authority-form or `*`. */
  readonly target: string;
}

/** The head of a response (RFC 9112 §4). */
export interface ResponseHead extends Head {
  /** Tells responses from requests. */
  readonly kind: "response";
  /** Status code, 0–999. */
  readonly status: number;
  /** Reason phrase as written, possibly empty. */
  readonly reason: string;
}

/** Whether its direction ended inside the head: start line and some fields are there, and maybe the half of a line. */
export function isCutHead(head: Head): boolean {
  return head.flags.length > 0 && head.flags.includes("cut-head");
}

/**
 * The value of the first field of that name, or `undefined` where there is none.
 *
 * @param fields The fields to look through, in wire order.
 * @param name The field name in lower case.
 */
export function fieldValue(fields: readonly Field[], name: string): string | undefined {
  for (const [found, value] of fields) {
    if (found.length === name.length && found.toLowerCase() === name) return value;
  }
  return undefined;
}

/**
 * The members of a comma-separated list field, all its field lines joined (RFC 9110 §5.6.1), lower-cased, empty
 * members left out.
 *
 * @param fields The fields to look through, in wire order.
 * @param name The field name in lower case.
 */
export function fieldList(fields: readonly Field[], name: string): string[] {
  const members: string[] = [];
  for (const [found, value] of fields) {
    if (found.length !== name.length || found.toLowerCase() !== name) continue;
    for (const member of value.split(",")) {
      const trimmed = member.trim().toLowerCase();
      if (trimmed !== "") members.push(trimmed);
    }
  }
  return members;
}
