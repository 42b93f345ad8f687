/// <reference lib="dom" />
/** Where the time of an exchange went: a bar, the numbers under it, and what tcpmon itself added. */
import type { JSX } from "preact";
import type { Timings } from "../../../capture/record.ts";
import { segmentsOf } from "./timings.ts";
import { durationText } from "./units.ts";

/** The bar. */
export function TimingBar({ ms }: { readonly ms: Timings }): JSX.Element {
  const segments = segmentsOf(ms);
  return (
    <div class="x-timing">
      <div class="x-bar" aria-hidden="true">
        {segments.map(({ step, from, share }) => (
          <span
            key={step}
            class={`x-step-${step}`}
            style={{ left: `${from * 100}%`, width: `${share * 100}%` }}
          />
        ))}
      </div>
      <dl>
        {segments.map(({ step, label, ms }) => (
          <div key={step}>
            <dt>
              <span class={`x-key x-step-${step}`} aria-hidden="true" />
              {label}
            </dt>
            <dd>{durationText(ms)}</dd>
          </div>
        ))}
        <div>
          <dt>Total</dt>
          <dd>{durationText(ms.total)}</dd>
        </div>
        {ms.relay !== undefined && (
          <div title="From reading the first bytes of request and response to having sent them on, summed">
            <dt>Added by tcpmon</dt>
            <dd>{durationText(ms.relay)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
