/// <reference lib="dom" />
/**
 * Follows which run of the program the page shows. Another run has other rows and other listeners under the same numbers:
 * whatever names one of them is dropped, so that nothing is done to what was never shown.
 */
import { batch, effect, untracked } from "@preact/signals";
import { forgetOrigin } from "../actions/editing.ts";
import { resendRows } from "../actions/resending_to.ts";
import { task } from "../actions/task.ts";
import { cancelWork } from "../actions/work.ts";
import { active } from "../active/active_state.ts";
import { edited } from "../listeners/changing.ts";
import { focusIfLost } from "../listeners/focusing.ts";
import { tabElementId } from "../listeners/tab.ts";
import { forgetRows } from "./loading.ts";
import { showNothing } from "./selecting.ts";
import { isSampled, lost, tab, viewer } from "./store.ts";
import { say, withdrawOffers } from "./toasting.ts";

/** Begins to follow it. */
export function keepRun(): void {
  let known: string | undefined;
  effect(() => {
    const run = viewer.value?.run;
    if (run === undefined || run === known) return;
    const isAnother = known !== undefined;
    known = run;
    if (isAnother) untracked(() => batch(forgetRun));
  });
}

function forgetRun(): void {
  withdrawOffers();
  cancelWork();
  resendRows.value = undefined;
  // What somebody writes stays.
  const kept = task.value?.kind === "editor" ? task.value : undefined;
  showNothing();
  task.value = kept;
  forgetOrigin();
  edited.value = undefined;
  if (tab.value.kind === "listener") tab.value = { kind: "all" };
  forgetRows();
  active.value = { rows: [], total: 0 };
  lost.value = undefined;
  isSampled.value = false;
  say("tcpmon was started again: its rows and listeners are shown anew");
  focusIfLost(tabElementId(tab.value));
}
