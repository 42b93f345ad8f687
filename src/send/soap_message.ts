/**
 * SOAP requests: an envelope around a body, and the fields that go with it (SOAP 1.1 §4 and §6.1.1; SOAP 1.2 Part 1 §5,
 * RFC 3902).
 */
import { displayText } from "../capture/charset.ts";
import { quoted } from "../net/address.ts";
import type { Field } from "../http/head.ts";
import { SendUsageError } from "./send_error.ts";

/** Versions of SOAP. */
export type SoapVersion = "1.1" | "1.2";

const NAMESPACES: Readonly<{ [version in SoapVersion]: string }> = {
  "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
  "1.2": "http://www.w3.org/2003/05/soap-envelope",
};

const DECLARATION = /^\ufeff?\s*<\?xml\s[^>]*?\?>\s*/;
/** What may stand before the root element: comments and processing instructions. */
const PROLOG = /^(?:\s+|<!--[^]*?-->|<\?[^]*?\?>)+/;

const encoder = new TextEncoder();

/** A SOAP message. */
export interface SoapMessage {
  /** Its bytes. */
  readonly body: Uint8Array;
  /** Charset of the bytes, as Content-Type names it. */
  readonly charset: string;
}

/**
 * Makes a SOAP message of a body: what is an envelope already goes as it is, everything else is wrapped in one.
 *
 * @param given XML, in the encoding that its declaration names (UTF-8 unless it does); nothing for an empty body.
 * @throws {SendUsageError} where it is no XML that can stand in an envelope, or an envelope of the other version.
 */
export function soapMessage(given: Uint8Array, version: SoapVersion): SoapMessage {
  const charset = declaredCharset(given);
  const text = displayText(given, `text/xml; charset=${charset}`);
  if (text === undefined) {
    throw new SendUsageError(`a body that is no text in ${charset}`, "XML in the encoding that it declares");
  }
  const bare = text.replace(DECLARATION, "");
  const root = bare.replace(PROLOG, "");
  if (root !== "" && !root.startsWith("<")) {
    throw new SendUsageError(`the SOAP body ${quoted(root.slice(0, 40))}`, "XML, such as <GetQuote/>");
  }
  if (/^<!DOCTYPE/i.test(root)) {
    throw new SendUsageError("a DOCTYPE in the SOAP body", "none: SOAP does not allow it");
  }
  const found = envelopeVersion(root);
  if (found === version) return { body: given, charset };
  if (found !== undefined) {
    throw new SendUsageError(`an envelope of SOAP ${found}`, `one of SOAP ${version}, or --soap ${found}`);
  }
  const wrapped = '<?xml version="1.0" encoding="utf-8"?>\n' +
    `<soap:Envelope xmlns:soap="${
      NAMESPACES[version]
    }"><soap:Body>${bare.trim()}</soap:Body></soap:Envelope>`;
  return { body: encoder.encode(wrapped), charset: "utf-8" };
}

/** The version of SOAP that a text is an envelope of, by its root element; `undefined`: it is none. */
export function envelopeVersion(text: string): SoapVersion | undefined {
  const root = text.replace(DECLARATION, "").replace(PROLOG, "");
  const tag = /^<(?:([^\s:<>/="']+):)?Envelope(?=[\s/>])((?:[^<>"']|"[^"]*"|'[^']*')*)>/.exec(root);
  if (tag === null) return undefined;
  const attribute = tag[1] === undefined ? "xmlns" : `xmlns:${tag[1]}`;
  for (const [, name, double, single] of tag[2].matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (name !== attribute) continue;
    const namespace = double ?? single;
    if (namespace === NAMESPACES["1.1"]) return "1.1";
    if (namespace === NAMESPACES["1.2"]) return "1.2";
  }
  return undefined;
}

/**
 * The fields that go with a SOAP message.
 *
 * @param action What is asked for; none: SOAP 1.1 says so with an empty SOAPAction.
 * @throws {SendUsageError} where the action cannot stand in a field.
 */
export function soapFields(version: SoapVersion, charset: string, action: string | undefined): Field[] {
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  if (action !== undefined && /[\x00-\x1f\x7f"\\]/.test(action)) {
    throw new SendUsageError(
      `the SOAP action ${quoted(action)}`,
      "a URI without quotes, such as urn:GetQuote",
    );
  }
  if (version === "1.1") {
    return [["Content-Type", `text/xml; charset=${charset}`], ["SOAPAction", `"${action ?? ""}"`]];
  }
  const parameter = action === undefined ? "" : `; action="${action}"`;
  return [["Content-Type", `application/soap+xml; charset=${charset}${parameter}`]];
}

/** The encoding that an XML document names: by its mark or its declaration (XML 1.0 §4.3.3, appendix F). */
function declaredCharset(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16";
  let start = "";
  for (const byte of bytes.subarray(0, 200)) start += String.fromCharCode(byte);
  const named = /^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/.exec(
    start,
  );
  return named === null ? "utf-8" : named[1].toLowerCase();
}
