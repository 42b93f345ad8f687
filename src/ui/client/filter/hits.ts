/** Which texts a filter looks for, so that they can be marked where they are shown. */
import type { Expression, TextValue } from "../../../capture/filter/expression.ts";
import { readFilter } from "./reading.ts";

/** Keys whose values are parts of texts that the page shows. */
const SHOWN: ReadonlySet<string> = new Set([
  "path",
  "query",
  "url",
  "body",
  "request-body",
  "response-body",
  "reason",
  "error",
  "fault",
  "soap",
]);

/** How many texts are marked at most: more would only colour the page. */
const HITS_LIMIT = 20;

/** The texts that a filter looks for, in lower case; what it must not find is left out. */
export function hitsOf(source: string): readonly string[] {
  const reading = readFilter(source);
  if (reading.kind === "wrong") return [];
  const found = new Set<string>();
  collect(reading.expression, found);
  return [...found].slice(0, HITS_LIMIT);
}

function collect(expression: Expression, found: Set<string>): void {
  switch (expression.kind) {
    case "and":
    case "or":
      for (const term of expression.terms) collect(term, found);
      break;
    case "search":
      add(expression.value, found);
      break;
    case "text":
      if (SHOWN.has(expression.key)) { for (const value of expression.values) add(value, found); }
      break;
    case "field":
      for (const { value } of expression.values) if (value !== undefined) add(value, found);
      break;
    case "not":
    case "number":
    case "all":
  }
}

function add(value: TextValue, found: Set<string>): void {
  const parts = value.kind === "glob" ? value.parts : [value.text];
  for (const part of parts) if (part !== "") found.add(part.toLowerCase());
}
