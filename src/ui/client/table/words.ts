/** What the table says of a row, in words and figures. */
import type { RowView } from "../../api.ts";
import { numberText, timeText } from "../exchange/units.ts";

/** How a row ended: a sign, and words. `tone` tells how good that is. */
export interface State {
  /** One character, beside the words. */
  readonly sign: string;
  /** The words. */
  readonly words: string;
  /** How good it is. */
  readonly tone: "good" | "plain" | "odd" | "bad";
}

const STATES: ReadonlyMap<string, State> = new Map<string, State>([
  ["complete", { sign: "✓", words: "Done", tone: "good" }],
  ["upgraded", { sign: "⇄", words: "Upgraded", tone: "good" }],
  ["no-response", { sign: "✕", words: "No response", tone: "bad" }],
  ["request-cut", { sign: "✕", words: "Request cut", tone: "bad" }],
  ["response-cut", { sign: "✕", words: "Response cut", tone: "bad" }],
  ["connect-failed", { sign: "✕", words: "Not reached", tone: "bad" }],
  ["refused", { sign: "⊘", words: "Refused", tone: "bad" }],
  ["unrequested", { sign: "!", words: "Unrequested", tone: "odd" }],
  ["not-http", { sign: "≈", words: "Not HTTP", tone: "plain" }],
  ["active", { sign: "…", words: "Active", tone: "plain" }],
]);

/** How a row ended. What is not known is said as the log has it. */
export function stateOf({ outcome, isOdd, fault }: RowView): State {
  const state = STATES.get(outcome) ??
    { sign: "·", words: capital(outcome.replaceAll("-", " ")), tone: "plain" as const };
  if (fault !== undefined && state.tone === "good") return { sign: "!", words: "Fault", tone: "bad" };
  return isOdd === true && state.tone === "good"
    ? { sign: "!", words: `${state.words}, odd`, tone: "odd" }
    : state;
}

/** Class of a status for its colour: `s2` to `s5`, else `s0`. */
export function statusClass(status: number): string {
  const first = Math.floor(status / 100);
  return first >= 1 && first <= 5 ? `s${first}` : "s0";
}

/**
 * A time of day where the browser is; with the day where it is not today.
 *
 * @param at ms since the epoch.
 * @param now ms since the epoch.
 */
export function rowTimeText(at: number, now: number): string {
  const date = new Date(at);
  const time = timeText(at);
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${time.slice(0, 8)}`;
}

/** Day and time in UTC, to the ms. */
export function fullTimeText(at: number): string {
  // No time that can be shown is no reason to fail.
  if (!(Math.abs(at) <= 8.64e15)) return "";
  return new Date(at).toISOString().replace("T", " ").replace("Z", " UTC");
}

/** A count with its noun: `1 row`, `12,345 rows`. */
export function counted(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function two(number: number): string {
  return `${number}`.padStart(2, "0");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
