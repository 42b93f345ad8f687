/**
 * Filter expressions: which records are shown, logged or kept.
 *
 * The language follows the network filter of Chrome DevTools: `method:POST status:5xx path:/api/* duration:>500ms
 * -host:localhost`. A space means and, `|` or, a leading `-` not; parentheses group. A word without a key is looked for
 * as a part of method, request target, status, reason, field names and values, errors and bodies; with `*` in it, its
 * parts in that order. For connections it is looked for in the addresses and in what TLS tells, for messages in the name of the event.
 *
 * Values:
 * - Letter case never matters, in keys and in values.
 * - Text with `*` is the whole text: `path:/api/*` begins with it, `path:*.php` ends with it. Text without `*` is the
 *   whole text or a part of it, as the key's {@link TextKeyInfo.match} says: `path:`, `url:`, `query:`, `mime:`,
 *   `reason:` and the bodies take a part, as DevTools' `url:` does. A leading `=` asks for the whole: `path:=/`.
 * - Quotes keep spaces, `*`, `|`, commas and parentheses; in them `\"`, `\\`, `\n`, `\r` and `\t` stand for themselves.
 * - Numbers: `200`, `>500`, `>=`, `<`, `<=`, `=`, `200..299` (both included), `500..`, `..499`; status classes `5xx`;
 *   sizes `64k`, `1M`, `1G` (of 1024); durations `150ms`, `2s`, `1m`, ms without a unit; times in RFC 3339.
 * - Commas separate alternatives: `method:GET,HEAD`; `header:x-id=3,4` is either value.
 *
 * A key that does not apply to a record makes its term false, hence its negation true: `-status:200` lets connections
 * and data through, `type:exchange -status:200` does not. `lost` records pass every filter: they tell what is missing.
 *
 * Nothing here needs more than the language itself, so it runs in a browser as it is.
 */
import type { Record, RequestMessage, ResponseMessage } from "../record.ts";
import type { Expression } from "./expression.ts";
import { type BodyText, compileExpression } from "./match.ts";
import type { SoapOf } from "./subject.ts";
import { parseExpression } from "./syntax.ts";

export { formatExpression } from "./format.ts";
export { filterErrorPlace, FilterSyntaxError } from "./syntax_error.ts";
export { ALIASES, KEYS } from "./keys.ts";
export type { Unit } from "./keys.ts";
export type { Expression, FieldValue, NumberValue, TextValue } from "./expression.ts";

/** A filter, read and ready. */
export interface Filter {
  /** The filter as it was written. */
  readonly source: string;
  /** What it means, as plain data. */
  readonly expression: Expression;
  /** Whether it lets the record through. It never throws. */
  matches(record: Record): boolean;
}

/** What a filter may need from elsewhere. */
export interface FilterOptions {
  /**
   * Gives the text of a message's body; it never throws. Asked at most once per body and record, and only where a term
   * needs it. By default: what was kept of it, as UTF-8, content codings left on.
   */
  readonly bodyText?: BodyText;
  /** Gives what a message says, if it is SOAP; it never throws. By default no message is. */
  readonly soapOf?: SoapOf;
}

/**
 * Reads a filter.
 *
 * @param source The filter as it was written. Empty: lets everything through.
 * @param options What it may need from elsewhere.
 * @throws {FilterSyntaxError} Where it cannot be read.
 */
export function parseFilter(source: string, options: FilterOptions = {}): Filter {
  const expression = parseExpression(source);
  const { bodyText = utf8Text, soapOf = noSoap } = options;
  const fits = compileExpression(expression, bodyText, soapOf);
  return { source, expression, matches: (record) => record.type === "lost" || fits(record) };
}

const decoder = new TextDecoder();

function utf8Text({ body }: RequestMessage | ResponseMessage): string {
  return decoder.decode(body.kept);
}

function noSoap(): undefined {
  return undefined;
}
