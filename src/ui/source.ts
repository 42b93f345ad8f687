/**
 * What the viewer reads and changes: a history, live or of saved captures. The viewer knows this shape alone; the
 * program puts it before the history that there is.
 */
import type { ActiveView, ExchangeView, LiveEvent, MessagePage, RowPage, SortKey } from "./api.ts";

/** An answer that is there at once, or comes from a worker. */
export type Answer<Value> = Value | Promise<Value>;

/** Which rows are wanted. */
export interface PageQuery {
  /** Rows older than this one. */
  readonly before?: number;
  /** Rows newer than this one: those next to it. Without both: the newest ones. */
  readonly after?: number;
  /** How many at most, from 1. */
  readonly limit: number;
  /** A filter expression that can be read; absent: all rows. */
  readonly filter?: string;
  /** Whoever asks has gone: then it may reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Which rows are wanted, in the order of a column. */
export interface OrderQuery {
  /** The column. */
  readonly key: SortKey;
  /** Whether larger values come first. Rows without a value come last either way, equal ones newest first. */
  readonly isFalling: boolean;
  /** How many rows to pass over. */
  readonly offset: number;
  /** How many at most, from 1. */
  readonly limit: number;
  /** A filter expression that can be read; absent: all rows. */
  readonly filter?: string;
  /** Number of the order that the page before was in; where it is not known any more, another one is begun. */
  readonly order?: number;
  /** Whoever asks has gone: then it may reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Which side of a connection what is under way belongs to. */
export type ActiveKey = Pick<ActiveView, "id" | "connection" | "listener" | "client">;

/** Which body of an exchange. */
export type BodyPart = "request" | "response";

/** A history. Where it cannot be read or written, methods throw (or reject with) an `Error` of one line for people. */
export interface HistorySource {
  /** Rows, newest first, also those that follow `after`; `hasMore` is about the side that was asked for. */
  page(query: PageQuery): Answer<RowPage>;

  /**
   * Rows in the order of a column, as they were when that order was begun; `hasMore` is about those that follow. May throw
   * `Refused`, with 503 where too many orders are waited for.
   */
  ordered(query: OrderQuery): Answer<RowPage>;

  /**
   * Everything about one row, bodies cut to `bodyLimitBytes`; `undefined`: there is no such row.
   */
  view(row: number, bodyLimitBytes: number): Answer<ExchangeView | undefined>;

  /**
   * Bytes of a body as it was sent, transfer coding taken off and content codings left on, from `from` to before `to`;
   * fewer where it ends before. `undefined`: there is no such row, or no such message.
   */
  body(row: number, part: BodyPart, from: number, to: number): Answer<Uint8Array | undefined>;

  /** Messages of an exchange, or reads of a stream, whose row is above `after`, oldest first. */
  messages(row: number, after: number, limit: number): Answer<MessagePage>;

  /** Messages of what is under way, whose row is above `after`, oldest first. */
  activeMessages(key: ActiveKey, after: number, limit: number): Answer<MessagePage>;

  /** Removes these rows, or all (`undefined`). @returns How many went. */
  remove(rows: readonly number[] | undefined): Answer<number>;

  /** Brings back what the last {@link remove} took, as far as it is still there. @returns How many came back. */
  undo(): Answer<number>;

  /**
   * Tells the listener what happens, until the returned function is called. Events may come in any number: each browser
   * gets them sampled. A listener never throws and never waits.
   */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}
