/**
 * The way from one client of the proxy to one target: it carries that client's requests to the target, one after the
 * other, and is told to a capture as a relayed connection is.
 * It is not shared between clients: what a target ties to a connection (NTLM, a session) stays with who opened it.
 */
import type { Active, IsWanted } from "../../capture/active.ts";
import type { ConnectionEnd } from "../../capture/record.ts";
import type { RequestHead } from "../../http/head.ts";
import { closeQuietly, type Connection, ReadBuffer } from "../connection.ts";
import { ConnectionRecords } from "../connection_records.ts";
import { writePieces } from "../copy.ts";
import { reasonOf } from "../dial.ts";
import type { GuardedCapture } from "../guarded_capture.ts";
import type { LinkedConnection } from "../link/link.ts";
import { type Failure, type LegAnswer, type LegOptions, silent, stalled, unanswered } from "./leg_answer.ts";
import { LegSender } from "./leg_sender.ts";
import { type RequestSent, TargetAnswers } from "./target_answers.ts";

const NOTHING = new Uint8Array(0);

/** One way to one target. */
export class ProxyLeg {
  readonly #options: LegOptions;
  readonly #target: Connection;
  readonly #linked: LinkedConnection;
  readonly #answers: TargetAnswers;
  readonly #records: ConnectionRecords;
  readonly #up = { bytes: 0, sentBytes: 0, activeAt: 0 };
  readonly #down = { bytes: 0, sentBytes: 0, activeAt: 0 };
  readonly #running: Promise<void>;
  /** After an upgrade: the client's direction is over. */
  readonly #carried = Promise.withResolvers<void>();
  #answered: PromiseWithResolvers<LegAnswer> | undefined;
  /** Bytes that had come from the target before the request at hand. */
  #downBefore = 0;
  #gaveUp = false;
  #over = false;
  #end: ConnectionEnd | undefined;
  #error: string | undefined;
  /** Why there is no answer. */
  #failure: Failure | undefined;
  #requests = 0;
  /** When it was there, monotonic ms. */
  readonly reachedAt: number;
  /** What looks at its bytes. */
  readonly capture: GuardedCapture;
  /** Takes its requests. */
  readonly requests: LegSender;

  /** Takes a target that was just reached, and tells of it. */
  constructor(options: LegOptions) {
    this.#options = options;
    const { context, info } = options;
    this.#target = options.reached.connection;
    this.reachedAt = context.clock.now();
    this.#records = new ConnectionRecords(context, info, this.reachedAt - options.connectMs);
    this.capture = this.#records.open(this.reachedAt, options);
    this.#linked = context.link.attach({
      connectionId: info.id,
      client: options.client,
      target: this.#target,
      note: (fault) => this.#records.note(fault),
      end: (by) => {
        closeQuietly(options.client);
        this.#endAs(by);
      },
      sentBytes: (direction) => (direction === "up" ? this.#up : this.#down).sentBytes,
    });
    this.requests = new LegSender(this.#linked, this.capture, context.clock, this.#up);
    this.#answers = new TargetAnswers(options.add, options.upstream);
    this.#running = this.#readAnswers();
  }

  /** What tells it from the other legs of the client. */
  get key(): string {
    return this.#options.key;
  }

  /** The target as records name it. */
  get name(): string {
    return this.#options.info.target;
  }

  /** Whether another request can be sent on it. */
  get isUsable(): boolean {
    return this.#answers.reusable && this.requests.takesMore && !this.#over;
  }

  /** Whether it is over: its socket is closed. */
  get isOver(): boolean {
    return this.#over;
  }

  /** What is under way on it. */
  active(isWanted?: IsWanted): readonly Active[] {
    return this.#records.active(this.#up.bytes, this.#down.bytes, isWanted);
  }

  /** When bytes passed last, monotonic ms. */
  get activeAt(): number {
    return Math.max(this.reachedAt, this.#up.activeAt, this.#down.activeAt);
  }

  /** Whether the target has said nothing to the request at hand. */
  get isSilent(): boolean {
    return this.#down.bytes === this.#downBefore;
  }

  /** Whether a request may have failed because the target, which had kept the connection open, was just closing it. */
  get mayHaveBeenClosing(): boolean {
    return this.#requests > 1 && this.isSilent;
  }

  /**
   * A request goes out now, by {@link requests}.
   *
   * @param sent How much of it is sent at once; {@link bodyBegins} and {@link requestEnded} are to follow, as needed.
   * @param clientPersists Whether the client keeps its connection open after it.
   * @returns How its answer ended.
   */
  expect(head: RequestHead, sent: RequestSent, clientPersists: boolean): Promise<LegAnswer> {
    this.#requests++;
    this.#downBefore = this.#down.bytes;
    this.#answers.requestSent = sent;
    this.#answers.expect(head, clientPersists);
    const { promise } = this.#answered = Promise.withResolvers<LegAnswer>();
    return promise;
  }

  /** The first of the body follows. */
  bodyBegins(): void {
    if (this.#answers.requestSent === "head") this.#answers.requestSent = "body begun";
  }

  /** All of the request was sent. */
  requestEnded(): void {
    this.#answers.requestSent = "whole";
  }

  /** After an upgrade: carries what the client sends, until both sides have ended. */
  async carry(client: Connection): Promise<void> {
    const end = await this.requests.carry(client);
    if (end.kind === "read-failed") this.#endAs("client-reset");
    if (end.kind === "write-failed") this.#endAs("target-reset");
    this.#carried.resolve();
    await this.#running;
  }

  /**
   * Nothing that the target still sends goes to the client.
   *
   * @returns Whether the client got nothing of an answer: tcpmon can give its own.
   */
  async giveUp(reason: string): Promise<boolean> {
    this.#gaveUp = true;
    this.#answers.mute(reason);
    const silent = this.#answers.state === "waiting";
    this.#endAs("client-closed");
    await this.#running;
    return silent;
  }

  /**
   * Nothing passed for so long: where a request waits for its answer, and the client has got nothing of one, it fails.
   *
   * @returns Whether there was such a request, which is then to be answered.
   */
  timeOut(timeoutMs: number): boolean {
    // What a simulated link holds stays held.
    if (this.#over || this.#answered === undefined || !this.#answers.isWaiting || this.#linked.held) {
      return false;
    }
    const isTargets = this.#answers.requestSent === "whole" || this.requests.isSending;
    this.#failure = isTargets ? silent(this.name, timeoutMs) : stalled(timeoutMs);
    this.#error ??= this.#failure.text;
    this.#endAs("idle-timeout");
    return true;
  }

  /**
   * Ends the connection, for this reason unless there is one already, and resolves when all of it was told.
   *
   * @param error What went wrong, where nothing else did.
   */
  async close(end: ConnectionEnd = "client-closed", error?: string): Promise<void> {
    this.#endAs(end);
    this.#error ??= error;
    await this.#running;
    this.#tell();
  }

  #withhold(chunk: Uint8Array): void {
    this.capture.withheld(chunk, this.#down.activeAt);
  }

  /** Of half the head of an answer nothing has gone to the client. @returns Whether there is one. */
  #withholdHead(): boolean {
    const isHalf = this.#answers.isWaiting && !this.#answers.betweenMessages;
    if (isHalf) this.#withhold(NOTHING);
    return isHalf;
  }

  #endAs(end: ConnectionEnd): void {
    if (this.#over) return;
    this.#end ??= end;
    this.#carried.resolve();
    closeQuietly(this.#target);
    this.#linked?.detach();
  }

  async #readAnswers(): Promise<void> {
    let end: ConnectionEnd = "target-closed";
    let reason = "it closed the connection";
    try {
      await this.#passAnswers();
      this.#error ??= this.#answers.problem;
      reason = this.#error ?? reason;
    } catch (error) {
      end = "target-reset";
      this.#withholdHead();
      reason = reasonOf(error);
      if (this.#end === undefined) this.#error = `the target: ${reason}`;
    }
    this.#over = true;
    closeQuietly(this.#target);
    this.#linked.detach();
    // Where there was no answer, tcpmon's own may follow in the same exchange: it is told of later.
    // A client that has ended may be gone, and a target which then closes has all the right to.
    if (
      this.#end === undefined && this.#answered !== undefined && this.#answers.isWaiting &&
      !this.requests.hasEnded
    ) {
      this.#failure = unanswered(this.name, reason, this.#answers.isRefusedUpstream);
    }
    this.#end ??= end;
    const failure = this.#answers.isWaiting ? this.#failure : undefined;
    this.#settle(failure === undefined ? { kind: "broken" } : { kind: "failed", ...failure });
    if (failure === undefined && !this.#gaveUp) this.#tell();
  }

  /** Passes answers on until the target ends, or sends what is none. */
  async #passAnswers(): Promise<void> {
    const { clock } = this.#options.context;
    const buffer = new ReadBuffer();
    const answers = this.#answers;
    while (answers.problem === undefined) {
      const read = await this.#target.read(buffer.bytes);
      if (read === null) break;
      const readAt = this.#down.activeAt = clock.turn();
      const chunk = buffer.bytes.subarray(0, read);
      this.#down.bytes += read;
      answers.push(chunk);
      const writing = writePieces(this.#linked.down, answers.pieces, this.#down, clock.now);
      // What is no answer stands in the log as data, so that the request has one exchange, with the answer that it gets.
      if (answers.problem !== undefined && answers.isWaiting) this.#withhold(chunk);
      else this.capture.down(chunk, readAt, clock.now());
      try {
        await writing;
      } catch {
        this.#end ??= "client-reset";
        return;
      }
      this.#down.sentBytes += read;
      buffer.fit(read);
      if (answers.state === "done" || answers.state === "upgraded") await this.#conclude(answers.state);
    }
    if (this.#withholdHead() && this.#end === undefined) {
      answers.mute("it closed the connection inside the head of its answer");
    }
    if (answers.problem === undefined) {
      answers.close();
      // Else the exchange stays open for an answer of tcpmon's own.
      if (answers.state !== "waiting") this.capture.downTap.ended(clock.now());
    }
    if (answers.state === "done") await this.#conclude("done");
    if (answers.state !== "upgraded") return await this.#linked.delivered()?.catch(() => {});
    await this.#linked.down.closeWrite().catch(() => this.#endAs("client-reset"));
    await this.#carried.promise;
  }

  /** The answer is complete: says so, once a slow link has delivered it. */
  async #conclude(state: "done" | "upgraded"): Promise<void> {
    if (this.#answered === undefined) return;
    if (state === "upgraded") return this.#settle({ kind: "upgraded" });
    try {
      await this.#linked.delivered();
    } catch {
      // The link broke meanwhile, or the client did.
      return this.#endAs("client-reset");
    }
    this.#settle({ kind: "done", closes: this.#answers.closes });
  }

  #settle(answer: LegAnswer): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.resolve(answer);
  }

  #tell(): void {
    const [up, down] = [this.#up.bytes, this.#down.bytes];
    this.#records.close({ up, down, end: this.#end ?? "stopped", error: this.#error });
  }
}
