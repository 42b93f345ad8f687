/**
 * What the demo's backend answers to a request: a pure function, pauses and chunks included, as data.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Field, fieldList, fieldValue, type RequestHead } from "../http/head.ts";
import { chartPng } from "./chart.ts";
import { INDEX_PAGE } from "./page.ts";
import { findQuote, QUOTES } from "./quotes.ts";
import { answerSoap } from "./soap.ts";
import { concat } from "./wire.ts";

/** Where the StockQuote service is: Axis's own path. */
export const SOAP_PATH = "/axis/services/StockQuote";

/** The longest that `/slow` waits, so that no connection is held for good. */
const SLOW_LIMIT_MS = 10_000;
/** Between chunks and between events: long enough to be seen as they come. */
const PIECE_PAUSE_MS = 150;

/** A request that was read. */
export interface DemoRequest {
  /** Start line and fields, in wire order. */
  readonly head: Pick<RequestHead, "method" | "target" | "fields">;
  /** The body, transfer coding taken off. */
  readonly body: Uint8Array;
}

/** A piece of a streamed body: sent as one chunk, so long after the one before. */
export interface Piece {
  /** Pause before it. */
  readonly afterMs: number;
  /** At least one. */
  readonly bytes: Uint8Array;
}

/** What to answer. The fields are without those of framing and date, which the sender adds. */
export type Answer =
  /** A body whose length is known; with `afterMs`, only after so long. */
  | {
    readonly kind: "whole";
    readonly status: number;
    readonly fields: readonly Field[];
    readonly body: Uint8Array;
    readonly afterMs: number;
  }
  /** A body in pieces, chunked. */
  | {
    readonly kind: "pieces";
    readonly status: number;
    readonly fields: readonly Field[];
    readonly pieces: readonly Piece[];
    readonly trailers: readonly Field[];
  }
  /** The connection becomes a WebSocket that echoes; `key` is the client's. */
  | { readonly kind: "websocket"; readonly key: string };

/** Answers a request. It never throws, whatever was sent. */
export function answerRequest(request: DemoRequest): Answer {
  const { method } = request.head;
  const [path, query] = splitTarget(request.head.target);
  const posted = path === SOAP_PATH || path === "/api/orders";
  if (posted ? method !== "POST" : method !== "GET" && method !== "HEAD") {
    const allow = posted ? "POST" : "GET, HEAD";
    return json(405, { error: `${method} is not allowed here: use ${allow}` }, [["Allow", allow]]);
  }
  switch (path) {
    case "/":
      return whole(200, "text/html; charset=utf-8", INDEX_PAGE);
    case SOAP_PATH:
      return stockQuote(request);
    case "/api/quotes":
      return quoteList(request, query);
    case "/api/orders":
      return order(request.body);
    case "/chunked":
      return chunkedLines();
    case "/events":
      return events();
    case "/ws":
      return webSocket(request);
    case "/slow":
      return slow(query);
    case "/chart.png":
      return whole(200, "image/png", chartPng(QUOTES.map((quote) => quote.price)));
    case "/old":
      return whole(301, "text/plain; charset=utf-8", "moved\n", [["Location", "/api/quotes/IBM"]]);
    case "/error":
      return json(500, { error: "the backend failed, as it was asked to" });
  }
  if (path.startsWith("/api/quotes/")) return quote(path.slice("/api/quotes/".length));
  return json(404, { error: "nothing here: see / for what there is" });
}

/** Path and query of a request target in origin-form or absolute-form (RFC 9112 §3.2). */
function splitTarget(target: string): [path: string, query: URLSearchParams] {
  const authority = target.indexOf("://");
  const slash = authority > 0 ? target.indexOf("/", authority + 3) : 0;
  const local = slash < 0 ? "/" : target.slice(slash);
  const mark = local.indexOf("?");
  return mark < 0
    ? [local, new URLSearchParams()]
    : [local.slice(0, mark), new URLSearchParams(local.slice(mark + 1))];
}

function stockQuote({ head, body }: DemoRequest): Answer {
  const contentType = fieldValue(head.fields, "content-type") ?? "";
  const answer = answerSoap(contentType, new TextDecoder().decode(body));
  return whole(answer.status, answer.contentType, answer.xml);
}

/** All quotes, or those of `?symbol=A,B`; gzip'd for those who take it. */
function quoteList({ head }: DemoRequest, query: URLSearchParams): Answer {
  const wanted = query.get("symbol")?.toUpperCase().split(",");
  const found = wanted === undefined ? QUOTES : QUOTES.filter(({ symbol }) => wanted.includes(symbol));
  const answer = json(200, { currency: "USD", quotes: found }, [["Vary", "Accept-Encoding"]]);
  if (!fieldList(head.fields, "accept-encoding").some(takesGzip)) return answer;
  return { ...answer, fields: [...answer.fields, ["Content-Encoding", "gzip"]], body: gzipSync(answer.body) };
}

/** Whether a member of Accept-Encoding asks for gzip; a weight of 0 refuses it (RFC 9110 §12.4.2). */
function takesGzip(member: string): boolean {
  const [coding, weight] = member.split(";", 2).map((part) => part.trim());
  return coding === "gzip" && !(weight?.startsWith("q=") && Number(weight.slice(2)) === 0);
}

function quote(symbol: string): Answer {
  const found = findQuote(symbol);
  return found === undefined ? json(404, { error: "no such symbol" }) : json(200, found);
}

/** Takes `{"symbol": …, "shares": …}` and says what it costs. */
function order(body: Uint8Array): Answer {
  let wanted: unknown;
  try {
    wanted = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return json(400, { error: "the body is not JSON" });
  }
  const { symbol, shares } = Object(wanted) as { symbol?: unknown; shares?: unknown };
  const found = typeof symbol === "string" ? findQuote(symbol) : undefined;
  if (found === undefined || !Number.isInteger(shares) || (shares as number) < 1) {
    return json(422, { error: "wanted a known symbol and a whole number of shares" });
  }
  const total = Number((found.price * (shares as number)).toFixed(2));
  return json(200, { symbol: found.symbol, shares, total, currency: "USD" });
}

/** Three chunks, and a trailer that could be known only after them (RFC 9530). */
function chunkedLines(): Answer {
  const pieces = ["one\n", "two\n", "three\n"].map((line, index) => piece(line, index));
  const digest = createHash("sha256").update(concat(pieces.map(({ bytes }) => bytes))).digest("base64");
  return {
    kind: "pieces",
    status: 200,
    fields: [["Content-Type", "text/plain; charset=utf-8"], ["Trailer", "Content-Digest"]],
    pieces,
    trailers: [["Content-Digest", `sha-256=:${digest}:`]],
  };
}

/** Three server-sent events, then the end; `retry` keeps a browser from coming back at once. */
function events(): Answer {
  const ticks = QUOTES.slice(0, 3).map(({ symbol, price }, index) =>
    piece(
      `${index === 0 ? "retry: 60000\n" : ""}id: ${index + 1}\nevent: price\ndata: ${symbol} ${price}\n\n`,
      index,
    )
  );
  const fields: Field[] = [["Content-Type", "text/event-stream"], ["Cache-Control", "no-store"]];
  return { kind: "pieces", status: 200, fields, pieces: ticks, trailers: [] };
}

function piece(text: string, index: number): Piece {
  return { afterMs: index === 0 ? 0 : PIECE_PAUSE_MS, bytes: new TextEncoder().encode(text) };
}

/** The server's side of the opening handshake (RFC 6455 §4.2). */
function webSocket({ head: { method, fields } }: DemoRequest): Answer {
  const key = fieldValue(fields, "sec-websocket-key");
  const isHandshake = method === "GET" && fieldList(fields, "upgrade").includes("websocket") &&
    fieldList(fields, "connection").includes("upgrade") &&
    fieldValue(fields, "sec-websocket-version") === "13";
  if (key !== undefined && isHandshake) return { kind: "websocket", key };
  const wanted: Field[] = [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]];
  return json(426, { error: "this is a WebSocket: connect with ws://" }, wanted);
}

/** Answers after `?ms=`, or one second. */
function slow(query: URLSearchParams): Answer {
  const asked = Number(query.get("ms") ?? 1000);
  const afterMs = Math.min(SLOW_LIMIT_MS, Math.max(0, Math.round(asked) || 0));
  return { ...json(200, { waitedMs: afterMs }), afterMs };
}

function json(status: number, value: unknown, fields: readonly Field[] = []): Answer & { kind: "whole" } {
  return whole(status, "application/json", JSON.stringify(value) + "\n", fields);
}

function whole(
  status: number,
  contentType: string,
  body: string | Uint8Array,
  fields: readonly Field[] = [],
): Answer & { kind: "whole" } {
  return {
    kind: "whole",
    status,
    fields: [["Content-Type", contentType], ...fields],
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    afterMs: 0,
  };
}
