/// <reference lib="dom" />
/** Closes the form of a listener once that is gone, wherever it was removed. */
import { batch, effect, untracked } from "@preact/signals";
import { listeners, viewer } from "../state/store.ts";
import { say } from "../state/toasting.ts";
import { edited } from "./changing.ts";
import { focusIfLost } from "./focusing.ts";
import { tabElementId } from "./tab.ts";

/** Begins to look. */
export function keepEdited(): void {
  effect(() => {
    const open = edited.value;
    if (open === undefined || viewer.value === undefined) return;
    if (listeners.value.some(({ id }) => id === open.id)) return;
    untracked(() =>
      batch(() => {
        edited.value = undefined;
        say(`${open.title} was removed: its form is closed`);
        focusIfLost(tabElementId({ kind: "admin" }));
      })
    );
  });
}
