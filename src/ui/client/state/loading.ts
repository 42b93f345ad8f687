/// <reference lib="dom" />
/** Fetches rows: the newest ones, those behind them as somebody comes near, and those that come in while the page is open. */
import { batch, signal } from "@preact/signals";
import type { LiveEvent } from "../../api.ts";
import type { ColumnKey } from "../table/columns.ts";
import { beginOrder, leaveOrder, lookAt } from "./ordering.ts";
import { begunWith, EMPTY_LIST, HELD_LIMIT, refreshed, withNewer, withOlder } from "./row_list.ts";
import { isNewestFirst, NEWEST_FIRST, nextSort, sortParameter } from "./sort.ts";
import { askRows } from "./server.ts";
import {
  effectiveFilter,
  historyTotal,
  isAtTop,
  isFollowing,
  isLoading,
  isSampled,
  list,
  ordered,
  rate,
  sort,
} from "./store.ts";
import { Rate } from "./rate.ts";
import { complain } from "./toasting.ts";
import type { Settable } from "./value.ts";

/** Rows of the first page: more than a window shows. */
const FIRST_ROWS = 200;
/** Rows of a page that is fetched on the way down. */
const MORE_ROWS = 1000;
/** How often rows are asked for at most while a filter is set: the program then has to search. */
const REFRESH_MS = 500;

/** Counts how often the table was wanted at its top, whatever it is scrolled to. */
export const topWanted: Settable<number> = signal(0);

const incoming = new Rate();
/** Belongs to the rows that are shown: cancelled when others are asked for. */
let current = new AbortController();
let refreshTimer: ReturnType<typeof setTimeout> | undefined;
let isStale = false;
/** Somebody removed rows, or brought some back: any of those that are shown may be others. */
let hasOtherRows = false;
let olderWanted = 0;
let isFetchingOlder = false;
/** The newest row that the program has told of. */
let newestTold = 0;

/**
 * Fetches the newest rows, and in another order that one anew; those that are shown go when they are there.
 *
 * @param keepsPlace Whether an order is wanted where somebody looks at it, not from its top.
 */
export async function loadNewest(keepsPlace = false): Promise<void> {
  current.abort();
  const mine = current = new AbortController();
  const wanted = sort.value;
  const filter = effectiveFilter.value;
  isLoading.value = true;
  if (list.value.newer > 0) list.value = { ...list.value, newer: 0 };
  try {
    const [page, order] = await Promise.all([
      askRows({ limit: FIRST_ROWS, filter }, mine.signal),
      isNewestFirst(wanted)
        ? undefined
        : beginOrder({ sort: sortParameter(wanted), filter }, keepsPlace, mine.signal),
    ]);
    if (mine !== current) return;
    batch(() => {
      // Those that came in meanwhile are not in an order.
      const hasAll = filter === "" && (page.rows[0]?.row ?? 0) >= newestTold;
      list.value = { ...begunWith(page), newer: hasAll ? 0 : list.value.newer };
      if (order === undefined) leaveOrder();
      else ordered.value = order;
      if (filter === "" && page.total !== undefined) historyTotal.value = page.total;
    });
  } catch (error) {
    if (mine.signal.aborted) return;
    if (ordered.value === undefined) sort.value = NEWEST_FIRST;
    complain(error);
  } finally {
    if (mine === current) isLoading.value = false;
  }
}

/** Fetches rows to look at until the program is listened to, beside what it says of itself: a page that opens is waited for. */
export async function loadEarly(): Promise<void> {
  try {
    const page = await askRows({ limit: FIRST_ROWS, filter: effectiveFilter.value });
    if (list.value === EMPTY_LIST && effectiveFilter.value === "") list.value = begunWith(page);
  } catch {
    // Whoever asks next says why.
  }
}

/** Drops all rows: they are those of another run of the program. */
export function forgetRows(): void {
  current.abort();
  current = new AbortController();
  clearTimeout(refreshTimer);
  refreshTimer = undefined;
  isStale = hasOtherRows = false;
  newestTold = 0;
  isLoading.value = false;
  list.value = EMPTY_LIST;
  leaveOrder();
  historyTotal.value = undefined;
}

/** Somebody looks at these lines of the table, or is about to. */
export function see(first: number, end: number): void {
  if (ordered.value !== undefined) lookAt(first, end);
  else if (end > list.value.rows.length && list.value.hasMore) loadOlder(end);
}

/** Fetches older rows until that many are held, or there are no more. */
async function loadOlder(count: number): Promise<void> {
  olderWanted = Math.min(HELD_LIMIT, Math.max(olderWanted, count));
  if (isFetchingOlder || isLoading.value) return;
  isFetchingOlder = true;
  const mine = current;
  try {
    while (list.value.hasMore && list.value.rows.length < olderWanted && !mine.signal.aborted) {
      const before = list.value.rows.at(-1)?.row;
      const page = await askRows({ before, limit: MORE_ROWS, filter: effectiveFilter.value }, mine.signal);
      // Rows that came in meanwhile may have begun the list anew: then this page does not join on.
      if (list.value.rows.at(-1)?.row === before) list.value = withOlder(list.value, page);
    }
  } catch (error) {
    if (!mine.signal.aborted) complain(error);
    // What failed is not tried again by itself: the next movement asks anew.
  } finally {
    isFetchingOlder = false;
    olderWanted = 0;
  }
}

/** Tells where the table stands: new rows are put on top only where they move nothing that is being read. */
export function setAtTop(atTop: boolean): void {
  if (atTop === isAtTop.value) return;
  isAtTop.value = atTop;
  const isShown = isFollowing.value && isNewestFirst(sort.value);
  if (atTop && isShown && list.value.newer > 0) loadNewest();
}

/** Shows the newest rows, and new ones as they come. */
export function follow(): void {
  batch(() => {
    isFollowing.value = true;
    sort.value = NEWEST_FIRST;
    goToTop();
  });
  loadNewest();
}

/** Shows the rows that came in since: newest first with them as they come, an order made anew. */
export function showNewer(): void {
  if (ordered.value === undefined) return follow();
  goToTop();
  loadNewest();
}

/** A click on the title of a column: another order, from its top. */
export async function sortBy(column: ColumnKey): Promise<void> {
  sort.value = nextSort(sort.value, column);
  await loadNewest();
  goToTop();
}

function goToTop(): void {
  isAtTop.value = true;
  topWanted.value++;
}

/** Takes in what the program says of new rows. */
export function receiveRows(event: LiveEvent & { readonly type: "rows" }, nowMs: number): void {
  batch(() => {
    historyTotal.value = event.total;
    incoming.add(event.added, nowMs);
    rate.value = incoming.perSecond(nowMs);
    isSampled.value = event.added > event.rows.length;
    newestTold = event.newest;
    const isShown = isFollowing.value && isAtTop.value && isNewestFirst(sort.value);
    if (!isShown) {
      if (event.added > 0) list.value = { ...list.value, newer: list.value.newer + event.added };
      else if (ordered.value !== undefined) refreshSoon();
    } else if (needsAsking(event)) {
      hasOtherRows ||= event.added === 0;
      refreshSoon();
    } else list.value = withNewer(list.value, event.rows, event.added, event.total);
  });
}

/** Whether the rows of an event cannot be put on top as they are: a search, a removal, or rows are being asked for. */
function needsAsking({ added }: { readonly added: number }): boolean {
  return added === 0 || effectiveFilter.value !== "" || isLoading.value || refreshTimer !== undefined;
}

/** Lets the rate fall once nothing comes in any more. */
export function tick(nowMs: number): void {
  rate.value = incoming.perSecond(nowMs);
  if (rate.value === 0) isSampled.value = false;
}

/** Asks for the newest rows, at most twice a second; what comes in while it asks makes it ask again. */
function refreshSoon(): void {
  isStale = true;
  refreshTimer ??= setTimeout(async () => {
    isStale = false;
    await refresh();
    refreshTimer = undefined;
    if (isStale) refreshSoon();
  }, REFRESH_MS);
}

async function refresh(): Promise<void> {
  if (isLoading.value) {
    isStale = true;
    return;
  }
  if (ordered.value !== undefined) return loadNewest(true);
  const mine = current;
  const beginsAnew = hasOtherRows;
  hasOtherRows = false;
  try {
    const page = await askRows({ limit: FIRST_ROWS, filter: effectiveFilter.value }, mine.signal);
    if (mine.signal.aborted) return;
    list.value = beginsAnew ? begunWith(page) : refreshed(list.value, page);
  } catch (error) {
    if (!mine.signal.aborted) complain(error);
  }
}
