/** Which rows are selected: by click, with Ctrl and Shift, and by keys. Rows are told by their numbers. */

/** Where the keyboard stands: at a row, at "Most Recent", or nowhere. */
export type Cursor = number | "recent" | undefined;

/** What is selected. */
export interface Selection {
  /** Where the keyboard stands. */
  readonly cursor: Cursor;
  /** Where a range began. */
  readonly anchor: number | undefined;
  /** The selected rows. */
  readonly rows: ReadonlySet<number>;
}

/** Nothing is selected. */
export const NOTHING: Selection = { cursor: undefined, anchor: undefined, rows: new Set() };

/** "Most Recent" is selected: whatever is newest. */
export const RECENT: Selection = { cursor: "recent", anchor: undefined, rows: new Set() };

/** One row and no other. */
export function only(row: number): Selection {
  return { cursor: row, anchor: row, rows: new Set([row]) };
}

/** The row is selected besides the others, or no longer (Ctrl and click). */
export function toggled(selection: Selection, row: number): Selection {
  const rows = new Set(selection.rows);
  if (!rows.delete(row)) rows.add(row);
  return { cursor: row, anchor: row, rows };
}

/** All rows from where the range began to this one (Shift and click). */
export function extended(selection: Selection, row: number, order: readonly number[]): Selection {
  const from = order.indexOf(selection.anchor ?? row);
  const to = order.indexOf(row);
  if (from === -1 || to === -1) return only(row);
  const rows = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1));
  return { cursor: row, anchor: selection.anchor ?? row, rows };
}

/** All rows that are loaded. */
export function everything(order: readonly number[], selection: Selection): Selection {
  return { cursor: selection.cursor, anchor: order[0], rows: new Set(order) };
}

/**
 * The keyboard goes up or down.
 *
 * @param selection What is selected.
 * @param by How many rows, down if positive.
 * @param order The rows from top to bottom; above them stands "Most Recent".
 * @param isExtending Whether the range grows with it (Shift).
 */
export function moved(
  selection: Selection,
  by: number,
  order: readonly number[],
  isExtending: boolean,
): Selection {
  if (order.length === 0) return selection;
  const { cursor } = selection;
  const at = typeof cursor === "number" ? order.indexOf(cursor) : -1;
  // From nowhere the first step leads to the first row, whichever way it goes.
  const wanted = cursor === undefined ? Math.max(0, by - 1) : at + by;
  const to = Math.min(order.length - 1, wanted);
  if (to < 0) return isExtending ? extended(selection, order[0], order) : RECENT;
  return isExtending && typeof cursor === "number" ? extended(selection, order[to], order) : only(order[to]);
}

/** What is left of a selection once rows are gone; the keyboard goes to the row that took the place. */
export function afterRemoval(
  selection: Selection,
  gone: ReadonlySet<number>,
  order: readonly number[],
): Selection {
  const { cursor } = selection;
  if (typeof cursor !== "number" || !gone.has(cursor)) {
    return { ...selection, rows: new Set([...selection.rows].filter((row) => !gone.has(row))) };
  }
  const at = order.indexOf(cursor);
  const next = order.slice(at).find((row) => !gone.has(row)) ??
    order.slice(0, Math.max(at, 0)).findLast((row) => !gone.has(row));
  return next === undefined ? NOTHING : only(next);
}
