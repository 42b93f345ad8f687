/**
 * One connection of a browser to the viewer: its requests are answered one after the other, until a side ends it. What it
 * may take is bounded: who says nothing, trickles, or does not read a refusal is not waited for.
 */
import { fieldList, fieldValue, type RequestHead } from "../http/head.ts";
import { readAuthority } from "./authority.ts";
import { lock } from "./headers.ts";
import { Incoming } from "./incoming.ts";
import { type Asked, compressed, writeResponse } from "./outgoing.ts";

/** Answers a request, whatever it is. `peer` is the address that it came from, without port. */
export type Answer = (request: Request, peer: string) => Promise<Response>;

/** How long the head of a request may take, from the connection's or its own beginning, and a refusal to be read. */
const HEAD_MS = 10_000;
/** How long nothing may come between two requests, or in the midst of a body that is wanted. */
const IDLE_MS = 120_000;
/** How long is read on after the last response, so that the other side gets to read it. */
const LINGER_MS = 5_000;

/** The connection. */
export class WebConnection {
  /** When it is over at the latest, monotonic ms; infinite while it is answered. */
  deadlineMs: number = Infinity;
  /** Since when it has been waited for, monotonic ms; `undefined`: it is being answered. */
  waitsSinceMs: number | undefined;
  readonly #connection: Deno.TcpConn;
  readonly #answer: Answer;
  readonly #now: () => number;
  readonly #incoming: Incoming;
  #ending = new AbortController();
  #isClosed = false;

  /** One that was accepted, and is its own from then on. */
  constructor(connection: Deno.TcpConn, answer: Answer, now: () => number) {
    this.#connection = connection;
    this.#answer = answer;
    this.#now = now;
    this.#incoming = new Incoming(connection);
    this.#waitFor(HEAD_MS);
  }

  /** Answers what comes, and closes it in the end. It never throws. */
  async serve(): Promise<void> {
    try {
      while (await this.#exchange()) this.#waitFor(IDLE_MS);
    } catch {
      // The other side went away, or was closed: an ordinary end of a connection.
    } finally {
      this.close();
    }
  }

  /** Ends it at once, with what is under way on it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ending.abort();
    this.#connection.close();
  }

  /** @returns Whether there may be another one. */
  async #exchange(): Promise<boolean> {
    const arrived = await this.#incoming.next(() => this.#waitFor(HEAD_MS));
    if (arrived.kind === "end") return false;
    if (arrived.kind === "refused") return await this.#refuse(arrived.status, arrived.error);
    const { head } = arrived;
    this.#waitForNothing();
    this.#ending = new AbortController();
    const request = requestOf(head, () => this.#bodyOf(head), this.#ending.signal);
    if (request === undefined) {
      return await this.#refuse(
        400,
        "the request names no host, or none that can be read, or is none for a viewer",
      );
    }
    if (this.#incoming.isWhole) this.#watch();
    const readsChunks = head.version === "HTTP/1.1";
    const response = await this.#answered(request);
    const isLast = !readsChunks || !this.#incoming.isWhole ||
      response.headers.get("connection") === "close" ||
      fieldList(head.fields, "connection").includes("close");
    await this.#send(response, { method: head.method, readsChunks }, isLast);
    return isLast ? await this.#linger() : true;
  }

  /** What cannot be read may have meant anything, and so may what follows it. */
  async #refuse(status: number, error: string): Promise<false> {
    await this.#send(refusal(status, error), { method: "GET", readsChunks: true }, true);
    return await this.#linger();
  }

  async #answered(request: Request): Promise<Response> {
    const { signal } = this.#ending;
    const { hostname: peer } = this.#connection.remoteAddr;
    const answer = this.#answer(request, peer);
    try {
      return compressed(await unlessGone(answer, signal), request.headers.get("accept-encoding"), peer);
    } catch (error) {
      if (!signal.aborted) return refusal(500, "the request could not be answered");
      // The answer comes all the same, to nobody.
      answer.then(({ body }) => body?.cancel()).catch(() => {});
      throw error;
    }
  }

  async #send(response: Response, asked: Asked, isLast: boolean): Promise<void> {
    // Who has been let in may take its time, for example with a download; anybody can have a refusal.
    if (response.status >= 400) this.#waitFor(HEAD_MS);
    const { signal } = this.#ending;
    const written = writeResponse(this.#connection, response, asked, isLast, signal);
    // On Deno 2.4 a write that the other side does not take outlasts its connection.
    await unlessGone(written, signal);
  }

  /** A connection that is closed while bytes are on their way in takes the response with it (RFC 9112 §9.6). */
  async #linger(): Promise<false> {
    this.#waitFor(LINGER_MS);
    await this.#connection.closeWrite();
    await this.#incoming.drain();
    return false;
  }

  /** The body of the request at hand. */
  #bodyOf({ fields, version }: RequestHead): ReadableStream<Uint8Array<ArrayBuffer>> {
    let isAskedFor = version === "HTTP/1.1" && fieldList(fields, "expect").includes("100-continue");
    return new ReadableStream({
      pull: async (controller) => {
        if (isAskedFor) {
          await this.#connection.write(new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n"));
        }
        isAskedFor = false;
        this.deadlineMs = this.#now() + IDLE_MS;
        const piece = await this.#incoming.piece();
        this.deadlineMs = Infinity;
        if (piece !== undefined) return controller.enqueue(piece as Uint8Array<ArrayBuffer>);
        controller.close();
        this.#watch();
      },
    }, { highWaterMark: 0 });
  }

  /** While a request is answered, the other side may go, and what is done for it ends. */
  #watch(): void {
    this.#incoming.fill().then((isThere) => isThere || this.close(), () => this.close());
  }

  #waitFor(mostMs: number): void {
    this.waitsSinceMs = this.#now();
    this.deadlineMs = this.waitsSinceMs + mostMs;
  }

  #waitForNothing(): void {
    this.waitsSinceMs = undefined;
    this.deadlineMs = Infinity;
  }
}

/** What it gives, or the signal's reason where that comes before. */
async function unlessGone<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const gone = Promise.withResolvers<never>();
  const leave = () => gone.reject(signal.reason);
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  try {
    return await Promise.race([work, gone.promise]);
  } finally {
    signal.removeEventListener("abort", leave);
    work.catch(() => {});
  }
}

/** The request of the Fetch standard; `undefined`: it is none that it knows, CONNECT for example. */
function requestOf(
  { method, target, fields }: RequestHead,
  body: () => ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): Request | undefined {
  const host = fieldValue(fields, "host") ?? "";
  if (readAuthority(host) === undefined) return undefined;
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    const headers = new Headers(fields.map(([name, value]): [string, string] => [name, value]));
    // A target in absolute-form has a host of its own (RFC 9112 §3.2.2), which the lock compares.
    const url = target.startsWith("/") ? `http://${host}${target}` : new URL(target);
    return new Request(url, { method, headers, signal, ...hasBody && { body: body() } });
  } catch {
    return undefined;
  }
}

function refusal(status: number, error: string): Response {
  const response = Response.json({ error }, { status });
  lock(response.headers);
  return response;
}
