/** A backend that writes down what each connection sends, and a client and a capture around it, on loopback. */
import { BodyMemory } from "../../src/capture/body_keeper.ts";
import { createClock } from "../../src/capture/clock.ts";
import type { ConnectionInfo, ExchangeRecord, Record } from "../../src/capture/record.ts";
import { requestParser } from "../../src/http/parser.ts";
import type { RequestHead } from "../../src/http/head.ts";
import { connectDirectly } from "../../src/net/dial.ts";
import { type Recorded, resend, type ResendOptions, type ResendResult } from "../../src/resend/run.ts";
import { ClientConnection } from "../../src/send/client.ts";
import { bytesOf, latin1 } from "../http/events.ts";

/** What a backend does with a request; `undefined` closes the connection without an answer. */
export type Answer = (
  head: RequestHead,
  body: string,
  connection: number,
) => string | undefined | Promise<string>;

/** A plain answer. */
export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** One connection that was accepted. */
export interface Accepted {
  /** What it has sent, one character per byte. */
  text: string;
  /** The requests in it. */
  readonly requests: RequestHead[];
}

/** A backend on a port of its own. */
export class Backend implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  readonly #running: Promise<unknown>[] = [];
  /** The connections, in the order of acceptance. */
  readonly accepted: Accepted[] = [];

  /** Answers HTTP by `answer`; where `raw` is given, it has each connection for itself. */
  constructor(answer: Answer = () => OK, raw?: (conn: Deno.Conn, accepted: Accepted) => Promise<void>) {
    this.#running.push(this.#accept(answer, raw));
  }

  /** Where it listens. */
  get name(): string {
    return `127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  async #accept(answer: Answer, raw?: (conn: Deno.Conn, accepted: Accepted) => Promise<void>): Promise<void> {
    for await (const conn of this.#listener) {
      const accepted: Accepted = { text: "", requests: [] };
      this.accepted.push(accepted);
      this.#conns.push(conn);
      const serving = raw === undefined
        ? serve(conn, accepted, this.accepted.length, answer)
        : raw(conn, accepted);
      this.#running.push(serving.catch(() => {}).finally(() => close(conn)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    await Promise.allSettled(this.#running);
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed before.
  }
}

async function serve(conn: Deno.Conn, accepted: Accepted, id: number, answer: Answer): Promise<void> {
  let body = "";
  const due: (string | undefined | Promise<string>)[] = [];
  const parser = requestParser({
    head: (head, framing) => {
      accepted.requests.push(head);
      body = "";
      return framing;
    },
    body: (chunk, from, to) => body += latin1(chunk.subarray(from, to)),
    flag: () => {},
    end: () => due.push(answer(accepted.requests.at(-1)!, body, id)),
    stream: () => {},
  });
  const buffer = new Uint8Array(65536);
  for (;;) {
    const read = await conn.read(buffer);
    if (read === null) return;
    accepted.text += latin1(buffer.subarray(0, read));
    parser.push(buffer.subarray(0, read));
    for (const each of due.splice(0)) {
      const text = await each;
      if (text === undefined) return;
      await write(conn, text);
    }
  }
}

/** Writes all of a text, one byte per character. */
export async function write(conn: Deno.Conn, text: string): Promise<void> {
  let bytes = bytesOf(text);
  while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
}

/** What came of a resend. */
export interface Resent {
  /** The results, as they came. */
  readonly results: ResendResult[];
  /** All records that sending gave. */
  readonly records: Record[];
  /** The sum. */
  readonly totals: Awaited<ReturnType<typeof resend>>;
}

/** Options that nothing is asked of: one after the other, without pauses. */
export const PLAIN: ResendOptions = {
  keepHost: false,
  keepConnections: false,
  concurrency: 1,
  speed: Infinity,
  timeoutMs: 5_000,
  dialogueTimeoutMs: 300,
};

/** Sends records again over real connections. */
export async function resent(
  records: readonly Record[],
  options: Partial<ResendOptions> = {},
  wants: (recorded: Recorded) => boolean = () => true,
  signal: AbortSignal = new AbortController().signal,
): Promise<Resent> {
  const results: ResendResult[] = [];
  const sent: Record[] = [];
  const clock = createClock(() => performance.now(), () => Date.now());
  let connections = 0;
  let exchanges = 0;
  const settings = { ...PLAIN, ...options };
  const client = {
    dial: async (target: Parameters<typeof connectDirectly>[0], signal: AbortSignal) => ({
      connection: await connectDirectly(target, signal),
    }),
    clock,
    nextConnectionId: () => ++connections,
    nextExchangeId: () => ++exchanges,
    memory: new BodyMemory(1 << 20, 1 << 26),
    emit: (record: Record) => void sent.push(record),
    timeoutMs: settings.timeoutMs,
  };
  const totals = await resend(batches(records), settings, {
    open: (target, signal) => ClientConnection.open(client, target, signal),
    wants,
    onResult: (result) => void results.push(result),
    now: () => performance.now(),
    pause,
    randomMask: (mask) => mask.fill(0x5a),
  }, signal);
  return { results, records: sent, totals };
}

/** Waits for so many ms, or for the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

/** Records as a reader of logs gives them: in batches, with their lines. */
export async function* batches(records: readonly Record[], size = 3): AsyncGenerator<readonly Recorded[]> {
  for (let at = 0; at < records.length; at += size) {
    await Promise.resolve();
    yield records.slice(at, at + size).map((record, i) => ({ record, place: at + i + 1 }));
  }
}

/** The same records with another target, and another number of their connection. */
export function towards(records: readonly Record[], target: string, id = 1): Record[] {
  const connection: ConnectionInfo = { id, listener: "127.0.0.1:1", client: `127.0.0.1:${id}`, target };
  return records.map((record) => record.type === "lost" ? record : { ...record, connection });
}

/** The exchanges among results, as they were sent. */
export function sentOf({ results }: Resent): (ExchangeRecord | string | undefined)[] {
  return results.map((result) =>
    result.kind === "exchange"
      ? result.sent ?? result.error
      : result.kind === "skipped"
      ? result.reason
      : result.error
  );
}
