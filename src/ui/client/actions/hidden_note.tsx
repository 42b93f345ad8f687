/// <reference lib="dom" />
/** Says which characters of a text a text field does not show, or shows in another order. */
import type { JSX } from "preact";
import { visibleRuns } from "../exchange/runs.ts";

/** So many of them are named. */
const NAMED = 8;

/** The note; nothing where all can be seen. */
export function HiddenNote({ text }: { readonly text: string }): JSX.Element | null {
  const found = new Set<string>();
  for (const { text: shown, isEscape } of visibleRuns(text.replaceAll("\n", " "))) {
    if (isEscape && found.size <= NAMED) found.add(shown);
  }
  if (found.size === 0) return null;
  const names = [...found].slice(0, NAMED).join(", ");
  return (
    <p class="x-notice">
      {`It holds characters that cannot be seen here: ${names}${found.size > NAMED ? " and more" : ""}.`}
    </p>
  );
}
