/**
 * The records that the page receives, as lines of the JSON log have them (`static/record.schema.json`). Types only: the
 * server writes these lines itself, so they are taken at their word.
 */
import type {
  ConnectionEnd,
  Direction,
  FaultNote,
  Outcome,
  Timings,
  TlsInfo,
} from "../../../capture/record.ts";
import type { Flag } from "../../../http/flags.ts";

/** A field as a pair of its name and its value. */
export type FieldJson = readonly [name: string, value: string];

/** Bytes, as text where that stands for exactly them. */
export interface ContentJson {
  /** How many there were. */
  readonly bytes: number;
  /** Their text. */
  readonly text?: string;
  /** The bytes, where no text stands for them. */
  readonly base64?: string;
  /** Whether there were more than are here. */
  readonly truncated?: boolean;
}

/** What a content coding hid. */
export interface DecodedJson extends ContentJson {
  /** Why not all of it could be decoded. */
  readonly error?: string;
}

/** A body, transfer coding taken off. */
export interface BodyJson extends ContentJson {
  /** What it holds once its content codings are taken off. */
  readonly decoded?: DecodedJson;
}

/** What requests and responses have in common. */
export interface MessageJson {
  /** Version as written, for example `HTTP/1.1`. */
  readonly version: string;
  /** Fields in wire order. */
  readonly headers: readonly FieldJson[];
  /** The head in base64, where writing it anew would give other bytes. */
  readonly head?: string;
  /** The body. */
  readonly body: BodyJson;
  /** Trailer fields. */
  readonly trailers?: readonly FieldJson[];
  /** Whether secrets in it were replaced. */
  readonly redacted?: boolean;
}

/** A request. */
export interface RequestJson extends MessageJson {
  /** Its method. */
  readonly method: string;
  /** Its target. */
  readonly target: string;
  /** Fields as they were sent on instead of the client's. */
  readonly rewritten?: readonly FieldJson[];
}

/** A response. */
export interface ResponseJson extends MessageJson {
  /** Its status. */
  readonly status: number;
  /** Its reason phrase. */
  readonly reason: string;
}

/** What SOAP says. */
export interface SoapJson {
  /** The operation that is called. */
  readonly operation?: string;
  /** Version of SOAP. */
  readonly version: string;
  /** The action that the request names. */
  readonly action?: string;
  /** The Fault of the response. */
  readonly fault?: {
    readonly code: string;
    readonly subcodes?: readonly string[];
    readonly string?: string;
    readonly actor?: string;
  };
  /** WS-Addressing MessageID. */
  readonly messageId?: string;
  /** WS-Addressing RelatesTo. */
  readonly relatesTo?: readonly string[];
  /** Id of the exchange that it answers. */
  readonly repliesTo?: number;
}

/** What is known of TLS with both ends. */
export interface TlsJson {
  /** With the client. */
  readonly client?: TlsInfo;
  /** With the target. */
  readonly target?: TlsInfo;
}

/** What all records say of where they come from. */
export interface OriginJson {
  /** Id of the connection. */
  readonly connection: number;
  /** Address of the listener. */
  readonly listener: string;
  /** Address of the client. */
  readonly client: string;
  /** The target as configured. */
  readonly target: string;
  /** When it happened, RFC 3339. */
  readonly time: string;
}

/** An exchange. */
export interface ExchangeJson extends OriginJson {
  /** Tells the kinds of record apart. */
  readonly type: "exchange";
  /** Its id. */
  readonly id: number;
  /** The request, where there was one. */
  readonly request?: RequestJson;
  /** Interim responses. */
  readonly interim?: readonly Omit<ResponseJson, "body">[];
  /** The response, where there was one. */
  readonly response?: ResponseJson;
  /** Durations in ms. */
  readonly ms: Timings;
  /** How it ended. */
  readonly outcome: Outcome;
  /** What went wrong, in words. */
  readonly error?: string;
  /** What is odd about it. */
  readonly flags: readonly Flag[];
  /** What a simulated link did to it. */
  readonly faults?: readonly FaultNote[];
  /** What SOAP says. */
  readonly soap?: SoapJson;
}

/** A connection that carried something else than HTTP: its beginning, or its end. */
export interface ConnectionJson extends OriginJson {
  /** Tells the kinds of record apart. */
  readonly type: "connection";
  /** What happened. */
  readonly event: "opened" | "client-hello" | "closed";
  /** Bytes from client to target. */
  readonly up?: number;
  /** Bytes from target to client. */
  readonly down?: number;
  /** Durations in ms. */
  readonly ms?: Timings | { readonly connect?: number; readonly tls?: number; readonly total?: number };
  /** How it ended. */
  readonly end?: ConnectionEnd;
  /** How many exchanges it carried. */
  readonly exchanges?: number;
  /** What went wrong, in words. */
  readonly error?: string;
  /** What a simulated link did to it. */
  readonly faults?: readonly FaultNote[];
  /** What is known of TLS; of a `client-hello` what the client offers. */
  readonly tls?: TlsJson;
}

/** A read of a connection that is not HTTP. */
export interface DataJson extends OriginJson, ContentJson {
  /** Tells the kinds of record apart. */
  readonly type: "data";
  /** Which way it went. */
  readonly direction: Direction;
  /** Where in its direction it stands. */
  readonly offset: number;
}

/** A WebSocket message or a server-sent event. */
export interface StreamMessageJson extends OriginJson, ContentJson {
  /** Tells the kinds of record apart. */
  readonly type: "message";
  /** Of which protocol it is. */
  readonly protocol: "websocket" | "sse";
  /** Which way it went. */
  readonly direction: Direction;
  /** Its number in its direction. */
  readonly index: number;
  /** What kind of WebSocket message it is. */
  readonly opcode?: string;
  /** How many frames carried it. */
  readonly frames?: number;
  /** How many bytes it had while it was compressed. */
  readonly compressedBytes?: number;
  /** Status of a close frame. */
  readonly closeCode?: number;
  /** Name of a server-sent event. */
  readonly event?: string;
  /** Its id. */
  readonly lastEventId?: string;
  /** Its retry time in ms. */
  readonly retry?: number;
  /** What could not be read of it. */
  readonly error?: string;
}

/** What a timeline is made of. */
export type TimelineJson = DataJson | StreamMessageJson | ConnectionJson;
