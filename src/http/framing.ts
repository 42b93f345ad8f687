/**
 * Where the body of a message ends (RFC 9112 §6.3, step by step), and what is odd about what the head says of it.
 */
import type { Flag } from "./flags.ts";
import { type Field, fieldList, fieldValue, type Head, type RequestHead, type ResponseHead } from "./head.ts";

/** How a body is delimited. */
export type Framing =
  /** There is none. */
  | { readonly kind: "none" }
  /** Content-Length: so many bytes, at least 1. */
  | { readonly kind: "length"; readonly length: number }
  /** Transfer-Encoding: chunked. */
  | { readonly kind: "chunked" }
  /** It lasts as long as the connection. */
  | { readonly kind: "close" }
  /** Recipients disagree, or what follows is not HTTP: the rest is a stream of bytes. */
  | { readonly kind: "stream"; readonly reason: StreamReason };

/**
 * Why bytes are shown as a stream: they are not HTTP, too large to be read as HTTP, follow an upgrade, or are what there
 * is of a head within which the direction ended.
 */
export type StreamReason = "not-http" | "over-limit" | "upgraded" | "cut";

/** No body. */
export const NO_BODY: Framing = { kind: "none" };
/** A chunked body. */
export const CHUNKED: Framing = { kind: "chunked" };
/** A body that ends with the connection. */
export const UNTIL_CLOSE: Framing = { kind: "close" };
/** Nobody can tell where the body ends. */
export const UNDELIMITED: Framing = { kind: "stream", reason: "not-http" };
/** The rest of the connection is more than is read as HTTP. */
export const OVER_LIMIT: Framing = { kind: "stream", reason: "over-limit" };
/** The rest of the connection is another protocol, by agreement. */
export const UPGRADED: Framing = { kind: "stream", reason: "upgraded" };

/** Removes the optional white space of HTTP (SP and HTAB) at both ends; `trim` would take more. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text.charCodeAt(start) === 32 || text.charCodeAt(start) === 9)) start++;
  while (end > start && (text.charCodeAt(end - 1) === 32 || text.charCodeAt(end - 1) === 9)) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Whether a response is interim (RFC 9110 §15.2). A status below 100 is none: it counts as 5xx (§15). */
export function isInterim(status: number): boolean {
  return status >= 100 && status < 200;
}

/** What the Content-Length fields say: a length, nothing, or something that is no length or more than one. */
type Length = number | "none" | "bad" | "conflicting";

function contentLength(fields: readonly Field[]): { length: Length; repeated: boolean } {
  let length: Length = "none";
  let repeated = false;
  for (const [name, value] of fields) {
    if (name.length !== 14 || name.toLowerCase() !== "content-length") continue;
    // A list of equal values may stand in one field where a recipient upstream joined two (§6.3 step 5).
    for (const member of value.split(",")) {
      const digits = trimSpace(member);
      const found: number = /^\d+$/.test(digits) ? Number(digits) : NaN;
      if (!Number.isSafeInteger(found)) return { length: "bad", repeated };
      if (length !== "none") {
        repeated = true;
        if (length !== found) return { length: "conflicting", repeated };
      }
      length = found;
    }
  }
  return { length, repeated };
}

/**
 * The transfer codings, lower-cased, and whether there is such a field. Only SP and HTAB are white space: recipients
 * that also take `\x0bchunked` for `chunked` are what smuggling lives on.
 */
function transferCodings(fields: readonly Field[]): { codings: string[]; present: boolean } {
  const codings: string[] = [];
  let present = false;
  for (const [name, value] of fields) {
    if (name.length !== 17 || name.toLowerCase() !== "transfer-encoding") continue;
    present = true;
    for (const member of value.split(",")) {
      const coding = trimSpace(member).toLowerCase();
      if (coding !== "") codings.push(coding);
    }
  }
  return { codings, present };
}

/** What is odd about the fields that delimit the body. `status` is given for responses only. */
export function bodyFlags(version: string, fields: readonly Field[], status?: number): Flag[] {
  const flags: Flag[] = [];
  const { codings, present: hasCoding } = transferCodings(fields);
  const { length, repeated } = contentLength(fields);
  if (hasCoding) {
    if (length !== "none") flags.push("cl-and-te");
    if (codings.length !== 1 || codings[0] !== "chunked") flags.push("odd-transfer-encoding");
    if (version === "HTTP/1.0") flags.push("te-in-http10");
  }
  if (length === "bad") flags.push("bad-length");
  if (length === "conflicting") flags.push("conflicting-length");
  else if (repeated) flags.push("duplicate-length");
  const noBodyStatus = status !== undefined && (isInterim(status) || status === 204);
  if (noBodyStatus && (hasCoding || (length !== "none" && length !== 0))) flags.push("length-not-allowed");
  return flags;
}

/** Steps 4–6 of §6.3, which requests and responses share; `undefined` where neither field decides. */
function declaredFraming(fields: readonly Field[], openEnded: Framing): Framing | undefined {
  const { codings } = transferCodings(fields);
  // Step 4: Transfer-Encoding overrides Content-Length; only a final "chunked" delimits. A lone "identity" is what RFC
  // 2616 §4.4 had for no coding at all.
  if (!codings.every((coding) => coding === "identity")) {
    return codings[codings.length - 1] === "chunked" ? CHUNKED : openEnded;
  }
  const { length } = contentLength(fields);
  if (length === "none") return undefined;
  // Step 5: an unrecoverable error; whom to believe is anyone's guess.
  if (length === "conflicting" || length === "bad") return openEnded;
  return length === 0 ? NO_BODY : { kind: "length", length };
}

/** Flags of heads about whose bodies recipients disagree: what request smuggling lives on (RFC 9112 §11.2). */
const AMBIGUOUS: readonly Flag[] = [
  "cl-and-te",
  "conflicting-length",
  "bad-length",
  "odd-transfer-encoding",
  "te-in-http10",
];

/** Whether two recipients may find the end of the body at different places. */
export function isAmbiguous(head: Head): boolean {
  return head.flags.length > 0 && head.flags.some((flag) => AMBIGUOUS.includes(flag));
}

/** How the body of a request is delimited. */
export function requestFraming(head: RequestHead): Framing {
  return declaredFraming(head.fields, UNDELIMITED) ?? NO_BODY;
}

/**
 * How the body of a response is delimited, as far as its own head tells; a response to HEAD has none, and after a 2xx
 * to CONNECT comes a stream (steps 1 and 2), which the caller knows. RTSP bodies always have a Content-Length; a missing
 * one is 0 (RFC 2326 §12.14).
 */
export function responseFraming(head: ResponseHead): Framing {
  if (head.status === 101) return UPGRADED;
  if (isInterim(head.status) || head.status === 204 || head.status === 304) return NO_BODY;
  return declaredFraming(head.fields, UNTIL_CLOSE) ??
    (head.version.startsWith("RTSP/") ? NO_BODY : UNTIL_CLOSE);
}

/** Whether what follows a request may be something else than HTTP: CONNECT, or an upgrade that was asked for. */
export function mayEndHttp(request: RequestHead): boolean {
  return request.method === "CONNECT" || fieldValue(request.fields, "upgrade") !== undefined;
}

/**
 * Whether a request waits for leave to send its body: with a final answer instead, it may leave that out
 * (RFC 9110 §10.1.1).
 */
export function expectsContinue(request: RequestHead): boolean {
  return fieldList(request.fields, "expect").includes("100-continue");
}

/** Whether what follows this answer is something else than HTTP (RFC 9110 §9.3.6, §15.2.2). */
export function endsHttp(
  response: ResponseHead,
  request: Pick<RequestHead, "method"> | undefined,
): boolean {
  const { status } = response;
  return status === 101 || (request?.method === "CONNECT" && status >= 200 && status < 300);
}
