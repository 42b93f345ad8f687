/** The row "Most Recent", as TCPMon had it: whoever selects it sees whatever is newest. */
import type { JSX } from "preact";
import type { RowView } from "../../api.ts";
import { newestRow, selectRecent } from "../state/selecting.ts";
import { selection } from "../state/store.ts";
import { COLUMNS } from "./columns.ts";
import { WireText } from "./wire_text.tsx";

/** The row, always in view. */
export function RecentRow(): JSX.Element {
  const isSelected = selection.value.cursor === "recent";
  const { value: newest } = newestRow;
  return (
    <div
      id="row-recent"
      role="row"
      aria-rowindex={2}
      aria-selected={isSelected}
      class={`recent${isSelected ? " cursor" : ""}`}
      onClick={selectRecent}
    >
      <div role="gridcell" aria-colindex={1} aria-colspan={COLUMNS.length} class="cell">
        <span class="sign" aria-hidden="true">★</span>
        <strong>Most Recent</strong>
        {newest !== undefined && (
          <span class="recent-what">
            <WireText text={newestText(newest)} />
          </span>
        )}
      </div>
    </div>
  );
}

function newestText({ type, method, url, status, client, target }: RowView): string {
  if (type === "stream" && url === undefined) return `Stream ${client} → ${target}`;
  return [method, url, status].filter(Boolean).join(" ");
}
