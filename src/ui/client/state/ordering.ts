/// <reference lib="dom" />
/** Fetches rows in the order of a column: the lines that are looked at, wherever they are, and not those before them. */
import type { RowPage } from "../../api.ts";
import {
  missingCount,
  missingPage,
  orderBegun,
  type OrderedList,
  type OrderWish,
  PAGE_LINES,
  withOrderedPage,
} from "./order_list.ts";
import { askOrder } from "./server.ts";
import { list, ordered } from "./store.ts";
import { complain } from "./toasting.ts";

/** How many lines are fetched at once for a selection: as many as can be removed at once. */
const SELECTED_LIMIT = 5000;

interface Lines {
  readonly first: number;
  readonly end: number;
}

/** Belongs to the order that is shown: cancelled when another one is asked for. */
let current = new AbortController();
/** The lines that somebody looks at. */
let seen: Lines = { first: 0, end: 0 };
let isFetching = false;

/**
 * Has an order made.
 *
 * @param wish Which one.
 * @param keepsPlace Whether it is wanted from the lines on that somebody looks at, not from its top.
 */
export async function beginOrder(
  wish: OrderWish,
  keepsPlace: boolean,
  signal: AbortSignal,
): Promise<OrderedList> {
  current.abort();
  current = new AbortController();
  const offset = keepsPlace ? seen.first - seen.first % PAGE_LINES : 0;
  const page = await askOrder({ ...wish, offset, limit: PAGE_LINES }, signal);
  // What was looked at may lie behind the end by now: then the end is fetched once somebody looks at it.
  return orderBegun(wish, page, offset);
}

/** The order is not shown any more. */
export function leaveOrder(): void {
  current.abort();
  ordered.value = undefined;
}

/** Somebody looks at these lines: whatever of them is missing is fetched, the latest first that were asked for. */
export async function lookAt(first: number, end: number): Promise<void> {
  seen = { first, end };
  if (isFetching) return;
  isFetching = true;
  try {
    await fetchMissing(() => seen);
  } catch (error) {
    complain(error);
    // What failed is not tried again by itself: the next movement asks anew.
  } finally {
    isFetching = false;
  }
}

/**
 * Fetches lines, so that they can be selected; not very many.
 *
 * @returns How many of them are missing all the same.
 */
export async function fetchLines(first: number, end: number): Promise<number> {
  try {
    if (ordered.value !== undefined && missingCount(ordered.value, first, end) <= SELECTED_LIMIT) {
      await fetchMissing(() => ({ first, end }));
    }
  } catch (error) {
    complain(error);
  }
  return ordered.value === undefined ? 0 : missingCount(ordered.value, first, end);
}

async function fetchMissing(wanted: () => Lines): Promise<void> {
  const { signal } = current;
  while (ordered.value !== undefined) {
    const { wish, order } = ordered.value;
    const { first, end } = wanted();
    const offset = missingPage(ordered.value, first, end);
    if (offset === undefined) return;
    let page: RowPage;
    try {
      const query = { ...wish, offset, limit: PAGE_LINES };
      page = await askOrder({ ...query, ...order !== undefined && { order } }, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted || ordered.value === undefined) return;
    if (page.order === ordered.value.order) {
      ordered.value = withOrderedPage(ordered.value, page, offset);
    } else {
      // The program does not know the order any more, and has made it anew: what is newer is in it.
      ordered.value = orderBegun(wish, page, offset);
      list.value = { ...list.value, newer: 0 };
    }
  }
}
