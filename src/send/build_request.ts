/**
 * From what a user asks for to the request that is sent (RFC 9110 §7.2, §8.6, §10.1; RFC 9112 §3). Fields that the user
 * gives win over tcpmon's own, and keep their order and their case.
 */
import { chunked } from "../capture/wire.ts";
import { composeRequestHead } from "../http/compose_head.ts";
import { requestFraming } from "../http/framing.ts";
import type { Field, RequestHead } from "../http/head.ts";
import { formatAddress, quoted, type Target } from "../net/address.ts";
import { bodyOf, type BodyWish } from "./request_body.ts";
import { checkedField, readHeader } from "./request_items.ts";
import { percentEncoded, readRequestUrl, type RequestUrl } from "./request_url.ts";
import { SendUsageError } from "./send_error.ts";

/** What a user asks for. */
export interface RequestWish extends BodyWish {
  /** Method; absent: POST where there is a body, else GET. */
  readonly method?: string;
  /** Where to, as written; see {@link readRequestUrl}. */
  readonly url: string;
  /** Fields as written, `Name: value`; those of the items come behind them. */
  readonly headers: readonly string[];
}

/** What is needed beside the wish. */
export interface BuildContext {
  /** tcpmon's version, for User-Agent. */
  readonly version: string;
  /** Gives a boundary for multipart bodies, another one at each call: letters and digits, hard to guess. */
  readonly boundary: () => string;
}

/** A request, ready to be sent. */
export interface BuiltRequest {
  /** Where it goes, as a URL. */
  readonly url: RequestUrl;
  /** Whom it goes to. */
  readonly target: Target;
  /** Its head. */
  readonly request: RequestHead;
  /** Its body, before transfer coding. */
  readonly body: Uint8Array;
  /** Its bytes as they cross the wire. */
  readonly pieces: readonly Uint8Array[];
}

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,40}$/;
/** Methods whose requests say that their body is empty (RFC 9110 §8.6). */
const WITH_BODY = ["POST", "PUT", "PATCH"];

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/**
 * Builds the request.
 *
 * @throws {SendUsageError} where what was asked for makes no request. One line: what was found, and what was wanted.
 */
export function buildRequest(wish: RequestWish, { version, boundary }: BuildContext): BuiltRequest {
  const given = readRequestUrl(wish.url);
  const url = { ...given, path: withQuery(given.path, wish) };
  const made = bodyOf(wish, boundary);
  const method = wish.method ?? (made === undefined ? "GET" : "POST");
  if (!METHOD.test(method)) throw new SendUsageError(`the method ${quoted(method)}`, "a word, such as PATCH");
  const headers = [...wish.headers.map(readHeader), ...wish.items];
  const own: Field[] = [["Host", url.host], ["User-Agent", `tcpmon/${version}`], ["Accept", "*/*"]];
  if (url.user !== undefined) own.push(["Authorization", basic(url.user.name, url.user.password)]);
  own.push(...made?.fields ?? []);
  const users: Field[] = [];
  const decided = new Set<string>();
  for (const header of headers) {
    if (header.kind !== "header" && header.kind !== "no-header") continue;
    decided.add(header.name.toLowerCase());
    if (header.kind === "header") users.push(checkedField(header.name, header.value));
  }
  const body = made?.body ?? NOTHING;
  const hasLength = made !== undefined || WITH_BODY.includes(method);
  if (hasLength && !decided.has("transfer-encoding")) own.push(["Content-Length", String(body.length)]);
  const fields = [...own.filter(([name]) => !decided.has(name.toLowerCase())), ...users];
  // CONNECT asks for a way to the authority alone (RFC 9112 §3.2.3).
  const target = method === "CONNECT" ? formatAddress(url.target) : url.path;
  return withHead(composeRequestHead({ method, target, version: "HTTP/1.1", fields }), url, body);
}

/** The request with this head and this body, framed as the head says. */
export function withHead(request: RequestHead, url: RequestUrl, body: Uint8Array): BuiltRequest {
  const isChunked = requestFraming(request).kind === "chunked";
  const framed = isChunked ? chunked(body, body.length, []) : body.length > 0 ? [body] : [];
  const { user: _user, ...place } = url;
  return { url: place, target: url.target, request, body, pieces: [request.raw, ...framed] };
}

function withQuery(path: string, { items }: RequestWish): string {
  let out = path;
  for (const item of items) {
    if (item.kind !== "query") continue;
    const separator = !out.includes("?") ? "?" : /[?&]$/.test(out) ? "" : "&";
    out += `${separator}${parameter(item.name)}=${parameter(item.value)}`;
  }
  return out;
}

/** Text in a query: everything but what RFC 3986 §2.3 calls unreserved is encoded. */
function parameter(text: string): string {
  return percentEncoded(text, /[^A-Za-z0-9\-._~]+/g);
}

/** Basic credentials in UTF-8 (RFC 7617). */
function basic(name: string, password: string): string {
  let binary = "";
  for (const byte of encoder.encode(`${name}:${password}`)) binary += String.fromCharCode(byte);
  return `Basic ${btoa(binary)}`;
}
