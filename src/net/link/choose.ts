/** Which faults a connection has: a decision for each rule, the same in each run with the same seed. */
import type { Direction } from "../../capture/record.ts";
import type { ByteFault } from "./byte_fault.ts";
import { Corrupt } from "./corrupt.ts";
import { Cut } from "./cut.ts";
import { draw } from "./draw.ts";
import { Drop } from "./drop.ts";
import type { ByteFaultRule, DirectionRules, FaultRule } from "./rules.ts";
import { Timeout } from "./timeout.ts";

/** Whose decisions these are. */
export interface Subject {
  /** Seed of the run. */
  readonly seed: number;
  /** Number of the connection. */
  readonly connectionId: number;
}

/**
 * Whether a fault strikes.
 *
 * @param index Number of the request for a fault that strikes requests, else 0.
 */
export function strikes(rule: FaultRule, subject: Subject, index = 0): boolean {
  const chance = { ...subject, direction: rule.direction };
  return rule.percent >= 100 || draw(chance, `${rule.kind} ${rule.ordinal}`, index) * 100 < rule.percent;
}

/** A fault, and how it can be made: its key tells whether two are the same. */
export interface ChosenFault {
  /** What it does, in text: equal for equal faults of equal seeds. */
  readonly key: string;
  /** Makes it, as it is before the first byte. */
  readonly make: () => ByteFault;
}

/** The faults that strike at a byte of this connection and direction, in the order in which they act. */
export function chooseFaults(rules: DirectionRules, subject: Subject, direction: Direction): ChosenFault[] {
  const chosen: ChosenFault[] = [];
  const add = (rule: unknown, make: () => ByteFault) =>
    chosen.push({ key: JSON.stringify([rule, subject.seed]), make });
  // What ends or holds the connection comes before what is done to bytes at the same place.
  for (const rule of rules.byteFaults) {
    if (rule.kind !== "corrupt" && strikes(rule, subject)) add(rule, () => ending(rule));
  }
  const { drop } = rules;
  if (drop !== undefined) add(drop, () => new Drop(drop));
  for (const rule of rules.byteFaults) {
    if (rule.kind !== "corrupt") continue;
    const drawHit = (index: number) =>
      draw({ ...subject, direction }, `${rule.kind} ${rule.ordinal} hit`, index);
    add(rule, () => new Corrupt(rule, drawHit));
  }
  return chosen;
}

function ending(rule: Exclude<ByteFaultRule, { kind: "corrupt" }>): ByteFault {
  return rule.kind === "timeout"
    ? new Timeout(rule.offset, rule.endAfterMs)
    : new Cut(rule.kind, rule.offset, rule.kind !== "limit-data");
}
