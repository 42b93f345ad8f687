/** Which rows are selected: by click, with Ctrl and Shift, and by keys. Rows are told by their numbers. */

/** What tells something that is under way from everything else. */
export type ActiveName = `active ${string}`;

/** Where the keyboard stands: at a row, at "Most Recent", at something that is under way, or nowhere. */
export type Cursor = number | "recent" | ActiveName | undefined;

/** Numbers of the rows from top to bottom; some may not be known. A list of numbers is one. */
export interface Order {
  /** How many rows there are. */
  readonly length: number;
  /** The number of the row in a line from 0; undefined: not known. */
  at(line: number): number | undefined;
  /** The line of a row; -1: it is in none, or not known. */
  indexOf(row: number): number;
}

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

/** Something that is under way is selected: it has no row yet. */
export function onlyActive(name: ActiveName): Selection {
  return { cursor: name, anchor: undefined, rows: new Set() };
}

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

/** All rows from where the range began to this one (Shift and click), as far as they are known. */
export function extended(selection: Selection, row: number, order: Order): Selection {
  const from = order.indexOf(selection.anchor ?? row);
  const to = order.indexOf(row);
  if (from === -1 || to === -1) return only(row);
  const rows = rowsBetween(order, Math.min(from, to), Math.max(from, to) + 1);
  return { cursor: row, anchor: selection.anchor ?? row, rows: new Set(rows) };
}

/** All rows that are known. */
export function everything(order: Order, selection: Selection): Selection {
  const rows = rowsBetween(order, 0, order.length);
  return { cursor: selection.cursor, anchor: rows[0], rows: new Set(rows) };
}

/** A place that the keyboard can go to: a line of the table, or one above its lines. */
export type Place =
  | { readonly kind: "recent" }
  | { readonly kind: "active"; readonly name: ActiveName }
  | { readonly kind: "line"; readonly line: number };

/**
 * Where the keyboard goes.
 *
 * @param cursor Where it stands.
 * @param by How many rows, down if positive.
 * @param order The rows from top to bottom.
 * @param active What stands above them; above that stands "Most Recent".
 */
export function placeAfter(
  cursor: Cursor,
  by: number,
  order: Order,
  active: readonly ActiveName[] = [],
): Place {
  const above = active.length;
  // From nowhere the first step leads to the first row, whichever way it goes.
  const wanted = cursor === undefined ? above + Math.max(0, by - 1) : placeOf(cursor, order, active) + by;
  const to = Math.min(above + order.length - 1, wanted);
  if (to < 0) return { kind: "recent" };
  return to < above ? { kind: "active", name: active[to] } : { kind: "line", line: to - above };
}

/**
 * The keyboard goes up or down.
 *
 * @param selection What is selected.
 * @param by How many rows, down if positive.
 * @param order The rows from top to bottom.
 * @param isExtending Whether the range grows with it (Shift).
 * @param active What stands above the rows; above that stands "Most Recent".
 */
export function moved(
  selection: Selection,
  by: number,
  order: Order,
  isExtending: boolean,
  active: readonly ActiveName[] = [],
): Selection {
  if (order.length + active.length === 0) return selection;
  const place = placeAfter(selection.cursor, by, order, active);
  const first = order.at(0);
  const isRange = isExtending && typeof selection.cursor === "number";
  if (place.kind !== "line") {
    // A range is one of rows: it ends at the first of them.
    if (isRange && first !== undefined) return extended(selection, first, order);
    return place.kind === "recent" ? RECENT : onlyActive(place.name);
  }
  const row = order.at(place.line);
  if (row === undefined) return selection;
  return isRange ? extended(selection, row, order) : only(row);
}

/** What is left of a selection once rows are gone; the keyboard goes to the row that took the place. */
export function afterRemoval(selection: Selection, gone: ReadonlySet<number>, order: Order): Selection {
  const { cursor } = selection;
  if (typeof cursor !== "number" || !gone.has(cursor)) {
    return { ...selection, rows: new Set([...selection.rows].filter((row) => !gone.has(row))) };
  }
  const at = order.indexOf(cursor);
  const isLeft = (row: number | undefined) => row !== undefined && !gone.has(row);
  for (let line = Math.max(at, 0); line < order.length; line++) {
    if (isLeft(order.at(line))) return only(order.at(line)!);
  }
  for (let line = at - 1; line >= 0; line--) {
    if (isLeft(order.at(line))) return only(order.at(line)!);
  }
  return NOTHING;
}

/** The place of the cursor, counted from the first thing above the rows; -1: "Most Recent", or it is not known. */
function placeOf(cursor: Exclude<Cursor, undefined>, order: Order, active: readonly ActiveName[]): number {
  if (cursor === "recent") return -1;
  if (typeof cursor === "string") return active.indexOf(cursor);
  const line = order.indexOf(cursor);
  return line === -1 ? active.length - 1 : active.length + line;
}

function rowsBetween(order: Order, first: number, end: number): number[] {
  const rows: number[] = [];
  for (let line = first; line < end; line++) {
    const row = order.at(line);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
