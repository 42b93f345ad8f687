/**
 * Bodies of a HAR entry. A HAR has them decoded: what stands in its text or base64 is what a page got to see. So what a
 * head says of codings and lengths is brought in line with the bytes that are there.
 */
import { encodeText } from "../capture/charset.ts";
import type { Body } from "../capture/record.ts";
import { type Field, fieldList, fieldValue } from "../http/head.ts";
import { decodeBase64 } from "./body.ts";
import { has, without } from "./har_head.ts";
import type { Remarks } from "./reading.ts";
import { base64, type Fields, isFields, list, refuse, text } from "./shape.ts";

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** How tcpmon says that it kept the beginning of a body only. */
const CUT = /^the first \d{1,15} of (\d{1,15}) bytes$/;

/** A body, and the fields that go with it. */
export interface HarBody {
  /** The body. */
  readonly body: Body;
  /** The fields, brought in line with it. */
  readonly fields: readonly Field[];
}

/**
 * Reads the body of a request.
 *
 * @param needsLength Whether a body without any framing gets Content-Length: in HTTP/2 it needed none.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readPostData(request: Fields, fields: Field[], remarks: Remarks): HarBody {
  const { postData } = request;
  const source = isFields(postData) ? postData : undefined;
  if (postData !== undefined && postData !== null && source === undefined) {
    refuse(postData, "request.postData", "an object { … }");
  }
  const content = source && postBytes(source, fields, remarks);
  if (content === undefined || content.length === 0) {
    return lacking(sizeOf(request.bodySize) || declaredLength(fields), fields, "request", remarks);
  }
  const type = source!.mimeType;
  const typed: Field[] =
    !has(fields, "content-type") && typeof type === "string" && type !== "" && !/[\r\n]/.test(type)
      ? [...fields, ["Content-Type", type]]
      : fields;
  if (typeof source!._base64 === "string") return { body: cutBody(content, source!), fields: typed };
  return whole(content, source!, typed, true, remarks);
}

/**
 * Reads the body of a response.
 *
 * @param hasBody Whether a response like this one carries any: one to HEAD, 204 and 304 do not.
 * @param isNewer Whether it came by HTTP/2 or later, where a body needs no Content-Length.
 * @throws {Wrong} where a part of it is not what it must be.
 */
export function readContent(
  response: Fields,
  fields: Field[],
  hasBody: boolean,
  isNewer: boolean,
  remarks: Remarks,
): HarBody {
  const content = isFields(response.content) ? response.content : {};
  const found = contentBytes(content, fields);
  if (!hasBody) {
    if (found.length > 0) {
      remarks.add("content of a response that carries none (it came from a cache): left out");
    }
    return { body: { bytes: 0, kept: NOTHING }, fields };
  }
  // tcpmon gives a body that it could not decode as it was sent, and says why.
  if (typeof content._error === "string" && content.encoding === "base64") {
    return { body: cutBody(found, content), fields };
  }
  if (found.length > 0) return whole(found, content, fields, isNewer, remarks);
  return lacking(sizeOf(content.size) || sizeOf(response.bodySize), fields, "response", remarks);
}

/** A body that is there. */
function whole(
  kept: Uint8Array,
  source: Fields,
  fields: Field[],
  needsLength: boolean,
  remarks: Remarks,
): HarBody {
  const body = cutBody(kept, source);
  let framed = fields;
  if (has(framed, "content-encoding")) {
    remarks.add(
      "body whose content coding was taken off: Content-Encoding left out, Content-Length corrected",
    );
    framed = without(framed, "content-encoding");
  }
  if (body.bytes > kept.length) return { body, fields: framed };
  const length = String(kept.length);
  if (fieldList(framed, "transfer-encoding").length > 0) {
    framed = framed.map((
      [name, value],
    ) => [name, name.toLowerCase() === "transfer-encoding" ? "chunked" : value]);
    framed = without(framed, "content-length");
  } else if (has(framed, "content-length")) {
    if (framed === fields && fieldValue(framed, "content-length") !== length) {
      remarks.add("body of another length than Content-Length said: corrected");
    }
    framed = framed.map(([name, value]) => [name, name.toLowerCase() === "content-length" ? length : value]);
  } else if (needsLength) {
    framed = [...framed, ["Content-Length", length]];
  }
  return { body, fields: framed };
}

/** A body, and how much there was of it where tcpmon says that it kept the beginning only. */
function cutBody(kept: Uint8Array, { comment }: Fields): Body {
  const match = typeof comment === "string" ? CUT.exec(comment) : null;
  if (match === null) return { bytes: kept.length, kept };
  return { bytes: Math.max(Number(match[1]), kept.length + 1), kept };
}

/** A body of which the file has nothing but, maybe, the size. */
function lacking(bytes: number, fields: Field[], what: string, remarks: Remarks): HarBody {
  if (bytes > 0) remarks.add(`${what} body that the file does not have: only its size is known`);
  return { body: { bytes, kept: NOTHING }, fields };
}

function postBytes(source: Fields, fields: readonly Field[], remarks: Remarks): Uint8Array | undefined {
  // As it was sent, where tcpmon wrote the file.
  if (typeof source._base64 === "string") return bytesOf(source._base64, "request.postData._base64");
  if (source.text !== undefined && source.text !== null && source.text !== "") {
    const content = text(source.text, "request.postData.text");
    if (source.encoding === "base64") return bytesOf(content, "request.postData.text");
    return encoded(content, fieldValue(fields, "content-type") ?? source.mimeType);
  }
  if (source.params === undefined || source.params === null) return undefined;
  const params = list(source.params, "request.postData.params");
  if (params.length === 0) return undefined;
  const type = fieldValue(fields, "content-type") ?? source.mimeType;
  if (typeof type !== "string" || !/^application\/x-www-form-urlencoded\b/i.test(type)) {
    remarks.add("form whose bytes the file does not have, only its fields: body left out");
    return undefined;
  }
  const form = new URLSearchParams();
  for (const param of params) {
    if (isFields(param) && typeof param.name === "string") form.append(param.name, String(param.value ?? ""));
  }
  remarks.add("form whose bytes the file does not have: written anew from its fields");
  return encoder.encode(form.toString());
}

function contentBytes(content: Fields, fields: readonly Field[]): Uint8Array {
  if (content.text === undefined || content.text === null || content.text === "") return NOTHING;
  const found = text(content.text, "response.content.text");
  if (content.encoding === "base64") return bytesOf(found, "response.content.text");
  return encoded(found, fieldValue(fields, "content-type") ?? content.mimeType);
}

/** Text in the charset that is declared, or UTF-8 where that has no bytes for it. */
function encoded(content: string, contentType: unknown): Uint8Array {
  return encodeText(content, typeof contentType === "string" ? contentType : undefined) ??
    encoder.encode(content);
}

/** Bytes of base64, which some writers break into lines. */
function bytesOf(content: string, name: string): Uint8Array {
  return decodeBase64(base64(content.replace(/\s+/g, ""), name));
}

/** A size in bytes; 0 where there is none, or -1, which stands for not known. */
function sizeOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function declaredLength(fields: readonly Field[]): number {
  const value = fieldValue(fields, "content-length");
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}
