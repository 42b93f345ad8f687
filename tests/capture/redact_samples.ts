/** Records to redact, and how to look into what became of them. */
import type {
  Body,
  ExchangeRecord,
  Record,
  RequestMessage,
  ResponseMessage,
} from "../../src/capture/record.ts";
import { createRedactor, parseRedactNames, type RedactorOptions } from "../../src/capture/redact/redact.ts";
import type { Field, RequestHead, ResponseHead } from "../../src/http/head.ts";

const encoder = new TextEncoder();

/** The key of all samples. */
export const KEY: Uint8Array = encoder.encode("a key for tests, 32 bytes long..");

/** A redactor with the key of the samples. */
export function redactor(
  options: Partial<RedactorOptions> & { list?: string } = {},
): (record: Record) => Record {
  return createRedactor({ names: parseRedactNames(options.list), key: KEY, ...options });
}

/** A body of text or bytes, complete unless `bytes` says otherwise. */
export function bodyOf(content: string | Uint8Array, bytes?: number): Body {
  const kept = typeof content === "string" ? encoder.encode(content) : content;
  return { bytes: bytes ?? kept.length, kept };
}

/** A request head written in the ordinary way. */
export function requestHead(fields: readonly Field[], target = "/", method = "POST"): RequestHead {
  const raw = encoder.encode(
    `${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
  );
  return { kind: "request", method, target, version: "HTTP/1.1", fields, raw, exact: true, flags: [] };
}

/** A response head written in the ordinary way. */
export function responseHead(fields: readonly Field[], status = 200): ResponseHead {
  const raw = encoder.encode(
    `HTTP/1.1 ${status} OK\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
  );
  return { kind: "response", status, reason: "OK", version: "HTTP/1.1", fields, raw, exact: true, flags: [] };
}

/** A request. */
export function request(
  fields: readonly Field[],
  content: string | Uint8Array = "",
  target = "/",
): RequestMessage {
  return { head: requestHead(fields, target), body: bodyOf(content), trailers: [] };
}

/** A response. */
export function response(fields: readonly Field[], content: string | Uint8Array = ""): ResponseMessage {
  return { head: responseHead(fields), body: bodyOf(content), trailers: [] };
}

/** An exchange of the messages given. */
export function exchange(parts: Partial<ExchangeRecord>): ExchangeRecord {
  return {
    type: "exchange",
    id: 1,
    connection: { id: 1, listener: "127.0.0.1:8081", client: "127.0.0.1:40112", target: "localhost:9080" },
    at: 1,
    interim: [],
    ms: { total: 1 },
    outcome: "complete",
    flags: [],
    ...parts,
  };
}

/** What became of a request. */
export function redactedRequest(message: RequestMessage, redact = redactor()): RequestMessage {
  return (redact(exchange({ request: message })) as ExchangeRecord).request!;
}

/** What became of a response. */
export function redactedResponse(message: ResponseMessage, redact = redactor()): ResponseMessage {
  return (redact(exchange({ response: message })) as ExchangeRecord).response!;
}

/** What became of one field of a request. */
export function redactedField(name: string, value: string, redact = redactor()): string {
  return redactedRequest(request([[name, value]]), redact).head.fields[0][1];
}

/** What became of a body of that type, as UTF-8. */
export function redactedBody(
  type: string | undefined,
  content: string | Uint8Array,
  redact = redactor(),
): string {
  const fields: Field[] = type === undefined ? [] : [["Content-Type", type]];
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    redactedRequest(request(fields, content), redact).body.kept,
  );
}

/** The tag of a secret, found by way of a header field. */
export function tagOf(secret: string): string {
  return redactedField("X-Api-Key", secret);
}

/** Every byte array and string in a value, each as text with one character per byte. */
export function everyText(value: unknown): string {
  const texts: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === "string") texts.push(next, latin1(encoder.encode(next)));
    else if (next instanceof Uint8Array) texts.push(latin1(next));
    else if (typeof next === "object" && next !== null) open.push(...Object.values(next));
  }
  return texts.join("\n");
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
