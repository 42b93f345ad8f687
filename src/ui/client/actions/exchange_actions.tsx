/// <reference lib="dom" />
/** What can be done with the exchange that is looked at. */
import type { JSX } from "preact";
import type { RowView } from "../../api.ts";
import { editCaptured } from "./editing.ts";
import { canResend, compareWithOrigin, originOf, resend, showOrigin } from "./resending.ts";
import { resendRows } from "./resending_to.ts";
import { canCompare, canSend } from "./task.ts";

/** The buttons; none where nothing can be done. */
export function ExchangeActions({ row }: { readonly row: RowView }): JSX.Element {
  const origin = originOf(row);
  return (
    <>
      {canSend.value && canResend(row) && (
        <>
          <button
            type="button"
            class="x-button"
            title="Send it again as it was, byte for byte (r)"
            onClick={() => resend(row)}
          >
            Resend
          </button>
          <button
            type="button"
            class="x-button"
            title="Send it again to another target (R)"
            onClick={() => resendRows.value = [row]}
          >
            Resend to…
          </button>
          <button
            type="button"
            class="x-button"
            title="Change it, and send it again (e)"
            onClick={() => editCaptured(row)}
          >
            Edit and resend
          </button>
        </>
      )}
      {origin !== undefined && (
        <button
          type="button"
          class="x-button"
          title="Show what it was made of"
          onClick={() => showOrigin(row)}
        >
          {`Made of #${origin}`}
        </button>
      )}
      {origin !== undefined && canCompare.value && (
        <button
          type="button"
          class="x-button"
          onClick={() => compareWithOrigin(row)}
        >
          Compare with its origin
        </button>
      )}
    </>
  );
}
