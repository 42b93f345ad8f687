/**
 * A captured message as it crossed the wire: its head byte for byte, its body, and the framing around it.
 *
 * Where the chunks of a chunked body ended is not recorded: it is written as one chunk, its trailers behind it.
 */
import { requestFraming, responseFraming } from "../http/framing.ts";
import { type Field, isCutHead } from "../http/head.ts";
import type { RequestMessage, ResponseMessage } from "./record.ts";

/** The bytes of a message. */
export interface WireMessage {
  /** The bytes, in order. They are the message's own: read only. */
  readonly pieces: readonly Uint8Array[];
  /** How many bytes of the body were not kept, hence are missing at its end; 0: it is whole. */
  readonly missing: number;
}

const encoder = new TextEncoder();
const LAST_CHUNK = encoder.encode("0\r\n\r\n");
const CHUNK_END = encoder.encode("\r\n");

/**
 * The bytes of a message.
 *
 * @param toHead Whether it is the response to HEAD, which has no body whatever its fields say.
 */
export function wireOf(message: RequestMessage | ResponseMessage, toHead = false): WireMessage {
  const { head, body } = message;
  // Nothing came behind it, whatever its fields say.
  if (isCutHead(head)) return { pieces: [head.raw], missing: 0 };
  const missing = body.bytes - body.kept.length;
  const framing = head.kind === "request" ? requestFraming(head) : responseFraming(head);
  const pieces = [head.raw];
  if (framing.kind !== "chunked" || toHead) {
    if (body.kept.length > 0) pieces.push(body.kept);
  } else {
    pieces.push(...chunked(body.kept, body.bytes, message.trailers));
  }
  return { pieces, missing };
}

/**
 * A body in the chunked transfer coding (RFC 9112 §7.1): one chunk, and the trailer fields.
 *
 * @param bytes Size that the chunk tells; more than there are in `kept` where its end is missing.
 */
export function chunked(kept: Uint8Array, bytes: number, trailers: readonly Field[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  if (bytes > 0) pieces.push(encoder.encode(`${bytes.toString(16)}\r\n`), kept, CHUNK_END);
  if (trailers.length === 0) return [...pieces, LAST_CHUNK];
  const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return [...pieces, encoder.encode(`0\r\n${lines}\r\n`)];
}
