/** What the program logs of exchanges that a test spells out byte by byte. */
import assert from "node:assert/strict";
import { Peer, Server } from "./peers.ts";
import { type LogRecord, parseRecord, Program, type StartOptions } from "./program.ts";

const encoder = new TextEncoder();

/** A message of HTTP/1.1 with the length of its body; the body as UTF-8 or bytes, one field a line. */
export function message(
  startLine: string,
  fields: readonly string[],
  body: string | Uint8Array = "",
): Uint8Array {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const lines = [startLine, ...fields, `Content-Length: ${bytes.length}`, "", ""];
  // Field values may have any byte, written as the character of that number.
  const head = Uint8Array.from(lines.join("\r\n"), (letter) => letter.charCodeAt(0));
  const joined = new Uint8Array(head.length + bytes.length);
  joined.set(head);
  joined.set(bytes, head.length);
  return joined;
}

/** A server that answers by the path of the request; what it does not know it answers with 404. */
export function answering(answers: Readonly<Record<string, Uint8Array>>): Server {
  return new Server(async (peer) => {
    for (;;) {
      const head = await peer.readHead().catch(() => undefined);
      if (head === undefined) return;
      await peer.read(lengthOf(head));
      const path = head.split(" ")[1].split("?")[0];
      await peer.send(answers[path] ?? message("HTTP/1.1 404 Not Found", []));
    }
  });
}

/** Sends a request, and gives the body of its answer. */
export async function ask(peer: Peer, request: Uint8Array): Promise<Uint8Array> {
  await peer.send(request);
  return await peer.read(lengthOf(await peer.readHead()));
}

function lengthOf(head: string): number {
  return Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
}

/** What the program said and wrote. */
export interface Logged {
  /** stdout, whole. */
  readonly text: string;
  /** Lines of stdout. */
  readonly lines: readonly string[];
  /** Lines of stderr. */
  readonly said: readonly string[];
  /** The bodies of the answers. */
  readonly bodies: readonly Uint8Array[];
}

/** Runs the program with these options around some exchanges on one connection, and stops it in order. */
export async function logOf(
  options: readonly string[],
  answers: Readonly<Record<string, Uint8Array>>,
  requests: readonly Uint8Array[],
  start: StartOptions = {},
): Promise<Logged> {
  await using server = answering(answers);
  await using program = Program.start(["relay", `0=${server.target}`, ...options], start);
  const bodies: Uint8Array[] = [];
  {
    using client = await Peer.connect(await program.port());
    for (const request of requests) bodies.push(await ask(client, request));
  }
  const { code } = await program.stop();
  assert.equal(code, 0);
  const lines = program.log;
  return { text: lines.map((line) => `${line}\n`).join(""), lines, said: program.said, bodies };
}

/** The records of one type in a JSON log. */
export function recordsOf(logged: Pick<Logged, "lines">, type = "exchange"): LogRecord[] {
  return logged.lines.map(parseRecord).filter((record) => record.type === type);
}

/** Runs a test with a directory that is removed after it. */
export async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "tcpmon-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
