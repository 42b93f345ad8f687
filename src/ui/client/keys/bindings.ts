/// <reference lib="dom" />
/** What each key does: the one list that the page listens by and the help shows. */
import { openEditor } from "../actions/editing.ts";
import { compareSelected, editCurrent, resendCurrent } from "../actions/resending.ts";
import { resendCurrentTo } from "../actions/resending_to.ts";
import { isSaveOpen } from "../actions/save_menu.tsx";
import { canCompare, canSave, canSend, leaveTask, task } from "../actions/task.ts";
import { canAdmin } from "../listeners/changing.ts";
import { openAdmin, stepTab } from "../listeners/tabs.ts";
import { canOpen, chooseFiles } from "../opening/opening.ts";
import { removeAll, removeSelected, undoRemoval } from "../state/removing.ts";
import {
  closeExchange,
  moveBy,
  openCursor,
  selectAll,
  selectRecent,
  toggleCursor,
} from "../state/selecting.ts";
import { isFollowing, isHelpOpen, isReadonly, layout, tab, theme } from "../state/store.ts";
import { follow } from "../state/loading.ts";

/** One thing that the keyboard does. */
export interface Binding {
  /** The keys, any of which does it, as `KeyboardEvent.key` has them, `Ctrl+` and `Shift+` before. */
  readonly keys: readonly string[];
  /** How the help shows them, where that differs. */
  readonly shown?: string;
  /** What it does. */
  readonly help: string;
  /** Whether it changes the history, so that it is not there where that is forbidden. */
  readonly changes?: true;
  /** Whether the program can do it; absent: it can. */
  readonly isThere?: () => boolean;
  /** Whether it is about no rows, so that it is at hand on the Admin page, too. */
  readonly anywhere?: true;
  /** Does it. */
  readonly run: () => void;
}

/** How many rows a page up or down is. */
const PAGE_ROWS = 20;

/** More than there are rows. */
const ALL = 1e9;

/** Everything that the keyboard does. */
export const BINDINGS: readonly Binding[] = [
  { keys: ["j", "ArrowDown"], shown: "j ↓", help: "Next row", run: () => go(1) },
  { keys: ["k", "ArrowUp"], shown: "k ↑", help: "Row before", run: () => go(-1) },
  { keys: ["PageDown"], help: "Down by a page", run: () => go(PAGE_ROWS) },
  { keys: ["PageUp"], help: "Up by a page", run: () => go(-PAGE_ROWS) },
  { keys: ["Home", "g"], shown: "Home g", help: "Most Recent: whatever is newest", run: selectRecent },
  {
    keys: ["End", "Shift+G"],
    shown: "End G",
    help: "Last row: in the newest first, of those that are loaded",
    run: () => go(ALL),
  },
  {
    keys: ["Shift+ArrowDown", "Shift+J"],
    shown: "Shift+↓ J",
    help: "Select one more row",
    run: () => go(1, true),
  },
  {
    keys: ["Shift+ArrowUp", "Shift+K"],
    shown: "Shift+↑ K",
    help: "Select one more row above",
    run: () => go(-1, true),
  },
  { keys: [" "], shown: "Space", help: "Select the row besides the others, or no longer", run: toggleCursor },
  { keys: ["Ctrl+a"], shown: "Ctrl+A", help: "Select all rows that are loaded", run: selectAll },
  { keys: ["Enter"], help: "Open the exchange", run: open },
  {
    keys: ["Escape"],
    shown: "Esc",
    help: "Close the editor or the exchange; clear the selection",
    run: close,
  },
  { keys: ["/"], help: "Filter", run: () => document.getElementById("filter")?.focus() },
  { keys: ["f"], help: "Follow: show new rows as they come", run: toggleFollow },
  {
    keys: ["x", "Delete"],
    shown: "x Del",
    help: "Remove the selected rows",
    changes: true,
    run: removeSelected,
  },
  { keys: ["Shift+X"], shown: "X", help: "Remove all rows", changes: true, run: removeAll },
  {
    keys: ["u", "Ctrl+z"],
    shown: "u Ctrl+Z",
    help: "Bring back what was removed",
    changes: true,
    run: undoRemoval,
  },
  { keys: ["r"], help: "Resend the exchange as it was", isThere: () => canSend.value, run: resendCurrent },
  {
    keys: ["Shift+R"],
    shown: "R",
    help: "Resend the exchange, or the selected ones, to another target",
    isThere: () => canSend.value,
    run: resendCurrentTo,
  },
  { keys: ["e"], help: "Edit and resend the exchange", isThere: () => canSend.value, run: editCurrent },
  {
    keys: ["s"],
    help: "Send a request",
    isThere: () => canSend.value,
    anywhere: true,
    run: openEditor,
  },
  {
    keys: ["c"],
    help: "Compare the two selected exchanges",
    isThere: () => canCompare.value,
    run: compareSelected,
  },
  {
    keys: ["Shift+S"],
    shown: "S",
    help: "Save exchanges as a file",
    isThere: () => canSave.value,
    run: () => isSaveOpen.value = true,
  },
  { keys: ["o"], help: "Open files", isThere: () => canOpen.value, anywhere: true, run: chooseFiles },
  {
    keys: ["a"],
    help: "Admin: add and change listeners",
    isThere: () => canAdmin.value,
    anywhere: true,
    run: openAdmin,
  },
  { keys: ["["], help: "Tab before", anywhere: true, run: () => stepTab(-1) },
  { keys: ["]"], help: "Next tab", anywhere: true, run: () => stepTab(1) },
  { keys: ["l"], help: "Request and response side by side, or one above the other", run: switchLayout },
  { keys: ["t"], help: "Colours: as the system, light, dark", anywhere: true, run: switchTheme },
  { keys: ["?"], help: "This help", anywhere: true, run: () => isHelpOpen.value = true },
];

/** Whether a binding can be used here and now. */
export function isUsable({ changes, isThere = () => true }: Binding): boolean {
  return !(changes === true && isReadonly.value) && isThere();
}

/** Whether a binding has something before it: nobody changes rows that are not shown. */
export function isAtHand({ anywhere }: Binding): boolean {
  return anywhere === true || tab.value.kind !== "admin";
}

/** Turns following on or off. */
export function toggleFollow(): void {
  if (isFollowing.value) isFollowing.value = false;
  else follow();
}

/** Side by side, or one above the other. */
export function switchLayout(): void {
  layout.value = layout.value === "side" ? "stacked" : "side";
}

/** From one choice of colours to the next. */
export function switchTheme(): void {
  theme.value = theme.value === "system" ? "light" : theme.value === "light" ? "dark" : "system";
}

/** Moves the keyboard; from then on the table has the focus, so that what it stands at is read out. */
function go(by: number, isExtending = false): void {
  moveBy(by, isExtending);
  document.getElementById("table")?.focus();
}

function open(): void {
  openCursor();
  document.getElementById("exchange")?.focus();
}

function close(): void {
  if (task.value === undefined) closeExchange();
  else leaveTask();
  document.getElementById("table")?.focus();
}
