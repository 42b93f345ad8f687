/**
 * What the viewer's server and its page say to each other: JSON over HTTP, and server-sent events. Types only, so that
 * both sides can import them.
 *
 *     GET    /api/state                          → ViewerState
 *     GET    /api/rows?before&after&limit&filter → RowPage, newest first
 *     GET    /api/rows/:id                       → ExchangeView
 *     GET    /api/rows/:id/body/:part?from&to    → bytes (application/octet-stream), part: request, response
 *     GET    /api/rows/:id/messages?after&limit  → MessagePage
 *     GET    /api/events                         → LiveEvent, as server-sent events
 *     DELETE /api/rows                           (RemoveRequest) → RemoveResult
 *     POST   /api/rows/undo                      → RemoveResult
 *
 * Rows are newest first; those that follow `after` are next to it. A body is given as it was sent (content codings left
 * on) as far as it was kept, `from` included and `to` not. Messages are oldest first, those behind row `after`.
 *
 * An error is {@link ApiError} with its status: 400 what cannot be read, 401 no cookie, or an old one, 403 a foreign page,
 * or readonly, 404, 413, 415, 429, 500 the history cannot be read, 503 too many event streams. Changes (all but GET) have
 * `Content-Type: application/json` and are at most 64 KiB long.
 */

/** Why something was refused. */
export interface ApiError {
  /** One line for people. */
  readonly error: string;
  /** Of a filter that cannot be read: where the trouble begins and how far it goes, in UTF-16 units. */
  readonly place?: { readonly position: number; readonly length: number };
}

/** What the page needs to know first. */
export interface ViewerState {
  /** Version of the program. */
  readonly version: string;
  /** What listens, in words, for example `127.0.0.1:8081 → localhost:8080`. Empty: a saved capture is shown. */
  readonly listeners: readonly ListenerView[];
  /** Names of the files that are shown, where saved captures are. */
  readonly files: readonly string[];
  /** Whether nothing can be changed from the page. */
  readonly readonly: boolean;
  /** Keys of the filter language, with a line of help each. */
  readonly filterKeys: readonly { readonly key: string; readonly help: string }[];
}

/** Something that listens. */
export interface ListenerView {
  /** Its address, for example `127.0.0.1:8081`. */
  readonly address: string;
  /** Where a relay leads; absent: it is a proxy. */
  readonly target?: string;
}

/** One row of the table. */
export interface RowView {
  /** Number of the row in the history: larger ones are newer. */
  readonly row: number;
  /** What kind of record it is. */
  readonly type: "exchange" | "stream";
  /** Id of the exchange, as the log has it; absent for a stream. */
  readonly id?: number;
  /** Id of its connection. */
  readonly connection: number;
  /** When it began, ms since the epoch. */
  readonly at: number;
  /** The client's address. */
  readonly client: string;
  /** The target as configured. */
  readonly target: string;
  /** Address of the listener. */
  readonly listener: string;
  /** Request method. */
  readonly method?: string;
  /** Request target, or what a stream is. */
  readonly url?: string;
  /** Value of Host. */
  readonly host?: string;
  /** Status of the response. */
  readonly status?: number;
  /** Media type of the response, without parameters. */
  readonly mime?: string;
  /** Bytes of the request's and the response's bodies; of a stream, up and down. */
  readonly up?: number;
  /** The other way. */
  readonly down?: number;
  /** Durations in ms, as in the log. */
  readonly ms?: {
    readonly connect?: number;
    readonly send?: number;
    readonly wait?: number;
    readonly receive?: number;
    readonly total?: number;
  };
  /** How it ended. */
  readonly outcome: string;
  /** What a SOAP exchange is about: its operation. */
  readonly operation?: string;
  /** The Fault of a SOAP exchange: code and text. */
  readonly fault?: string;
  /** Whether something is odd about it (flags, faults of a simulated link). */
  readonly isOdd?: boolean;
}

/** Rows, newest first. */
export interface RowPage {
  /** The rows. */
  readonly rows: readonly RowView[];
  /** Whether there are older ones that match. */
  readonly hasMore: boolean;
  /** How many rows there are that match, where that is known. */
  readonly total?: number;
}

/** Everything about one exchange: its record as the JSON log has it, and what it holds in words. */
export interface ExchangeView {
  /** Its row. */
  readonly row: RowView;
  /** The record, as a line of the JSON log has it; bodies are cut to what a page shows at once. */
  readonly record: unknown;
  /** Whether bodies were cut for the page, so that more can be had as bytes. */
  readonly cut: { readonly request: boolean; readonly response: boolean };
  /** How many WebSocket messages, events and reads of a stream belong to it. */
  readonly messages: number;
}

/** Messages of an exchange, oldest first. */
export interface MessagePage {
  /** The records, as lines of the JSON log have them. */
  readonly messages: readonly { readonly row: number; readonly record: unknown }[];
  /** Whether there are more behind them. */
  readonly hasMore: boolean;
}

/** What happens while the page is open. */
export type LiveEvent =
  /** There are new rows: how many there are in all, and the newest of them, at most some tens. */
  | {
    readonly type: "rows";
    readonly total: number;
    readonly newest: number;
    /** How many were stored since the last event; more than `rows` has where it samples. */
    readonly added: number;
    readonly rows: readonly RowView[];
  }
  /** The listeners changed. */
  | { readonly type: "state" }
  /** Records could not be stored: how many in all, and why. */
  | { readonly type: "lost"; readonly count: number; readonly reason: string };

/** Which rows to remove: these, or all. */
export interface RemoveRequest {
  /** Rows by number; absent: all. */
  readonly rows?: readonly number[];
}

/** What became of it. */
export interface RemoveResult {
  /** How many rows were removed, or brought back. */
  readonly count: number;
}
