/// <reference lib="dom" />
/** Selects rows, opens exchanges, and keeps the page's address in step. */
import { computed, effect, untracked } from "@preact/signals";
import type { RowView } from "../../api.ts";
import { leaveTask } from "../actions/task.ts";
import { follow } from "./loading.ts";
import { readRoute, type Route, writeRoute } from "./route.ts";
import { everything, extended, moved, NOTHING, only, RECENT, type Selection, toggled } from "./selection.ts";
import { askExchange, ServerError } from "./server.ts";
import { isNewestFirst, sorted } from "./sort.ts";
import { isFollowing, isNarrow, list, selectedRow, selection, sort } from "./store.ts";
import { complain, say } from "./toasting.ts";
import type { Value } from "./value.ts";

/** How long the keyboard rests on a row before its exchange is shown: whoever runs past does not want to see each. */
const REST_MS = 80;
/** How often "Most Recent" goes on to another exchange at most, so that it can be looked at. */
const RECENT_MS = 500;

/** The rows as the table shows them. */
export const shownRows: Value<readonly RowView[]> = computed(() => sorted(list.value.rows, sort.value));
/** Their numbers. */
export const shownOrder: Value<readonly number[]> = computed(() => shownRows.value.map(({ row }) => row));
/** The newest row that is loaded. */
export const newestRow: Value<RowView | undefined> = computed(() => list.value.rows[0]);

let restTimer: ReturnType<typeof setTimeout> | undefined;
let recentTimer: ReturnType<typeof setTimeout> | undefined;

/** A click on a row, with Ctrl (or Command), or with Shift. */
export function clickRow(row: number, withControl: boolean, withShift: boolean): void {
  if (withShift) select(extended(selection.value, row, shownOrder.value));
  else if (withControl) select(toggled(selection.value, row));
  else select(only(row), true);
}

/** The keyboard goes by that many rows. */
export function moveBy(count: number, isExtending: boolean): void {
  const next = moved(selection.value, count, shownOrder.value, isExtending);
  if (isNarrow.value) selection.value = next;
  else select(next);
}

/** Opens what the keyboard stands at. */
export function openCursor(): void {
  const { cursor } = selection.value;
  leaveTask();
  if (cursor !== undefined) showNow(cursor);
}

/** Selects the row at which the keyboard stands besides the others, or no longer. */
export function toggleCursor(): void {
  const { cursor } = selection.value;
  if (typeof cursor === "number") selection.value = toggled(selection.value, cursor);
}

/** Selects "Most Recent": from then on new rows are shown as they come. */
export function selectRecent(): void {
  if (!isFollowing.value || list.value.newer > 0 || !isNewestFirst(sort.value)) follow();
  select(RECENT, true);
}

/** Selects all rows that are loaded. */
export function selectAll(): void {
  selection.value = everything(shownOrder.value, selection.value);
}

/** Closes the exchange; without one, nothing is selected any more. */
export function closeExchange(): void {
  if (selectedRow.value === undefined) selection.value = NOTHING;
  else {
    selectedRow.value = undefined;
    setAddress(undefined, false);
  }
}

/** Nothing is selected, and no exchange shown. */
export function showNothing(): void {
  forgetResting();
  leaveTask();
  selection.value = NOTHING;
  selectedRow.value = undefined;
  setAddress(undefined, false);
}

/** The row at which the keyboard rests is not shown any more: it is about to go. */
export function forgetResting(): void {
  clearTimeout(restTimer);
}

/** Selects; the exchange is shown at once, or once the keyboard rests. */
export function select(next: Selection, isAtOnce = false): void {
  leaveTask();
  selection.value = next;
  clearTimeout(restTimer);
  const { cursor } = next;
  if (cursor === undefined) return;
  if (isAtOnce) showNow(cursor);
  else restTimer = setTimeout(() => showNow(cursor), REST_MS);
}

function showNow(cursor: number | "recent"): void {
  clearTimeout(restTimer);
  // A narrow window shows the exchange as a page of its own, which the browser's Back leaves.
  setAddress(cursor, isNarrow.value && selectedRow.value === undefined);
  if (cursor === "recent") selectedRow.value = newestRow.value;
  else showRow(cursor);
}

async function showRow(row: number): Promise<void> {
  const found = list.value.rows.find((each) => each.row === row);
  if (found !== undefined) {
    selectedRow.value = found;
    return;
  }
  try {
    const view = await askExchange(row);
    if (selection.value.cursor === row) selectedRow.value = view.row;
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) {
      say(`Row ${row} is not in the history any more`);
    } else complain(error);
  }
}

function setAddress(route: Route, asNewPage: boolean): void {
  const hash = writeRoute(route);
  if (hash === location.hash) return;
  const url = hash === "" ? location.pathname : hash;
  if (asNewPage) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

/** Follows the page's address, and lets "Most Recent" go on. */
export function keepSelection(): void {
  const go = () => {
    leaveTask();
    const route = readRoute(location.hash);
    if (route === undefined) {
      selectedRow.value = undefined;
      return;
    }
    selection.value = route === "recent" ? RECENT : only(route);
    showNow(route);
  };
  addEventListener("hashchange", go);
  addEventListener("popstate", go);
  go();
  effect(() => {
    const newest = newestRow.value;
    if (selection.value.cursor !== "recent" || newest === undefined) return;
    if (untracked(() => selectedRow.value?.row) === newest.row) return;
    recentTimer ??= setTimeout(() => {
      recentTimer = undefined;
      const isOpen = readRoute(location.hash) === "recent";
      if (isOpen && selection.value.cursor === "recent") selectedRow.value = newestRow.value;
    }, selectedRow.peek() === undefined ? 0 : RECENT_MS);
  });
}
