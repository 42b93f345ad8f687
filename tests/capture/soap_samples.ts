/** SOAP messages for tests: envelopes as several stacks write them, whole and in parts. */
import type { ExchangeRecord, RequestMessage, ResponseMessage } from "../../src/capture/record.ts";
import type { Field } from "../../src/http/head.ts";
import { exchange, request, response } from "./filter_samples.ts";

/** The namespace of SOAP 1.1. */
export const SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/";
/** The namespace of SOAP 1.2. */
export const SOAP_12 = "http://www.w3.org/2003/05/soap-envelope";
/** The namespace of WS-Addressing 1.0. */
export const ADDRESSING = "http://www.w3.org/2005/08/addressing";
/** The type of SOAP 1.1. */
export const XML: Field = ["Content-Type", "text/xml; charset=utf-8"];
/** The type of SOAP 1.2. */
export const SOAP_XML: Field = ["Content-Type", "application/soap+xml; charset=utf-8"];

/** An envelope of SOAP 1.1. */
export function envelope(body: string, header = ""): string {
  const headed = header === "" ? "" : `<soap:Header>${header}</soap:Header>`;
  return `<?xml version="1.0"?>\n<soap:Envelope xmlns:soap="${SOAP_11}" xmlns:wsa="${ADDRESSING}">${headed}` +
    `<soap:Body>${body}</soap:Body></soap:Envelope>`;
}

/** A call of `GetQuote`. */
export const CALL = '<q:GetQuote xmlns:q="urn:quotes"><symbol>ACME</symbol></q:GetQuote>';

/** A Fault of SOAP 1.1. */
export const FAULT =
  "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Out of stock</faultstring></soap:Fault>";

/** A request with an XML body. */
export function call(content: string | Uint8Array, fields: readonly Field[] = [XML]): RequestMessage {
  return request("POST /soap", fields, content);
}

/** A response with an XML body. */
export function answer(
  content: string | Uint8Array,
  status = 200,
  fields: readonly Field[] = [XML],
): ResponseMessage {
  return response(status, fields, content);
}

/** A call of GetQuote, answered by a Fault. */
export function failed(changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return exchange({
    request: call(envelope(CALL), [XML, ["SOAPAction", '"urn:GetQuote"']]),
    response: answer(envelope(FAULT), 500),
    flags: [],
    ...changes,
  });
}

/** The blocks of WS-Addressing. */
export function addressing(messageId: string, relatesTo?: string): string {
  const relates = relatesTo === undefined ? "" : `<wsa:RelatesTo>${relatesTo}</wsa:RelatesTo>`;
  return `<wsa:MessageID>${messageId}</wsa:MessageID>${relates}`;
}

/** The Content-Type of {@link mtom}. */
export const MTOM_TYPE = 'multipart/related; boundary="MIME_boundary"; type="application/xop+xml"; ' +
  'start="<root@example.org>"; start-info="application/soap+xml; action=\\"urn:upload\\""';

/**
 * An MTOM message in the shape of the examples of XOP 1.0 §1.2: an envelope, a picture that it includes,
 * another part.
 */
export function mtom(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const before = encoder.encode(
    [
      "--MIME_boundary",
      'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"',
      "Content-Transfer-Encoding: 8bit",
      "Content-ID: <root@example.org>",
      "",
      `<soap:Envelope xmlns:soap="${SOAP_12}"><soap:Body><m:upload xmlns:m="urn:pictures"><m:photo>` +
      '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:photo%40example.org"/>' +
      "</m:photo></m:upload></soap:Body></soap:Envelope>",
      "--MIME_boundary",
      "content-type: image/png",
      "Content-Transfer-Encoding: binary",
      "Content-ID:",
      " <photo@example.org>",
      "",
      "",
    ].join("\r\n"),
  );
  const after = encoder.encode(
    "\r\n--MIME_boundary\r\nContent-Type: text/plain\r\n\r\nby the way\r\n--MIME_boundary--\r\n",
  );
  const bytes = new Uint8Array(before.length + picture.length + after.length);
  bytes.set(before);
  bytes.set(picture, before.length);
  bytes.set(after, before.length + picture.length);
  return bytes;
}
