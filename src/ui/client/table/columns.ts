/** The columns of the table: what they are called, and how wide they are at first. */
import type { SortKey } from "../../api.ts";

/** The key of a column: rows can be sorted by each of them. */
export type ColumnKey = SortKey;

/** One column. */
export interface Column {
  /** Its key. */
  readonly key: ColumnKey;
  /** What stands above it. */
  readonly label: string;
  /** Its first width, px. */
  readonly widthPx: number;
  /** Whether it holds numbers, which stand at its right. */
  readonly isNumber: boolean;
}

/** The narrowest column, px. */
export const LEAST_WIDTH_PX = 36;
/** The widest column, px. */
export const MOST_WIDTH_PX = 1200;

function column(key: ColumnKey, label: string, widthPx: number, isNumber = false): Column {
  return { key, label, widthPx, isNumber };
}

/** The columns, from left to right. */
export const COLUMNS: readonly Column[] = [
  column("row", "#", 66, true),
  column("state", "State", 122),
  column("time", "Time", 112),
  column("client", "Client", 118),
  column("target", "Target", 110),
  column("method", "Method", 74),
  column("url", "Request", 150),
  column("status", "Status", 68),
  column("type", "Type", 115),
  column("up", "Sent ↑", 80, true),
  column("down", "Got ↓", 80, true),
  column("elapsed", "Elapsed", 86, true),
  column("timing", "Timing", 84),
];

/** The first widths, px, by key. */
export const DEFAULT_WIDTHS: { readonly [key in ColumnKey]: number } = Object.fromEntries(
  COLUMNS.map(({ key, widthPx }) => [key, widthPx]),
) as { [key in ColumnKey]: number };

/** A width within the limits, px, whole. */
export function fittingWidth(widthPx: number): number {
  return Math.round(Math.min(MOST_WIDTH_PX, Math.max(LEAST_WIDTH_PX, widthPx)));
}

/** The columns as CSS has them: the request takes what is left. */
export function gridTemplate(widths: { readonly [column: string]: number }): string {
  return COLUMNS.map(({ key, widthPx }) => {
    const width = fittingWidth(widths[key] ?? widthPx);
    return key === "url" ? `minmax(${width}px, 1fr)` : `${width}px`;
  }).join(" ");
}
