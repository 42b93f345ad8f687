/**
 * Captured requests as they are sent again: the bytes that the target got, unless they are edited or go elsewhere.
 *
 * What was not recorded whole is never sent: a shortened request would be another one.
 */
import type { Body, ExchangeRecord, RequestMessage } from "../capture/record.ts";
import { chunked } from "../capture/wire.ts";
import type { Redacted, RedactedBody } from "../capture/redact/redact.ts";
import { parseRequestHead } from "../http/head_parser.ts";
import { isCutHead, type RequestHead } from "../http/head.ts";
import { type Framing, requestFraming } from "../http/framing.ts";
import { type Addressed, type Destination, type Destinations, type Skip } from "./destination.ts";
import { applyEdits, type ReadyEdits } from "./apply_edits.ts";
import { EditError } from "./edit.ts";
import type { UpstreamFor } from "../send/upstream.ts";
import { formatAddress, type Target } from "../net/address.ts";
import { absoluteForm } from "../http/proxy_request.ts";
import { rewriteHead } from "../http/rewrite_head.ts";

/** A request that can be sent. */
export interface Prepared {
  /** Where to. */
  readonly destination: Destination;
  /** Its bytes, in order. They may be the record's own: read only. */
  readonly pieces: readonly Uint8Array[];
  /** Its method. */
  readonly method: string;
  /** What could not be kept, in words. */
  readonly notes: readonly string[];
}

const NO_NOTES: readonly string[] = [];
/** Reads ASCII, whatever stands around it. */
const decoder = new TextDecoder();
/** What redaction leaves in the place of a secret. */
const TAG = /\[redacted:[0-9a-f]{10}\]/;

const CUT: Skip = { skip: "the request was cut short when it was recorded" };
const NOT_KEPT: Skip = { skip: "not all of its body was recorded (--max-body)" };
const REDACTED: Skip = {
  skip: "it holds what was redacted (an edit of what was redacted makes it whole: --set)",
};
const NO_REQUEST: Skip = { skip: "a response without a request" };
const NOT_HTTP: Skip = { skip: "its body is not delimited as HTTP has it" };
/** Somebody else may have asked for it who had no right to: it must not be sent in the name of whoever resends. */
const REFUSED: Skip = { skip: "tcpmon had refused it as a proxy: it never reached its target" };
const MISCOUNTED: Skip = {
  skip: "its body is longer than the capture says (was it changed by hand? --set edits)",
};
const UNDECLARED: Skip = { skip: "it has a body that its head does not announce" };

/** A head as an HTTP proxy takes it, which needs to be told the whole URL (RFC 9112 §3.2.2). */
function absoluteHead(head: RequestHead, to: Target, authorization: string | undefined): Uint8Array {
  const origin = `http://${formatAddress(to).replace(/:80$/, "")}`;
  const isOwn = head.target.startsWith("/") || head.target === "*";
  return rewriteHead(head, {
    target: isOwn ? absoluteForm(origin, head.target) : head.target,
    drop: (name) => name === "proxy-authorization" && authorization !== undefined,
    add: authorization === undefined ? [] : [["Proxy-Authorization", authorization]],
  }).bytes;
}

/** Makes what is sent of what was recorded. */
export class Preparer {
  readonly #destinations: Destinations;
  readonly #edits: ReadyEdits | undefined;
  readonly #upstreamFor: UpstreamFor;
  /** The pieces of requests that are a head alone. */
  readonly #alone = new WeakMap<Addressed, readonly Uint8Array[]>();

  /**
   * Prepares for these destinations.
   *
   * @param edits What is changed in every request; absent: nothing.
   * @param upstreamFor What requests to a target tell the proxy through which they go in absolute-form.
   */
  constructor(destinations: Destinations, edits?: ReadyEdits, upstreamFor: UpstreamFor = () => undefined) {
    this.#destinations = destinations;
    this.#edits = edits;
    this.#upstreamFor = upstreamFor;
  }

  /** The request of an exchange, or why it cannot be sent. */
  prepare(exchange: ExchangeRecord): Prepared | Skip {
    const prepared = this.#prepare(exchange);
    if ("skip" in prepared) return prepared;
    const { target, key } = prepared.destination;
    if (target.kind === "unix" || target.tls) return prepared;
    const web: Target = { ...target, http: true };
    const upstream = this.#upstreamFor(web);
    if (upstream === undefined) return prepared;
    const [raw, ...body] = prepared.pieces;
    const head = parseRequestHead(raw);
    if (typeof head === "string") return NOT_HTTP;
    const pieces = [absoluteHead(head, web, upstream.authorization), ...body];
    return { ...prepared, destination: { target: web, key: `web:${key}` }, pieces };
  }

  #prepare(exchange: ExchangeRecord): Prepared | Skip {
    const { request } = exchange;
    if (request === undefined) return NO_REQUEST;
    if (isCut(exchange) || exchange.flags.includes("body-left-out")) return CUT;
    const addressed = this.#destinations.ofRequest(exchange, request);
    if ("skip" in addressed) return addressed;
    if (addressed.framing.kind === "stream") return NOT_HTTP;
    if (addressed.isForwarded && exchange.outcome === "refused") return REFUSED;
    if (this.#edits !== undefined) return this.#edited(exchange, request, addressed, this.#edits);
    if (isRedacted(request) && holdsTags(request)) return REDACTED;
    const incomplete = whatIsMissing(exchange, request, addressed.framing);
    if (incomplete !== undefined) return incomplete;
    const { destination } = addressed;
    return {
      destination,
      pieces: this.#pieces(request, addressed),
      method: request.head.method,
      notes: NO_NOTES,
    };
  }

  #pieces(request: RequestMessage, addressed: Addressed): readonly Uint8Array[] {
    const { head, framing } = addressed;
    const { body } = request;
    if (framing.kind === "chunked") {
      return [head, ...chunked(body.kept, body.bytes, request.trailers)];
    }
    if (body.bytes === 0) {
      let pieces = this.#alone.get(addressed);
      if (pieces === undefined) this.#alone.set(addressed, pieces = [head]);
      return pieces;
    }
    return [head, body.kept];
  }

  #edited(
    exchange: ExchangeRecord,
    request: RequestMessage,
    { destination, head: raw }: Addressed,
    edits: ReadyEdits,
  ): Prepared | Skip {
    // Edits are made on what would be sent, so that they have the last word.
    const head = raw === request.head.raw ? request.head : parseRequestHead(raw);
    if (typeof head === "string") return NOT_HTTP;
    const mayHoldTags = isRedacted(request);
    if (edits.body === undefined) {
      const incomplete = mayHoldTags
        ? isTruncated(request.body) ? NOT_KEPT : undefined
        : whatIsMissing(exchange, request, requestFraming(head));
      if (incomplete !== undefined) return incomplete;
    }
    let edited;
    try {
      edited = applyEdits({ ...request, head }, edits);
    } catch (error) {
      if (error instanceof EditError) return { skip: error.message, isFailure: true };
      throw error;
    }
    const kept = edited.editsBody ? { bytes: edited.body.length, kept: edited.body } : request.body;
    if (mayHoldTags && holdsTags({ ...request, head: edited.head, body: kept })) return REDACTED;
    const isChunked = requestFraming(edited.head).kind === "chunked";
    const body = isChunked
      ? chunked(edited.body, edited.body.length, request.trailers)
      : edited.body.length === 0
      ? []
      : [edited.body];
    return {
      destination,
      pieces: [edited.head.raw, ...body],
      method: edited.head.method,
      notes: edited.notes,
    };
  }
}

/** Whether the connection ended inside the request, or inside its head before a target was reached. */
export function isCut({ outcome, flags, request }: ExchangeRecord): boolean {
  if (outcome === "request-cut" || (request !== undefined && isCutHead(request.head))) return true;
  // A HAR has the flag alone.
  return flags.includes("cut-head") && outcome !== "response-cut";
}

/** What of a request was not recorded, so that it cannot be sent. */
function whatIsMissing(
  { outcome, ms }: ExchangeRecord,
  { body }: RequestMessage,
  framing: Framing,
): Skip | undefined {
  if (body.bytes > 0 && body.kept.length !== body.bytes) {
    return body.kept.length < body.bytes ? NOT_KEPT : MISCOUNTED;
  }
  switch (framing.kind) {
    case "length":
      return body.bytes === framing.length ? undefined : CUT;
    case "chunked":
      if (outcome === "not-http") return NOT_HTTP;
      // Nothing but its last chunk says where it ends, and when that was sent is noted.
      return outcome === "complete" || outcome === "upgraded" || ms.send !== undefined ? undefined : CUT;
    case "none":
      return body.bytes === 0 ? undefined : UNDECLARED;
    default:
      return NOT_HTTP;
  }
}

/** Whether a part of a record holds tags in the place of secrets. */
export function isRedacted(part: object): boolean {
  return (part as Partial<Redacted>).redacted === true;
}

/** Whether a redacted body stands for a part of what passed only: its length does not tell. */
function isTruncated(body: Body): boolean {
  return (body as Partial<RedactedBody>).truncated === true;
}

/** Whether something that was redacted is still in a request that is marked so. */
function holdsTags({ head, body, trailers }: RequestMessage): boolean {
  const text = decoder.decode(head.raw) + trailers.map(([, value]) => value).join();
  return TAG.test(text) || body.kept.length !== body.bytes || TAG.test(decoder.decode(body.kept));
}

/** Whether HTTP cannot tell where the body behind a head ends: what followed was recorded as a stream. */
export function isUndelimited(head: RequestHead): boolean {
  return requestFraming(head).kind === "stream";
}
