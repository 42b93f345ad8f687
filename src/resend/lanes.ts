/** The recorded connections that are gone through on connections of their own, at most so many at a time. */
import type { ConnectionInfo } from "../capture/record.ts";
import { Lane, type LaneContext, type Step } from "./lane.ts";
import { keyOf } from "./plan.ts";

/**
 * Connections that are open at a time. Further ones wait; the one whose turn was longest ago is closed for them, if nothing
 * is under way on it. Where all are in dialogues of which no end was met, some of these are ended as if it had been.
 */
export const LANE_LIMIT = 1_000;
/** Which part of them: they end at the same time, as each may take as long as a dialogue waits. */
const ENDED_AT_ONCE = 1 / 4;
/** Dialogues that are remembered as ended before their time. */
const CUT_LIMIT = 10_000;
/** Steps that wait in all lanes together before no more are taken from the capture. */
const QUEUE_LIMIT = 1_000;
/** And the bytes in them. */
const QUEUE_LIMIT_BYTES: number = 64 * 1024 * 1024;

/** Gives each recorded connection its lane. */
export class Lanes {
  readonly #context: LaneContext;
  readonly #limit: number;
  /** The one that got a step last is the last. */
  readonly #lanes = new Map<string, { readonly lane: Lane; readonly connection: ConnectionInfo }>();
  /** Lanes whose last step was given. */
  readonly #ending = new Set<Lane>();
  /** Dialogues that were ended before their time; what they would have gone on with is not sent. */
  readonly #cut = new Map<string, { isTold: boolean }>();
  #queued = 0;
  #queuedBytes = 0;
  #room: PromiseWithResolvers<void> | undefined;

  /**
   * Has no lane yet.
   *
   * @param limit How many connections are open at a time.
   */
  constructor(context: Omit<LaneContext, "stepped">, limit: number = LANE_LIMIT) {
    this.#context = { ...context, stepped: (step) => this.#stepped(step) };
    this.#limit = limit;
  }

  /** Whether a recorded connection has one. */
  has(connection: ConnectionInfo): boolean {
    return this.#lanes.has(keyOf(connection));
  }

  /** Gives a step to the lane of its connection, once there is room. @returns A promise only where that has to wait. */
  push(step: Step): Promise<void> | undefined {
    if (this.#isFull(step)) return this.#pushLater(step);
    this.#push(step);
    return undefined;
  }

  /** Ends all lanes whose end was not recorded, and waits for all. */
  async finish(): Promise<void> {
    for (const { connection } of [...this.#lanes.values()]) {
      this.#push({ kind: "end", connection, byClient: true });
    }
    while (this.#ending.size > 0) await Promise.all([...this.#ending].map((lane) => lane.done));
  }

  #isFull(step: Step): boolean {
    return this.#queued >= QUEUE_LIMIT || this.#queuedBytes >= QUEUE_LIMIT_BYTES ||
      this.#lanes.size + this.#ending.size >= this.#limit && !this.#makeRoom(step);
  }

  async #pushLater(step: Step): Promise<void> {
    while (!this.#context.signal.aborted && this.#isFull(step)) {
      // Nothing is under way that would end by itself.
      if (this.#queued === 0 && this.#ending.size === 0) this.#endSome();
      await (this.#room ??= Promise.withResolvers<void>()).promise;
    }
    this.#push(step);
  }

  /** Ends the dialogues whose turn was longest ago. */
  #endSome(): void {
    const some = [...this.#lanes].slice(0, Math.ceil(this.#limit * ENDED_AT_ONCE));
    for (const [key, { connection }] of some) {
      this.#cut.set(key, { isTold: false });
      this.#push({ kind: "end", connection, byClient: true });
    }
    for (const key of this.#cut.keys()) {
      if (this.#cut.size <= CUT_LIMIT) break;
      this.#cut.delete(key);
    }
  }

  /** Whether a step goes on with a dialogue that was ended before its time; that is told once. */
  #isCut(step: Step, key: string): boolean {
    const cut = this.#cut.get(key);
    if (cut === undefined) return false;
    if (step.kind !== "bytes") {
      this.#cut.delete(key);
      return false;
    }
    if (!cut.isTold) {
      const error = `its rest is not sent: more than ${this.#limit} connections would have been open`;
      const { connection } = step;
      this.#context.report({
        kind: "dialogue",
        connection,
        sentBytes: 0,
        recordedBytes: 0,
        receivedBytes: 0,
        error,
      });
    }
    cut.isTold = true;
    return true;
  }

  #push(step: Step): void {
    const connection = step.kind === "request" ? step.exchange.connection : step.connection;
    const key = keyOf(connection);
    const found = this.#lanes.get(key);
    if (found === undefined && (this.#isCut(step, key) || step.kind === "end")) return;
    const lane = found?.lane ?? new Lane(this.#context);
    this.#lanes.delete(key);
    if (step.kind === "end") this.#ending.add(lane);
    else this.#lanes.set(key, { lane, connection });
    this.#queued++;
    this.#queuedBytes += bytesOf(step);
    lane.push(step);
    if (step.kind === "end") lane.done.then(() => this.#ended(lane));
  }

  #ended(lane: Lane): void {
    this.#ending.delete(lane);
    this.#wake();
  }

  #stepped(step: Step): void {
    this.#queued--;
    this.#queuedBytes -= bytesOf(step);
    if (this.#queued < QUEUE_LIMIT / 2 || this.#lanes.size >= this.#limit) this.#wake();
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Whether a step needs no lane that is not there, or one that was idle could be closed for it. */
  #makeRoom(step: Step): boolean {
    const connection = step.kind === "request" ? step.exchange.connection : step.connection;
    if (step.kind === "end" || this.has(connection) || this.#cut.has(keyOf(connection))) return true;
    for (const [key, { lane }] of this.#lanes) {
      if (!lane.isIdle || lane.isInDialogue) continue;
      lane.close();
      this.#lanes.delete(key);
      return true;
    }
    return false;
  }
}

function bytesOf(step: Step): number {
  switch (step.kind) {
    case "request":
      return step.prepared.pieces.reduce((bytes, piece) => bytes + piece.length, 0);
    case "bytes":
      return step.bytes.length;
    case "end":
      return 0;
  }
}
