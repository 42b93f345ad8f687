/** One connection over a simulated link: what client, target and log saw of it. */
import { type LogRecord, parseRecord, Program } from "./program.ts";
import { concat, Peer, Server } from "./peers.ts";

/** What the ends of a connection saw, and what the program wrote. */
export interface LinkRun {
  /** The target's address, as it is asked for. */
  readonly target: string;
  /** What reached the client. */
  readonly toClient: Uint8Array;
  /** What reached the target. */
  readonly toTarget: Uint8Array;
  /** From the client's first byte to the end of what it got, ms. */
  readonly tookMs: number;
  /** The records, in order. */
  readonly records: readonly LogRecord[];
  /** The record of the connection's end. */
  readonly closed: LogRecord;
  /** The exchanges, in order. */
  readonly exchanges: readonly LogRecord[];
  /** stderr, line by line. */
  readonly said: readonly string[];
}

/** How to run. */
export interface LinkRunOptions {
  /** What the target does, and gives back what it got; absent: an echo. */
  readonly serve?: (peer: Peer, got: Uint8Array[]) => Promise<void>;
  /** The command line, but for the options; `proxy` for one that a client asks for the target. */
  readonly args?: (target: string) => readonly string[];
  /** Whether the client ends after its last byte; absent: it does. */
  readonly clientEnds?: boolean;
  /** Told how far the client has read, so that it can do more. */
  readonly whileReading?: (client: Peer, program: Program) => Promise<void>;
}

/** Gives back what comes, and ends when the client has. */
export async function echo(peer: Peer, got: Uint8Array[]): Promise<void> {
  for (let part = await peer.readSome(); part !== null; part = await peer.readSome()) {
    got.push(part);
    await peer.send(part);
  }
}

/** Answers requests: `/300` with 300 letters, `/300/close` with so many and the end of the connection. */
export async function answer(peer: Peer, got: Uint8Array[]): Promise<void> {
  for (;;) {
    const head = await peer.readHead().catch(() => undefined);
    if (head === undefined) return;
    got.push(new TextEncoder().encode(head));
    got.push(await peer.read(Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)));
    const asked = /\/(\d+)(\/close)?(?: |$)/.exec(head.split("\r\n")[0]);
    // A fault has made something else of it.
    if (asked === null) return;
    const [, length, close] = asked;
    const fields = close === undefined ? "" : "Connection: close\r\n";
    await peer.send(
      `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n${fields}\r\n` + "r".repeat(Number(length)),
    );
    if (close !== undefined) return;
  }
}

/** A request, absolute-form where `authority` is given. */
export function get(path: string, authority = "", body = ""): string {
  const [method, length] = body === "" ? ["GET", ""] : ["POST", `Content-Length: ${body.length}\r\n`];
  const target = authority === "" ? path : `http://${authority}${path}`;
  return `${method} ${target} HTTP/1.1\r\nHost: a.test\r\n${length}\r\n${body}`;
}

/** The command line of a proxy. */
export const PROXY = (): readonly string[] => ["proxy", "0"];

/** The port of a program that relays, or is a proxy. */
export async function portOf(program: Program): Promise<number> {
  const line = await program.says(/relaying |proxy on /);
  return Number(/(?:relaying|proxy on) \S*:(\d+) /.exec(line)?.[1]);
}

/** Runs the program with these options of a link, sends through it, and stops it. */
export async function runLink(
  options: readonly string[],
  send: string | Uint8Array | ((target: string) => string),
  { serve = echo, args = (target) => ["relay", `0=${target}`], clientEnds = true, whileReading }:
    LinkRunOptions = {},
): Promise<LinkRun> {
  const toTarget: Uint8Array[] = [];
  await using server = new Server((peer) => serve(peer, toTarget));
  await using program = Program.start([...args(server.target), "--format", "json", ...options]);
  const port = await portOf(program);
  const startedAt = performance.now();
  const toClient: Uint8Array[] = [];
  {
    using client = await Peer.connect(port);
    const sending = (async () => {
      await client.send(typeof send === "function" ? send(server.target) : send);
      if (clientEnds) await client.end();
    })().catch(() => {}); // A fault ends what it can no longer send.
    await Promise.all([readOn(client, toClient), sending, whileReading?.(client, program)]);
  }
  const tookMs = performance.now() - startedAt;
  const isClosed = (record: LogRecord) => record.type === "connection" && record.event === "closed";
  await program.logs((lines) => lines.map(parseRecord).some(isClosed));
  await program.stop();
  const records = program.log.map(parseRecord);
  return {
    target: server.target,
    toClient: concat(toClient),
    toTarget: concat(toTarget),
    tookMs,
    records,
    closed: records.find(isClosed),
    exchanges: records.filter(({ type }) => type === "exchange"),
    said: program.said,
  };
}

/** Reads to the end; a reset is one, too. */
async function readOn(client: Peer, parts: Uint8Array[]): Promise<void> {
  try {
    for (let part = await client.readSome(); part !== null; part = await client.readSome()) parts.push(part);
  } catch (error) {
    const { ConnectionReset, BrokenPipe, BadResource, Interrupted } = Deno.errors;
    if (![ConnectionReset, BrokenPipe, BadResource, Interrupted].some((kind) => error instanceof kind)) {
      throw error;
    }
  }
}

/** Bytes that tell their places apart. */
export function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 7) & 0xff);
}

/** Bytes as text, one letter each. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
