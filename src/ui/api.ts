/**
 * What the viewer's server and its page say to each other: JSON over HTTP, and server-sent events. Types only, so that
 * both sides can import them.
 *
 *     GET    /api/state                          → ViewerState
 *     GET    /api/rows?before&after&limit&filter → RowPage, newest first
 *     GET    /api/rows?sort&offset&order&limit&filter → RowPage, in the order of a column ({@link SortKey}; `-` before it:
 *                                                  larger values first)
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
 *     GET    /api/active/messages?listener&client&connection&id&after&limit → MessagePage, of an {@link ActiveView}
 *     POST   /api/open?name                      (the bytes of a file) → OpenedView
 *     POST   /api/listeners                      (ListenerSettings) → ListenerView
 *     PUT    /api/listeners/:id?revision         (ListenerSettings) → ListenerView
 *     POST   /api/listeners/:id/start            → ListenerView
 *     POST   /api/listeners/:id/stop             → ListenerView
 *     DELETE /api/listeners/:id                  → {}
 *     GET    /api/config                         → a config file with the listeners as they are, as a download
 *
 * Rows are newest first; those that follow `after` are next to it. A body is given as it was sent (content codings left
 * on) as far as it was kept, `from` included and `to` not. Messages are oldest first, those behind row `after`. An export
 * without `rows` and `filter` has everything; with them, the rows that are named and match, and what belongs to them.
 *
 * Rows in an order stand as they stood when they were first asked for: a page gives the number of that `order`, which
 * the following ones ask for; where it is not known any more, they get another one and begin anew.
 *
 * A request may name the run whose numbers it uses, in the field `Tcpmon-Run` or as `?run=`: where the program was started
 * again since, it gets 409, and nothing is done.
 *
 * An error is {@link ApiError} with its status: 400 what cannot be read, 401 no cookie, or an old one, 403 a foreign page,
 * or readonly, 404, 409 an address that cannot be had, a listener that was changed meanwhile, or another run, 413, 415,
 * 429, 500 the history cannot be read, 503 too many event streams, or requests being sent. Changes (all but GET) have
 * `Content-Type: application/json` and are at most 64 KiB long, a request to be sent 8 MiB. A file to be opened has
 * `Content-Type: application/octet-stream`, which no form of a foreign page can send either.
 */

/** Why something was refused. */
export interface ApiError {
  /** One line for people. */
  readonly error: string;
  /** Of a filter that cannot be read: where the trouble begins and how far it goes, in UTF-16 units. */
  readonly place?: { readonly position: number; readonly length: number };
  /** Of settings of a listener: which of them cannot be used, for example `listen` or `link.rate`. */
  readonly field?: string;
}

/** What the page needs to know first. */
export interface ViewerState {
  /** Tells this run of the program from others, whose rows and listeners have other numbers. */
  readonly run: string;
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
    /** Add, change, stop, start and remove listeners. */
    readonly admin: boolean;
    /** Take captures as files. */
    readonly open: boolean;
  };
  /** Kinds of link by their names, with their figures in words. */
  readonly linkPresets: readonly { readonly name: string; readonly help: string }[];
  /** Keys of the filter language, with a line of help each. */
  readonly filterKeys: readonly { readonly key: string; readonly help: string }[];
}

/** Something that listens, or did and was stopped. */
export interface ListenerView {
  /** Its number in this run. */
  readonly id: number;
  /** How often it was set anew; absent: never. A change that names an older one is refused. */
  readonly revision?: number;
  /** Its address, for example `127.0.0.1:8081`: the one that was bound, else the one that was asked for. */
  readonly address: string;
  /** Where a relay leads; absent: it is a proxy. */
  readonly target?: string;
  /** Whether it listens. */
  readonly isListening: boolean;
  /** Why it does not, where that is not because it was stopped. One line. */
  readonly error?: string;
  /** How it was set. Of an upstream proxy's URL the password is `***`, which given back means: as it was. */
  readonly settings: ListenerSettings;
  /** The upstream proxy that is in force, without its password: its own, or the program's. */
  readonly upstreamProxy?: string;
  /** The simulated link that is in force, in words; absent: there is none. */
  readonly link?: string;
  /** What to know of it, a line each: that other machines reach it, for example. */
  readonly notes: readonly string[];
}

/** How a listener is set: as on the command line, as text. */
export interface ListenerSettings {
  /** A relay leads to one target; to a proxy its clients say where. */
  readonly kind: "relay" | "proxy";
  /** LISTEN. */
  readonly listen: string;
  /** TARGET of a relay. */
  readonly target?: string;
  /** What becomes of the Host field of requests to a relay; absent: what TARGET has it. */
  readonly host?: "keep" | "target";
  /** Whether any certificate of the relay's target will do; absent: as the program's options have it. */
  readonly insecure?: boolean;
  /** URL of the proxy to reach targets through; `""`: none; absent: as the program's options have it. */
  readonly upstreamProxy?: string;
  /** Targets to reach without it, as host patterns. */
  readonly noProxy?: string;
  /** The simulated link; absent: as the program's options have it. */
  readonly link?: LinkSettings;
}

/** A simulated link, each part as its option takes it. All of them empty or absent: none. */
export interface LinkSettings {
  /** Name of a kind of link, for example `3g`. */
  readonly link?: string;
  /** TCPMon's pair: bytes … */
  readonly bytesPerPause?: string;
  /** … and how long to pause after them, for example `100ms`. */
  readonly delay?: string;
  /** For example `1600kbit`. */
  readonly rate?: string;
  /** For example `150ms`. */
  readonly latency?: string;
  /** For example `20ms`. */
  readonly jitter?: string;
  /** Bytes that vanish, for example `10/64k`. */
  readonly dropBytes?: string;
  /** What goes wrong, for example `reset@10%,status=503@5%`. */
  readonly fault?: string;
  /** Makes chance repeat: a whole number. */
  readonly seed?: string;
}

/** An exchange, or a stream, that is under way: what a row has, as far as it is known. */
export interface ActiveView extends
  Pick<
    RowView,
    | "type"
    | "connection"
    | "at"
    | "client"
    | "target"
    | "listener"
    | "method"
    | "url"
    | "host"
    | "status"
    | "mime"
  > {
  /** Id of the exchange, as the log will have it; absent for a stream. */
  readonly id?: number;
  /** Bytes so far: of the request's body, or of a stream from client to target. */
  readonly up: number;
  /** The other way. */
  readonly down: number;
}

/** A column that rows can be sorted by; `timing` is how long the response was waited for. */
export type SortKey =
  | "row"
  | "state"
  | "time"
  | "client"
  | "target"
  | "method"
  | "url"
  | "status"
  | "type"
  | "up"
  | "down"
  | "elapsed"
  | "timing";

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

/** Rows, newest first, or in the order of a column. */
export interface RowPage {
  /** The rows. */
  readonly rows: readonly RowView[];
  /** Whether there are older ones that match. */
  readonly hasMore: boolean;
  /** How many rows there are that match, where that is known. */
  readonly total?: number;
  /** Of rows in an order: its number, to go on in it. */
  readonly order?: number;
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
  /** The record of its connection's opening, where there is one: it tells of TLS. */
  readonly opened?: unknown;
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
  /** What is under way, newest first, at most some tens of how many there are in all. */
  | { readonly type: "active"; readonly rows: readonly ActiveView[]; readonly total: number }
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

/** A file that was opened. What cannot be read at all is an {@link ApiError} with 400. */
export interface OpenedView {
  /** Its name. */
  readonly name: string;
  /** How many records it had. */
  readonly records: number;
  /** How many rows of the table they are. */
  readonly rows: number;
  /** What could not be read of it, a line each, the first ones. */
  readonly problems: readonly string[];
}
