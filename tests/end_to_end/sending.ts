/** What tests of send, resend and diff share: the program run to its end, and a backend that keeps what it was sent. */
import { concat, type Peer, Server } from "./peers.ts";
import { COMMAND, type LogRecord, within } from "./program.ts";
import type { ToolResult } from "./tools.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the program left behind. */
export type Ended = ToolResult;

/** What a run of the program is given besides arguments. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Names a script of sh to run instead, in which `"$@"` is the program with its arguments. */
  readonly shell?: string;
}

const [PROGRAM, ...FIRST] = COMMAND;

/** Runs the program to its end. */
export async function tcpmon(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { stdin, env, cwd, shell } = options;
  const [command, ...first] = shell === undefined
    ? [PROGRAM, ...FIRST]
    : ["sh", "-c", shell, "sh", PROGRAM, ...FIRST];
  const child = new Deno.Command(command, {
    args: [...first, ...args],
    env: { NO_COLOR: "1", ...env },
    cwd,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    const feeding = stdin === undefined
      ? undefined
      : feed(child, typeof stdin === "string" ? encoder.encode(stdin) : stdin);
    const [output] = await within(Promise.all([child.output(), feeding]), `tcpmon ${args[0]} did not end`);
    const { code, stdout, stderr } = output;
    return { code, stdout, text: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

async function feed(child: Deno.ChildProcess, bytes: Uint8Array): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes as Uint8Array<ArrayBuffer>);
    await writer.close();
  } catch {
    // It reads no further.
  }
}

/** Records of a type on stdout. */
export function records({ text }: Ended, type = "exchange"): LogRecord[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)).filter((record) =>
    record.type === type
  );
}

/** A request as a backend got it. */
export interface Received {
  /** Its head, byte for byte, one character each. */
  readonly head: string;
  /** What came behind, up to the end that the head tells. */
  readonly body: Uint8Array;
  /** The same as UTF-8. */
  readonly text: string;
  /** Number of its connection, from 0. */
  readonly connection: number;
  /** When it was there, monotonic ms. */
  readonly at: number;
}

/** The path of a request. */
export function pathOf({ head }: Pick<Received, "head">): string {
  return head.split(" ")[1];
}

/** The value of a field, or undefined. */
export function field({ head }: Pick<Received, "head">, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\r$`, "im").exec(head)?.[1];
}

/** Answers a request; nothing: the connection is closed. */
export type Answer = (
  request: Received,
) => string | Uint8Array | undefined | Promise<string | Uint8Array | undefined>;

/** A backend that keeps every request, byte for byte, and answers as it is told. */
export class Backend implements AsyncDisposable {
  readonly #server: Server;
  /** What came, in order. */
  readonly received: Received[] = [];

  /** Begins to listen. */
  constructor(answer: Answer = () => ok("hello"), listener?: Deno.Listener) {
    this.#server = new Server((peer, index) => this.#serve(peer, index, answer), listener);
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#server.port;
  }

  /** How it is written as a target. */
  get target(): string {
    return this.#server.target;
  }

  /** Paths of the requests, in order. */
  get paths(): string[] {
    return this.received.map(pathOf);
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #serve(peer: Peer, connection: number, answer: Answer): Promise<void> {
    for (;;) {
      const request = await readRequest(peer).catch(() => undefined);
      if (request === undefined) return;
      const received = { ...request, text: decoder.decode(request.body), connection, at: performance.now() };
      this.received.push(received);
      const response = await answer(received);
      if (response === undefined) return;
      await peer.send(response);
    }
  }
}

async function readRequest(peer: Peer): Promise<{ head: string; body: Uint8Array }> {
  const bytes = await peer.readBytesUntil("\r\n\r\n");
  const head = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  if (/^transfer-encoding: *chunked/im.test(head)) return { head, body: await readChunks(peer) };
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return { head, body: await peer.read(length) };
}

/** The chunks as they are on the wire, with the last one and the trailers. */
async function readChunks(peer: Peer): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const line = await peer.readUntil("\r\n");
    parts.push(encoder.encode(line));
    const size = parseInt(line, 16);
    if (size > 0) {
      parts.push(await peer.read(size + 2));
      continue;
    }
    for (let trailer = ""; trailer !== "\r\n";) {
      parts.push(encoder.encode(trailer = await peer.readUntil("\r\n")));
    }
    return concat(parts);
  }
}

/** A 200 with this body. */
export function ok(body: string | Uint8Array, ...fields: readonly string[]): Uint8Array {
  return answered("200 OK", body, ...fields);
}

/** A response with this body. */
export function answered(
  status: string,
  body: string | Uint8Array,
  ...fields: readonly string[]
): Uint8Array {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const head = [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${bytes.length}`, "", ""].join("\r\n");
  return concat([encoder.encode(head), bytes]);
}

/** Parts of an exchange of a log, for {@link exchangeLine}. */
export interface Line {
  readonly id?: number;
  readonly connection?: number;
  readonly target?: string;
  /** Offset of its time, ms. */
  readonly ms?: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly answer?: string;
  readonly answerHeaders?: readonly (readonly [string, string])[];
  readonly status?: number;
  readonly more?: { readonly [name: string]: unknown };
}

/** A line of a log, as a relay writes it. */
export function exchangeLine(line: Line = {}): string {
  const { id = 1, connection = 1, target = "127.0.0.1:9", ms = 0, method = "GET", path = "/" } = line;
  const { body = "", answer = "hello", status = 200 } = line;
  const sized = (text: string): readonly (readonly [string, string])[] =>
    text === "" ? [] : [["Content-Length", String(encoder.encode(text).length)]];
  const content = (text: string) => ({ bytes: encoder.encode(text).length, text });
  return `${
    JSON.stringify({
      type: "exchange",
      id,
      connection,
      listener: "127.0.0.1:8081",
      client: `127.0.0.1:${40000 + connection}`,
      target,
      time: new Date(Date.UTC(2026, 10, 20, 10, 31) + ms).toISOString(),
      request: {
        method,
        target: path,
        version: "HTTP/1.1",
        headers: line.headers ?? [["Host", target], ...sized(body)],
        body: content(body),
      },
      response: {
        version: "HTTP/1.1",
        status,
        reason: status === 200 ? "OK" : "",
        headers: line.answerHeaders ?? [["Content-Length", String(encoder.encode(answer).length)]],
        body: content(answer),
      },
      ms: { send: 0.1, wait: 1, receive: 0.1, total: 1.2 },
      outcome: "complete",
      flags: [],
      ...line.more,
    })
  }\n`;
}
