/** Notes of what a simulated link did: a bounded list of them, as some faults strike at every kilobyte. */
import type { FaultNote } from "./record.ts";

/** Faults of a simulated link that one record names. */
export const FAULT_LIMIT = 100;

/** Adds a note, as long as there is room. @returns The list, a new one where there was none. */
export function noted(faults: FaultNote[] | undefined, fault: FaultNote): FaultNote[] {
  if (faults === undefined) return [fault];
  if (faults.length < FAULT_LIMIT) faults.push(fault);
  return faults;
}
