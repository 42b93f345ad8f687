/** Requests that the page wants to be sent, checked. What they say as HTTP is the program's to judge. */
import type { ResendRequest, SendRequest } from "./api.ts";
import { hasOnly, Refused } from "./requests.ts";

const KEYS = ["method", "url", "headers", "body", "to", "from", "soap", "soapAction"] as const;
/** More fields than anyone writes by hand, or any server takes. */
const MOST_HEADERS = 1000;

/**
 * Reads which row to send again.
 *
 * @throws {Refused} 400, where it does not say.
 */
export function readResend(text: string): ResendRequest {
  const { row, to } = hasOnly(text, ["row", "to"]);
  if (!isRow(row)) throw new Refused(400, 'wanted "row" to be the number of a row');
  return { row, ...to !== undefined && { to: textOf(to, "to") } };
}

/**
 * Reads what to send.
 *
 * @throws {Refused} 400, where it does not say.
 */
export function readSend(text: string): SendRequest {
  const { method, url, headers, body, to, from, soap, soapAction } = hasOnly(text, KEYS);
  if (from !== undefined && !isRow(from)) throw new Refused(400, 'wanted "from" to be the number of a row');
  if (soap !== undefined && soap !== "1.1" && soap !== "1.2") {
    throw new Refused(400, 'wanted "soap" to be "1.1" or "1.2"');
  }
  return {
    method: textOf(method, "method"),
    url: textOf(url, "url"),
    headers: readHeaders(headers),
    body: readBody(body),
    ...to !== undefined && { to: textOf(to, "to") },
    ...from !== undefined && { from },
    ...soap !== undefined && { soap },
    ...soapAction !== undefined && { soapAction: textOf(soapAction, "soapAction") },
  };
}

function readHeaders(value: unknown): SendRequest["headers"] {
  const isPair = (pair: unknown): pair is [string, string] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");
  if (!Array.isArray(value) || !value.every(isPair)) {
    throw new Refused(400, 'wanted "headers" to be a list of pairs, such as [["Accept", "*/*"]]');
  }
  if (value.length <= MOST_HEADERS) return value;
  throw new Refused(400, `found ${value.length} headers, wanted at most ${MOST_HEADERS}`);
}

function readBody(value: unknown): SendRequest["body"] {
  const wanted = 'wanted "body" to be {}, {"text": "…"} or {"base64": "…"}';
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused(400, wanted);
  const { text, base64, ...others } = value as { readonly [key: string]: unknown };
  if (Object.keys(others).length > 0 || (text !== undefined && base64 !== undefined)) {
    throw new Refused(400, wanted);
  }
  return {
    ...text !== undefined && { text: textOf(text, "body.text") },
    ...base64 !== undefined && { base64: textOf(base64, "body.base64") },
  };
}

function isRow(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new Refused(400, `wanted "${name}" to be a text`);
}
