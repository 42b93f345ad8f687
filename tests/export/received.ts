/** A web server that takes one request at a time and keeps what came of it, and shells that send one. */
import assert from "node:assert/strict";
import type { ExchangeRecord, RequestMessage } from "../../src/capture/record.ts";
import { composeRequestHead } from "../../src/http/compose_head.ts";
import { type Field, fieldValue, type RequestHead } from "../../src/http/head.ts";
import { parseRequestHead } from "../../src/http/head_parser.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import type { Exporter } from "../../src/export/exporter.ts";
import type { Record } from "../../src/capture/record.ts";
import { type Peer, Server } from "../end_to_end/peers.ts";
import { run, type ToolResult } from "../end_to_end/tools.ts";
import { AT, utf8 } from "../log/human_fixtures.ts";

/** A request as a server got it. */
export interface Received {
  /** Its head. */
  readonly head: RequestHead;
  /** Its body, chunked framing taken off. */
  readonly body: Uint8Array;
}

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/** Takes requests, answers each with an empty 200, and keeps them. */
export class Backend implements AsyncDisposable {
  /** What came, in order. */
  readonly received: Received[] = [];
  readonly #server = new Server(async (peer) => {
    this.received.push(await receive(peer));
    await peer.send(ANSWER);
  });

  /** Where it listens. */
  get target(): string {
    return `127.0.0.1:${this.#server.port}`;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Reads a request, byte for byte. */
async function receive(peer: Peer): Promise<Received> {
  const bytes: number[] = [];
  while (!endsHead(bytes)) bytes.push((await peer.read(1))[0]);
  const head = parseRequestHead(Uint8Array.from(bytes));
  assert.ok(typeof head === "object", `no request: ${String.fromCharCode(...bytes)}`);
  if (fieldValue(head.fields, "expect")?.toLowerCase() === "100-continue") {
    await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (fieldValue(head.fields, "transfer-encoding") === "chunked") return { head, body: await chunks(peer) };
  return { head, body: await peer.read(Number(fieldValue(head.fields, "content-length") ?? 0)) };
}

function endsHead(bytes: readonly number[]): boolean {
  const end = bytes.length;
  return bytes[end - 4] === 13 && bytes[end - 3] === 10 && bytes[end - 2] === 13 && bytes[end - 1] === 10;
}

async function chunks(peer: Peer): Promise<Uint8Array> {
  const body: number[] = [];
  for (;;) {
    const size = parseInt(await peer.readUntil("\r\n"), 16);
    body.push(...await peer.read(size));
    await peer.readUntil("\r\n");
    if (size === 0) return Uint8Array.from(body);
  }
}

/** A request for the server at `target`. Host goes first unless the fields have one, or `host` says that there is none. */
export function requestFor(
  target: string,
  parts: {
    readonly method?: string;
    readonly path?: string;
    readonly version?: string;
    readonly fields?: readonly Field[];
    readonly body?: Uint8Array | string;
    readonly host?: boolean;
  },
): RequestMessage {
  const { method = "GET", path = "/", version = "HTTP/1.1", fields = [], body = "", host = true } = parts;
  const kept = typeof body === "string" ? utf8(body) : body;
  const isChunked = fieldValue(fields, "transfer-encoding") !== undefined;
  const head = composeRequestHead({
    method,
    target: path,
    version,
    fields: [
      ...host && fieldValue(fields, "host") === undefined ? [["Host", target] as const] : [],
      ...fields,
      ...kept.length === 0 || isChunked ? [] : [["Content-Length", String(kept.length)] as const],
    ],
  });
  return { head, body: { bytes: kept.length, kept }, trailers: [] };
}

/** An exchange with a request, on a connection to `target`. */
export function exchangeOf(request: RequestMessage, target: string, id = 17): ExchangeRecord {
  return {
    type: "exchange",
    id,
    connection: { id: 3, listener: "127.0.0.1:8081", client: "127.0.0.1:40112", target },
    at: AT,
    request,
    interim: [],
    ms: { total: 2 },
    outcome: "complete",
    flags: [],
  };
}

/** What shells and programs have taken for something else than text. */
export const HOSTILE: readonly string[] = [
  "'",
  '"',
  "''\"\"",
  "$(touch /tmp/tcpmon-injected)",
  "`touch /tmp/tcpmon-injected`",
  "; touch /tmp/tcpmon-injected #",
  "${HOME} $HOME $0",
  "! !! !$ !-1",
  "-d x --data y",
  "@/etc/passwd",
  "a\\'b\\\\n\\",
  "%s %d %% %n %",
  "* ? [a-z] {a,b} ~ ~root",
  "<&1 >/dev/null | cat",
  "ünïcödé 日本 🎉",
  "a\tb",
  "\u001b[31mred\u001b[0m",
  "\u0007\u007f\u009b\u202e",
];

/** Longest script that is an argument. */
const ARGUMENT_LIMIT = 100_000;

/** Runs a script in a shell whose environment holds nothing but where programs are. */
export async function inShell(shell: string, script: string): Promise<ToolResult> {
  const environment = ["-i", `PATH=${Deno.env.get("PATH")}`, "HOME=/nonexistent", "LC_ALL=C.UTF-8"];
  if (script.length < ARGUMENT_LIMIT) return run("env", [...environment, shell, "-c", script]);
  const file = await Deno.makeTempFile({ suffix: ".sh" });
  try {
    await Deno.writeTextFile(file, script);
    return await run("env", [...environment, shell, file]);
  } finally {
    await Deno.remove(file);
  }
}

/** What arrived is what was recorded: the order of the fields apart. */
export function assertSame(received: Received | undefined, sent: RequestMessage, script: string): void {
  assert.ok(received !== undefined, `nothing came from\n${script}`);
  const { head } = received;
  const told = {
    method: head.method,
    target: head.target,
    version: head.version,
    fields: head.fields.map(([name, value]) => `${name}: ${value}`).sort(),
    body: Array.from(received.body),
  };
  const wanted = {
    method: sent.head.method,
    target: sent.head.target,
    version: sent.head.version,
    fields: sent.head.fields.map(([name, value]) => `${name}: ${value}`).sort(),
    body: Array.from(sent.body.kept),
  };
  assert.deepEqual(told, wanted, script);
}

/** Everything that an exporter writes for records, as text; `notes` takes what it tells. */
export function exported(exporter: Exporter, ...records: readonly Record[]): string {
  const out = new ByteWriter(16);
  exporter.begin(out);
  for (const record of records) exporter.record(record, out);
  exporter.end(out);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.view());
}

/** Nothing in a text can drive a terminal or reorder a line. */
export function assertPrintable(text: string): void {
  // deno-lint-ignore no-control-regex -- controls are what it looks for
  const found = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/.exec(
    text,
  );
  assert.equal(found, null);
}
