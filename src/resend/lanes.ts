/** The recorded connections that are gone through on connections of their own, at most so many at a time. */
import type { ConnectionInfo } from "../capture/record.ts";
import { Lane, type LaneContext, type Step } from "./lane.ts";
import { keyOf } from "./plan.ts";

/** Connections that are open at a time: past it the one whose turn was longest ago is closed, if nothing is under way. */
export const LANE_LIMIT = 1_000;
/** Steps that wait in all lanes together before no more are taken from the capture. */
const QUEUE_LIMIT = 1_000;
/** And the bytes in them. */
const QUEUE_LIMIT_BYTES: number = 64 * 1024 * 1024;

/** Gives each recorded connection its lane. */
export class Lanes {
  readonly #context: LaneContext;
  /** The one that got a step last is the last. */
  readonly #lanes = new Map<string, { readonly lane: Lane; readonly connection: ConnectionInfo }>();
  /** Lanes whose last step was given. */
  readonly #ending = new Set<Lane>();
  #queued = 0;
  #queuedBytes = 0;
  #room: PromiseWithResolvers<void> | undefined;

  /** Has no lane yet. */
  constructor(context: Omit<LaneContext, "stepped">) {
    this.#context = { ...context, stepped: (step) => this.#stepped(step) };
  }

  /** Whether a recorded connection has one. */
  has(connection: ConnectionInfo): boolean {
    return this.#lanes.has(keyOf(connection));
  }

  /** Gives a step to the lane of its connection, once there is room. @returns A promise only where that has to wait. */
  push(step: Step): Promise<void> | undefined {
    const isFull = this.#queued >= QUEUE_LIMIT || this.#queuedBytes >= QUEUE_LIMIT_BYTES ||
      this.#lanes.size + this.#ending.size >= LANE_LIMIT && !this.#makeRoom(step);
    if (isFull) return this.#pushLater(step);
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

  async #pushLater(step: Step): Promise<void> {
    while (this.#queued > 0 && !this.#context.signal.aborted) {
      await (this.#room ??= Promise.withResolvers<void>()).promise;
      if (this.#queued < QUEUE_LIMIT && this.#queuedBytes < QUEUE_LIMIT_BYTES) {
        if (this.#lanes.size + this.#ending.size < LANE_LIMIT || this.#makeRoom(step)) break;
      }
    }
    this.#push(step);
  }

  #push(step: Step): void {
    const connection = step.kind === "request" ? step.exchange.connection : step.connection;
    const key = keyOf(connection);
    const found = this.#lanes.get(key);
    if (found === undefined && step.kind === "end") return;
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
    if (this.#queued < QUEUE_LIMIT / 2 || this.#lanes.size >= LANE_LIMIT) this.#wake();
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Whether a step needs no lane that is not there, or one that was idle could be closed for it. */
  #makeRoom(step: Step): boolean {
    const connection = step.kind === "request" ? step.exchange.connection : step.connection;
    if (step.kind === "end" || this.has(connection)) return true;
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
