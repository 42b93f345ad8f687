/** The quick filters, as buttons that edit the filter in the box. */
import type { JSX } from "preact";
import { filterReading, filterText, listeners } from "../state/store.ts";
import { toggleChip } from "./applying.ts";
import { type Chip, CHIP_GROUPS, type ChipGroup, hasTerm, quotedValue } from "./chips.ts";

/** All quick filters; where there are several listeners, one for each. */
export function ChipBar(): JSX.Element {
  const found = listeners.value;
  const groups = found.length < 2 ? CHIP_GROUPS : [listenerGroup(), ...CHIP_GROUPS];
  return (
    <div class="chips" role="toolbar" aria-label="Quick filters">
      {groups.map(({ label, chips }) => (
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

function listenerGroup(): ChipGroup {
  const chips = listeners.value.map(({ address, target }) => ({
    label: address,
    help: target === undefined ? `Through the proxy at ${address}` : `From ${address} to ${target}`,
    term: `listener:${quotedValue(address)}`,
  }));
  return { label: "Listener", chips };
}
