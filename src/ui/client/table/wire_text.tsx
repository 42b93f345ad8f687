/** Text from the wire in the table: hits marked, control and bidirectional characters made visible. Text nodes only. */
import type { ComponentChildren, JSX } from "preact";
import { computed } from "@preact/signals";
import { markedPieces, markerOf } from "../exchange/marks.ts";
import { visibleRuns } from "../exchange/runs.ts";
import { hits } from "../state/store.ts";

/** How much of a text a cell shows, in UTF-16 units: what is behind is cut off by its width anyway. */
const SHOWN_UNITS = 400;

const marker = computed(() => markerOf(hits.value));

/** A text from the wire. */
export function WireText({ text }: { readonly text: string }): JSX.Element {
  const shown = text.length > SHOWN_UNITS ? `${text.slice(0, SHOWN_UNITS)}…` : text;
  return (
    <>
      {markedPieces(shown, 0, marker.value(shown)).map(({ text, isHit }, at) =>
        isHit ? <mark key={at}>{shownRuns(text)}</mark> : shownRuns(text)
      )}
    </>
  );
}

/** The text for tooltips, where nothing can be marked. */
export function plainWireText(text: string): string {
  return visibleRuns(text.slice(0, 4 * SHOWN_UNITS)).map((run) => run.text).join("");
}

function shownRuns(text: string): ComponentChildren {
  const runs = visibleRuns(text);
  if (runs.every(({ isEscape }) => !isEscape)) return text;
  return runs.map(({ text, isEscape }, at) => isEscape ? <span key={at} class="escape">{text}</span> : text);
}
