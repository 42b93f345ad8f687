/// <reference lib="dom" />
/** Names and values as a table; each value can be copied and, where something is folded into it, unfolded. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { canUnfold } from "../body/unfold.ts";
import { UnfoldedView } from "../body/unfold_panel.tsx";
import { CopyButton } from "../copy_button.tsx";
import { visibleRuns } from "../runs.ts";
import { marker } from "../settings.ts";
import { WireText } from "../wire_text.tsx";
import type { FieldRow } from "./field_rows.ts";

/** What a {@link FieldTable} shows. */
export interface FieldTableProps {
  /** What it is a table of. */
  readonly label: string;
  /** Its rows. */
  readonly rows: readonly FieldRow[];
}

/** The table. */
export function FieldTable({ label, rows }: FieldTableProps): JSX.Element {
  return (
    <table class="x-fields" aria-label={label}>
      <colgroup>
        <col class="x-names" />
        <col />
        <col class="x-tools" />
      </colgroup>
      <thead class="unseen">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>{rows.map((row, i) => <Field key={i} row={row} />)}</tbody>
    </table>
  );
}

function Field({ row: { name, value, sentOn, note } }: { readonly row: FieldRow }): JSX.Element {
  const [isUnfolded, setUnfolded] = useState(false);
  const shownName = visibleRuns(name).map(({ text }) => text).join("");
  return (
    <tr>
      <th scope="row">
        <WireText text={name} marker={marker()} />
      </th>
      <td>
        {value === undefined
          ? <span class="x-quiet">not in the client’s request</span>
          : <WireText text={value} marker={marker()} />}
        {value !== undefined && canUnfold(value) && (
          <>
            {" "}
            <button
              type="button"
              class="x-button"
              aria-expanded={isUnfolded}
              aria-label={`Unfold the value of ${shownName}`}
              onClick={() => setUnfolded(!isUnfolded)}
            >
              Unfold
            </button>
          </>
        )}
        {sentOn !== undefined && <SentOn values={sentOn} />}
        {note !== undefined && (
          <div class="x-quiet">
            <WireText text={note} marker={marker()} />
          </div>
        )}
        {isUnfolded && value !== undefined && (
          <div class="x-unfold">
            <UnfoldedView text={value} />
          </div>
        )}
      </td>
      <td class="x-actions">
        {value !== undefined && (
          <CopyButton label="Copy" title={`Copy the value of ${shownName}`} text={() => ({ text: value })} />
        )}
      </td>
    </tr>
  );
}

function SentOn({ values }: { readonly values: readonly string[] }): JSX.Element {
  if (values.length === 0) return <div class="x-sent-on">not sent on</div>;
  return (
    <>
      {values.map((value, i) => (
        <div key={i} class="x-sent-on">
          {"sent on as "}
          <WireText text={value} marker={marker()} />
        </div>
      ))}
    </>
  );
}
