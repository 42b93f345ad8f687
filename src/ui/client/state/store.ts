/// <reference lib="dom" />
/**
 * What the page knows, as signals: one place that the parts of the page read. It is changed by the functions beside it
 * (loading, selecting, removing, …).
 */
import { computed, signal } from "@preact/signals";
import type { ListenerView, RowView, ViewerState } from "../../api.ts";
import { hitsOf } from "../filter/hits.ts";
import { type FilterReading, readFilter } from "../filter/reading.ts";
import { bothFilters, filterOfTab, type Tab } from "../listeners/tab.ts";
import { DEFAULT_WIDTHS } from "../table/columns.ts";
import type { OrderedList } from "./order_list.ts";
import { EMPTY_LIST, type RowList } from "./row_list.ts";
import { NOTHING, type Selection } from "./selection.ts";
import { NEWEST_FIRST, type Sort } from "./sort.ts";
import type { Settable, Value } from "./value.ts";

/** How request and response stand in the pane of an exchange. */
export type Layout = "side" | "stacked";

/** Which colours: as the system has it, or as chosen. */
export type Theme = "system" | "light" | "dark";

/** How the page and the program stand to each other. */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** The program does not answer; it is asked again at that time, ms since the epoch. */
  | { readonly kind: "lost"; readonly retryAt: number }
  /** It answers, but does not know this browser: it was started again, with another token. */
  | { readonly kind: "locked" };

/** What can be done about a message. */
export interface ToastAction {
  /** What stands on its button. */
  readonly label: string;
  /** Does it. */
  readonly run: () => void;
  /** Whether it can still be done once the program was started again: it is about no row, and no listener. */
  readonly isLasting?: boolean;
}

/** A short message that goes by itself. */
export interface Toast {
  /** Tells toasts apart. */
  readonly id: number;
  /** What it says. */
  readonly text: string;
  /** What can be done about it. */
  readonly action?: ToastAction;
  /** Whether something went wrong. */
  readonly isError: boolean;
}

/** What the program says of itself; undefined: not yet asked. */
export const viewer: Settable<ViewerState | undefined> = signal(undefined);
/** What listens. */
export const listeners: Value<readonly ListenerView[]> = computed(() => viewer.value?.listeners ?? []);
/** Whether nothing can be changed from here. */
export const isReadonly: Value<boolean> = computed(() => viewer.value?.readonly ?? true);

/** The newest rows that are loaded, newest first. */
export const list: Settable<RowList> = signal(EMPTY_LIST);
/** The rows in the order of {@link sort}; undefined: the table shows {@link list}. */
export const ordered: Settable<OrderedList | undefined> = signal(undefined);
/** Whether rows are being fetched. */
export const isLoading: Settable<boolean> = signal(false);
/** How many rows there are in the history, filter or not; undefined: not known. */
export const historyTotal: Settable<number | undefined> = signal(undefined);
/** Rows a second that come in; 0: none. */
export const rate: Settable<number> = signal(0);
/** Whether rows come in faster than they are shown. */
export const isSampled: Settable<boolean> = signal(false);
/** What could not be stored. */
export const lost: Settable<{ readonly count: number; readonly reason: string } | undefined> = signal(
  undefined,
);

/** Order of the table. */
export const sort: Settable<Sort> = signal(NEWEST_FIRST);
/** The selected rows. */
export const selection: Settable<Selection> = signal(NOTHING);
/** The row whose exchange is shown in the pane; undefined: none. */
export const selectedRow: Settable<RowView | undefined> = signal(undefined);
/** Whether new rows are shown as they come. */
export const isFollowing: Settable<boolean> = signal(true);
/** Whether the table is scrolled to its top. */
export const isAtTop: Settable<boolean> = signal(true);

/** The filter as it stands in the box. */
export const filterText: Settable<string> = signal("");
/** The filter that was typed, once it is applied. */
export const filter: Settable<string> = signal("");
/** What the table shows the rows of, or the page of the listeners themselves. */
export const tab: Settable<Tab> = signal<Tab>({ kind: "all" });
/** The filter of the tab: a listener's shows its own rows only; "" shows all. */
export const tabFilter: Value<string> = computed(() => filterOfTab(tab.value, listeners.value));
/** The filter that rows are asked for with: that of the tab and the one that was typed. */
export const effectiveFilter: Value<string> = computed(() => bothFilters(tabFilter.value, filter.value));
/** What the filter in the box means, or what is wrong with it. */
export const filterReading: Value<FilterReading> = computed(() => readFilter(filterText.value));
/** Texts that the filter looks for, in lower case: to be marked wherever they are shown. */
export const hits: Value<readonly string[]> = computed(() => hitsOf(filter.value));

/** Layout of the exchange pane. */
export const layout: Settable<Layout> = signal<Layout>("side");
/** Colours. */
export const theme: Settable<Theme> = signal<Theme>("system");
/** Widths of the columns, px, by their keys. */
export const widths: Settable<{ readonly [column: string]: number }> = signal(DEFAULT_WIDTHS);
/** Part of the window's height that the table takes, from 0 to 1. */
export const tableShare: Settable<number> = signal(0.45);
/** Whether the window is so narrow that list and exchange take turns. */
export const isNarrow: Settable<boolean> = signal(false);
/** Whether the help on the keyboard is open. */
export const isHelpOpen: Settable<boolean> = signal(false);

/** How the program is reached. */
export const link: Settable<Link> = signal<Link>({ kind: "connecting" });
/** The messages that are shown. */
export const toasts: Settable<readonly Toast[]> = signal([]);
