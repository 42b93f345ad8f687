/** Quick filters: terms that are put into the filter and taken out of it by a click. */
import type { Expression, NumberValue, TextValue } from "../../../capture/filter/expression.ts";
import { formatExpression } from "../../../capture/filter/format.ts";
import { parseExpression } from "../../../capture/filter/syntax.ts";
import { readFilter } from "./reading.ts";

/** A quick filter. */
export interface Chip {
  /** What stands on it. */
  readonly label: string;
  /** What it asks for, in words. */
  readonly help: string;
  /** Its term, of one key and one value, for example `status:5xx`. */
  readonly term: string;
}

/** Quick filters that exclude each other unless they are joined: values of one key. */
export interface ChipGroup {
  /** What they are about. */
  readonly label: string;
  /** The chips. */
  readonly chips: readonly Chip[];
}

/** The quick filters that are always there. */
export const CHIP_GROUPS: readonly ChipGroup[] = [
  {
    label: "Status",
    chips: [
      { label: "2xx", help: "Responses that tell success", term: "status:2xx" },
      { label: "3xx", help: "Responses that lead elsewhere", term: "status:3xx" },
      { label: "4xx", help: "Responses that blame the client", term: "status:4xx" },
      { label: "5xx", help: "Responses that blame the server", term: "status:5xx" },
    ],
  },
  {
    label: "Method",
    chips: ["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => ({
      label: method,
      help: `Requests with method ${method}`,
      term: `method:${method}`,
    })),
  },
  {
    label: "Type",
    chips: [
      { label: "JSON", help: "Responses with JSON", term: "response-mime:json" },
      { label: "XML", help: "Responses with XML", term: "response-mime:xml" },
      { label: "HTML", help: "Responses with HTML", term: "response-mime:html" },
      { label: "Image", help: "Responses with an image", term: "response-mime:image" },
    ],
  },
  {
    label: "Kind",
    chips: [
      { label: "SOAP", help: "SOAP calls", term: "soap:*" },
      { label: "Odd", help: "Exchanges whose framing is odd", term: "flag:*" },
      {
        label: "Failed",
        help: "Exchanges that did not end as they should",
        term: "-outcome:complete,upgraded",
      },
    ],
  },
];

/** Whether a chip's term stands in a filter, as one of the terms that must all be true. */
export function hasTerm(source: string, term: string): boolean {
  const reading = readFilter(source);
  return reading.kind === "fine" && contains(reading.expression, parseExpression(term));
}

/**
 * The filter with a chip's term put in, or taken out where it is in. Values of one key are joined: `status:4xx` with
 * `status:5xx` gives `status:4xx,5xx`.
 *
 * @returns The new filter; the same where it cannot be read.
 */
export function toggleTerm(source: string, term: string): string {
  const reading = readFilter(source);
  if (reading.kind === "wrong") return source;
  const chip = parseExpression(term);
  const terms = termsOf(reading.expression);
  const changed = contains(reading.expression, chip)
    ? terms.flatMap((found) => {
      const rest = withoutValues(found, chip);
      return rest === undefined ? [] : [rest];
    })
    : withValues(terms, chip);
  if (changed.length === 0) return "";
  return formatExpression(changed.length === 1 ? changed[0] : { kind: "and", terms: changed });
}

function termsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === "all") return [];
  return expression.kind === "and" ? expression.terms : [expression];
}

function contains(expression: Expression, chip: Expression): boolean {
  return termsOf(expression).some((term) => isSame(term, chip) || holdsValues(term, chip));
}

function holdsValues(term: Expression, chip: Expression): boolean {
  if (!isSameKey(term, chip)) return false;
  const written = new Set(valuesOf(term).map((value) => JSON.stringify(value)));
  return valuesOf(chip).every((value) => written.has(JSON.stringify(value)));
}

function withoutValues(term: Expression, chip: Expression): Expression | undefined {
  if (isSame(term, chip)) return undefined;
  if (!holdsValues(term, chip)) return term;
  const gone = new Set(valuesOf(chip).map((value) => JSON.stringify(value)));
  const values = valuesOf(term).filter((value) => !gone.has(JSON.stringify(value)));
  return values.length === 0 ? undefined : { ...term, values } as Expression;
}

function withValues(terms: readonly Expression[], chip: Expression): readonly Expression[] {
  const at = terms.findIndex((term) => isSameKey(term, chip));
  if (at === -1) return [...terms, chip];
  const joined = { ...terms[at], values: [...valuesOf(terms[at]), ...valuesOf(chip)] } as Expression;
  return terms.with(at, joined);
}

function isSameKey(a: Expression, b: Expression): boolean {
  return (a.kind === "text" || a.kind === "number") && a.kind === b.kind && a.key === b.key;
}

function valuesOf(term: Expression): readonly (TextValue | NumberValue)[] {
  return term.kind === "text" || term.kind === "number" ? term.values : [];
}

function isSame(a: Expression, b: Expression): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A text as a value of the filter language that means itself. */
export function quotedValue(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
