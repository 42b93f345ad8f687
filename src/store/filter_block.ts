/**
 * Whether a block may hold a record that passes a filter: what it tells of itself saves reading most of
 * them.
 */
import type { NumberValue } from "../capture/filter/expression.ts";
import type { Summary } from "./block.ts";
import type { Alternatives, FilterTerm } from "./filter_term.ts";

/** Whether a block may hold all of some sequences. */
export type Holds = (grams: readonly number[]) => boolean;

/**
 * Whether a block may hold a record that passes.
 *
 * @param holds Whether the block may hold these sequences; asked only where all else leaves it open.
 */
export function mayPass(term: FilterTerm, summary: Summary, holds: Holds): boolean {
  switch (term.kind) {
    case "constant":
      return term.passes;
    case "and":
      return term.terms.every((one) => mayPass(one, summary, holds));
    case "or":
      return term.terms.some((one) => mayPass(one, summary, holds));
    case "ids": {
      const { ids, not } = term;
      if (term.column === "shape") return summary.shapes.some((id) => ids.has(id) !== not);
      // A `lost` record has no side, but passes anyway.
      return summary.sides.some((id) => ids.has(id) !== not);
    }
    case "number": {
      // A record of the block may lack the number: then it passes the negation.
      if (term.not) return true;
      const range = summary.ranges[term.key];
      return range !== undefined && term.values.some((value) => overlaps(range, value));
    }
    case "text":
    case "record":
      return summary.unsure || mayHoldAny(term.grams, holds);
  }
}

function mayHoldAny(alternatives: Alternatives, holds: Holds): boolean {
  return alternatives === undefined || alternatives.some(holds);
}

type Range = readonly [least: number, greatest: number];

/** Whether some number of the range may pass. */
function overlaps([least, greatest]: Range, value: NumberValue): boolean {
  if (value.kind === "between") return greatest >= value.from && least <= value.to;
  switch (value.operator) {
    case "=":
      return least <= value.number && value.number <= greatest;
    case ">":
      return greatest > value.number;
    case ">=":
      return greatest >= value.number;
    case "<":
      return least < value.number;
    case "<=":
      return least <= value.number;
  }
}
