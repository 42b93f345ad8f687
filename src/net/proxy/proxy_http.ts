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
import type { LegAnswer } from "./leg_answer.ts";
import { type LegsOptions, ProxyLegs } from "./legs.ts";
import { type OwnAnswer, OwnAnswers, type OwnAnswersOptions } from "./own_answers.ts";
import { prepare, type Prepared } from "./route.ts";
import type { Tunnel } from "./tunnel.ts";

const BAD_BODY = "found a chunked body that others may read differently";
const ESTABLISHED = new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n");
const NOTHING = new Uint8Array(0);

/** What it needs of its connection. */
export interface ProxyHttpOptions extends LegsOptions, OwnAnswersOptions {
  /** What the client sends. */
  readonly reader: ClientReader;
  /** Number of the connection. */
  readonly connectionId: number;
}

/** The tunnel that the client asked for. */
export type AskedTunnel = Omit<Tunnel, "info" | "client">;

/** What became of the rest of a request's body. */
type BodyEnd =
  | "sent"
  /** The client ended inside it. */
  | "cut"
  /** Its framing cannot be read. */
  | "broken"
  /** The target takes no more, or its answer ends the connection. */
  | "unwanted";

/** Serves one client. */
export class ProxyHttp {
  readonly #options: ProxyHttpOptions;
  readonly #asked: ClientRequests;
  readonly #legs: ProxyLegs;
  readonly #own: OwnAnswers;
  readonly #prepared = new WeakMap<RequestHead, Prepared>();
  readonly #onBroken = () => void this.#legs.last?.close("client-reset");
  readonly #onEnded = () => this.#legs.last?.endRequests();
  #requests = 0;
  #busy = false;

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
    const { reader } = this.#options;
    const { readAt } = reader;
    const { content, ended: whole, broken } = this.#asked;
    if (broken !== undefined) {
      return await this.#answerOwn(head, { status: 400, text: BAD_BODY, name: prepared.name });
    }
    let leg = this.#legs.usable(prepared.key);
    if (leg === undefined) {
      try {
        leg = await this.#legs.open(prepared);
      } catch (error) {
        return await this.#refuseUnreached(head, prepared.name, error);
      }
    }
    const answered = leg.expect(head, whole, prepared.persists);
    const { bytes, rewritten } = prepared;
    // Connecting is told of by itself: it is no part of the time that the request took.
    const startedAt = Math.max(readAt, leg.reachedAt);
    if (content === undefined) await leg.send(bytes, [head.raw], startedAt, rewritten);
    else await leg.send(joined([bytes, content]), [head.raw, content], startedAt, rewritten);
    const body = whole ? "sent" : await this.#sendBody(leg, answered);
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
          return await this.#forward(head, prepared);
        }
        return await this.#answerInstead(head, leg, 502, `${prepared.name} gave no answer: ${answer.reason}`);
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

  /**
   * Sends the rest of a body on. An answer may come before it has ended: after one that ends the connection nothing is
   * waited for.
   */
  async #sendBody(leg: ProxyLeg, answered: Promise<LegAnswer>): Promise<BodyEnd> {
    const { reader } = this.#options;
    let sends = true;
    let answer: LegAnswer | undefined;
    answered.then((found) => answer = found);
    for (;;) {
      if (answer !== undefined && (answer.kind !== "done" || answer.closes)) return "unwanted";
      if (!reader.hasChunk) {
        const more = answer === undefined ? await reader.moreOr(answered) : await reader.more();
        if (more === "other") continue;
        if (!more) return "cut";
      }
      this.#asked.next();
      const { content, ended, broken } = this.#asked;
      if (broken !== undefined) return "broken";
      if (content !== undefined && sends) {
        sends = await leg.send(content, [content], reader.readAt);
        // It may have answered; then what the client still sends is dropped.
        if (!sends) answer = await answered;
      }
      if (ended) {
        leg.requestEnded();
        return "sent";
      }
    }
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
      await this.#refuseUnreached(head, name, error);
      return undefined;
    }
    try {
      const reachedAt = now();
      const capture = new GuardedCapture(
        settings.capture,
        infoFor(name),
        settings.warn,
        reachedAt - startedAt,
      );
      capture.up(head.raw, reachedAt, reachedAt);
      await answer(ESTABLISHED, capture);
      return { target, name, way, rest: NOTHING };
    } catch (error) {
      closeQuietly(way);
      throw error;
    }
  }

  async #refuseUnreached(head: RequestHead, name: string, error: unknown): Promise<boolean> {
    if (this.#options.signal.aborted) throw error;
    const status = error instanceof NoAnswerError ? 504 : error instanceof OwnListenerError ? 403 : 502;
    return await this.#answerOwn(head, {
      status,
      text: `cannot connect to ${name}: ${reasonOf(error)}`,
      name,
    });
  }

  /** What came is no request: says so. */
  async #refuseBroken(reason: StreamReason): Promise<void> {
    const { reader } = this.#options;
    reader.takeRest();
    await this.#own.toBroken(reason, this.#asked.stray, reader.readAt);
  }

  /** Answers a request instead of a target. @returns Whether another request can follow. */
  async #answerOwn(head: RequestHead, answer: OwnAnswer): Promise<boolean> {
    const goesOn = this.#goesOn(head, answer.status);
    await this.#own.to(head, this.#asked.content, this.#options.reader.readAt, answer, goesOn);
    return goesOn;
  }

  /** Answers a request that was sent on, and that its target gave no answer to; the leg is over. */
  async #answerInstead(head: RequestHead, leg: ProxyLeg, status: number, text: string): Promise<boolean> {
    const answer = { status, text, name: leg.name };
    const goesOn = this.#goesOn(head, status);
    if (!leg.takesAnswer) {
      // What the target has said stands in a record of its own, and so does the body.
      await leg.close();
      await this.#own.to(head, undefined, this.#options.reader.readAt, answer, goesOn);
      return goesOn;
    }
    await this.#own.through(leg.capture, head, answer, goesOn);
    await leg.close();
    return goesOn;
  }

  /** Whether another request can follow an answer of our own: it is sure where this one ends. */
  #goesOn(head: RequestHead, status: number): boolean {
    return this.#asked.ended && this.#asked.broken === undefined && status !== 400 && status !== 413 &&
      head.flags.length === 0 && persists(head);
  }
}
