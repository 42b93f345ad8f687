/// <reference lib="dom" />
/** Which tabs there are, how one is opened, and how the page's address keeps in step. */
import { batch, computed, effect, untracked } from "@preact/signals";
import { task } from "../actions/task.ts";
import { openActive } from "../active/active_state.ts";
import { loadNewest, topWanted } from "../state/loading.ts";
import { readRoute } from "../state/route.ts";
import { showNothing } from "../state/selecting.ts";
import {
  historyTotal,
  isAtTop,
  isReadonly,
  listeners,
  selectedRow,
  tab,
  tabFilter,
  viewer,
} from "../state/store.ts";
import type { Value } from "../state/value.ts";
import { isSameTab, readTab, type Tab, tabElementId, writeTab } from "./tab.ts";

/** The tabs, in their order. */
export const tabs: Value<readonly Tab[]> = computed(() => {
  const all: Tab[] = [];
  if (viewer.value?.can.admin === true && !isReadonly.value) all.push({ kind: "admin" });
  all.push({ kind: "all" });
  for (const { id } of listeners.value) all.push({ kind: "listener", id });
  return all;
});

/** Opens a tab. What was selected was of another table. */
export function openTab(next: Tab, takesFocus = false): void {
  if (!isSameTab(next, tab.value)) {
    batch(() => {
      showNothing();
      tab.value = next;
    });
  }
  if (takesFocus) requestAnimationFrame(() => document.getElementById(tabElementId(next))?.focus());
}

/** Opens the Admin page, to write. */
export function openAdmin(): void {
  openTab({ kind: "admin" });
  requestAnimationFrame(() => document.getElementById("add-listen")?.focus());
}

/** Opens the tab that is so many after this one, round the end. */
export function stepTab(by: number, takesFocus = false): void {
  const at = tabs.value.findIndex((each) => isSameTab(each, tab.value));
  openTab(tabs.value.at((at + by) % tabs.value.length)!, takesFocus);
}

/** Follows the page's address, listeners that go, and what is opened elsewhere. */
export function keepTab(): void {
  const go = () => {
    const found = readTab(location.hash) ?? (location.hash === "" ? { kind: "all" as const } : undefined);
    if (found !== undefined && !isSameTab(found, tab.value)) tab.value = found;
  };
  addEventListener("hashchange", go);
  addEventListener("popstate", go);
  go();
  effect(() => {
    const gone = viewer.value !== undefined && !tabs.value.some((each) => isSameTab(each, tab.value));
    if (gone) untracked(() => openTab({ kind: "all" }));
  });
  // An exchange, or a request to be written, stands beside the table.
  effect(() => {
    const open = selectedRow.value ?? openActive.value ?? task.value;
    if (open === undefined) return;
    if (untracked(() => tab.value.kind) === "admin") tab.value = { kind: "all" };
  });
  let loadedWith = tabFilter.peek();
  effect(() => {
    if (tabFilter.value === loadedWith) return;
    loadedWith = tabFilter.value;
    untracked(() => {
      topWanted.value++;
      isAtTop.value = true;
      loadNewest();
    });
  });
  effect(() => {
    void [tab.value, selectedRow.value, openActive.value];
    // An exchange that is closed takes its address away itself, after this.
    queueMicrotask(writeAddress);
  });
  beginWithAdmin();
}

/** The address of an exchange is left as it is. */
function writeAddress(): void {
  if (readRoute(location.hash) !== undefined) return;
  const hash = writeTab(tab.value);
  if (hash !== location.hash) history.replaceState(null, "", hash === "" ? location.pathname : hash);
}

/** Where there is nothing to look at, the page opens with what there is to do. */
function beginWithAdmin(): void {
  const stop = effect(() => {
    if (viewer.value === undefined || historyTotal.value === undefined) return;
    const { can, listeners, files } = viewer.value;
    const isEmpty = can.admin && listeners.length === 0 && files.length === 0 && historyTotal.value === 0;
    untracked(() => {
      if (isEmpty && location.hash === "") openAdmin();
    });
    queueMicrotask(() => stop());
  });
}
