/** An exchange while it happens, and the record that becomes of it. */
import type { Flag } from "../http/flags.ts";
import type { Field, RequestHead, ResponseHead } from "../http/head.ts";
import { HEAD_LIMIT_BYTES } from "../http/limits.ts";
import { BodyKeeper, type BodyMemory, emptyBody } from "./body_keeper.ts";
import type { Body, ConnectionInfo, ExchangeRecord, FaultNote, Outcome, Timings } from "./record.ts";

/** How far a message is. */
export type Progress = "none" | "open" | "done" | "cut" | "broken";

/** Interim responses that one exchange keeps, and their bytes: a target may send them without end. */
const INTERIM_LIMIT = 100;
const INTERIM_LIMIT_BYTES = HEAD_LIMIT_BYTES;

const NO_FIELDS: readonly Field[] = [];
const NO_INTERIM: readonly ResponseHead[] = [];
const NO_FLAGS: readonly Flag[] = [];
/** What most exchanges of a relay that rewrites Host have: shared, as it would cost an array for each. */
const HOST_REWRITTEN: readonly Flag[] = ["host-rewritten"];

/** Collects what belongs to one exchange. All times are monotonic ms. */
export class PendingExchange {
  /** Number of the exchange. */
  readonly id: number;
  /** When its first byte was read. */
  readonly startedAt: number;
  /** How long it took to reach the target, where this exchange was the first. */
  connectMs: number | undefined;
  /** How much of that the TLS handshake took. */
  tlsMs: number | undefined;
  /** Why tcpmon answers it itself, where it does. */
  refusal: string | undefined;
  /** What a simulated link did to it. */
  faults: FaultNote[] | undefined;
  /** Bytes it is counted with while it waits. */
  waitingBytes = 0;

  /** The request's head; `undefined` for a response that nobody asked for. */
  requestHead: RequestHead | undefined;
  /** How far the request is. */
  request: Progress = "none";
  /** When its last byte was sent on; 0: not yet. */
  requestSentAt = 0;
  /** Its trailer fields. */
  requestTrailers: readonly Field[] = NO_FIELDS;
  /** The fields that were sent on instead of the client's. */
  rewritten: readonly Field[] | undefined;

  /** The head of the final response. */
  responseHead: ResponseHead | undefined;
  /** How far the final response is. */
  response: Progress = "none";
  /** When its first byte was read; 0: not yet. */
  responseStartedAt = 0;
  /** When its last byte was sent on; 0: not yet. */
  responseEndedAt = 0;
  /** Its trailer fields. */
  responseTrailers: readonly Field[] = NO_FIELDS;

  /** Time in which the first bytes of request and response were read but not yet sent on. */
  relayMs = 0;

  readonly #memory: BodyMemory;
  #requestBody: BodyKeeper | undefined;
  #responseBody: BodyKeeper | undefined;
  #interim: ResponseHead[] | undefined;
  #flags: Flag[] | undefined;

  /** An exchange begins. */
  constructor(id: number, startedAt: number, memory: BodyMemory) {
    this.id = id;
    this.startedAt = startedAt;
    this.#memory = memory;
  }

  /** Adds bytes of the request's body. */
  addToRequest(chunk: Uint8Array, from: number, to: number): void {
    this.#requestBody ??= new BodyKeeper(this.#memory);
    this.#requestBody.add(chunk, from, to);
  }

  /** Adds bytes of the response's body. {@link settle} must follow before the chunk is gone. */
  addToResponse(chunk: Uint8Array, from: number, to: number): void {
    this.#responseBody ??= new BodyKeeper(this.#memory);
    this.#responseBody.lend(chunk, from, to);
  }

  /** The chunk at hand goes: what is still needed of it is copied. */
  settle(): void {
    this.#responseBody?.settle();
  }

  /** How many bytes of the response's body came so far. */
  get responseBytes(): number {
    return this.#responseBody === undefined ? 0 : this.#responseBody.bytes;
  }

  /** How many bytes of the request's body came so far. */
  get requestBytes(): number {
    return this.#requestBody === undefined ? 0 : this.#requestBody.bytes;
  }

  /** Adds an interim response, as long as there is room for it. */
  addInterim(head: ResponseHead): void {
    const interim = this.#interim ??= [];
    const kept = interim.reduce((bytes, { raw }) => bytes + raw.length, head.raw.length);
    if (kept > INTERIM_LIMIT_BYTES || interim.length >= INTERIM_LIMIT) return this.flag("over-limit");
    interim.push(head);
  }

  /** Whether the client was told to send the body. */
  get isContinued(): boolean {
    return this.#interim !== undefined && this.#interim.some(({ status }) => status === 100);
  }

  /** Notes an oddity once. */
  flag(flag: Flag): void {
    this.#flags ??= [];
    if (!this.#flags.includes(flag)) this.#flags.push(flag);
  }

  /**
   * The finished record.
   *
   * @param wallMs When it began, ms since the epoch.
   * @param endedAt When it ended; the ends of its messages count where they are known.
   */
  record(
    connection: ConnectionInfo,
    outcome: Outcome,
    error: string | undefined,
    wallMs: number,
    endedAt: number,
  ): ExchangeRecord {
    const request = this.requestHead && {
      head: this.requestHead,
      body: finish(this.#requestBody),
      trailers: this.requestTrailers,
      rewritten: this.rewritten,
    };
    const response = this.responseHead && {
      head: this.responseHead,
      body: finish(this.#responseBody),
      trailers: this.responseTrailers,
    };
    return {
      type: "exchange",
      id: this.id,
      connection,
      at: wallMs,
      request,
      interim: this.#interim ?? NO_INTERIM,
      response,
      ms: this.#timings(endedAt),
      outcome,
      error,
      flags: this.#allFlags(),
      faults: this.faults,
    };
  }

  #timings(endedAt: number): Timings {
    const connect = this.connectMs;
    const sent = this.requestSentAt;
    const started = this.responseStartedAt;
    const ended = started > 0 ? this.responseEndedAt : endedAt;
    return {
      connect,
      tls: this.tlsMs,
      send: sent > 0 ? sent - this.startedAt : undefined,
      wait: sent > 0 && started > 0 ? Math.max(0, started - sent) : undefined,
      receive: started > 0 ? ended - started : undefined,
      // The request may end after an early response.
      total: Math.max(ended, sent) - this.startedAt + (connect ?? 0),
      relay: this.relayMs,
    };
  }

  #allFlags(): readonly Flag[] {
    const request = this.requestHead === undefined ? NO_FLAGS : this.requestHead.flags;
    const response = this.responseHead === undefined ? NO_FLAGS : this.responseHead.flags;
    const rewritten = this.rewritten?.some(isHost) ? HOST_REWRITTEN : NO_FLAGS;
    if (this.#flags === undefined && request.length === 0 && response.length === 0) return rewritten;
    return [...new Set([...request, ...response, ...this.#flags ?? NO_FLAGS, ...rewritten])];
  }
}

function isHost([name]: Field): boolean {
  return name.length === 4 && name.toLowerCase() === "host";
}

function finish(keeper: BodyKeeper | undefined): Body {
  return keeper === undefined ? emptyBody() : keeper.finish();
}
