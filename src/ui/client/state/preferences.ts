/// <reference lib="dom" />
/** What is remembered in the browser from one visit to the next: layout, colours, columns. Nothing from the wire. */
import { effect } from "@preact/signals";
import { COLUMNS, fittingWidth } from "../table/columns.ts";
import { type Layout, layout, tableShare, type Theme, theme, widths } from "./store.ts";

const KEY = "tcpmon-viewer";

/** What is remembered. */
export interface Preferences {
  /** See {@link layout}. */
  readonly layout: Layout;
  /** See {@link theme}. */
  readonly theme: Theme;
  /** See {@link widths}. */
  readonly widths: { readonly [column: string]: number };
  /** See {@link tableShare}. */
  readonly tableShare: number;
}

/** A share of the height that leaves room for both. */
export function fittingShare(share: number): number {
  return Math.min(0.85, Math.max(0.12, share));
}

/** Reads what was remembered; what cannot be used is left out. */
export function readPreferences(text: string | null): Partial<Preferences> {
  let found: unknown;
  try {
    found = JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
  if (typeof found !== "object" || found === null) return {};
  const { layout, theme, widths, tableShare } = found as { readonly [name: string]: unknown };
  return {
    ...(layout === "side" || layout === "stacked") && { layout },
    ...(theme === "system" || theme === "light" || theme === "dark") && { theme },
    ...typeof tableShare === "number" && { tableShare: fittingShare(tableShare) },
    ...typeof widths === "object" && widths !== null && { widths: readWidths(widths) },
  };
}

function readWidths(found: object): { readonly [column: string]: number } {
  return Object.fromEntries(COLUMNS.map(({ key, widthPx }) => {
    const width = (found as { readonly [column: string]: unknown })[key];
    return [key, typeof width === "number" ? fittingWidth(width) : widthPx];
  }));
}

/** Takes up what was remembered, and remembers from now on. */
export function keepPreferences(): void {
  const found = readPreferences(read());
  layout.value = found.layout ?? layout.value;
  theme.value = found.theme ?? theme.value;
  widths.value = found.widths ?? widths.value;
  tableShare.value = found.tableShare ?? tableShare.value;
  effect(() => {
    const kept: Preferences = {
      layout: layout.value,
      theme: theme.value,
      widths: widths.value,
      tableShare: tableShare.value,
    };
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // A browser may forbid it: then nothing is remembered.
    }
  });
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
