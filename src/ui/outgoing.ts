/** Responses as they go over one connection of the viewer (RFC 9112): in chunks as they come, each awaited. */
import { canonicalHost, isLoopback } from "./authority.ts";

/** What a response answers. */
export interface Asked {
  /** Method of the request. */
  readonly method: string;
  /** Whether chunks can be read: HTTP/1.0 knows none. */
  readonly readsChunks: boolean;
}

/** Where bytes go. */
export interface Sink {
  /** Takes some of the bytes. @returns How many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Words for statuses; all but the number is for people. */
const REASONS: { readonly [status: number]: string } = {
  200: "OK",
  303: "See Other",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

const encoder = new TextEncoder();

/**
 * Writes a response.
 *
 * @param isLast Whether the connection ends with it.
 * @param signal Calls it off: the body is asked for nothing more.
 * @throws What the sink throws, or the body; then the connection has to be closed, as the response has no end.
 */
export async function writeResponse(
  sink: Sink,
  response: Response,
  { method, readsChunks }: Asked,
  isLast: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { status, headers, body } = response;
  const hasBody = body !== null && method !== "HEAD" && status !== 204 && status !== 304;
  const isStream = hasBody && comesInPieces(headers);
  const isChunked = isStream && readsChunks;
  const whole = hasBody && !isStream ? new Uint8Array(await response.arrayBuffer()) : undefined;
  const lines = [`HTTP/1.1 ${status} ${REASONS[status] ?? ""}`, `Date: ${new Date().toUTCString()}`];
  for (const [name, value] of headers) if (name !== "connection") lines.push(`${titled(name)}: ${value}`);
  if (isChunked) lines.push("Transfer-Encoding: chunked");
  else if (whole !== undefined) lines.push(`Content-Length: ${whole.length}`);
  else if (body === null && status !== 204 && status !== 304) lines.push("Content-Length: 0");
  if (isLast) lines.push("Connection: close");
  const head = encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
  // Head and body, or its first piece, travel together.
  if (whole !== undefined) return await writeAll(sink, joined(head, whole));
  if (!isStream) {
    await body?.cancel();
    return await writeAll(sink, head);
  }
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  try {
    let before: Uint8Array = head;
    for (;;) {
      const { value } = await reader.read();
      signal.throwIfAborted();
      if (value === undefined) break;
      if (value.length === 0) continue;
      await writeAll(sink, isChunked ? chunk(before, value) : joined(before, value));
      before = NOTHING;
    }
    await writeAll(sink, joined(before, isChunked ? LAST_CHUNK : NOTHING));
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/**
 * The response with its text compressed, where the browser takes that and is on another machine: on this one it would
 * cost more than it saves.
 *
 * @param peer The address of the browser.
 */
export function compressed(response: Response, accepted: string | null, peer: string): Response {
  const { body, headers, status } = response;
  const isText = /^(?:text\/(?!event-stream)|application\/(?:json|x-ndjson))/.test(
    headers.get("content-type") ?? "",
  );
  const takesGzip = accepted?.split(",").some((each) =>
    /^gzip(?:;q=(?!0(?:\.0*)?$).*)?$/i.test(each.replace(/\s/g, ""))
  );
  if (body === null || !isText || !takesGzip || isLoopback(canonicalHost(peer))) return response;
  const changed = new Headers(headers);
  changed.set("Content-Encoding", "gzip");
  changed.append("Vary", "Accept-Encoding");
  const tag = headers.get("etag");
  if (tag !== null) changed.set("ETag", `W/${tag}`);
  const gzip: ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource> = new CompressionStream("gzip");
  return new Response(body.pipeThrough(gzip), { status, headers: changed });
}

/** Whether a response is a download or lasts; all others are there at once, and of a page's size. */
function comesInPieces(headers: Headers): boolean {
  return headers.has("content-disposition") ||
    headers.get("content-type")?.startsWith("text/event-stream") === true;
}

const NOTHING = new Uint8Array(0);
const LAST_CHUNK = encoder.encode("0\r\n\r\n");

function chunk(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  return joined(before, encoder.encode(`${bytes.length.toString(16)}\r\n`), bytes, encoder.encode("\r\n"));
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

async function writeAll(sink: Sink, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}

/** `content-type` as `Content-Type`: names have no case, people are used to this one. */
function titled(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
