/**
 * The StockQuote service: `getQuote(symbol)` in SOAP 1.1 and 1.2, with Faults.
 *
 * SOAP 1.1 says that every Fault has status 500 (§6.2); SOAP 1.2 gives 400 to a Fault of the sender (Part 2 §7.5.2.2).
 */
import { findQuote } from "./quotes.ts";

/** A version of SOAP, as far as the service must know. */
interface SoapVersion {
  readonly namespace: string;
  /** Media type of its messages. */
  readonly mediaType: string;
  /** Fault code and status where the sender is to blame, and where the service is. */
  readonly sender: readonly [code: string, status: number];
  readonly receiver: readonly [code: string, status: number];
}

const SOAP_11: SoapVersion = {
  namespace: "http://schemas.xmlsoap.org/soap/envelope/",
  mediaType: "text/xml",
  sender: ["soapenv:Client", 500],
  receiver: ["soapenv:Server.userException", 500],
};

const SOAP_12: SoapVersion = {
  namespace: "http://www.w3.org/2003/05/soap-envelope",
  mediaType: "application/soap+xml",
  sender: ["soapenv:Sender", 400],
  receiver: ["soapenv:Receiver", 500],
};

/** How much of an unknown symbol a Fault repeats, in characters: real ones have at most 5. */
const SYMBOL_SHOWN = 40;

/** What the service answers. */
export interface SoapAnswer {
  /** Status of the HTTP response. */
  readonly status: number;
  /** Value of Content-Type. */
  readonly contentType: string;
  /** The envelope. */
  readonly xml: string;
}

/**
 * Answers a call.
 *
 * @param contentType Value of the request's Content-Type; it decides which SOAP is spoken.
 * @param xml The request's body.
 */
export function answerSoap(contentType: string, xml: string): SoapAnswer {
  const version = contentType.toLowerCase().includes(SOAP_12.mediaType) ? SOAP_12 : SOAP_11;
  const isCall = xml.includes(version.namespace) && elementText(xml, "getQuote") !== undefined;
  const symbol = isCall ? elementText(xml, "symbol") : undefined;
  if (symbol === undefined) {
    const reason = "cannot read the call: wanted a SOAP envelope with getQuote and its symbol";
    return fault(version, version.sender, reason);
  }
  const quote = findQuote(symbol);
  if (quote === undefined) {
    return fault(version, version.receiver, `no such symbol: ${symbol.trim().slice(0, SYMBOL_SHOWN)}`);
  }
  return envelope(
    version,
    200,
    `<ns1:getQuoteResponse xmlns:ns1="urn:xmltoday-delayed-quotes">` +
      `<getQuoteReturn>${quote.price.toFixed(2)}</getQuoteReturn></ns1:getQuoteResponse>`,
  );
}

function fault(version: SoapVersion, [code, status]: SoapVersion["sender"], reason: string): SoapAnswer {
  const text = escapeXml(reason);
  const content = version === SOAP_11
    ? `<faultcode>${code}</faultcode><faultstring>${text}</faultstring>`
    : `<soapenv:Code><soapenv:Value>${code}</soapenv:Value></soapenv:Code>` +
      `<soapenv:Reason><soapenv:Text xml:lang="en">${text}</soapenv:Text></soapenv:Reason>`;
  return envelope(version, status, `<soapenv:Fault>${content}</soapenv:Fault>`);
}

function envelope(version: SoapVersion, status: number, content: string): SoapAnswer {
  return {
    status,
    contentType: `${version.mediaType}; charset=utf-8`,
    xml: `<?xml version="1.0" encoding="UTF-8"?>\n` +
      `<soapenv:Envelope xmlns:soapenv="${version.namespace}"><soapenv:Body>${content}</soapenv:Body>` +
      `</soapenv:Envelope>`,
  };
}

/**
 * The text right after the first start tag of that name, in any namespace; `undefined` where there is none.
 *
 * It looks at each tag once, so the time is linear whatever is sent; a real service would have an XML parser.
 */
function elementText(xml: string, localName: string): string | undefined {
  for (let open = xml.indexOf("<"); open >= 0;) {
    const close = xml.indexOf(">", open);
    if (close < 0) return undefined;
    const next = xml.indexOf("<", close);
    const name = xml.slice(open + 1, close).split(/[\s/]/, 1)[0];
    if (name.slice(name.indexOf(":") + 1) === localName) {
      return unescapeXml(xml.slice(close + 1, next < 0 ? xml.length : next));
    }
    open = next;
  }
  return undefined;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function unescapeXml(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
