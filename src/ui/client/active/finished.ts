/// <reference lib="dom" />
/** Finds the row that what is open has become: among those that come in, and, as these are sampled, in the history. */
import type { ActiveView, RowView } from "../../api.ts";
import { select } from "../state/selecting.ts";
import { only } from "../state/selection.ts";
import { askRows } from "../state/server.ts";
import { complain } from "../state/toasting.ts";
import { isRowOf, openActive } from "./active_state.ts";

/** When it is looked for, ms one after the other: rows are stored some time after they ended. */
const PAUSES_MS = [0, 300, 1000, 3000];
/** A connection may have other rows, too. */
const LOOKED_AT = 20;

/** Takes the row in, if it is among these. */
export function findRowIn(rows: readonly RowView[]): void {
  const open = openActive.value;
  if (open === undefined || open.row !== undefined) return;
  const row = rows.find((each) => isRowOf(open.view, each));
  if (row !== undefined) openActive.value = { ...open, row };
}

/** Looks for it in the history, until it is found, or nobody wants to know any more. */
export async function lookForRow(view: ActiveView, signal: AbortSignal): Promise<void> {
  try {
    for (const pauseMs of PAUSES_MS) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (signal.aborted) return;
      const { rows } = await askRows({ limit: LOOKED_AT, filter: filterOf(view) }, signal);
      if (signal.aborted) return;
      findRowIn(rows);
      if (openActive.value?.row !== undefined) return;
    }
  } catch (error) {
    if (!signal.aborted) complain(error);
  }
}

/** Shows the row in place of what it was. */
export function showFinished(row: RowView): void {
  select(only(row.row), true);
}

function filterOf({ id, connection, listener }: ActiveView): string {
  const address = `listener:="${listener.replace(/["\\]/g, "\\$&")}"`;
  return `${id === undefined ? "" : `id:${id} `}connection:${connection} ${address}`;
}
