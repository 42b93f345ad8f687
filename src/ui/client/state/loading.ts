/// <reference lib="dom" />
/** Fetches rows: the newest ones, those behind them as somebody comes near, and those that come in while the page is open. */
import { batch } from "@preact/signals";
import type { LiveEvent } from "../../api.ts";
import { begunWith, HELD_LIMIT, refreshed, withNewer, withOlder } from "./row_list.ts";
import { isNewestFirst, NEWEST_FIRST } from "./sort.ts";
import { askRows } from "./server.ts";
import { filter, historyTotal, isFollowing, isLoading, isSampled, list, rate, sort } from "./store.ts";
import { Rate } from "./rate.ts";
import { complain } from "./toasting.ts";

/** Rows of the first page: more than a window shows. */
const FIRST_ROWS = 200;
/** Rows of a page that is fetched on the way down. */
const MORE_ROWS = 1000;
/** How often rows are asked for at most while a filter is set: the program then has to search. */
const REFRESH_MS = 500;

const incoming = new Rate();
/** Belongs to the rows that are shown: cancelled when others are asked for. */
let current = new AbortController();
let isAtTop = true;
let refreshTimer: ReturnType<typeof setTimeout> | undefined;
let isStale = false;
/** Somebody removed rows, or brought some back: any of those that are shown may be others. */
let hasOtherRows = false;
let olderWanted = 0;
let isFetchingOlder = false;

/** Fetches the newest rows; those that are shown go when they are there. */
export async function loadNewest(): Promise<void> {
  current.abort();
  const mine = current = new AbortController();
  isLoading.value = true;
  try {
    const page = await askRows({ limit: FIRST_ROWS, filter: filter.value }, mine.signal);
    batch(() => {
      list.value = begunWith(page);
      if (filter.value === "" && page.total !== undefined) historyTotal.value = page.total;
    });
  } catch (error) {
    if (!mine.signal.aborted) complain(error);
  } finally {
    if (mine === current) isLoading.value = false;
  }
}

/** Fetches older rows until that many are held, or there are no more. */
export async function loadOlder(count: number): Promise<void> {
  olderWanted = Math.min(HELD_LIMIT, Math.max(olderWanted, count));
  if (isFetchingOlder || isLoading.value) return;
  isFetchingOlder = true;
  const mine = current;
  try {
    while (list.value.hasMore && list.value.rows.length < olderWanted && !mine.signal.aborted) {
      const before = list.value.rows.at(-1)?.row;
      const page = await askRows({ before, limit: MORE_ROWS, filter: filter.value }, mine.signal);
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

/** Fetches all rows that match, as many as are held. */
export function loadAll(): Promise<void> {
  return loadOlder(HELD_LIMIT);
}

/** Tells where the table stands: new rows are put on top only where they move nothing that is being read. */
export function setAtTop(atTop: boolean): void {
  if (atTop === isAtTop) return;
  isAtTop = atTop;
  if (isAtTop && isFollowing.value && list.value.newer > 0) loadNewest();
}

/** Shows the newest rows, and new ones as they come. */
export function follow(): void {
  batch(() => {
    isFollowing.value = true;
    sort.value = NEWEST_FIRST;
  });
  isAtTop = true;
  loadNewest();
}

/** Takes in what the program says of new rows. */
export function receiveRows(event: LiveEvent & { readonly type: "rows" }, nowMs: number): void {
  batch(() => {
    historyTotal.value = event.total;
    incoming.add(event.added, nowMs);
    rate.value = incoming.perSecond(nowMs);
    isSampled.value = event.added > event.rows.length;
    const isShown = isFollowing.value && isAtTop && isNewestFirst(sort.value);
    if (!isShown) list.value = { ...list.value, newer: list.value.newer + event.added };
    else if (needsAsking(event)) {
      hasOtherRows ||= event.added === 0;
      refreshSoon();
    } else list.value = withNewer(list.value, event.rows, event.added, event.total);
  });
}

/** Whether the rows of an event cannot be put on top as they are: a search, a removal, or rows are being asked for. */
function needsAsking({ added }: { readonly added: number }): boolean {
  return added === 0 || filter.value !== "" || isLoading.value || refreshTimer !== undefined;
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
  const mine = current;
  const beginsAnew = hasOtherRows;
  hasOtherRows = false;
  try {
    const page = await askRows({ limit: FIRST_ROWS, filter: filter.value }, mine.signal);
    list.value = beginsAnew ? begunWith(page) : refreshed(list.value, page);
  } catch (error) {
    if (!mine.signal.aborted) complain(error);
  }
}
