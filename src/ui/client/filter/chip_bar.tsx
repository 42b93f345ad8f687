/** The quick filters, as buttons that edit the filter in the box. */
import type { JSX } from "preact";
import { filterReading, filterText } from "../state/store.ts";
import { toggleChip } from "./applying.ts";
import { type Chip, CHIP_GROUPS, hasTerm } from "./chips.ts";

/** All quick filters. */
export function ChipBar(): JSX.Element {
  return (
    <div class="chips" role="toolbar" aria-label="Quick filters">
      {CHIP_GROUPS.map(({ label, chips }) => (
        <span key={label} role="group" aria-label={label} class="chip-group">
          {chips.map((chip) => <ChipButton key={chip.term} chip={chip} />)}
        </span>
      ))}
    </div>
  );
}

function ChipButton({ chip: { label, help, term } }: { readonly chip: Chip }): JSX.Element {
  return (
    <button
      type="button"
      class="chip"
      title={help}
      aria-pressed={hasTerm(filterText.value, term)}
      disabled={filterReading.value.kind === "wrong"}
      onClick={() => toggleChip(term)}
    >
      {label}
    </button>
  );
}
