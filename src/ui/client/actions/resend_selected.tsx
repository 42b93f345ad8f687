/// <reference lib="dom" />
/** Sends several exchanges again. */
import type { JSX } from "preact";
import { numberText } from "../exchange/units.ts";
import { selection } from "../state/store.ts";
import { resendSelected } from "./resending_to.ts";
import { canSend } from "./task.ts";

/** The button; nothing unless several rows are selected. */
export function ResendSelected(): JSX.Element | null {
  const { size } = selection.value.rows;
  if (!canSend.value || size < 2) return null;
  return (
    <button
      type="button"
      title="Resend the selected exchanges, one after the other (R)"
      onClick={resendSelected}
    >
      {`Resend (${numberText(size)})…`}
    </button>
  );
}
