/** What a simulated link does: read-only data, made from options by `spec.ts`, acted upon by `link.ts`. */
import type { Direction } from "../../capture/record.ts";

/** What faults have in common. */
export interface FaultBase {
  /** The direction that it was given for. Where it is `both`, one decision holds for both. */
  readonly direction: Direction | "both";
  /** How many of its kind were given before it: each decides on its own. */
  readonly ordinal: number;
  /** In how many connections it strikes, percent; of requests for `status`, of KiB for `corrupt`. */
  readonly percent: number;
}

/** A fault that strikes at a byte. */
export type ByteFaultRule =
  /** Ends the connection at once when `offset` bytes have passed; at the first byte for 0. */
  | FaultBase & { readonly kind: "reset" | "cut-after"; readonly offset: number }
  /** Ends the connection in order after so many bytes. */
  | FaultBase & { readonly kind: "limit-data"; readonly offset: number }
  /** Holds everything from `offset` on; ends the connection `endAfterMs` later, if that is given. */
  | FaultBase & { readonly kind: "timeout"; readonly offset: number; readonly endAfterMs?: number }
  /** Changes the byte at `offset`; without it one byte in each of the KiB that `percent` chooses. */
  | FaultBase & { readonly kind: "corrupt"; readonly offset?: number };

/** A fault of the way in which bytes pass. */
export type PaceFaultRule =
  /** The end of the direction comes so much later. */
  | FaultBase & { readonly kind: "slow-close"; readonly delayMs: number }
  /** Writes of `sizeBytes`, give or take `variationBytes`, `delayMs` apart. */
  | FaultBase & {
    readonly kind: "slicer";
    readonly sizeBytes: number;
    readonly variationBytes: number;
    readonly delayMs: number;
  };

/** A client is turned away when it is accepted. */
export type RefuseRule = FaultBase & { readonly kind: "refuse" };

/** A request is answered with this status instead of being passed on. */
export type StatusRule = FaultBase & { readonly kind: "status"; readonly status: number };

/** Any fault. */
export type FaultRule = ByteFaultRule | PaceFaultRule | RefuseRule | StatusRule;

/** Bytes that vanish. */
export interface DropRule {
  /** How many, from 1. */
  readonly bytes: number;
  /** After how many bytes that passed, again and again; absent: the first of the direction, once. */
  readonly everyBytes?: number;
}

/** What happens to one direction. */
export interface DirectionRules {
  /** TCPMon's pair: after `bytes` a pause of `delayMs`, see `pause.ts`. */
  readonly pause?: { readonly bytes: number; readonly delayMs: number };
  /** Bits a second, payload alone. */
  readonly bitsPerSecond?: number;
  /** How much later bytes arrive than they left, ms; 0 for none. */
  readonly latencyMs: number;
  /** By how much that varies at most, either way, ms. */
  readonly jitterMs: number;
  /** Bytes that vanish. */
  readonly drop?: DropRule;
  /** Faults that strike at a byte, in the order given. */
  readonly byteFaults: readonly ByteFaultRule[];
  /** Faults of the pace, in the order given. */
  readonly paceFaults: readonly PaceFaultRule[];
}

/** What a link does. */
export interface LinkRules {
  /** From client to target. */
  readonly up: DirectionRules;
  /** From target to client. */
  readonly down: DirectionRules;
  /** Clients that are turned away. */
  readonly refuse: readonly RefuseRule[];
  /** Requests that are answered here. */
  readonly status: readonly StatusRule[];
  /** Seed of every decision: the same seed and the same traffic give the same faults. */
  readonly seed: number;
  /** The rules in words, as they were asked for, for example `3g`, `rate up:1mbit`, `reset@10%`. */
  readonly parts: readonly string[];
}

/** A direction in which bytes pass as they come. */
export const PLAIN_DIRECTION: DirectionRules = {
  latencyMs: 0,
  jitterMs: 0,
  byteFaults: [],
  paceFaults: [],
};

/** A link that does nothing. */
export const NO_LINK: LinkRules = {
  up: PLAIN_DIRECTION,
  down: PLAIN_DIRECTION,
  refuse: [],
  status: [],
  seed: 0,
  parts: [],
};

/** Whether rules do nothing at all. */
export function isPlain(rules: LinkRules): boolean {
  return isPlainDirection(rules.up) && isPlainDirection(rules.down) && rules.refuse.length === 0 &&
    rules.status.length === 0;
}

/** The rules in one line for people: `3g, reset@10%, seed 42`; empty where they do nothing. */
export function formatRules(rules: LinkRules): string {
  if (isPlain(rules)) return "";
  const seed = usesChance(rules) ? [`seed ${rules.seed}`] : [];
  return [...rules.parts, ...seed].join(", ");
}

function isPlainDirection(rules: DirectionRules): boolean {
  return rules.pause === undefined && rules.bitsPerSecond === undefined && rules.latencyMs === 0 &&
    rules.jitterMs === 0 && rules.drop === undefined && rules.byteFaults.length === 0 &&
    rules.paceFaults.length === 0;
}

function usesChance(rules: LinkRules): boolean {
  const faults: FaultRule[] = [...rules.refuse, ...rules.status];
  for (const direction of [rules.up, rules.down]) {
    if (direction.jitterMs > 0) return true;
    faults.push(...direction.byteFaults, ...direction.paceFaults);
  }
  return faults.some((fault) =>
    fault.percent < 100 || fault.kind === "corrupt" || (fault.kind === "slicer" && fault.variationBytes > 0)
  );
}
