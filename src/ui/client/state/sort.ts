/** The order of the table. The program makes it, so that it is one of all rows, loaded or not. */
import type { ColumnKey } from "../table/columns.ts";

/** An order: by which column, and which end first. */
export interface Sort {
  /** The column. */
  readonly column: ColumnKey;
  /** Whether the largest come first. */
  readonly isDescending: boolean;
}

/** The order that the table begins with, and in which new rows are shown as they come. */
export const NEWEST_FIRST: Sort = { column: "time", isDescending: true };

/** Whether an order is newest first. */
export function isNewestFirst({ column, isDescending }: Sort): boolean {
  return isDescending && (column === "time" || column === "row");
}

/** An order as the program is asked for it: the column, `-` before it where larger values come first. */
export function sortParameter({ column, isDescending }: Sort): string {
  return `${isDescending ? "-" : ""}${column}`;
}

/** The order after a click on a column: its larger end first, then its smaller one, then newest first again. */
export function nextSort(sort: Sort, column: ColumnKey): Sort {
  if (sort.column !== column) return { column, isDescending: true };
  if (sort.isDescending) return { column, isDescending: false };
  return NEWEST_FIRST;
}
