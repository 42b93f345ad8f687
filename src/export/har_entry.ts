/**
 * One entry of a HAR: an exchange. Beyond HAR 1.2, names that begin with `_` hold what it has no place for: `_error` and
 * `_resourceType` as browsers write them, and everything else in `_tcpmon`.
 *
 * Connections repeat their heads, and readers of logs hand out the same object again: what it became is copied then.
 */
import type {
  ConnectionInfo,
  ExchangeRecord,
  RequestMessage,
  ResponseMessage,
  Timings,
} from "../capture/record.ts";
import { fieldValue, type RequestHead, type ResponseHead } from "../http/head.ts";
import { ByteWriter } from "../log/byte_writer.ts";
import { JsonMemo } from "../log/json_memo.ts";
import { writeJsonString } from "../log/json_string.ts";
import { JsonTime } from "../log/json_time.ts";
import type { Note } from "./exporter.ts";
import { writeContent, writePostData } from "./har_content.ts";
import { writeDetails } from "./har_details.ts";
import { writePairs, writeParameters, writeRequestCookies, writeResponseCookies } from "./har_fields.ts";
import { headSize } from "./har_head_size.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const OPEN = encode('{"startedDateTime":"');
const TIME = encode('","time":');
const REQUEST = encode(',"request":{"method":');
const URL = encode(',"url":');
const VERSION = encode(',"httpVersion":');
const COOKIES = encode(',"cookies":');
const HEADERS = encode(',"headers":');
const QUERY = encode(',"queryString":');
const HEADERS_SIZE = encode(',"headersSize":');
const BODY_SIZE = encode(',"bodySize":');
const RESPONSE = encode(',"response":{"status":');
const STATUS_TEXT = encode(',"statusText":');
const REDIRECT = encode(',"redirectURL":');
const CONTENT = encode(',"content":');
const ERROR = encode(',"_error":');
const TIMINGS = encode(',"cache":{},"timings":{"blocked":-1,"dns":-1,"connect":');
const SSL = encode(',"ssl":');
const SEND = encode(',"send":');
const WAIT = encode(',"wait":');
const RECEIVE = encode(',"receive":');
const NOT_APPLICABLE = encode("-1");
const WEBSOCKET = encode(',"_resourceType":"websocket"');
const NO_REQUEST = encode(
  ',"httpVersion":"","cookies":[],"headers":[],"queryString":[],"headersSize":-1,"bodySize":-1}',
);
const NO_RESPONSE = encode(
  ',"response":{"status":0,"statusText":"","httpVersion":"","cookies":[],"headers":[],"content":{"size":0,' +
    '"mimeType":"x-unknown"},"redirectURL":"","headersSize":-1,"bodySize":-1,"_error":',
);
const BRACE_CLOSE = 0x7d;

/** What the entries of a connection have in common. */
interface ConnectionMemo {
  /** What follows the durations: the server's address, the connection, and the beginning of `_tcpmon`. */
  readonly place: Uint8Array;
  readonly request: JsonMemo<RequestHead>;
  readonly response: JsonMemo<ResponseHead>;
  /** The URL that the last request head was written with. */
  url: string;
}

/** Writes the entries of one HAR. */
export class HarEntryWriter {
  readonly #time = new JsonTime();
  readonly #limitBytes: number;
  readonly #note: Note;
  readonly #memos = new WeakMap<ConnectionInfo, ConnectionMemo>();

  /**
   * Makes the writer.
   *
   * @param limitBytes How many bytes of a decoded body to keep.
   */
  constructor(limitBytes: number, note: Note) {
    this.#limitBytes = limitBytes;
    this.#note = note;
  }

  /** Appends an entry as an object that is left open, for the messages that followed. */
  open(out: ByteWriter, record: ExchangeRecord, url: string): void {
    const { request, response, ms } = record;
    const memo = this.#memo(record.connection);
    out.bytes(OPEN);
    this.#time.write(out, record.at);
    out.bytes(TIME);
    out.milliseconds(timeOf(ms));
    if (request === undefined) writeNoRequest(out, url);
    else this.#request(out, request, url, memo);
    if (response === undefined) writeNoResponse(out, record);
    else this.#response(out, response, record.error, memo);
    writeTimings(out, ms);
    out.bytes(memo.place);
    writeDetails(out, record);
    if (isWebSocket(record)) out.bytes(WEBSOCKET);
  }

  #request(out: ByteWriter, request: RequestMessage, url: string, memo: ConnectionMemo): void {
    const write = (to: ByteWriter, head: RequestHead) => writeRequestHead(to, head, url);
    if (memo.url === url) memo.request.write(out, request.head, write);
    else write(out, request.head);
    memo.url = url;
    out.integer(request.body.bytes);
    writePostData(out, request, this.#limitBytes, this.#note);
    out.byte(BRACE_CLOSE);
  }

  #response(
    out: ByteWriter,
    response: ResponseMessage,
    error: string | undefined,
    memo: ConnectionMemo,
  ): void {
    memo.response.write(out, response.head, writeResponseHead);
    out.integer(response.body.bytes);
    out.bytes(CONTENT);
    writeContent(out, response, this.#limitBytes, this.#note);
    if (error !== undefined) {
      out.bytes(ERROR);
      writeJsonString(out, error);
    }
    out.byte(BRACE_CLOSE);
  }

  #memo(connection: ConnectionInfo): ConnectionMemo {
    let memo = this.#memos.get(connection);
    if (memo === undefined) {
      memo = { place: placeOf(connection), request: new JsonMemo(), response: new JsonMemo(), url: "" };
      this.#memos.set(connection, memo);
    }
    return memo;
  }
}

/** Appends a request as far as the place for the size of its body. */
function writeRequestHead(out: ByteWriter, head: RequestHead, url: string): void {
  out.bytes(REQUEST);
  writeJsonString(out, head.method);
  out.bytes(URL);
  writeJsonString(out, url);
  out.bytes(QUERY);
  const mark = url.indexOf("?");
  writeParameters(out, mark < 0 ? "" : url.slice(mark + 1));
  out.bytes(COOKIES);
  writeRequestCookies(out, head.fields);
  writeFields(out, head);
}

/** Appends a response as far as the place for the size of its body. */
function writeResponseHead(out: ByteWriter, head: ResponseHead): void {
  out.bytes(RESPONSE);
  out.integer(head.status);
  out.bytes(STATUS_TEXT);
  writeJsonString(out, head.reason);
  out.bytes(REDIRECT);
  writeJsonString(out, fieldValue(head.fields, "location") ?? "");
  out.bytes(COOKIES);
  writeResponseCookies(out, head.fields);
  writeFields(out, head);
}

function writeFields(out: ByteWriter, head: RequestHead | ResponseHead): void {
  out.bytes(VERSION);
  writeJsonString(out, head.version);
  out.bytes(HEADERS);
  const start = out.length;
  writePairs(out, head.fields);
  const pairsBytes = out.length - start;
  out.bytes(HEADERS_SIZE);
  out.integer(headSize(head, pairsBytes));
  out.bytes(BODY_SIZE);
}

function writeNoRequest(out: ByteWriter, url: string): void {
  out.text(',"request":{"method":"","url":');
  writeJsonString(out, url);
  out.bytes(NO_REQUEST);
}

function writeNoResponse(out: ByteWriter, { error, outcome }: ExchangeRecord): void {
  out.bytes(NO_RESPONSE);
  writeJsonString(out, error ?? outcome);
  out.byte(BRACE_CLOSE);
}

/** HAR's `time` is the sum of its timings, of which `ssl` is a part of `connect`. */
function timeOf({ connect = 0, send = 0, wait = 0, receive = 0 }: Timings): number {
  return Math.max(0, connect) + Math.max(0, send) + Math.max(0, wait) + Math.max(0, receive);
}

/** Appends the durations as an object that is left open. */
function writeTimings(out: ByteWriter, { connect, tls, send = 0, wait = 0, receive = 0 }: Timings): void {
  out.bytes(TIMINGS);
  if (connect === undefined) out.bytes(NOT_APPLICABLE);
  else out.milliseconds(connect);
  out.bytes(SSL);
  if (tls === undefined) out.bytes(NOT_APPLICABLE);
  else out.milliseconds(tls);
  out.bytes(SEND);
  out.milliseconds(send);
  out.bytes(WAIT);
  out.milliseconds(wait);
  out.bytes(RECEIVE);
  out.milliseconds(receive);
}

/** What follows the durations in every entry of a connection. */
function placeOf({ id, listener, client, target }: ConnectionInfo): Uint8Array {
  const out = new ByteWriter(256);
  const address = addressOf(target);
  out.text(`}${address === undefined ? "" : `,"serverIPAddress":"${address}"`},"connection":"${id}"`);
  out.text(',"_tcpmon":{"listener":');
  writeJsonString(out, listener);
  out.text(',"client":');
  writeJsonString(out, client);
  out.text(',"target":');
  writeJsonString(out, target);
  return out.copy();
}

/** The IP address of a target, without port and brackets; `undefined` for a name or a socket. */
function addressOf(target: string): string | undefined {
  const host = target.replace(/^[a-z]+:\/\//i, "");
  return /^\[([0-9a-f:.]+)\](?::|$)/i.exec(host)?.[1] ?? /^(\d{1,3}(?:\.\d{1,3}){3})(?::|$)/.exec(host)?.[1];
}

function isWebSocket({ outcome, response }: ExchangeRecord): boolean {
  return outcome === "upgraded" && response !== undefined &&
    fieldValue(response.head.fields, "upgrade")?.toLowerCase() === "websocket";
}
