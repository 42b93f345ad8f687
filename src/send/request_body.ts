/** The body of a request and the fields that describe it, from what was asked for (RFC 9110 §8.3, §8.6). */
import { displayText } from "../capture/charset.ts";
import type { Field } from "../http/head.ts";
import { multipartBody, type PartItem } from "./multipart_body.ts";
import { checkedJson, type RequestItem } from "./request_items.ts";
import { SendUsageError } from "./send_error.ts";
import { soapFields, soapMessage, type SoapVersion } from "./soap_message.ts";

/** What a body is said to be. */
export type BodyMode = "json" | "xml" | "form" | "multipart";

/** What a body is made of. */
export interface BodyWish {
  /** The body itself; absent: it is made of the items, or there is none. */
  readonly data?: string | Uint8Array;
  /** What it is; absent: what it looks like. */
  readonly mode?: BodyMode;
  /** The version of SOAP that is spoken. */
  readonly soap?: SoapVersion;
  /** What a SOAP request asks for. Without a version it is one of SOAP 1.1. */
  readonly soapAction?: string;
  /** Items; those of kind `field`, `json` and `file` belong to the body. */
  readonly items: readonly RequestItem[];
}

/** A body, and the fields that describe it; Content-Length is not among them. */
export interface MadeBody {
  /** Its bytes. */
  readonly body: Uint8Array;
  /** Its Content-Type, and SOAPAction. */
  readonly fields: readonly Field[];
}

const encoder = new TextEncoder();

/**
 * Makes the body.
 *
 * @param boundary Gives a boundary for multipart, another one at each call.
 * @returns `undefined` where the request has none.
 * @throws {SendUsageError} where parts of the wish contradict each other, or the body is not what it is said to be.
 */
export function bodyOf(wish: BodyWish, boundary: () => string): MadeBody | undefined {
  const parts = wish.items.filter(isPart);
  const soap = wish.soap ?? (wish.soapAction === undefined ? undefined : "1.1");
  const data = typeof wish.data === "string" ? encoder.encode(wish.data) : wish.data;
  if (data !== undefined && parts.length > 0) {
    throw new SendUsageError("both a body and items that make one", "one of them: --data, or name=value");
  }
  if (soap !== undefined) return soapBody(wish, soap, data, parts);
  if (data !== undefined) return dataBody(data, wish.mode);
  if (parts.length === 0) {
    if (wish.mode === undefined || wish.mode === "json") return undefined;
    throw new SendUsageError(`--${wish.mode} without a body`, needed(wish.mode));
  }
  switch (wish.mode ?? (parts.some(isFile) ? "multipart" : "json")) {
    case "xml":
      throw new SendUsageError("items such as name=value with --xml", "a body, as --data '<a/>'");
    case "json":
      return made(jsonOf(parts), "application/json");
    case "form":
      if (!parts.some(isFile)) return made(formOf(parts), "application/x-www-form-urlencoded");
  }
  const { body, boundary: chosen } = multipartBody(parts, boundary);
  return { body, fields: [["Content-Type", `multipart/form-data; boundary=${chosen}`]] };
}

function soapBody(
  wish: BodyWish,
  version: SoapVersion,
  data: Uint8Array | undefined,
  parts: readonly PartItem[],
): MadeBody {
  if (parts.length > 0 || (wish.mode !== undefined && wish.mode !== "xml")) {
    const found = parts.length > 0 ? "items such as name=value" : `--${wish.mode}`;
    throw new SendUsageError(`${found} in a SOAP request`, "XML alone, as --data '<GetQuote/>'");
  }
  const { body, charset } = soapMessage(data ?? new Uint8Array(0), version);
  return { body, fields: soapFields(version, charset, wish.soapAction) };
}

function dataBody(data: Uint8Array, mode: BodyMode | undefined): MadeBody {
  switch (mode) {
    case "json": {
      const text = displayText(data, "application/json");
      if (text === undefined) throw new SendUsageError("bytes that are no text in the body", "JSON in UTF-8");
      checkedJson(text, "in the body");
      return { body: data, fields: [["Content-Type", "application/json"]] };
    }
    case "xml":
      return { body: data, fields: [["Content-Type", "application/xml"]] };
    case "form":
      return { body: data, fields: [["Content-Type", "application/x-www-form-urlencoded"]] };
    case "multipart":
      throw new SendUsageError("a body with --multipart", needed("multipart"));
    case undefined:
      return { body: data, fields: [["Content-Type", guessedType(data)]] };
  }
}

/** What a body looks like. */
function guessedType(data: Uint8Array): string {
  const text = displayText(data, undefined);
  if (text === undefined) return "application/octet-stream";
  const start = text.trimStart()[0];
  if (start === "<") return "application/xml";
  if ((start === "{" || start === "[") && isJson(text)) return "application/json";
  if (/^[^\s=&<>{}]+=[^\s&]*(?:&[^\s=&]+=[^\s&]*)*\n?$/.test(text)) {
    return "application/x-www-form-urlencoded";
  }
  return "text/plain; charset=utf-8";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An object with these members; of several with one name the last one counts. */
function jsonOf(parts: readonly PartItem[]): string {
  const members = new Map<string, string>();
  for (const part of parts) {
    if (part.kind === "file") {
      throw new SendUsageError(
        "a file in a JSON body",
        "--multipart, or name:=@file for a file that holds JSON",
      );
    }
    members.set(part.name, part.kind === "json" ? part.json : JSON.stringify(part.value));
  }
  return `{${[...members].map(([name, json]) => `${JSON.stringify(name)}: ${json}`).join(", ")}}`;
}

function formOf(parts: readonly PartItem[]): string {
  const fields = new URLSearchParams();
  for (const part of parts) {
    if (part.kind === "field") fields.append(part.name, part.value);
    else if (part.kind === "json") fields.append(part.name, plainText(part.json));
  }
  return fields.toString();
}

/** A JSON value in a form: strings without their quotes. */
function plainText(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
}

function made(text: string, type: string): MadeBody {
  return { body: encoder.encode(text), fields: [["Content-Type", type]] };
}

function isPart(item: RequestItem): item is PartItem {
  return item.kind === "field" || item.kind === "json" || item.kind === "file";
}

function isFile({ kind }: PartItem): boolean {
  return kind === "file";
}

function needed(mode: BodyMode): string {
  if (mode === "xml") return "one, as --data '<a/>'";
  return mode === "multipart"
    ? "items, such as name=value or file@path"
    : "items such as name=value, or --data";
}
