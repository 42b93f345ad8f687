/** Runs a script of what arrives through the capture of one connection, and tells which records came out. */
import { Buffer } from "node:buffer";
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { ConnectionCapture } from "../../src/capture/connection_capture.ts";
import { hostRule, RequestRewriter } from "../../src/http/request_rewriter.ts";
import type { ConnectionInfo, ExchangeRecord, Outcome, Record } from "../../src/capture/record.ts";

/** What happens. Times are monotonic ms; without them each step takes place 1 ms after the one before. */
export type Step =
  | readonly [kind: "up" | "down", text: string, readAt?: number, sentAt?: number]
  | readonly [kind: "up-end", at?: number]
  | readonly [kind: "down-end", at?: number, error?: string]
  | readonly [kind: "end", at?: number, outcome?: Outcome, error?: string];

/** What differs from connection to connection. */
export interface Setting {
  /** How long it took to connect. */
  readonly connectMs?: number;
  /** How much of that the TLS handshake took. */
  readonly tlsMs?: number;
  /** What Host is rewritten to. */
  readonly hostField?: string;
  /** Where bodies are kept. */
  readonly memory?: BodyMemory;
}

/** What came of a script. */
export interface Told {
  /** Each record as one line, see {@link lineOf}. */
  readonly lines: readonly string[];
  /** The exchanges. */
  readonly exchanges: readonly ExchangeRecord[];
  /** What was asked to tell it. */
  readonly capture: ConnectionCapture;
}

const CONNECTION: ConnectionInfo = { id: 1, listener: "127.0.0.1:1", client: "127.0.0.1:2", target: "t:3" };

/** A connection that can be fed, and what it has told so far. */
export class Script implements Told {
  /** Each record as one line. */
  readonly lines: string[] = [];
  /** The exchanges. */
  readonly exchanges: ExchangeRecord[] = [];
  /** All records, the bytes of data copied. */
  readonly records: Record[] = [];
  /** The capture itself. */
  readonly capture: ConnectionCapture;
  readonly #rewriter: RequestRewriter | undefined;
  #ids = 0;
  #now = 0;

  /** A connection on which nothing has come yet. */
  constructor({ connectMs, tlsMs, hostField, memory = new BodyMemory(1 << 20, 1 << 24) }: Setting = {}) {
    if (hostField !== undefined) {
      this.#rewriter = new RequestRewriter({ rule: hostRule(hostField), sending: () => true });
    }
    const context = {
      // What a record holds is its own only until this returns.
      emit: (record: Record) => this.#take(structuredClone(record)),
      wall: (at: number) => at + 1_000_000,
      nextId: () => ++this.#ids,
      memory,
    };
    this.capture = new ConnectionCapture(context, CONNECTION, connectMs, tlsMs);
  }

  /** Lets it happen. Buffers are wiped afterwards, as the next read does it. */
  step(step: Step): void {
    switch (step[0]) {
      case "up":
      case "down": {
        const [kind, text, readAt = this.#now + 1, sentAt = readAt] = step;
        this.#now = sentAt;
        const chunk = new Uint8Array(Buffer.from(text, "latin1"));
        if (kind === "down") this.capture.down(chunk, readAt, sentAt);
        else {
          this.#rewriter?.push(chunk);
          this.capture.up(chunk, readAt, sentAt, this.#rewriter?.rewritten);
        }
        chunk.fill(0x21);
        return;
      }
      case "up-end":
        this.capture.upEnded(this.#now = step[1] ?? this.#now + 1);
        return;
      case "down-end":
        this.capture.downEnded(this.#now = step[1] ?? this.#now + 1, step[2]);
        return;
      case "end":
        this.capture.ended(this.#now = step[1] ?? this.#now + 1, step[2], step[3]);
        return;
    }
  }

  #take(record: Record): void {
    this.lines.push(lineOf(record));
    if (record.type === "data") {
      this.records.push({ ...record, body: { ...record.body, kept: record.body.kept.slice() } });
      return;
    }
    this.records.push(record);
    if (record.type === "exchange") this.exchanges.push(record);
  }
}

/** Runs a whole script. */
export function run(steps: readonly Step[], setting?: Setting): Told {
  const script = new Script(setting);
  for (const step of steps) script.step(step);
  return script;
}

/** One character per byte. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function quoted(bytes: Uint8Array): string {
  return bytes.length === 0 ? "" : ` "${textOf(bytes)}"`;
}

/**
 * A record as one line:
 * `#id METHOD target "body" -> interim… status "body" outcome [flags] (error)`, or `data direction offset "bytes"`, or
 * `message protocol direction index "body"`.
 */
export function lineOf(record: Record): string {
  if (record.type === "data") return `data ${record.direction} ${record.offset}${quoted(record.body.kept)}`;
  if (record.type === "message") {
    return `message ${record.protocol} ${record.direction} ${record.index}${quoted(record.body.kept)}`;
  }
  if (record.type !== "exchange") return record.type;
  const { id, request, interim, response, outcome, flags, error } = record;
  return [
    `#${id}`,
    ...request ? [`${request.head.method} ${request.head.target}${quoted(request.body.kept)}`] : [],
    "->",
    ...interim.map(({ status }) => status),
    ...response ? [`${response.head.status}${quoted(response.body.kept)}`] : [],
    outcome,
    ...flags.length > 0 ? [`[${flags.join(" ")}]`] : [],
    ...error ? [`(${error})`] : [],
  ].join(" ");
}

/** A request without a body. */
export const get = (target: string, more = ""): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

/** A request with a body. */
export const post = (target: string, body: string, more = ""): string =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

/** A response with a body. */
export const ok = (body: string, status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
