/** The steps of an exchange as parts of a bar. */
import type { RowView } from "../../api.ts";

/** A step that takes part of the bar. */
export interface Step {
  /** Which step. */
  readonly name: "connect" | "send" | "wait" | "receive";
  /** How long it took, ms. */
  readonly ms: number;
  /** Its part of the whole bar's width, from 0 to 1. */
  readonly share: number;
}

const NAMES = ["connect", "send", "wait", "receive"] as const;

/**
 * The steps of a row on a common scale.
 *
 * @param ms Its durations.
 * @param scaleMs What the whole width stands for, ms.
 */
export function stepsOf(ms: NonNullable<RowView["ms"]>, scaleMs: number): readonly Step[] {
  const steps = NAMES.flatMap((name) => {
    const took = ms[name];
    return took === undefined || !(took >= 0) ? [] : [{ name, ms: took }];
  });
  // Steps overlap where a response is early: the bar is never longer than the whole.
  const sum = steps.reduce((all, step) => all + step.ms, 0);
  const whole = Math.min(1, Math.max(ms.total ?? sum, 0) / scaleMs);
  if (sum === 0) return [];
  return steps.map((step) => ({ ...step, share: (step.ms / sum) * whole }));
}

/** What the width stands for, ms: 1, 2 or 5 times a power of ten that holds all rows, so that it changes seldom. */
export function scaleOf(rows: readonly RowView[]): number {
  const longest = rows.reduce((most, { ms }) => Math.max(most, ms?.total ?? 0), 0);
  if (!(longest > 0.1)) return 0.1;
  const power = 10 ** Math.floor(Math.log10(longest));
  return [1, 2, 5, 10].map((factor) => factor * power).find((scale) => scale >= longest) ?? longest;
}
