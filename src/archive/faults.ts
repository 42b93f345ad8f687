/** What a simulated link did, as a log tells it. */
import type { Direction, FaultNote } from "../capture/record.ts";
import { count, fields, list, oneOf, optionalCount, refuse, text } from "./shape.ts";

/** Both directions. */
export const DIRECTIONS = ["up", "down"] as const satisfies readonly Direction[];

/**
 * Reads what a simulated link did.
 *
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readFaults(value: unknown): readonly FaultNote[] {
  return list(value, "faults").map((fault, i) => {
    const name = `faults[${i}]`;
    const source = fields(fault, name);
    const bytes = optionalCount(source.bytes, `${name}.bytes`);
    return {
      fault: text(source.fault, `${name}.fault`),
      ...source.direction !== undefined &&
        { direction: oneOf(source.direction, `${name}.direction`, DIRECTIONS) },
      offset: count(source.offset, `${name}.offset`),
      ...bytes !== undefined && { bytes },
      seed: Number.isSafeInteger(source.seed)
        ? source.seed as number
        : refuse(source.seed, `${name}.seed`, "a whole number"),
    };
  });
}
