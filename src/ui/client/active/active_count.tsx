/** How much is under way, for the line above the table: also where its lines are not shown. */
import type { JSX } from "preact";
import { numberText } from "../exchange/units.ts";
import { active, activeOfTab, isWhole } from "./active_state.ts";

/** `3 active`; nothing where there is none. */
export function ActiveCount(): JSX.Element | null {
  const { rows, total } = activeOfTab.value;
  if (total === 0) return null;
  // Of one listener only those are known that were told.
  const isLeast = !isWhole(active.value) && total === rows.length;
  return (
    <span class="active-count" title="Exchanges and streams that are under way">
      <span class="pulse" aria-hidden="true">●</span>
      {` ${numberText(total)}${isLeast ? "+" : ""} active`}
    </span>
  );
}
