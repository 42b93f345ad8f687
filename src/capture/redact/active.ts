/** What is under way with its secrets replaced: by the same tags as in the record that follows (`--redact`). */
import type { Active } from "../active.ts";
import type { Body, ExchangeRecord, Record, RequestMessage, ResponseMessage } from "../record.ts";
import type { RequestHead, ResponseHead } from "../../http/head.ts";

const EMPTY: Body = { bytes: 0, kept: new Uint8Array() };
const HEAD = { version: "HTTP/1.1", raw: EMPTY.kept, exact: true, flags: [] };

/**
 * The same with what it shows of a request and a response redacted; the same object where no secret is in it.
 *
 * @param redact What `createRedactor` made for the log or the history.
 */
export function redactActive(active: Active, redact: (record: Record) => Record): Active {
  const { connection, at, method, url, host, status, mime } = active;
  if (method === undefined || url === undefined) return active;
  const fields: RequestHead["fields"] = host === undefined ? [] : [["Host", host]];
  const request: RequestMessage = {
    head: { ...HEAD, kind: "request", method, target: url, fields },
    body: EMPTY,
    trailers: [],
  };
  const record: ExchangeRecord = {
    type: "exchange",
    id: active.id ?? 0,
    connection,
    at,
    request,
    interim: [],
    response: mime === undefined ? undefined : responseOf(status ?? 0, mime),
    ms: { total: 0 },
    outcome: "complete",
    flags: [],
  };
  const redacted = redact(record);
  if (redacted === record || redacted.type !== "exchange") return active;
  const { head } = redacted.request ?? request;
  return {
    ...active,
    url: head.target,
    host: host === undefined ? undefined : head.fields[0]?.[1],
    mime: redacted.response?.head.fields[0]?.[1],
  };
}

function responseOf(status: number, mime: string): ResponseMessage {
  const head: ResponseHead = {
    ...HEAD,
    kind: "response",
    status,
    reason: "",
    fields: [["Content-Type", mime]],
  };
  return { head, body: EMPTY, trailers: [] };
}
