/**
 * SOAP in a message (SOAP 1.1 over HTTP §6, 1.2 Part 2 §7, MTOM §3): version, operation, Fault, WS-Addressing
 * ids.
 *
 * It runs for every message of the log, so what is no SOAP must cost next to nothing: Content-Type decides,
 * then the first bytes. What an envelope says is read once and kept as long as its message.
 */
import { fieldValue } from "../http/head.ts";
import { contentOf } from "./content.ts";
import { parametersOf, partsOf } from "./multipart.ts";
import type { RequestMessage, ResponseMessage } from "./record.ts";
import { readEnvelope, type SoapEnvelope } from "./soap_envelope.ts";
import { rootOf } from "./soap_parts.ts";
import { xmlAsUtf8 } from "./soap_text.ts";

export type { SoapFault, SoapVersion } from "./soap_envelope.ts";

/** What a SOAP message says. */
export interface Soap extends SoapEnvelope {
  /**
   * SOAPAction, or the `action` parameter of Content-Type, quotes removed. Absent: it is not told, or empty.
   */
  readonly action?: string;
}

/**
 * How much of a message is read, in bytes: header blocks with signatures and certificates fit in many times.
 */
const READ_LIMIT_BYTES = 256 * 1024;

/**
 * How many bytes a content coding is undone to, where the caller has no limit of its own: what `--max-body`
 * keeps.
 */
export const SOAP_DECODED_BYTES = 1024 * 1024;

const XML_TYPE = /^(?:text\/xml|application\/(?:soap\+|xop\+)?xml)\s*(?:;|$)/i;
const RELATED_TYPE = /^multipart\/related\s*;/i;

/** What was read; `null`: the message is no SOAP. */
const known = new WeakMap<RequestMessage | ResponseMessage, Soap | null>();

/**
 * What a message says, if it is SOAP. It never throws.
 *
 * @param message The message; its body must still be there when it is first asked about.
 * @param limitBytes How many bytes a content coding is undone to; see {@link contentOf} on who decides.
 * @returns `undefined` for what is no SOAP, and where too little was kept to tell.
 */
export function soapOf(message: RequestMessage | ResponseMessage, limitBytes: number): Soap | undefined {
  if (message.body.kept.length === 0) return undefined;
  const type = fieldValue(message.head.fields, "content-type");
  if (type === undefined || !mayCarryXml(type)) return undefined;
  let soap = known.get(message);
  if (soap === undefined) {
    soap = read(message, type, limitBytes) ?? null;
    known.set(message, soap);
  }
  return soap ?? undefined;
}

/** Whether a media type is one that SOAP comes in: a quick look first, since most are not. */
function mayCarryXml(type: string): boolean {
  switch (type.charCodeAt(0) | 0x20) {
    case 0x74: // text/xml
      return (type.charCodeAt(5) | 0x20) === 0x78 && XML_TYPE.test(type);
    case 0x61: { // application/xml, application/soap+xml, application/xop+xml
      const next = type.charCodeAt(12) | 0x20;
      return (next === 0x78 || next === 0x73) && XML_TYPE.test(type);
    }
    case 0x6d: // multipart/related
      return (type.charCodeAt(10) | 0x20) === 0x72 && RELATED_TYPE.test(type);
    default:
      return false;
  }
}

function read(message: RequestMessage | ResponseMessage, type: string, limitBytes: number): Soap | undefined {
  const content = contentOf(message, limitBytes)?.bytes ?? message.body.kept;
  const bytes = content.subarray(0, READ_LIMIT_BYTES);
  const [xml, xmlType] = RELATED_TYPE.test(type) ? rootXml(bytes, type) : [bytes, type];
  if (xml === undefined || !mayBeXml(xml)) return undefined;
  const envelope = readEnvelope(xmlAsUtf8(xml, xmlType));
  if (envelope === undefined) return undefined;
  const action = actionOf(message, type, xmlType);
  return action === undefined ? envelope : { ...envelope, action };
}

/** The envelope of a multipart/related body, and its Content-Type. */
function rootXml(bytes: Uint8Array, type: string): readonly [Uint8Array | undefined, string | undefined] {
  const declared = parametersOf(type).get("type");
  if (declared !== undefined && !mayCarryXml(declared)) return [undefined, undefined];
  const parts = partsOf(bytes, type);
  if (parts === undefined) return [undefined, undefined];
  const root = rootOf(parts, type);
  return [root.bytes, root.contentType];
}

/** Whether bytes begin as XML does: with "<", white space, a byte order mark, or a NUL (UTF-16). */
function mayBeXml(bytes: Uint8Array): boolean {
  const first = bytes[0];
  return first === 0x3c || first <= 0x20 || first >= 0xef;
}

/** What the message says of itself outside of its envelope. */
function actionOf(
  { head }: RequestMessage | ResponseMessage,
  type: string,
  xmlType: string | undefined,
): string | undefined {
  const field = fieldValue(head.fields, "soapaction");
  if (field !== undefined) return field.replace(/^"(.*)"$/, "$1") || undefined;
  if (!/action/i.test(type) && !/action/i.test(xmlType ?? "")) return undefined;
  return parametersOf(type).get("action") || parametersOf(xmlType ?? "").get("action") || undefined;
}
