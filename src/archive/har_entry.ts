/**
 * One entry of a HAR → its records: an exchange, the TLS of a connection that is met for the first time, and what Chrome
 * notes of WebSocket messages.
 *
 * Server-sent events that are noted beside a response are in its body as well, and read from there by whoever wants them.
 * Pages, caches, server addresses, and the times of waiting for a connection and of looking up names have no place in
 * records; they are part of `ms.total` only.
 */
import type { ConnectionInfo, Record, RequestMessage, WebSocketRecord } from "../capture/record.ts";
import type { ResponseMessage, Timings } from "../capture/record.ts";
import { composeRequestHead, composeResponseHead } from "../http/compose_head.ts";
import { isInterim } from "../http/framing.ts";
import type { Field } from "../http/head.ts";
import { readContent, readPostData } from "./har_body.ts";
import { type HarUrl, has, readHarFields, readMethod, readReason, readUrl, readVersion } from "./har_head.ts";
import { decodeBase64 } from "./body.ts";
import { type OwnDetails, readOwnDetails } from "./har_own.ts";
import { readStatus } from "./heads.ts";
import type { Remarks } from "./reading.ts";
import {
  base64,
  type Fields,
  fields,
  isDuration,
  isFields,
  list,
  optionalCount,
  optionalText,
  shown,
  text,
  Wrong,
} from "./shape.ts";
import { TimeReader } from "./time.ts";

/** How many connections are remembered; past it, the one that was met first is forgotten. */
const REMEMBERED = 20_000;

/** Stands for listener and client, which a HAR does not name. */
const SOURCE = "har";

const OPCODES = new Map([[1, "text"], [2, "binary"], [8, "close"], [9, "ping"], [10, "pong"]] as const);

/** The largest status code of a close frame. */
const LAST_CLOSE_CODE = 65535;

const encoder = new TextEncoder();

/** Reads the entries of one HAR, in order. */
export class HarEntries {
  readonly #remarks: Remarks;
  readonly #time = new TimeReader();
  readonly #connections = new Map<string, ConnectionInfo>();
  #connectionIds = 0;

  /**
   * Begins before the first entry.
   *
   * @param remarks Where what cannot be represented is counted.
   */
  constructor(remarks: Remarks) {
    this.#remarks = remarks;
  }

  /**
   * Reads an entry.
   *
   * @param id Number of the entry, which becomes the number of the exchange.
   * @throws {Wrong} where a part of it is not what it must be.
   */
  *read(value: unknown, id: number): Generator<Record> {
    if (!isFields(value)) {
      throw new Wrong(`found ${shown(value)}, wanted an entry {"request":…,"response":…}`);
    }
    const source = fields(value.request, "request");
    const url = readUrl(source.url);
    if (url === undefined) {
      return this.#remarks.add("entry that is not HTTP (data:, blob: and the like): left out");
    }
    const at = this.#time.read(value.startedDateTime, "startedDateTime");
    const own = readOwnDetails(value._tcpmon, this.#remarks);
    // Only tcpmon has responses that no request was there for.
    const request = own !== undefined && source.method === "" ? undefined : this.#request(source, url, own);
    const answer = value.response === undefined || value.response === null
      ? {}
      : fields(value.response, "response");
    const response = this.#response(answer, request?.head.method, own?.responseTrailers);
    const ms = own?.ms ?? timings(value);
    if (value._fromCache !== undefined) {
      this.#remarks.add("response from the browser's cache, not from the target");
    }
    const messages = [...this.#messages(value._webSocketMessages)];

    const before = this.#connectionIds;
    const connection = this.#connection(value.connection, url, own);
    if (url.isTls && this.#connectionIds !== before) {
      const tls = ms.tls === undefined ? {} : { tlsMs: ms.tls };
      const targetTls = { serverName: url.host };
      yield {
        type: "connection",
        event: "opened",
        connection,
        at,
        connectMs: ms.connect ?? 0,
        ...tls,
        targetTls,
      };
    }
    const exchange = own?.id ?? id;
    const error = own === undefined ? answer._error ?? value._error : own.error;
    yield {
      type: "exchange",
      id: exchange,
      connection,
      at,
      ...request && { request },
      interim: own?.interim ?? [],
      ...response && { response },
      ms,
      outcome: own?.outcome ??
        (response === undefined ? "no-response" : response.head.status === 101 ? "upgraded" : "complete"),
      ...typeof error === "string" && error !== "" && { error },
      flags: own?.flags ?? [],
      ...own?.faults && { faults: own.faults },
    };
    for (const message of messages) yield { ...message, connection, exchange };
  }

  #connection(name: unknown, { target, isTls }: HarUrl, own: OwnDetails | undefined): ConnectionInfo {
    const ends = own ?? { listener: SOURCE, client: SOURCE, target };
    const scheme = own !== undefined ? "own" : isTls ? "tls" : "tcp";
    const key = typeof name === "string" && name !== ""
      ? `${scheme} ${name} ${ends.target} ${ends.client} ${ends.listener}`
      : undefined;
    const known = key === undefined ? undefined : this.#connections.get(key);
    if (known !== undefined) return known;
    this.#connectionIds++;
    const id = own !== undefined && /^\d{1,15}$/.test(String(name)) ? Number(name) : this.#connectionIds;
    const connection = { id, listener: ends.listener, client: ends.client, target: ends.target };
    if (key !== undefined) {
      if (this.#connections.size >= REMEMBERED) {
        this.#connections.delete(this.#connections.keys().next().value!);
      }
      this.#connections.set(key, connection);
    }
    return connection;
  }

  #request(source: Fields, url: HarUrl, own: OwnDetails | undefined): RequestMessage {
    const method = readMethod(source.method);
    const { version, isNewer } = readVersion(source.httpVersion);
    if (isNewer) this.#remarks.add("exchange of HTTP/2 or HTTP/3: shown as HTTP/1.1");
    const found = readHarFields(source.headers, "request.headers", this.#remarks);
    if (own === undefined && version !== "HTTP/1.0" && !has(found, "host")) {
      found.unshift(["Host", url.authority]);
    }
    const { body, fields } = readPostData(source, found, this.#remarks);
    const target = own?.requestTarget ?? (method === "CONNECT" ? url.target : url.path);
    return {
      head: composeRequestHead({ method, target, version, fields }),
      body,
      trailers: own?.requestTrailers ?? [],
      ...own?.rewritten && { rewritten: own.rewritten },
    };
  }

  /** A response; status 0, or none, stands for a request that was blocked or got no answer. */
  #response(
    source: Fields,
    method: string | undefined,
    trailers: readonly Field[] = [],
  ): ResponseMessage | undefined {
    if (source.status === undefined || source.status === null) return undefined;
    const status = readStatus(source.status, "response.status");
    if (status === 0) return undefined;
    const { version, isNewer } = readVersion(source.httpVersion);
    const found = readHarFields(source.headers, "response.headers", this.#remarks);
    const hasBody = method !== "HEAD" && status !== 204 && status !== 304 && !isInterim(status);
    const { body, fields } = readContent(source, found, hasBody, isNewer, this.#remarks);
    const reason = readReason(source.statusText);
    return { head: composeResponseHead({ version, status, reason, fields }), body, trailers };
  }

  /** Chrome's note of WebSocket messages, without what ties them to their exchange. */
  *#messages(value: unknown): Generator<Omit<WebSocketRecord, "connection" | "exchange">> {
    if (value === undefined || value === null) return;
    let up = 0, down = 0;
    for (const [i, member] of list(value, "_webSocketMessages").entries()) {
      const name = `_webSocketMessages[${i}]`;
      const source = fields(member, name);
      const opcode = OPCODES.get(source.opcode as 1) ?? "reserved";
      const content = text(source.data ?? "", `${name}.data`);
      const isBase64 = opcode === "binary" || source._encoding === "base64";
      const kept = isBase64 ? decodeBase64(base64(content, `${name}.data`)) : encoder.encode(content);
      const closeCode = optionalCount(source._closeCode, `${name}._closeCode`, LAST_CLOSE_CODE);
      const error = optionalText(source._error, `${name}._error`);
      const isUp = source.type === "send";
      yield {
        type: "message",
        protocol: "websocket",
        at: typeof source.time === "number" && source.time > 0 && source.time < 1e11 ? source.time * 1000 : 0,
        direction: isUp ? "up" : "down",
        index: isUp ? ++up : ++down,
        opcode,
        frames: 1,
        body: { bytes: kept.length, kept },
        ...closeCode !== undefined && { closeCode },
        ...error !== undefined && { error },
      };
    }
  }
}

/** Durations; -1 stands for what did not take place. */
function timings(entry: Fields): Timings {
  const source = isFields(entry.timings) ? entry.timings : {};
  const names = [["connect", "connect"], ["tls", "ssl"], ["send", "send"], ["wait", "wait"], [
    "receive",
    "receive",
  ]];
  const steps: { [name: string]: number } = {};
  let sum = 0;
  for (const [name, harName] of names) {
    const value = source[harName];
    if (!isDuration(value)) continue;
    steps[name] = value;
    // HAR counts the handshake as a part of `connect`, as we do.
    if (name !== "tls") sum += value;
  }
  return { ...steps, total: isDuration(entry.time) ? entry.time : sum };
}
