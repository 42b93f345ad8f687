/** The timings of a row as a small bar. The figures stand in the column beside it. */
import type { JSX } from "preact";
import type { RowView } from "../../api.ts";
import { durationText } from "../exchange/units.ts";
import { stepsOf } from "./steps.ts";

/** What it shows. */
export interface WaterfallProps {
  /** The durations. */
  readonly ms: NonNullable<RowView["ms"]>;
  /** What the whole width stands for, ms. */
  readonly scaleMs: number;
}

/** A bar of connect, send, wait and receive. */
export function Waterfall({ ms, scaleMs }: WaterfallProps): JSX.Element {
  const steps = stepsOf(ms, scaleMs);
  const words = steps.map(({ name, ms }) => `${name} ${durationText(ms)}`).join(", ");
  return (
    <span class="waterfall" role="img" aria-label={words === "" ? "no timings" : words} title={words}>
      {steps.map(({ name, share }) => (
        <span key={name} class={`step step-${name}`} style={{ width: `${share * 100}%` }} />
      ))}
    </span>
  );
}
