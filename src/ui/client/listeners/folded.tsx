/// <reference lib="dom" />
/** A part of a form that few need: folded, with what is set in it beside its title. */
import type { ComponentChildren, JSX } from "preact";

/** What is folded. */
export interface FoldedProps {
  /** Its title. */
  readonly title: string;
  /** What is set in it, in words; empty: nothing. */
  readonly summary: string;
  /** What is in it. */
  readonly children: ComponentChildren;
}

/** The part. */
export function Folded({ title, summary, children }: FoldedProps): JSX.Element {
  return (
    <details class="l-folded">
      <summary>
        {title}
        {summary !== "" && <span class="l-set">{summary}</span>}
      </summary>
      <div class="l-inside">{children}</div>
    </details>
  );
}
