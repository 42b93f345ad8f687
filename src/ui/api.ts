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
 *     GET    /api/export?as&filter&rows=1,2,3    → a file, as a download, as: {@link ExportFormat}
 *     GET    /api/compare?before&after           → CompareView, of two rows
 *     POST   /api/resend                         (ResendRequest) → SentView
 *     POST   /api/send                           (SendRequest) → SentView
 *
 * Rows are newest first; those that follow `after` are next to it. A body is given as it was sent (content codings left
 * on) as far as it was kept, `from` included and `to` not. Messages are oldest first, those behind row `after`. An export
 * without `rows` and `filter` has everything; with them, the rows that are named and match, and what belongs to them.
 *
 * An error is {@link ApiError} with its status: 400 what cannot be read, 401 no cookie, or an old one, 403 a foreign page,
 * or readonly, 404, 413, 415, 429, 500 the history cannot be read, 503 too many event streams, or requests being sent.
 * Changes (all but GET) have `Content-Type: application/json` and are at most 64 KiB long, a request to be sent 8 MiB.
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
  /** What the page may offer besides looking. */
  readonly can: {
    /** Send requests, and send captured ones again. */
    readonly send: boolean;
    /** Give rows as files. */
    readonly export: boolean;
    /** Compare two rows. */
    readonly compare: boolean;
  };
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

/** What rows are saved as: HAR 1.2, JSON lines, TCPMon's text, commands of curl, or a table. */
export type ExportFormat = "har" | "json" | "tcpmon" | "curl" | "csv";

/** Two exchanges side by side. */
export interface CompareView {
  /** The one that came first. */
  readonly before: RowView;
  /** The other one. */
  readonly after: RowView;
  /** What differs, requests before responses; long values are excerpts. */
  readonly differences: readonly DifferenceView[];
  /** The steps that took place in either. */
  readonly timings: readonly TimingDifference[];
  /** What could not be compared, a line each. */
  readonly notes: readonly string[];
}

/** One difference between two exchanges. */
export interface DifferenceView {
  /** Which message it is in. */
  readonly part: "request" | "response";
  /** Where in it: method, target, version, status, reason, header, trailer, body or outcome. */
  readonly where: string;
  /** Of a field its name; of a body a JSONPath, an XPath, `line 12` or `byte 512`. Absent: all of it. */
  readonly path?: string;
  /** What happened to it. */
  readonly kind: "changed" | "added" | "removed" | "moved";
  /** What it was. */
  readonly before?: string;
  /** What it is. */
  readonly after?: string;
}

/** One step of two exchanges, in ms. */
export interface TimingDifference {
  /** Which step, by its name in the log. */
  readonly step: string;
  /** How long it took before; absent: it did not take place. */
  readonly beforeMs?: number;
  /** How long it took after. */
  readonly afterMs?: number;
  /** By how much longer it took after; absent unless both took place. */
  readonly differenceMs?: number;
}

/** A captured request is to be sent as it was, byte for byte. */
export interface ResendRequest {
  /** Its row. */
  readonly row: number;
  /** Where to: `http://HOST:PORT`, `https://…` or `HOST:PORT`, which gets its own Host; absent: where it went. */
  readonly to?: string;
}

/** A request is to be made and sent. */
export interface SendRequest {
  /** Its method. */
  readonly method: string;
  /** Where to, beginning with `http://` or `https://`. */
  readonly url: string;
  /** Fields in order, names and values. Content-Length is left out: the body has the one that it has. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /**
   * The body, as text or as bytes; neither, or nothing: there is none. Text is encoded as Content-Encoding among the
   * fields says, where this program can; bytes are sent as they are.
   */
  readonly body: { readonly text?: string; readonly base64?: string };
  /** Connect there instead of to the host of the URL, as in {@link ResendRequest}; the request stays the same. */
  readonly to?: string;
  /** The row that it was made of. */
  readonly from?: number;
  /** The version of SOAP: what is no envelope is put into one, and fields that are not given are added. */
  readonly soap?: "1.1" | "1.2";
  /** What the SOAP request asks for; without a version it is one of SOAP 1.1. */
  readonly soapAction?: string;
}

/** A request that was sent. What cannot be sent at all is an {@link ApiError} with 400. */
export interface SentView {
  /** The row of the exchange, once it is stored. Its listener is `viewer`, or `viewer, resend of #17` (an exchange's id). */
  readonly row?: number;
  /** The exchange as a line of the JSON log has it, bodies cut as in {@link ExchangeView}. */
  readonly record?: unknown;
  /** What went wrong, in words: nobody answered, or not to the end, or the answer could not be stored. */
  readonly error?: string;
}
