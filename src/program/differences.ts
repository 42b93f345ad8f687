/** Differences between exchanges, shown: as text with colours, or as JSON. */
import type { ExchangeRecord } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { Difference } from "../diff/difference.ts";
import { formatDifferences } from "../diff/format.ts";
import { type DiffRuleOptions, type DiffRules, diffRules, parseIgnore } from "../diff/rules.ts";
import { escapeLine } from "../log/escape.ts";
import { SelectError } from "../select/select_error.ts";

/** The word of `--ignore` that lets nothing be left out by default. */
const NO_DEFAULTS = "none";

/**
 * Reads what `--ignore` says.
 *
 * @throws {UsageError} where a rule cannot be read.
 */
export function readRules(ignore: readonly string[], options: DiffRuleOptions): DiffRules {
  const texts = ignore.filter((text) => text.trim() !== NO_DEFAULTS);
  try {
    return diffRules(texts.map(parseIgnore), { ...options, defaults: texts.length === ignore.length });
  } catch (error) {
    throw error instanceof SelectError ? new UsageError(error.message) : error;
  }
}

/** Whether differences on stdout are coloured. */
export function colorsStdout(color: CaptureOptions["color"]): boolean {
  if (color !== "auto") return color === "always";
  return Deno.stdout.isTerminal() && (Deno.env.get("NO_COLOR") ?? "") === "";
}

/** Shows differences as lines of text. */
export function differencesText(differences: readonly Difference[], color: boolean): string {
  const style = (code: number) => (text: string) => color ? `\x1b[${code}m${text}\x1b[0m` : text;
  return formatDifferences(differences, {
    escape: escapeLine,
    paint: { before: style(31), after: style(32), place: style(1) },
  });
}

/** A request in a few words: the number of its exchange, and what was asked. */
export function requestTitle({ id, request }: ExchangeRecord): string {
  const asked = request === undefined ? "" : ` ${request.head.method} ${request.head.target}`;
  return escapeLine(`#${id}${asked}`);
}

/** An exchange in a few words: its request, and how it was answered. */
export function titleOf(exchange: ExchangeRecord): string {
  const { response, outcome } = exchange;
  const answered = response === undefined
    ? outcome
    : `${response.head.status} ${response.head.reason}`.trim();
  return `${requestTitle(exchange)} ${escapeLine(answered)}`;
}
