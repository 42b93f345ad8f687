/** What one part of the viewer's section gives: lines of its table, goals, and what to know beside them. */

import type { Goal } from "./table.ts";

/** One part, measured. */
export interface Part {
  /** Lines of the section's table: what, the figure, what stands beside it. */
  readonly rows: readonly (readonly [what: string, figure: string, beside: string])[];
  /** What must be reached. */
  readonly goals: readonly Goal[];
  /** What the reader must know beside the figures, a sentence each. */
  readonly notes: readonly string[];
  /** The single figures, as they go into the JSON file. */
  readonly raw: unknown;
}

/** A figure of the viewer that must not be exceeded. */
export function atMost(what: string, wanted: number, found: number, unit: string, digits: number): Goal {
  return { what: `viewer: ${what}`, bound: "at most", wanted, found, unit, digits };
}

/** A figure of the viewer that must be reached. */
export function atLeast(what: string, wanted: number, found: number, unit: string, digits: number): Goal {
  return { what: `viewer: ${what}`, bound: "at least", wanted, found, unit, digits };
}
