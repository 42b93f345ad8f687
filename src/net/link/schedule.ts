/**
 * When bytes leave and arrive: TCPMon's pair, rate, slicer, latency and jitter of one direction of one connection.
 *
 * Times are computed from when bytes came and when those before them left, never from when a timer fired: lateness does
 * not add up.
 */
import type { Direction } from "../../capture/record.ts";
import { strikes, type Subject } from "./choose.ts";
import { draw } from "./draw.ts";
import { latencyOf } from "./latency.ts";
import { Pause, PAUSE_PIECE_BYTES } from "./pause.ts";
import { bytesWithin, ratePieceBytes, sendingMs } from "./rate.ts";
import type { ByteFaultRule, DirectionRules, PaceFaultRule } from "./rules.ts";
import { Slicer } from "./slicer.ts";

/** Most bytes on their way, unless rate × latency needs more. */
const MOST_BYTES = 1024 * 1024;
/** So many bytes wait even on the slowest link: the next ones are there when their time comes. */
const LEAST_BYTES = 64 * 1024;
/** What a rate may have waiting, so that reading never falls behind it. */
const AHEAD_MS = 100;

/** The times of one direction, as long as its rules stand. */
export class Schedule {
  /** When this many bytes are on their way, reading waits. 0: bytes need not be kept at all. */
  readonly limitBytes: number;
  /** How much later the end of the direction comes, ms. */
  readonly slowCloseMs: number | undefined;
  /** Whether bytes are cut into slices. */
  readonly slices: boolean;
  readonly #rules: DirectionRules;
  readonly #drawJitter: (offset: number) => number;
  readonly #pause: Pause | undefined;
  readonly #slicer: Slicer | undefined;
  readonly #mostPieceBytes: number;
  #leftAt = -Infinity;
  #arrivedAt = -Infinity;

  /**
   * The times of a direction.
   *
   * @param from When the rules begin to hold, monotonic ms: no earlier do bytes leave that have to wait for one another.
   */
  constructor(rules: DirectionRules, subject: Subject, direction: Direction, from: number) {
    const chance = { ...subject, direction };
    this.#rules = rules;
    this.#drawJitter = (offset) => draw(chance, "jitter", offset);
    const chosen = rules.paceFaults.filter((rule) => strikes(rule, subject));
    const slicer = chosen.find((rule) => rule.kind === "slicer");
    this.#slicer = slicer && new Slicer(slicer, (index) => draw(chance, "slicer size", index));
    this.slices = slicer !== undefined;
    const slowCloses = chosen.filter((rule): rule is PaceFaultRule & { kind: "slow-close" } =>
      rule.kind === "slow-close"
    );
    this.slowCloseMs = slowCloses.length === 0
      ? undefined
      : Math.max(...slowCloses.map((rule) => rule.delayMs));
    this.#pause = rules.pause && new Pause(rules.pause);
    const { bitsPerSecond } = rules;
    this.#mostPieceBytes = Math.min(
      this.#pause === undefined ? Infinity : PAUSE_PIECE_BYTES,
      bitsPerSecond === undefined ? Infinity : ratePieceBytes(bitsPerSecond),
    );
    const keeps = chosen.some((rule) => rule.kind === "slicer" && rule.delayMs > 0) ||
      rules.byteFaults.some((rule) => readsOn(rule) && strikes(rule, subject));
    this.limitBytes = limitOf(rules, keeps);
    if (this.#pause !== undefined || bitsPerSecond !== undefined) this.#leftAt = from;
  }

  /** Whether it changes anything: how bytes are cut, or when they or their end arrive. */
  get plain(): boolean {
    return this.limitBytes === 0 && !this.slices && this.slowCloseMs === undefined;
  }

  /** How many bytes are to be sent as one piece. */
  pieceBytes(available: number): number {
    return Math.min(available, this.#mostPieceBytes, this.#slicer?.left() ?? Infinity);
  }

  /** When a piece that came at `cameAt` has left, ms. Ask for pieces in order. */
  leaves(bytes: number, cameAt: number): number {
    const gapMs = bytes > 0 ? this.#slicer?.take(bytes) ?? 0 : 0;
    let at = Math.max(this.#leftAt + gapMs, cameAt);
    if (bytes > 0) at += this.#pause?.beforeMs(bytes) ?? 0;
    if (this.#rules.bitsPerSecond !== undefined) at += sendingMs(bytes, this.#rules.bitsPerSecond);
    return this.#leftAt = at;
  }

  /** When a piece that left at `leftAt` arrives: never before the one before it. `offset`: of its end. */
  arrives(leftAt: number, offset: number): number {
    const onTheWayMs = latencyOf(this.#rules, () => this.#drawJitter(offset));
    return this.#arrivedAt = Math.max(this.#arrivedAt, leftAt + onTheWayMs);
  }
}

/** What holds or ends the direction, while its sender is still read: to find out when it is gone, or to let it finish. */
function readsOn(rule: ByteFaultRule): boolean {
  return rule.kind === "timeout" || rule.kind === "limit-data";
}

/** How many bytes may be on their way. */
function limitOf({ bitsPerSecond, latencyMs, jitterMs, pause }: DirectionRules, keeps: boolean): number {
  const wayMs = latencyMs + jitterMs;
  if (bitsPerSecond !== undefined) {
    const ahead = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, bytesWithin(AHEAD_MS, bitsPerSecond)));
    return Math.max(2 * bytesWithin(wayMs, bitsPerSecond), ahead);
  }
  if (wayMs > 0) return MOST_BYTES;
  return pause !== undefined || keeps ? LEAST_BYTES : 0;
}
