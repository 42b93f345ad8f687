/**
 * The demo's backend: an HTTP/1.x server on loopback that shows one of everything that a monitor should show.
 */
import { type Field, fieldList, type RequestHead } from "../http/head.ts";
import { requestParser } from "../http/parser.ts";
import { type Answer, answerRequest } from "./answers.ts";
import { acceptKey, closeFrame, echoOf, encodeFrame, FrameReader, OPCODE } from "./websocket.ts";
import { BODY_LIMIT_BYTES, closeConnection, concat, headBytes, pause, WireReader, writeAll } from "./wire.ts";

/** Before accepting is tried again after it failed, for example at the descriptor limit. */
const ACCEPT_RETRY_MS = 100;

const REASONS: { readonly [status: number]: string } = {
  200: "OK",
  301: "Moved Permanently",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  500: "Internal Server Error",
};

/** A backend that listens. */
export interface DemoBackend {
  /** The port that it got. */
  readonly port: number;
  /** Where it listens, for example `127.0.0.1:40112` or `[::1]:40112`. */
  readonly address: string;
  /** Stops listening, ends every connection, and waits until nothing is open. It may be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the backend.
 *
 * @param options Where to listen: on 127.0.0.1 and a free port, unless said otherwise.
 * @throws What `Deno.listen` throws: the address is in use or not allowed.
 */
export function startBackend(options: { hostname?: string; port?: number } = {}): DemoBackend {
  const { hostname = "127.0.0.1", port = 0 } = options;
  const listener = Deno.listen({ hostname, port });
  const stopping = new AbortController();
  const connections = new Map<Deno.Conn, Promise<void>>();

  const accept = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const connection = await listener.accept();
        connection.setNoDelay();
        const served = serveConnection(connection, stopping.signal)
          // A client that goes away, and stopping, are ordinary ends of a connection.
          .catch(() => {})
          .finally(() => {
            connections.delete(connection);
            closeConnection(connection);
          });
        connections.set(connection, served);
      } catch {
        await pause(ACCEPT_RETRY_MS, stopping.signal);
      }
    }
  };
  const accepting = accept();

  return {
    port: listener.addr.port,
    address: `${hostname.includes(":") ? `[${hostname}]` : hostname}:${listener.addr.port}`,
    async stop() {
      if (!stopping.signal.aborted) {
        stopping.abort();
        listener.close();
      }
      await accepting;
      for (const connection of connections.keys()) closeConnection(connection);
      await Promise.all(connections.values());
    },
  };
}

/** Answers the requests of a connection in order, until one side ends it. Throws what the connection throws. */
async function serveConnection(connection: Deno.Conn, stopping: AbortSignal): Promise<void> {
  const reader = new WireReader(connection, requestParser);
  while (!stopping.aborted) {
    const head = await reader.head();
    if (head !== undefined && fieldList(head.fields, "expect").includes("100-continue")) {
      await writeAll(connection, headBytes("HTTP/1.1 100 Continue", []));
    }
    const rest = head && await reader.rest();
    if (head === undefined || rest === undefined) {
      if (reader.isStream) await send(connection, head, plainError(400, "this is not HTTP"), true, stopping);
      return;
    }
    const answer = rest.bytes > BODY_LIMIT_BYTES
      ? plainError(413, `a body may have ${BODY_LIMIT_BYTES} bytes here`)
      : answerRequest({ head, body: rest.body });
    reader.resume(answer.kind === "websocket");
    if (answer.kind === "websocket") return await echo(connection, reader, answer.key);
    const isLast = head.version !== "HTTP/1.1" || fieldList(head.fields, "connection").includes("close");
    await send(connection, head, answer, isLast, stopping);
    if (isLast) return;
  }
}

function plainError(status: number, text: string): Answer & { kind: "whole" } {
  const fields: Field[] = [["Content-Type", "text/plain; charset=utf-8"]];
  return { kind: "whole", status, fields, body: new TextEncoder().encode(text + "\n"), afterMs: 0 };
}

/** Sends an answer, or throws where it is stopped before its end; `head` is its request, `undefined` where that could not be read. */
async function send(
  connection: Deno.Conn,
  head: RequestHead | undefined,
  answer: Exclude<Answer, { kind: "websocket" }>,
  isLast: boolean,
  stopping: AbortSignal,
): Promise<void> {
  // HTTP/1.0 knows no chunks (RFC 9112 §6.1): there the body lasts until the connection ends.
  const isChunked = answer.kind === "pieces" && head?.version === "HTTP/1.1";
  const fields: Field[] = [["Date", new Date().toUTCString()], ...answer.fields];
  if (answer.kind === "whole") fields.push(["Content-Length", String(answer.body.length)]);
  if (isChunked) fields.push(["Transfer-Encoding", "chunked"]);
  if (isLast) fields.push(["Connection", "close"]);
  const start = headBytes(`HTTP/1.1 ${answer.status} ${REASONS[answer.status]}`, fields);
  const hasBody = head?.method !== "HEAD";

  if (answer.kind === "whole") {
    await pause(answer.afterMs, stopping);
    stopping.throwIfAborted();
    // One write for a whole message: head and body travel together.
    return await writeAll(connection, hasBody ? concat([start, answer.body]) : start);
  }
  await writeAll(connection, start);
  if (!hasBody) return;
  for (const { afterMs, bytes } of answer.pieces) {
    await pause(afterMs, stopping);
    stopping.throwIfAborted();
    await writeAll(connection, isChunked ? chunk(bytes) : bytes);
  }
  if (isChunked) await writeAll(connection, headBytes("0", answer.trailers));
}

/** One chunk (RFC 9112 §7.1). */
function chunk(bytes: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  return concat([encoder.encode(`${bytes.length.toString(16)}\r\n`), bytes, encoder.encode("\r\n")]);
}

/** Completes the handshake, then sends back what comes, until the close frame or the end. */
async function echo(connection: Deno.Conn, reader: WireReader<RequestHead>, key: string): Promise<void> {
  const fields: Field[] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key)],
  ];
  await writeAll(connection, headBytes("HTTP/1.1 101 Switching Protocols", fields));
  const frames = new FrameReader(() => reader.bytes(), true);
  for (;;) {
    const frame = await frames.next();
    if (frame === undefined) return;
    const answer = typeof frame === "number" ? closeFrame(frame) : echoOf(frame);
    if (answer !== undefined) await writeAll(connection, encodeFrame(answer));
    if (typeof frame === "number" || frame.opcode === OPCODE.close) return;
  }
}
