/** One line of a log, parsed → a record: the way back from `static/record.schema.json`. Fields not known yet are ignored. */
import type { ConnectionEnd, ConnectionRecord, DataRecord, MessageRecord } from "../capture/record.ts";
import type { LostRecord, Record, TlsInfo } from "../capture/record.ts";
import type { Redacted, RedactedBody } from "../capture/redact/redact.ts";
import { readBody } from "./body.ts";
import { Connections } from "./connections.ts";
import { readExchange } from "./exchange_reader.ts";
import { DIRECTIONS, readFaults } from "./faults.ts";
import {
  count,
  duration,
  type Fields,
  fields,
  isFields,
  list,
  oneOf,
  optionalCount,
  optionalDuration,
  optionalText,
  refuse,
  shown,
  text,
  Wrong,
} from "./shape.ts";
import { TimeReader } from "./time.ts";

const OPCODES = ["text", "binary", "close", "ping", "pong", "reserved"] as const;
const EVENTS = ["opened", "client-hello", "closed"] as const;
const PROTOCOLS = ["websocket", "sse"] as const;
const ENDS = [
  "client-closed",
  "target-closed",
  "client-reset",
  "target-reset",
  "connect-failed",
  "idle-timeout",
  "tls-failed",
  "fault",
  "stopped",
] as const satisfies readonly ConnectionEnd[];

/** The largest status code of a close frame. */
const LAST_CLOSE_CODE = 65535;

/** Reads the records of one log, in order. */
export class RecordReader {
  readonly #connections = new Connections();
  readonly #time = new TimeReader();

  /**
   * Reads one record.
   *
   * @throws {Wrong} where it is none.
   */
  read(value: unknown): Record {
    if (!isFields(value)) throw new Wrong(`found ${shown(value)}, wanted a record {"type":…}`);
    switch (value.type) {
      case "exchange":
        return readExchange(value, this.#connections.of(value), this.#time.read(value.time, "time"));
      case "connection":
        return this.#connection(value);
      case "data":
        return this.#data(value);
      case "message":
        return this.#message(value);
      case "lost":
        return this.#lost(value);
      default:
        return refuse(value.type, "type", "one of exchange, connection, data, message, lost");
    }
  }

  #connection(source: Fields): ConnectionRecord {
    const event = oneOf(source.event, "event", EVENTS);
    const connection = this.#connections.of(source).info;
    const base = { type: "connection" as const, connection, at: this.#time.read(source.time, "time") };
    if (event === "opened") return { ...base, event, ...opened(source) };
    if (event === "closed") {
      this.#connections.forget(connection.id);
      return { ...base, event, ...closed(source) };
    }
    const tls = fields(source.tls, "tls");
    const serverName = optionalText(tls.serverName, "tls.serverName");
    const alpn = texts(tls.alpn, "tls.alpn");
    const versions = texts(tls.versions, "tls.versions");
    return { ...base, event, hello: { ...serverName !== undefined && { serverName }, alpn, versions } };
  }

  #data(source: Fields): DataRecord {
    const record: DataRecord = {
      type: "data",
      connection: this.#connections.of(source).info,
      at: this.#time.read(source.time, "time"),
      direction: oneOf(source.direction, "direction", DIRECTIONS),
      offset: count(source.offset, "offset"),
      body: readBody(source, ""),
      ...source.http === true && { http: true },
    };
    if (source.redacted !== true) return record;
    // Marked as redaction marks it: its length alone looks like that of a body cut by `--max-body`.
    const { bytes, kept } = record.body;
    const redacted: RedactedBody = { bytes, kept, truncated: source.truncated === true, redacted: true };
    const marked: DataRecord & Redacted = { ...record, body: redacted, redacted: true };
    return marked;
  }

  #message(source: Fields): MessageRecord {
    const protocol = oneOf(source.protocol, "protocol", PROTOCOLS);
    const base = {
      type: "message" as const,
      connection: this.#connections.of(source).info,
      exchange: count(source.exchange, "exchange"),
      at: this.#time.read(source.time, "time"),
      direction: oneOf(source.direction, "direction", DIRECTIONS),
      index: count(source.index, "index"),
      body: readBody(source, ""),
    };
    if (protocol === "sse") {
      const lastEventId = optionalText(source.lastEventId, "lastEventId");
      const retry = optionalCount(source.retry, "retry");
      return {
        ...base,
        protocol,
        event: text(source.event, "event"),
        ...lastEventId !== undefined && { lastEventId },
        ...retry !== undefined && { retry },
      };
    }
    const compressedBytes = optionalCount(source.compressedBytes, "compressedBytes");
    const closeCode = optionalCount(source.closeCode, "closeCode", LAST_CLOSE_CODE);
    const error = optionalText(source.error, "error");
    return {
      ...base,
      protocol,
      opcode: oneOf(source.opcode, "opcode", OPCODES),
      frames: count(source.frames, "frames"),
      ...compressedBytes !== undefined && { compressedBytes },
      ...closeCode !== undefined && { closeCode },
      ...error !== undefined && { error },
    };
  }

  #lost(source: Fields): LostRecord {
    return {
      type: "lost",
      count: count(source.count, "count"),
      from: this.#time.read(source.from, "from"),
      to: this.#time.read(source.to, "to"),
      reason: text(source.reason, "reason"),
    };
  }
}

function opened(source: Fields) {
  const ms = fields(source.ms, "ms");
  const tlsMs = optionalDuration(ms.tls, "ms.tls");
  const tls = source.tls === undefined ? undefined : fields(source.tls, "tls");
  return {
    connectMs: duration(ms.connect, "ms.connect"),
    ...tlsMs !== undefined && { tlsMs },
    ...tls?.client !== undefined && { clientTls: tlsInfo(tls.client, "tls.client") },
    ...tls?.target !== undefined && { targetTls: tlsInfo(tls.target, "tls.target") },
  };
}

function closed(source: Fields) {
  const error = optionalText(source.error, "error");
  return {
    up: count(source.up, "up"),
    down: count(source.down, "down"),
    totalMs: duration(fields(source.ms, "ms").total, "ms.total"),
    end: oneOf(source.end, "end", ENDS),
    exchanges: count(source.exchanges, "exchanges"),
    ...error !== undefined && { error },
    ...source.faults !== undefined && { faults: readFaults(source.faults) },
  };
}

function tlsInfo(value: unknown, name: string): TlsInfo {
  const source = fields(value, name);
  const info: { -readonly [field in keyof TlsInfo]: string } = {};
  for (const field of ["version", "cipher", "alpn", "serverName", "peer"] as const) {
    const found = optionalText(source[field], `${name}.${field}`);
    if (found !== undefined) info[field] = found;
  }
  return info;
}

function texts(value: unknown, name: string): readonly string[] {
  return list(value, name).map((member, i) => text(member, `${name}[${i}]`));
}
