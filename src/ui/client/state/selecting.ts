/// <reference lib="dom" />
/** Selects rows, opens exchanges, and keeps the page's address in step. */
import { computed, effect, untracked } from "@preact/signals";
import type { RowView } from "../../api.ts";
import { activeLines, activeName, openActive } from "../active/active_state.ts";
import { leaveTask } from "../actions/task.ts";
import { numberText } from "../exchange/units.ts";
import { counted } from "../table/words.ts";
import { type Lines, linesOf, linesOfOrder } from "./lines.ts";
import { follow } from "./loading.ts";
import { fetchLines } from "./ordering.ts";
import { readRoute, type Route, writeRoute } from "./route.ts";
import {
  type ActiveName,
  everything,
  extended,
  moved,
  NOTHING,
  only,
  onlyActive,
  type Order,
  placeAfter,
  RECENT,
  type Selection,
  toggled,
} from "./selection.ts";
import { askExchange, ServerError } from "./server.ts";
import { isNewestFirst } from "./sort.ts";
import { isFollowing, isNarrow, list, ordered, selectedRow, selection, sort } from "./store.ts";
import { complain, say } from "./toasting.ts";
import type { Value } from "./value.ts";

/** How long the keyboard rests on a row before its exchange is shown: whoever runs past does not want to see each. */
const REST_MS = 80;
/** How often "Most Recent" goes on to another exchange at most, so that it can be looked at. */
const RECENT_MS = 500;

/** The lines of the table. */
export const shownLines: Value<Lines> = computed(() =>
  ordered.value === undefined ? linesOf(list.value) : linesOfOrder(ordered.value)
);
/** The numbers of their rows. */
export const shownOrder: Value<Order> = computed(() => shownLines.value.order);
/** The newest row that is loaded. */
export const newestRow: Value<RowView | undefined> = computed(() => list.value.rows[0]);

let restTimer: ReturnType<typeof setTimeout> | undefined;
let recentTimer: ReturnType<typeof setTimeout> | undefined;

/** A click on a row, with Ctrl (or Command), or with Shift. */
export function clickRow(row: number, withControl: boolean, withShift: boolean): void {
  if (withShift) extendTo(row);
  else if (withControl) select(toggled(selection.value, row));
  else select(only(row), true);
}

/** A click on something that is under way. */
export function clickActive(name: ActiveName): void {
  select(onlyActive(name), true);
}

/** The keyboard goes by that many rows. Where the row is not there yet it waits for it, unless it goes on meanwhile. */
export async function moveBy(count: number, isExtending: boolean): Promise<void> {
  const active = activeLines.value.lines.map(({ name }) => name);
  const from = selection.value;
  const place = placeAfter(from.cursor, count, shownOrder.value, active);
  if (place.kind === "line") {
    const { line } = place;
    if (shownOrder.value.at(line) === undefined) await fetchLines(line, line + 1);
    if (selection.value !== from) return;
    const row = shownOrder.value.at(line);
    if (isExtending && row !== undefined && from.cursor !== undefined) return void extendTo(row);
  }
  moveTo(moved(from, count, shownOrder.value, isExtending, active));
}

/** Takes all rows up to this one in; those in between that were never looked at are fetched first. */
async function extendTo(row: number): Promise<void> {
  const from = selection.value;
  const [anchor, to] = [shownOrder.value.indexOf(from.anchor ?? row), shownOrder.value.indexOf(row)];
  const [first, end] = [Math.min(anchor, to), Math.max(anchor, to) + 1];
  const missing = first === -1 ? 0 : await missingLines(first, end);
  if (selection.value !== from) return;
  moveTo(extended(from, row, shownOrder.value));
  if (missing > 0) {
    say(`${counted(missing, "row")} in between are not loaded, and not selected: select fewer at once`);
  }
}

/** How many lines could not be had; at once where none is missing, so that a click is not late. */
function missingLines(first: number, end: number): number | Promise<number> {
  for (let line = first; line < end; line++) {
    if (shownOrder.value.at(line) === undefined) return fetchLines(first, end);
  }
  return 0;
}

function moveTo(next: Selection): void {
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
  const [selected, all] = [selection.value.rows.size, ordered.value?.total ?? 0];
  if (selected < all) say(`Selected the ${numberText(selected)} rows that are loaded, of ${numberText(all)}`);
}

/** Closes the exchange; without one, nothing is selected any more. */
export function closeExchange(): void {
  if (selectedRow.value === undefined && openActive.value === undefined) selection.value = NOTHING;
  else {
    selectedRow.value = undefined;
    openActive.value = undefined;
    setAddress(undefined, false);
  }
}

/** Nothing is selected, and no exchange shown. */
export function showNothing(): void {
  forgetResting();
  leaveTask();
  selection.value = NOTHING;
  selectedRow.value = undefined;
  openActive.value = undefined;
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

function showNow(cursor: Exclude<Selection["cursor"], undefined>): void {
  clearTimeout(restTimer);
  const isOpen = selectedRow.value !== undefined || openActive.value !== undefined;
  const isActive = typeof cursor === "string" && cursor !== "recent";
  // A narrow window shows the exchange as a page of its own, which the browser's Back leaves.
  setAddress(isActive ? undefined : cursor, isNarrow.value && !isOpen);
  if (isActive) return showActive(cursor);
  openActive.value = undefined;
  if (cursor === "recent") selectedRow.value = newestRow.value;
  else showRow(cursor);
}

function showActive(name: ActiveName): void {
  const line = activeLines.value.lines.find((each) => each.name === name);
  if (line === undefined || openActive.value?.name === name) return;
  selectedRow.value = undefined;
  openActive.value = {
    name: activeName(line.view),
    view: line.view,
    hasEnded: line.hasEnded,
    row: undefined,
  };
}

async function showRow(row: number): Promise<void> {
  const line = shownOrder.value.indexOf(row);
  const found = line === -1 ? undefined : shownLines.value.at(line);
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
  // What has no address of its own leaves that of the tab.
  const isTab = route === undefined && readRoute(location.hash) === undefined;
  const hash = isTab ? location.hash : writeRoute(route);
  if (hash === location.hash && !asNewPage) return;
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
      openActive.value = undefined;
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
