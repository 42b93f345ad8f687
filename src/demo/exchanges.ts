/**
 * The exchanges that the demo sends through the relay, so that the log shows one of each kind.
 */
import type { Field } from "../http/head.ts";
import { SOAP_PATH } from "./answers.ts";

/** An exchange to send. */
export interface DemoExchange {
  /** What it is, in a word or two. */
  readonly name: string;
  /** What to look at in the log. */
  readonly why: string;
  /** What is sent. */
  readonly request: {
    readonly method: string;
    /** Path and query. */
    readonly path: string;
    /** Fields in order, without Host and Content-Length: those depend on the relay and the body. */
    readonly headers: readonly Field[];
    /** Sent as UTF-8. Where the request asks for a WebSocket: its first message. */
    readonly body?: string;
  };
}

/** All of them, in the order in which they are sent. */
export const DEMO_EXCHANGES: readonly DemoExchange[] = [
  {
    name: "SOAP 1.1",
    why: "the StockQuote call of every TCPMon tutorial",
    request: {
      method: "POST",
      path: SOAP_PATH,
      headers: [["Content-Type", "text/xml; charset=utf-8"], ["SOAPAction", '""']],
      body: getQuote("http://schemas.xmlsoap.org/soap/envelope/", "IBM"),
    },
  },
  {
    name: "SOAP 1.2 Fault",
    why: "status 500, and the reason in the body",
    request: {
      method: "POST",
      path: SOAP_PATH,
      headers: [["Content-Type", 'application/soap+xml; charset=utf-8; action="getQuote"']],
      body: getQuote("http://www.w3.org/2003/05/soap-envelope", "NOPE"),
    },
  },
  {
    name: "JSON",
    why: "sent only after 100 Continue, an interim response",
    request: {
      method: "POST",
      path: "/api/orders",
      headers: [["Content-Type", "application/json"], ["Expect", "100-continue"]],
      body: '{"symbol":"ORCL","shares":10}',
    },
  },
  {
    name: "gzip",
    why: "compressed on the wire, readable in the log",
    request: {
      method: "GET",
      path: "/api/quotes?symbol=IBM,SAP",
      headers: [["Accept", "application/json"], ["Accept-Encoding", "gzip"]],
    },
  },
  {
    name: "chunked",
    why: "three chunks, then a trailer",
    request: { method: "GET", path: "/chunked", headers: [["TE", "trailers"], ["Connection", "TE"]] },
  },
  {
    name: "events",
    why: "server-sent events, each as it comes",
    request: { method: "GET", path: "/events", headers: [["Accept", "text/event-stream"]] },
  },
  {
    name: "picture",
    why: "a body that is no text: a hex dump",
    request: { method: "GET", path: "/chart.png", headers: [["Accept", "image/*"]] },
  },
  {
    name: "error",
    why: "404, for a symbol that nobody knows",
    request: { method: "GET", path: "/api/quotes/NOPE", headers: [["Accept", "application/json"]] },
  },
  {
    name: "HEAD",
    why: "a length, and no body",
    request: { method: "HEAD", path: "/", headers: [] },
  },
  {
    name: "WebSocket",
    why: "101, then messages both ways",
    request: {
      method: "GET",
      path: "/ws",
      headers: [
        ["Connection", "Upgrade"],
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Version", "13"],
        ["Sec-WebSocket-Key", "dGNwbW9uIGRlbW8ga2V5IQ=="],
      ],
      body: "hello through the relay",
    },
  },
];

function getQuote(namespace: string, symbol: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<soapenv:Envelope xmlns:soapenv="${namespace}"><soapenv:Body>` +
    `<ns1:getQuote xmlns:ns1="urn:xmltoday-delayed-quotes"><symbol>${symbol}</symbol></ns1:getQuote>` +
    `</soapenv:Body></soapenv:Envelope>`;
}
