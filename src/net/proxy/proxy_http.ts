/** The HTTP requests of one client of the proxy, one after the other (RFC 9112 §9.3, RFC 9110 §7.6). */
import type { ConnectionEnd, ConnectionInfo, FaultNote, TlsInfo } from "../../capture/record.ts";
import { isAmbiguous, NO_BODY, type StreamReason, UNDELIMITED } from "../../http/framing.ts";
import { type Field, fieldValue, type RequestHead } from "../../http/head.ts";
import { persists } from "../../http/hop_by_hop.ts";
import { type MessageCutter, requestCutter } from "../../http/message_cutter.ts";
import { plainAnswer } from "../../http/plain_answer.ts";
import { joined } from "../../http/rewrite_head.ts";
import { closeQuietly, type Connection } from "../connection.ts";
import { NoAnswerError, OwnListenerError, reasonOf } from "../dial.ts";
import { GuardedCapture } from "../guarded_capture.ts";
import type { ClientReader } from "./client_reader.ts";
import { type LegAnswer, ProxyLeg } from "./leg.ts";
import { prepare, type Prepared, VIA } from "./route.ts";
import type { ProxySettings } from "./settings.ts";
import type { Tunnel } from "./tunnel.ts";

/** Ways to targets that one client keeps open. More than browsers open to one origin. */
const LEG_LIMIT = 8;
const BAD_BODY = "found a chunked body that others may read differently";
const CLOSE: Field = ["Connection", "close"];
const ESTABLISHED = new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n");

/** What is said of a client that sent what is no request, and with which status. */
const BROKEN: Readonly<Record<StreamReason, readonly [status: number, text: string]>> = {
  "not-http": [400, "found no HTTP request, wanted one in absolute-form, CONNECT or SOCKS 5"],
  "over-limit": [431, "the request's head is larger than 256 KiB, or has more than 2,000 fields"],
  "cut": [400, "the request ended inside its head"],
  "upgraded": [400, "found no HTTP request"],
};

/** What it needs of its connection. */
export interface ProxyHttpOptions {
  /** How the proxy behaves. */
  readonly settings: ProxySettings;
  /** The client's connection. */
  readonly client: Connection;
  /** TLS with the client, where it speaks it. */
  readonly clientTls?: TlsInfo;
  /** What the client sends. */
  readonly reader: ClientReader;
  /** Ends what is waited for. */
  readonly signal: AbortSignal;
  /** Number of the connection. */
  readonly connectionId: number;
  /** How records name the connection where it goes to that target. */
  readonly infoFor: (target: string) => ConnectionInfo;
  /** Sends an answer of tcpmon's own, and tells the capture, which ends with it. */
  readonly answer: (bytes: Uint8Array, capture: GuardedCapture) => Promise<void>;
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
  /** The target takes no more, and gave no answer. */
  | "unwanted";

/** Serves one client. */
export class ProxyHttp {
  readonly #options: ProxyHttpOptions;
  readonly #cutter: MessageCutter<RequestHead>;
  readonly #legs = new Map<string, ProxyLeg>();
  readonly #prepared = new WeakMap<RequestHead, Prepared>();
  /** The one that was used last. */
  #leg: ProxyLeg | undefined;
  readonly #onBroken = () => void this.#leg?.close("client-reset");
  readonly #onEnded = () => this.#leg?.endRequests();
  #targets = 0;
  #requests = 0;
  #extraSlots = 0;
  #busy = false;
  /** What the cutter told of the bytes at hand. */
  #head: RequestHead | undefined;
  #content: Uint8Array | undefined;
  #ended = false;
  #broken: StreamReason | undefined;
  #stray: Uint8Array | undefined;

  /** Begins before the first request. */
  constructor(options: ProxyHttpOptions) {
    this.#options = options;
    this.#cutter = requestCutter({
      head: (head, framing) => {
        this.#head = head;
        this.#cutter.stopAfterMessage();
        if (head.method === "CONNECT") return NO_BODY;
        return isAmbiguous(head) ? UNDELIMITED : framing;
      },
      content: (chunk, from, to) => this.#content = chunk.subarray(from, to),
      end: () => this.#ended = true,
      stream: (chunk, from, to, reason) => {
        this.#broken = reason;
        this.#stray = chunk.slice(from, to);
      },
      // What is read as the end of a chunk here may be none for the target.
      flag: (flag) => {
        if (flag !== "chunk-extension") this.#broken ??= "not-http";
      },
    });
  }

  /** Whether no exchange is under way, and no request half read. */
  get idle(): boolean {
    return !this.#busy && this.#cutter.betweenMessages && !this.#options.reader.hasChunk;
  }

  /** Whether it is connected to a target. */
  get reached(): boolean {
    for (const leg of this.#legs.values()) if (!leg.isOver) return true;
    return false;
  }

  /** How many targets were reached so far. */
  get targets(): number {
    return this.#targets;
  }

  /** When bytes passed last to or from a target, monotonic ms. */
  get activeAt(): number {
    let activeAt = 0;
    for (const leg of this.#legs.values()) activeAt = Math.max(activeAt, leg.activeAt);
    return activeAt;
  }

  /** Ends the ways to the targets, for this reason, and resolves when all was told of them. */
  async close(end?: ConnectionEnd): Promise<void> {
    await Promise.all(Array.from(this.#legs.values(), (leg) => leg.close(end)));
    for (; this.#extraSlots > 0; this.#extraSlots--) this.#options.settings.slots.give();
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
      const head = this.#next();
      if (head === undefined) {
        if (this.#broken === undefined) continue;
        await this.#refuseBroken(this.#broken);
        return undefined;
      }
      this.#busy = true;
      const prepared = this.#prepare(head);
      const fault = prepared.kind === "forward" ? this.#faultFor(head) : undefined;
      let goesOn = false;
      if (fault !== undefined) {
        goesOn = await this.#refuse(head, { ...fault, kind: "refuse", fields: [], name: prepared.name });
      } else if (prepared.kind === "tunnel") {
        const tunnel = await this.#openTunnel(head, prepared);
        if (tunnel !== undefined) return tunnel;
      } else if (prepared.kind === "refuse") {
        goesOn = await this.#refuse(head, prepared);
      } else {
        goesOn = await this.#forward(head, prepared);
      }
      this.#busy = false;
      if (!goesOn) return undefined;
      this.#cutter.resume(false);
    }
    this.#cutter.close();
    if (this.#broken !== undefined) await this.#refuseBroken("cut");
    return undefined;
  }

  /** Reads on in the chunk at hand: at most one message, or a part of it. @returns The head, if one ended there. */
  #next(): RequestHead | undefined {
    const { reader } = this.#options;
    this.#head = this.#content = this.#broken = undefined;
    this.#ended = false;
    reader.take(this.#cutter.push(reader.chunk));
    return this.#head;
  }

  /** The simulated fault that answers a request instead of its target, where one does. */
  #faultFor(head: RequestHead): { status: number; text: string; note: FaultNote } | undefined {
    const { settings: { link }, connectionId, reader } = this.#options;
    const status = link.statusFor(connectionId, this.#requests++);
    if (status === undefined || fieldValue(head.fields, "expect") !== undefined) return undefined;
    const note = link.statusNote(reader.offset - (this.#content?.length ?? 0) - head.raw.length);
    return { status, text: "a fault that tcpmon was asked for", note };
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
    const content = this.#content;
    const whole = this.#ended;
    if (this.#broken !== undefined) return await this.#answerOwn(head, 400, BAD_BODY, prepared.name);
    let leg = this.#usableLeg(prepared.key);
    if (leg === undefined) {
      try {
        leg = this.#leg = await this.#connect(prepared);
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
        if (whole && content === undefined && leg.mayHaveBeenClosing(head)) {
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

  #usableLeg(key: string): ProxyLeg | undefined {
    // Most clients stay with one target.
    if (this.#leg?.isUsable && this.#leg.key === key) return this.#leg;
    const known = this.#legs.get(key);
    return known?.isUsable ? this.#leg = known : undefined;
  }

  async #connect({ target, name, key }: Prepared & { kind: "forward" }): Promise<ProxyLeg> {
    await this.#makeRoom();
    const { settings, client, clientTls, signal, infoFor } = this.#options;
    const startedAt = settings.clock.now();
    const reached = await settings.dial(target, signal);
    const leg = new ProxyLeg({
      key,
      context: settings,
      info: infoFor(name),
      client,
      clientTls,
      reached,
      connectMs: settings.clock.now() - startedAt,
      add: settings.via ? [VIA] : [],
    });
    this.#targets++;
    this.#legs.set(key, leg);
    return leg;
  }

  /** Makes room for another leg: it needs a place, unless it is the only one. */
  async #makeRoom(): Promise<void> {
    for (const [key, leg] of this.#legs) if (!leg.isUsable) await this.#drop(key, leg);
    if (this.#legs.size === 0) return;
    if (this.#legs.size <= this.#extraSlots) return;
    if (this.#legs.size < LEG_LIMIT && this.#options.settings.slots.tryTake()) {
      this.#extraSlots++;
      return;
    }
    const [oldest] = [...this.#legs].sort(([, a], [, b]) => a.activeAt - b.activeAt);
    await this.#drop(...oldest);
  }

  async #drop(key: string, leg: ProxyLeg): Promise<void> {
    this.#legs.delete(key);
    await leg.close();
  }

  /** Sends the rest of a body on. */
  async #sendBody(leg: ProxyLeg, answered: Promise<LegAnswer>): Promise<BodyEnd> {
    const { reader } = this.#options;
    let sends = true;
    for (;;) {
      if (!reader.hasChunk && !await reader.more()) return "cut";
      this.#next();
      if (this.#broken !== undefined) return "broken";
      const content = this.#content;
      if (content !== undefined && sends) {
        sends = await leg.send(content, [content], reader.readAt);
        // It may have answered; then what the client still sends is dropped.
        if (!sends && (await answered).kind !== "done") return "unwanted";
      }
      if (this.#ended) {
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
    const { settings, reader, signal, infoFor, answer } = this.#options;
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
      return { target, name, way, rest: reader.takeRest() };
    } catch (error) {
      closeQuietly(way);
      throw error;
    }
  }

  async #refuseUnreached(head: RequestHead, name: string, error: unknown): Promise<boolean> {
    if (this.#options.signal.aborted) throw error;
    const status = error instanceof NoAnswerError ? 504 : error instanceof OwnListenerError ? 403 : 502;
    return await this.#answerOwn(head, status, `cannot connect to ${name}: ${reasonOf(error)}`, name);
  }

  async #refuse(
    head: RequestHead,
    { status, text, name, fields, note }: Prepared & { kind: "refuse" } & { readonly note?: FaultNote },
  ): Promise<boolean> {
    return await this.#answerOwn(head, status, text, name, fields, note);
  }

  /** What came is no request: says so, and ends. */
  async #refuseBroken(reason: StreamReason): Promise<void> {
    const { settings, reader, infoFor, answer } = this.#options;
    const [status, text] = BROKEN[reason];
    const capture = new GuardedCapture(settings.capture, infoFor(""), settings.warn);
    const bytes = this.#stray ?? new Uint8Array(0);
    capture.up(bytes, reader.readAt, settings.clock.now());
    reader.takeRest();
    await answer(plainAnswer(status, undefined, text, [CLOSE]), capture);
  }

  /** Answers a request that was sent on, and that its target gave no answer to; the leg is over. */
  async #answerInstead(head: RequestHead, leg: ProxyLeg, status: number, text: string): Promise<boolean> {
    const { answer } = this.#options;
    const silent = leg.isSilent;
    // What the target has said stands in a record of its own.
    if (!silent) await leg.close();
    const name = leg.name;
    if (!silent) return await this.#answerOwn(head, status, text, name);
    const goesOn = this.#goesOn(head, status);
    leg.capture.refused(text);
    await answer(plainAnswer(status, head, text, goesOn ? [] : [CLOSE]), leg.capture);
    await leg.close();
    return goesOn;
  }

  /** Answers a request instead of a target. @returns Whether another request can follow. */
  async #answerOwn(
    head: RequestHead,
    status: number,
    text: string,
    name: string,
    fields: readonly Field[] = [],
    fault?: FaultNote,
  ): Promise<boolean> {
    const { settings, reader, infoFor, answer } = this.#options;
    const goesOn = this.#goesOn(head, status);
    const capture = new GuardedCapture(settings.capture, infoFor(name), settings.warn);
    const at = settings.clock.now();
    capture.up(head.raw, reader.readAt, at);
    if (this.#content !== undefined) capture.up(this.#content, reader.readAt, at);
    capture.refused(text);
    if (fault !== undefined) capture.faulted(fault);
    await answer(plainAnswer(status, head, text, goesOn ? fields : [...fields, CLOSE]), capture);
    return goesOn;
  }

  /** Whether another request can follow an answer of our own: it is sure where this one ends. */
  #goesOn(head: RequestHead, status: number): boolean {
    return this.#ended && this.#broken === undefined && status !== 400 && head.flags.length === 0 &&
      persists(head);
  }
}
