/**
 * The demo's client: sends the exchanges through the relay, one after the other on one connection that is kept alive.
 */
import { NO_BODY } from "../http/framing.ts";
import { type Field, fieldValue, type ResponseHead } from "../http/head.ts";
import { responseParser } from "../http/parser.ts";
import { DEMO_EXCHANGES, type DemoExchange } from "./exchanges.ts";
import { closeFrame, encodeFrame, FrameReader, OPCODE } from "./websocket.ts";
import { closeConnection, concat, headBytes, pause, WireReader, writeAll } from "./wire.ts";

/** Between two exchanges when they are paced: long enough to see each appear in the log. */
const PACE_MS = 250;

/** Where the relay listens. */
export interface RelayAddress {
  /** A name or an address; IPv6 without brackets. */
  readonly hostname: string;
  /** 1–65535. */
  readonly port: number;
}

/** How to send. */
export interface SendOptions {
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Whether to wait a moment between exchanges, for people who watch. */
  readonly paced?: boolean;
  /** Called with each exchange before it is sent. */
  readonly announce?: (exchange: DemoExchange) => void;
}

/**
 * Sends {@link DEMO_EXCHANGES} through a relay and waits for each to be answered.
 *
 * @throws An `Error` in words where the relay cannot be reached or the answers end early; the signal's reason where that
 * was aborted.
 */
export async function sendDemoExchanges(relay: RelayAddress, options: SendOptions = {}): Promise<void> {
  const { signal, paced = false, announce } = options;
  signal?.throwIfAborted();
  const connection = await connect(relay);
  const abort = () => closeConnection(connection);
  signal?.addEventListener("abort", abort);
  try {
    const client = new DemoClient(connection, relay);
    for (const [index, exchange] of DEMO_EXCHANGES.entries()) {
      if (paced && index > 0) await pause(PACE_MS, signal);
      signal?.throwIfAborted();
      announce?.(exchange);
      await client.send(exchange);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof DemoError
      ? error
      : new DemoError(`cannot send the demo's exchanges: ${words(error)}`);
  } finally {
    signal?.removeEventListener("abort", abort);
    closeConnection(connection);
  }
}

/** What kept the exchanges from being sent, in words. */
class DemoError extends Error {}

async function connect(relay: RelayAddress): Promise<Deno.TcpConn> {
  try {
    const connection = await Deno.connect({ hostname: relay.hostname, port: relay.port });
    connection.setNoDelay();
    return connection;
  } catch (error) {
    throw new DemoError(`cannot reach the demo's relay at ${authority(relay)}: ${words(error)}`);
  }
}

/** One connection to the relay, and what was asked on it last. */
class DemoClient {
  readonly #connection: Deno.Conn;
  readonly #relay: RelayAddress;
  readonly #reader: WireReader<ResponseHead>;
  #method = "";

  constructor(connection: Deno.Conn, relay: RelayAddress) {
    this.#connection = connection;
    this.#relay = relay;
    this.#reader = new WireReader(
      connection,
      responseParser,
      (_head, declared) => this.#method === "HEAD" ? NO_BODY : declared,
    );
  }

  /** Sends an exchange and reads its answer to the end. */
  async send(exchange: DemoExchange): Promise<void> {
    const { method, path, headers } = exchange.request;
    const isWebSocket = fieldValue(headers, "upgrade") !== undefined;
    const body = new TextEncoder().encode(exchange.request.body ?? "");
    const fields: Field[] = [["Host", authority(this.#relay)], ["User-Agent", "tcpmon-demo"], ...headers];
    if (!isWebSocket && body.length > 0) fields.push(["Content-Length", String(body.length)]);
    const head = headBytes(`${method} ${path} HTTP/1.1`, fields);
    this.#method = method;

    if (isWebSocket) {
      await writeAll(this.#connection, head);
      await this.#finalHead(exchange);
      return await this.#talk(exchange, body);
    }
    if (fieldValue(headers, "expect") === undefined) {
      await writeAll(this.#connection, concat([head, body]));
      await this.#finalHead(exchange);
    } else {
      await writeAll(this.#connection, head);
      await this.#finalHead(exchange, body);
    }
    if (await this.#reader.rest() === undefined) throw cutShort(exchange);
  }

  /** Reads up to the head of the final response; `afterContinue` is sent when the server says 100. */
  async #finalHead(exchange: DemoExchange, afterContinue?: Uint8Array): Promise<ResponseHead> {
    for (;;) {
      const head = await this.#reader.head();
      if (head === undefined) throw cutShort(exchange);
      if (head.status >= 200 || head.status === 101) return head;
      await this.#reader.rest();
      if (head.status === 100 && afterContinue !== undefined) await writeAll(this.#connection, afterContinue);
    }
  }

  /** Says the message, hears the echo, and closes as RFC 6455 §7.1.2 asks. */
  async #talk(exchange: DemoExchange, text: Uint8Array): Promise<void> {
    const frames = new FrameReader(() => this.#reader.bytes(), false);
    for (const frame of [{ final: true, opcode: OPCODE.text, payload: text }, closeFrame(1000)]) {
      const mask = crypto.getRandomValues(new Uint8Array(4));
      await writeAll(this.#connection, encodeFrame(frame, mask));
      const answer = await frames.next();
      if (typeof answer !== "object" || answer.opcode !== frame.opcode) throw cutShort(exchange);
    }
  }
}

function cutShort({ name, request }: DemoExchange): DemoError {
  return new DemoError(
    `the demo's ${name} exchange (${request.method} ${request.path}) was not answered to its end`,
  );
}

/** `host:port`, with brackets around an IPv6 address. */
function authority({ hostname, port }: RelayAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
