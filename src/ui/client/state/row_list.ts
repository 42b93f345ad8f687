/**
 * The rows that the page holds: a piece of the history without gaps, newest first. Where rows came in faster than they
 * were sent, the piece begins anew at the newest: what lies behind is fetched when somebody looks at it.
 */
import type { RowPage, RowView } from "../../api.ts";

/** How many rows are held at most: some 100 MB of a browser's memory. */
export const HELD_LIMIT = 200_000;

/** Rows without gaps. */
export interface RowList {
  /** The rows, newest first. */
  readonly rows: readonly RowView[];
  /** Whether there are older ones in the history that match. */
  readonly hasMore: boolean;
  /** How many rows match in all, where that is known. */
  readonly total?: number;
  /** How many rows are newer than these, and not shown. */
  readonly newer: number;
}

/** No rows. */
export const EMPTY_LIST: RowList = { rows: [], hasMore: false, newer: 0 };

/** A list that begins with a page. */
export function begunWith(page: RowPage): RowList {
  return withTotal({ rows: newestFirst(page.rows), hasMore: page.hasMore, newer: 0 }, page.total);
}

/** The list with the page that was asked for before its last row. */
export function withOlder(list: RowList, page: RowPage): RowList {
  const last = list.rows.at(-1)?.row ?? Infinity;
  const older = newestFirst(page.rows).filter(({ row }) => row < last);
  const rows = [...list.rows, ...older].slice(0, HELD_LIMIT);
  return withTotal({ ...list, rows, hasMore: page.hasMore }, page.total ?? list.total);
}

/**
 * The list with newer rows.
 *
 * @param list The list.
 * @param rows The newest rows there are.
 * @param added How many came of late: there is no gap where the rows are as many, or where one of the list's is among
 * them.
 * @param total How many match in all.
 */
export function withNewer(
  list: RowList,
  rows: readonly RowView[],
  added: number,
  total: number,
): RowList {
  const fresh = newerThan(list, rows);
  if (fresh.length === 0) return withTotal(list, total);
  const isWhole = fresh.length < rows.length || fresh.length >= added;
  return isWhole ? joined(fresh, list, total) : withTotal({ rows: fresh, hasMore: true, newer: 0 }, total);
}

/** The list with the newest page put on top; where something is missing between the two, it begins with the page. */
export function refreshed(list: RowList, page: RowPage): RowList {
  const fresh = newerThan(list, page.rows);
  const isWhole = fresh.length < page.rows.length;
  return isWhole ? joined(fresh, list, page.total) : begunWith(page);
}

function newerThan(list: RowList, rows: readonly RowView[]): readonly RowView[] {
  const newest = list.rows[0]?.row ?? -Infinity;
  return newestFirst(rows).filter(({ row }) => row > newest);
}

function joined(fresh: readonly RowView[], list: RowList, total: number | undefined): RowList {
  if (fresh.length === 0) return withTotal(list, total ?? list.total);
  const all = [...fresh, ...list.rows];
  const rows = all.slice(0, HELD_LIMIT);
  const hasMore = list.hasMore || rows.length < all.length;
  return withTotal({ rows, hasMore, newer: 0 }, total ?? sum(list.total, fresh.length));
}

/** The list without some rows. */
export function without(list: RowList, gone: ReadonlySet<number>): RowList {
  const rows = list.rows.filter(({ row }) => !gone.has(row));
  return withTotal({ ...list, rows }, sum(list.total, rows.length - list.rows.length));
}

/** How many lines the table has: those that are held, and those that are yet to be fetched. */
export function lineCount({ rows, hasMore, total }: RowList): number {
  if (!hasMore || rows.length >= HELD_LIMIT) return rows.length;
  return Math.min(HELD_LIMIT, Math.max(total ?? 0, rows.length + 20));
}

function newestFirst(rows: readonly RowView[]): readonly RowView[] {
  return rows.every(({ row }, at) => at === 0 || row < rows[at - 1].row)
    ? rows
    : rows.toSorted((a, b) => b.row - a.row);
}

function sum(total: number | undefined, more: number): number | undefined {
  return total === undefined ? undefined : Math.max(0, total + more);
}

function withTotal(list: Omit<RowList, "total">, total: number | undefined): RowList {
  const { rows, hasMore, newer } = list;
  return total === undefined ? { rows, hasMore, newer } : { rows, hasMore, newer, total };
}
