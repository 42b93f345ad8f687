/** What is asked of rows in the order of a column, and what is answered. */
import type { HistoryRow } from "./history_row.ts";

/**
 * What rows are ordered by: `id` (when they were stored), when it was (`at`), how an exchange or a connection ended (`outcome`), the media
 * type of the response (`mime`), bytes of the request's and the response's body (`up`, `down`), how long it took in all
 * (`duration`), how long the response was waited for (`wait`), or what it says.
 */
export type OrderKey =
  | "id"
  | "at"
  | "outcome"
  | "client"
  | "target"
  | "method"
  | "url"
  | "status"
  | "mime"
  | "up"
  | "down"
  | "duration"
  | "wait";

/** Which rows are wanted. */
export interface OrderRequest {
  /** What they are ordered by. */
  readonly key: OrderKey;
  /** Whether larger values come first. Rows without a value come last either way, equal ones newest first. */
  readonly isFalling: boolean;
  /** How many rows of the order to pass over. */
  readonly offset: number;
  /** How many at most, from 1. */
  readonly limit: number;
  /** A filter expression; absent or "": all rows. */
  readonly filter?: string;
  /** Number of the order that the page before was in; where it is not known any more, another one is begun. */
  readonly order?: number;
}

/** Rows in an order. */
export interface OrderedPage {
  /** The rows; those that were removed or let go of since the order was made are passed over. */
  readonly rows: readonly HistoryRow[];
  /** How many rows the order has, as it was made. */
  readonly total: number;
  /** Whether more follow. */
  readonly hasMore: boolean;
  /** Number of the order, to go on in it. */
  readonly order: number;
}
