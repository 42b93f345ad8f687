/// <reference lib="dom" />
/** Saves exchanges as a file: which ones, and in which format. The browser's own download does the rest. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ExportFormat } from "../../api.ts";
import { numberText } from "../exchange/units.ts";
import { effectiveFilter, filter, historyTotal, list, selection } from "../state/store.ts";
import { exportAddress, type SaveChoice } from "./asking.ts";
import { Dropdown } from "./dropdown.tsx";
import { canSave } from "./task.ts";

/** Rows that are named one by one: more would make too long an address. */
const NAMED_LIMIT = 4000;

const FORMATS: readonly (readonly [format: ExportFormat, label: string, help: string])[] = [
  ["har", "HAR", "HTTP Archive 1.2, which browsers and other tools read"],
  ["json", "JSON lines", "everything, as the log has it; tcpmon reads it again"],
  ["tcpmon", "TCPMon text", "request and response as text, as TCPMon saved them"],
  ["csv", "CSV", "one line for each exchange, for spreadsheets"],
];

/** Whether the menu is open. */
export const isSaveOpen = signal(false);

/** The button, and what it opens. */
export function SaveMenu(): JSX.Element | null {
  if (!canSave.value) return null;
  return (
    <Dropdown
      label="Save…"
      content="Save exchanges as a file"
      title="Save exchanges as a file (S)"
      isOpen={isSaveOpen.value}
      onToggle={(isOpen) => isSaveOpen.value = isOpen}
    >
      {() => <Choices />}
    </Dropdown>
  );
}

function Choices(): JSX.Element {
  const rows = [...selection.value.rows].sort((a, b) => a - b);
  const { total, hasMore, rows: held } = list.value;
  const choices: { readonly label: string; readonly choice: SaveChoice }[] = [];
  if (rows.length > 0 && rows.length <= NAMED_LIMIT) {
    choices.push({ label: `Selected (${numberText(rows.length)})`, choice: { kind: "rows", rows } });
  }
  const shown = effectiveFilter.value;
  if (shown !== "") {
    const found = total ?? (hasMore ? undefined : held.length);
    const count = found === undefined ? "" : ` (${numberText(found)})`;
    const label = filter.value === "" ? "Of this listener" : "Filtered";
    choices.push({ label: `${label}${count}`, choice: { kind: "filter", filter: shown } });
  }
  const all = historyTotal.value === undefined ? "" : ` (${numberText(historyTotal.value)})`;
  choices.push({ label: `All${all}`, choice: { kind: "all" } });
  // One row is selected as soon as somebody looks at it: that alone does not mean that only that one is wanted.
  const [kind, setKind] = useState(
    rows.length === 1 && choices.length > 1 ? choices[1].choice.kind : undefined,
  );
  const chosen = choices.find(({ choice }) => choice.kind === kind)?.choice ?? choices[0].choice;
  return (
    <>
      <fieldset>
        <legend>Which exchanges</legend>
        {choices.map(({ label, choice }) => (
          <label key={choice.kind}>
            <input
              type="radio"
              name="save-choice"
              checked={choice.kind === chosen.kind}
              onChange={() => setKind(choice.kind)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {rows.length > NAMED_LIMIT && (
        <p class="faint">{`More than ${numberText(NAMED_LIMIT)} rows are selected: filter, or save all.`}</p>
      )}
      <ul aria-label="Save as">
        {FORMATS.map(([format, label, help]) => (
          <li key={format}>
            <a href={exportAddress(format, chosen)} download onClick={() => isSaveOpen.value = false}>
              {label}
            </a>
            <span class="faint">{help}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
