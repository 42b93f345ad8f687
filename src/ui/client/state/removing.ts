/// <reference lib="dom" />
/** Removes rows, and brings them back. */
import { batch } from "@preact/signals";
import { numberText } from "../exchange/units.ts";
import { counted } from "../table/words.ts";
import { loadNewest } from "./loading.ts";
import { withoutOrdered } from "./order_list.ts";
import { EMPTY_LIST, without } from "./row_list.ts";
import { forgetResting, select, shownOrder, showNothing } from "./selecting.ts";
import { afterRemoval } from "./selection.ts";
import { askRemoval, askUndo } from "./server.ts";
import { historyTotal, isReadonly, list, ordered, selectedRow, selection } from "./store.ts";
import { complain, say } from "./toasting.ts";

/** How many rows are removed at once: a request to the program is at most 64 KiB long. */
const REMOVAL_LIMIT = 5000;

/** Removes the selected rows. */
export async function removeSelected(): Promise<void> {
  const gone = selection.value.rows;
  if (isReadonly.value || gone.size === 0) return;
  if (gone.size > REMOVAL_LIMIT) {
    say(
      `${counted(gone.size, "row")} are too many at once: select at most ${
        numberText(REMOVAL_LIMIT)
      }, or remove all`,
    );
    return;
  }
  forgetResting();
  try {
    const { count } = await askRemoval([...gone]);
    batch(() => {
      const left = afterRemoval(selection.value, gone, shownOrder.value);
      list.value = without(list.value, gone);
      if (ordered.value !== undefined) ordered.value = withoutOrdered(ordered.value, gone);
      const isShownGone = selectedRow.value !== undefined && gone.has(selectedRow.value.row);
      if (!isShownGone) selection.value = left;
      else if (left.cursor === undefined) showNothing();
      else select(left, true);
    });
    say(`Removed ${counted(count, "row")}`, { label: "Undo", run: undoRemoval });
    // The lines of an order are other ones now than the program has.
    if (ordered.value !== undefined) loadNewest(true);
  } catch (error) {
    complain(error);
  }
}

/** Removes every row of the history, shown or not. */
export async function removeAll(): Promise<void> {
  if (isReadonly.value) return;
  try {
    const { count } = await askRemoval(undefined);
    batch(() => {
      showNothing();
      list.value = EMPTY_LIST;
      historyTotal.value = 0;
    });
    say(`Removed all ${counted(count, "row")}`, { label: "Undo", run: undoRemoval });
    loadNewest();
  } catch (error) {
    complain(error);
  }
}

/** Brings back what was removed last. */
export async function undoRemoval(): Promise<void> {
  if (isReadonly.value) return;
  try {
    const { count } = await askUndo();
    say(count === 0 ? "There is nothing to bring back" : `Brought back ${counted(count, "row")}`);
    await loadNewest(true);
  } catch (error) {
    complain(error);
  }
}
