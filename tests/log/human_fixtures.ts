/** Records for the tests of the human log formats. */
import type { ConnectionInfo, ExchangeRecord, Record } from "../../src/capture/record.ts";
import type { Field, RequestHead, ResponseHead } from "../../src/http/head.ts";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import type { Format } from "../../src/log/format.ts";

/** 2026-11-20 10:31:06.123 UTC. */
export const AT = Date.UTC(2026, 10, 20, 10, 31, 6, 123) + 0.4;

/** UTC as the local time zone. */
export const utc = () => 0;

export const connection: ConnectionInfo = {
  id: 3,
  listener: "127.0.0.1:8081",
  client: "127.0.0.1:40112",
  target: "localhost:9080",
};

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A body that was kept whole. */
export const bodyOf = (bytes: Uint8Array | string) => {
  const kept = typeof bytes === "string" ? utf8(bytes) : bytes;
  return { bytes: kept.length, kept };
};

export function requestHead(method: string, target: string, fields: readonly Field[] = []): RequestHead {
  return {
    kind: "request",
    method,
    target,
    version: "HTTP/1.1",
    fields,
    raw: utf8(""),
    exact: true,
    flags: [],
  };
}

export function responseHead(status: number, reason: string, fields: readonly Field[] = []): ResponseHead {
  return {
    kind: "response",
    status,
    reason,
    version: "HTTP/1.1",
    fields,
    raw: utf8(""),
    exact: true,
    flags: [],
  };
}

/** The exchange of the documentation's example, with changes. */
export function exchange(changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    type: "exchange",
    id: 17,
    connection,
    at: AT,
    request: {
      head: requestHead("POST", "/stock", [["Host", "localhost:8081"], ["Content-Length", "3"]]),
      body: bodyOf("AAA"),
      trailers: [],
    },
    interim: [],
    response: {
      head: responseHead(200, "OK", [["Content-Type", "text/plain"]]),
      body: bodyOf("hello, world\n"),
      trailers: [],
    },
    ms: { total: 2 },
    outcome: "complete",
    flags: [],
    ...changes,
  };
}

/** An exchange whose response has this body and these fields. */
export function answered(body: Uint8Array | string, fields: readonly Field[] = []): ExchangeRecord {
  return exchange({ response: { head: responseHead(200, "OK", fields), body: bodyOf(body), trailers: [] } });
}

/** What a format writes for records, as text. */
export function written(format: Format, ...records: readonly Record[]): string {
  const out = new ByteWriter(16);
  for (const record of records) format(record, out);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.view());
}
