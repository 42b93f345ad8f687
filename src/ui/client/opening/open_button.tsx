/// <reference lib="dom" />
/** Opens files that somebody chooses. */
import type { JSX } from "preact";
import { canOpen, chooseFiles, FORMATS } from "./opening.ts";

/** The button; nothing where files cannot be opened. */
export function OpenButton(): JSX.Element | null {
  if (!canOpen.value) return null;
  return (
    <button
      type="button"
      title={`Open files (o), or drop them anywhere here: ${FORMATS}`}
      onClick={chooseFiles}
    >
      Open…
    </button>
  );
}
