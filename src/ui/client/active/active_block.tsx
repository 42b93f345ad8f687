/** What is under way, above the rows of the table. */
import type { JSX } from "preact";
import { numberText } from "../exchange/units.ts";
import { selection } from "../state/store.ts";
import { COLUMNS } from "../table/columns.ts";
import { ActiveRow } from "./active_row.tsx";
import { activeLines } from "./active_state.ts";

/** Where it stands. */
export interface ActiveBlockProps {
  /** Place of its first line in the table, from 1. */
  readonly firstIndex: number;
  /** Height of a line, px. */
  readonly linePx: number;
}

/** The lines, and how many more there are. */
export function ActiveBlock({ firstIndex, linePx }: ActiveBlockProps): JSX.Element {
  const { lines, more } = activeLines.value;
  const { cursor } = selection.value;
  return (
    <>
      {lines.map((line, at) => (
        <ActiveRow
          key={line.name}
          line={line}
          rowIndex={firstIndex + at}
          topPx={at * linePx}
          isCursor={cursor === line.name}
        />
      ))}
      {lines.length > 0 && more > 0 && (
        <div
          role="row"
          aria-rowindex={firstIndex + lines.length}
          class="row active more"
          style={{ transform: `translateY(${lines.length * linePx}px)` }}
        >
          <div role="gridcell" aria-colindex={1} aria-colspan={COLUMNS.length} class="cell">
            {`and ${numberText(more)} more under way`}
          </div>
        </div>
      )}
    </>
  );
}
