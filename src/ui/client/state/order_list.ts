/**
 * The rows of the table in the order of a column, as the program gives them: as many lines as it has rows, of which
 * those are held that somebody came near to. The order stands still: rows that come in later are not in it.
 */
import type { RowPage, RowView } from "../../api.ts";
import { HELD_LIMIT } from "./row_list.ts";

/** How many rows are fetched at a time; pages begin at multiples of it. */
export const PAGE_LINES = 200;
/** How far beyond the lines that are seen rows are fetched. */
const AHEAD_LINES = 60;

/** A line: its row; undefined: not fetched yet; null: its row is not in the history any more. */
export type OrderedLine = RowView | undefined | null;

/** What an order is one of. */
export interface OrderWish {
  /** The column, `-` before it where larger values come first. */
  readonly sort: string;
  /** Which rows are in it; the empty string: all. */
  readonly filter: string;
}

/** Rows in an order. */
export interface OrderedList {
  /** What was asked for. */
  readonly wish: OrderWish;
  /** Number of the order, to go on in it; undefined: the program gave none. */
  readonly order: number | undefined;
  /** The lines, from the top, {@link HELD_LIMIT} at most. */
  readonly lines: readonly OrderedLine[];
  /** How many rows there are in the order. */
  readonly total: number;
}

/**
 * A list of which one page is known.
 *
 * @param wish What was asked for.
 * @param page What the program gave.
 * @param offset The line that the page begins at.
 */
export function orderBegun(wish: OrderWish, page: RowPage, offset: number): OrderedList {
  const total = page.total ?? offset + page.rows.length;
  const lines = new Array<OrderedLine>(Math.min(total, HELD_LIMIT)).fill(undefined);
  return withOrderedPage({ wish, order: page.order, lines, total }, page, offset);
}

/** The list with another page of the same order. Rows that were removed since are not in it: it may be short. */
export function withOrderedPage(list: OrderedList, page: RowPage, offset: number): OrderedList {
  const lines = list.lines.slice();
  const end = Math.min(lines.length, offset + PAGE_LINES);
  for (let line = offset; line < end; line++) lines[line] = page.rows[line - offset] ?? null;
  return { ...list, lines };
}

/** The list without some rows; what is below them goes up. */
export function withoutOrdered(list: OrderedList, gone: ReadonlySet<number>): OrderedList {
  const lines = list.lines.filter((row) => !(row && gone.has(row.row)));
  return { ...list, lines, total: list.total - (list.lines.length - lines.length) };
}

/**
 * Where the page begins that is to be fetched next so that these lines, and some around them, are there.
 *
 * @param first The first line.
 * @param end The line behind the last one.
 */
export function missingPage({ lines }: OrderedList, first: number, end: number): number | undefined {
  const missing = missingLine(lines, first, end) ?? missingLine(lines, end, end + AHEAD_LINES) ??
    missingLine(lines, first - AHEAD_LINES, first);
  return missing === undefined ? undefined : missing - missing % PAGE_LINES;
}

/** How many of these lines have not been fetched. */
export function missingCount({ lines }: OrderedList, first: number, end: number): number {
  return lines.slice(first, end).reduce((count, row) => row === undefined ? count + 1 : count, 0);
}

function missingLine(lines: readonly OrderedLine[], first: number, end: number): number | undefined {
  for (let line = Math.max(0, first); line < Math.min(end, lines.length); line++) {
    if (lines[line] === undefined) return line;
  }
  return undefined;
}
