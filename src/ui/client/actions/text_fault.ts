/** What is wrong with a text that should be JSON or XML. */

/** What is wrong, and where. */
export interface TextFault {
  /** Where, in UTF-16 units from 0. */
  readonly at: number;
  /** What is wrong, in words. */
  readonly reason: string;
}

/** Where an expression (sticky) ends that begins at a place; undefined: it does not fit there. */
export function matchEnd(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}
