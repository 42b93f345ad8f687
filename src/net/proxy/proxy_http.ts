/** The HTTP requests of one client of the proxy, one after the other (RFC 9112 §9.3, RFC 9110 §7.6). */
import type { StreamReason } from "../../http/framing.ts";
import { fieldValue, type RequestHead } from "../../http/head.ts";
import { persists } from "../../http/hop_by_hop.ts";
import { joined } from "../../http/joined.ts";
import { closeQuietly, type Connection } from "../connection.ts";
import { NoAnswerError, OwnListenerError, reasonOf } from "../dial.ts";
import { GuardedCapture } from "../guarded_capture.ts";
import type { ClientReader } from "./client_reader.ts";
import { ClientRequests } from "./client_requests.ts";
import type { ProxyLeg } from "./leg.ts";
import { type LegsOptions, ProxyLegs } from "./legs.ts";
import { type OwnAnswer, OwnAnswers, type OwnAnswersOptions, type Refusal } from "./own_answers.ts";
import { prepare, type Prepared } from "./route.ts";
import { sendBody } from "./request_body.ts";
import type { Tunnel } from "./tunnel.ts";

const BAD_BODY = "found a chunked body that others may read differently";
const ESTABLISHED = new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n");
const NOTHING = new Uint8Array(0);
const CLOSED_KEPT =
  "the target closed the connection that it had kept open; the request was sent once more on a new one";

/** What it needs of its connection. */
export interface ProxyHttpOptions extends LegsOptions, OwnAnswersOptions {
  /** What the client sends. */
  readonly reader: ClientReader;
  /** Number of the connection. */
  readonly connectionId: number;
}

/** The tunnel that the client asked for. */
export type AskedTunnel = Omit<Tunnel, "info" | "client">;

/** Serves one client. */
export class ProxyHttp {
  readonly #options: ProxyHttpOptions;
  readonly #asked: ClientRequests;
  readonly #legs: ProxyLegs;
  readonly #own: OwnAnswers;
  readonly #prepared = new WeakMap<RequestHead, Prepared>();
  readonly #onBroken = () => void this.#legs.last?.close("client-reset");
  readonly #onEnded = () => this.#legs.last?.requests.end();
  #requests = 0;
  #busy = false;
  #turnAt = 0;
  #refusal: Refusal | undefined;

  /** Begins before the first request. */
  constructor(options: ProxyHttpOptions) {
    this.#options = options;
    this.#legs = new ProxyLegs(options);
    this.#own = new OwnAnswers(options);
    this.#asked = new ClientRequests(options.reader);
  }

  /** Whether no exchange is under way, and no request half read. */
  get idle(): boolean {
    return !this.#busy && this.#asked.betweenRequests && !this.#options.reader.hasChunk;
  }

  /** The request at hand, until more of its body is read; a CONNECT stays. */
  get head(): RequestHead | undefined {
    return this.#asked.head;
  }

  /** After what the connection ends because tcpmon wants it to; absent: the client does, or the target. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /**
   * Nothing passed for so long: where a request waits for its answer, and the client has got nothing of one, it is
   * answered.
   *
   * @returns Whether there was such a request.
   */
  timeOut(timeoutMs: number): boolean {
    return this.#legs.last?.timeOut(timeoutMs) ?? false;
  }

  /** The ways to targets. */
  get legs(): ProxyLegs {
    return this.#legs;
  }

  /**
   * Serves requests until the client ends or its connection is to be closed.
   *
   * @returns The tunnel, where it asked for one.
   * @throws What reading from the client throws.
   */
  async serve(): Promise<AskedTunnel | undefined> {
    const { reader } = this.#options;
    while (reader.hasChunk || await reader.more()) {
      const head = this.#asked.next();
      if (head === undefined) {
        const { broken } = this.#asked;
        if (broken === undefined) continue;
        await this.#refuseBroken(broken);
        return undefined;
      }
      this.#busy = true;
      const prepared = this.#prepare(head);
      const fault = prepared.kind === "forward" ? this.#faultFor(head) : undefined;
      let goesOn = false;
      if (fault !== undefined) {
        goesOn = await this.#answerOwn(head, { ...fault, name: prepared.name });
      } else if (prepared.kind === "tunnel") {
        const tunnel = await this.#openTunnel(head, prepared);
        if (tunnel !== undefined) return tunnel;
      } else if (prepared.kind === "refuse") {
        goesOn = await this.#answerOwn(head, prepared);
      } else {
        goesOn = await this.#forward(head, prepared);
      }
      this.#busy = false;
      if (!goesOn) return undefined;
      this.#asked.goOn();
      // What is there already has waited for its turn, which is not relaying: its time begins here.
      if (reader.hasChunk) this.#turnAt = this.#options.settings.clock.now();
    }
    this.#asked.close();
    if (this.#asked.broken !== undefined) await this.#refuseBroken("cut");
    return undefined;
  }

  /** The simulated fault that answers a request instead of its target, where one does. */
  #faultFor(head: RequestHead): Omit<OwnAnswer, "name"> | undefined {
    const { settings: { link }, connectionId, reader } = this.#options;
    const status = link.statusFor(connectionId, this.#requests++);
    if (status === undefined || fieldValue(head.fields, "expect") !== undefined) return undefined;
    const note = link.statusNote(reader.offset - (this.#asked.content?.length ?? 0) - head.raw.length);
    return { status, text: "a fault that tcpmon was asked for", fault: note };
  }

  #prepare(head: RequestHead): Prepared {
    let prepared = this.#prepared.get(head);
    if (prepared === undefined) {
      this.#prepared.set(head, prepared = prepare(head, this.#options.settings));
    }
    return prepared;
  }

  /** Sends a request on, and its answer back. @returns Whether another request can follow. */
  async #forward(head: RequestHead, prepared: Prepared & { kind: "forward" }): Promise<boolean> {
    const { reader, settings } = this.#options;
    const beganAt = this.#beganAt;
    const { content, ended: whole, broken } = this.#asked;
    if (broken !== undefined) {
      return await this.#answerOwn(head, { status: 400, text: BAD_BODY, name: prepared.name });
    }
    let leg = this.#legs.usable(prepared.key);
    if (leg === undefined) {
      const triedAt = settings.clock.now();
      try {
        leg = await this.#legs.open(prepared);
      } catch (error) {
        return await this.#refuseUnreached(head, prepared.name, error, triedAt);
      }
    }
    const sent = whole ? "whole" : content === undefined ? "head" : "body begun";
    const answered = leg.expect(head, sent, prepared.persists);
    const { bytes, rewritten } = prepared;
    // Connecting is told of by itself: it is no part of the time that the request took.
    const startedAt = Math.max(beganAt, leg.reachedAt);
    if (content === undefined) await leg.requests.send(bytes, [head.raw], startedAt, rewritten);
    else await leg.requests.send(joined([bytes, content]), [head.raw, content], startedAt, rewritten);
    const body = whole ? "sent" : await sendBody(reader, this.#asked, leg, answered);
    if (body === "cut" || body === "broken") return await this.#giveUp(head, leg, body);
    if (body === "sent") reader.readAhead(this.#onBroken, this.#onEnded);
    const answer = await answered;
    switch (answer.kind) {
      case "done":
        if (!leg.isUsable) await leg.close();
        return !answer.closes && prepared.persists;
      case "upgraded":
        await leg.carry(reader.connection());
        return false;
      case "broken":
        // Nothing that could follow what the client got of the answer would be understood.
        closeQuietly(this.#options.client);
        return false;
      case "failed":
        // It met a connection that the target was just closing, for all one knows: once more, on a new one.
        if (whole && content === undefined && prepared.isIdempotent && leg.mayHaveBeenClosing) {
          await leg.close("target-closed", CLOSED_KEPT);
          return await this.#forward(head, prepared);
        }
        return await this.#answerInstead(head, leg, answer.status, answer.text);
    }
  }

  /** What the client sends is not the whole of a request. */
  async #giveUp(head: RequestHead, leg: ProxyLeg, body: "cut" | "broken"): Promise<false> {
    if (body === "broken" && await leg.giveUp(BAD_BODY)) {
      this.#options.reader.takeRest();
      await this.#answerInstead(head, leg, 400, BAD_BODY);
    } else {
      await leg.close();
      closeQuietly(this.#options.client);
    }
    return false;
  }

  /** Opens the tunnel that a CONNECT asks for; where it cannot, the client is told and `undefined` returned. */
  async #openTunnel(
    head: RequestHead,
    { target, name }: Prepared & { kind: "tunnel" },
  ): Promise<AskedTunnel | undefined> {
    const { settings, signal, infoFor, answer } = this.#options;
    const { now } = settings.clock;
    const startedAt = now();
    let way: Connection;
    try {
      way = await settings.connect(target, signal);
    } catch (error) {
      // What the client may have sent for the tunnel already must not be read as requests.
      await this.#refuseUnreached(head, name, error, startedAt, false);
      return undefined;
    }
    try {
      const reachedAt = now();
      const connectMs = reachedAt - startedAt;
      const capture = new GuardedCapture(settings.capture, infoFor(name), settings.warn, connectMs);
      capture.up(head.raw, reachedAt, reachedAt);
      await answer(ESTABLISHED, capture);
      return { target, name, way, connectMs, rest: NOTHING };
    } catch (error) {
      closeQuietly(way);
      throw error;
    }
  }

  /** @param triedAt When it was begun to reach the target, monotonic ms. */
  async #refuseUnreached(
    head: RequestHead,
    name: string,
    error: unknown,
    triedAt: number,
    mayGoOn = true,
  ): Promise<boolean> {
    const { signal, settings: { clock } } = this.#options;
    if (signal.aborted) throw error;
    const status = error instanceof NoAnswerError ? 504 : error instanceof OwnListenerError ? 403 : 502;
    const text = `cannot connect to ${name}: ${reasonOf(error)}`;
    this.#turnAt = clock.now();
    return await this.#answerOwn(head, { status, text, name, connectMs: this.#turnAt - triedAt }, mayGoOn);
  }

  /** What came is no request: says so. */
  async #refuseBroken(reason: StreamReason): Promise<void> {
    const { reader } = this.#options;
    reader.takeRest();
    const text = await this.#own.toBroken(reason, this.#asked.stray, reader.readAt);
    if (reason !== "cut") this.#refusal = { end: "stopped", text };
  }

  /** Answers a request instead of a target. @returns Whether another request can follow. */
  async #answerOwn(head: RequestHead, answer: OwnAnswer, mayGoOn = true): Promise<boolean> {
    const goesOn = this.#goesOn(head, answer, mayGoOn);
    await this.#own.to(head, this.#asked.content, this.#beganAt, answer, goesOn);
    return goesOn;
  }

  /** Answers a request that was sent on, and that its target gave no answer to; the leg is over. */
  async #answerInstead(head: RequestHead, leg: ProxyLeg, status: number, text: string): Promise<boolean> {
    const answer = { status, text, name: leg.name };
    const goesOn = this.#goesOn(head, answer);
    await this.#own.through(leg.capture, head, answer, goesOn);
    await leg.close();
    return goesOn;
  }

  /** When the time of the request at hand begins, monotonic ms. */
  get #beganAt(): number {
    return Math.max(this.#options.reader.readAt, this.#turnAt);
  }

  /** Whether another request can follow an answer of our own: it is sure where this one ends. */
  #goesOn(head: RequestHead, { status, text, connectMs }: OwnAnswer, mayGoOn = true): boolean {
    if (!persists(head)) return false;
    const { ended, broken } = this.#asked;
    if (
      mayGoOn && ended && broken === undefined && status !== 400 && status !== 413 && head.flags.length === 0
    ) return true;
    this.#refusal = { end: connectMs === undefined ? "stopped" : "connect-failed", text };
    return false;
  }
}
