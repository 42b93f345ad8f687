/** Reads the filter in the box with the program's own reader, so that what is wrong shows before it is sent. */
import { parseExpression } from "../../../capture/filter/syntax.ts";
import { FilterSyntaxError } from "../../../capture/filter/syntax_error.ts";
import type { Expression } from "../../../capture/filter/expression.ts";

/** What a filter means, or what is wrong with it. */
export type FilterReading =
  | { readonly kind: "fine"; readonly expression: Expression }
  /** `from` and `to`: the place, in UTF-16 units of the filter; the same at its end. */
  | { readonly kind: "wrong"; readonly message: string; readonly from: number; readonly to: number };

/** Reads a filter; it never throws. */
export function readFilter(source: string): FilterReading {
  try {
    return { kind: "fine", expression: parseExpression(source) };
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    const { message, position, length } = error;
    return { kind: "wrong", message, from: position, to: Math.min(source.length, position + length) };
  }
}
