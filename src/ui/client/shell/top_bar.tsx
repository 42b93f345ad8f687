/// <reference lib="dom" />
/** The line above the table: what is looked at, how much there is, how it comes in, and what can be done with it. */
import type { JSX } from "preact";
import { openEditor } from "../actions/editing.ts";
import { ResendSelected } from "../actions/resend_selected.tsx";
import { compareSelected } from "../actions/resending.ts";
import { SaveMenu } from "../actions/save_menu.tsx";
import { canCompare, canSend } from "../actions/task.ts";
import { ActiveCount } from "../active/active_count.tsx";
import { numberText } from "../exchange/units.ts";
import { switchLayout, switchTheme, toggleFollow } from "../keys/bindings.ts";
import { showNewer } from "../state/loading.ts";
import { removeAll, removeSelected } from "../state/removing.ts";
import { OpenButton } from "../opening/open_button.tsx";
import {
  effectiveFilter,
  historyTotal,
  isFollowing,
  isHelpOpen,
  isReadonly,
  isSampled,
  list,
  lost,
  rate,
  selection,
  theme,
  viewer,
} from "../state/store.ts";
import { counted } from "../table/words.ts";

const THEME_WORDS = { system: "Auto", light: "Light", dark: "Dark" };

/** Name, what is looked at, and the page's own settings. */
export function TopBar(): JSX.Element {
  return (
    <header class="top">
      <h1>tcpmon</h1>
      <p class="what" title={`tcpmon ${viewer.value?.version ?? ""}`}>{whatIsShown()}</p>
      <span class="tools">
        <button
          type="button"
          title="Request and response side by side, or stacked (l)"
          onClick={switchLayout}
        >
          Switch Layout
        </button>
        <button type="button" title="Colours (t)" onClick={switchTheme}>
          Theme: {THEME_WORDS[theme.value]}
        </button>
        <button
          type="button"
          aria-label="Keyboard and filter help"
          title="Help (?)"
          onClick={() => isHelpOpen.value = true}
        >
          ?
        </button>
      </span>
    </header>
  );
}

/** How many rows there are, how they come in, and what can be done with them. */
export function StatusBar(): JSX.Element {
  const selected = selection.value.rows.size;
  const { newer } = list.value;
  return (
    <div class="status-bar">
      <span class="counts">{countsText()}</span>
      <ActiveCount />
      {lost.value !== undefined && (
        <span class="warning" role="status">
          {lost.value.count === 0 ? "Records" : counted(lost.value.count, "record")} could not be stored:{" "}
          {lost.value.reason}
        </span>
      )}
      <span class="tools">
        {newer > 0 && (
          <button type="button" class="newer" onClick={showNewer}>
            ↑ {effectiveFilter.value === "" ? counted(newer, "newer row") : "Newer rows"}
          </button>
        )}
        <button
          type="button"
          aria-pressed={isFollowing.value}
          title="Show new rows as they come (f)"
          onClick={toggleFollow}
        >
          Follow
        </button>
        {canSend.value && (
          <button type="button" title="Write a request and send it (s)" onClick={openEditor}>Send…</button>
        )}
        {canCompare.value && (
          <button
            type="button"
            class="compare"
            disabled={selected !== 2}
            title="Compare the two selected exchanges (c)"
            onClick={compareSelected}
          >
            Compare
          </button>
        )}
        <ResendSelected />
        <OpenButton />
        <SaveMenu />
        {!isReadonly.value && (
          <>
            <button
              type="button"
              disabled={selected === 0}
              title="Remove the selected rows (x)"
              onClick={removeSelected}
            >
              Remove Selected{selected > 1 ? ` (${numberText(selected)})` : ""}
            </button>
            <button
              type="button"
              disabled={historyTotal.value === 0}
              title="Remove every row (X)"
              onClick={removeAll}
            >
              Remove All
            </button>
          </>
        )}
      </span>
    </div>
  );
}

/** `12,345 rows, +9,876/s, sampled`; with a filter, or for one listener, `120 of 12,345 rows`. */
function countsText(): string {
  const { total, rows, hasMore } = list.value;
  const all = historyTotal.value;
  const fits = total ?? (hasMore ? undefined : rows.length);
  const parts = effectiveFilter.value === "" ? [all === undefined ? "" : counted(all, "row")] : [
    `${fits === undefined ? `${numberText(rows.length)}+` : numberText(fits)} of ${
      all === undefined ? "the rows" : counted(all, "row")
    }`,
  ];
  if (rate.value > 0) parts.push(`+${numberText(rate.value)}/s`);
  if (isSampled.value) parts.push("sampled");
  return parts.filter((part) => part !== "").join(", ");
}

/** Listeners have their tabs; files have none. */
function whatIsShown(): string {
  return (viewer.value?.files ?? []).join(", ");
}
