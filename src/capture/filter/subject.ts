/**
 * What each key of the filter language reads from a record. A key that does not apply to a record reads nothing from
 * it, so a term with that key is false.
 */
import { type Field, fieldValue, type RequestHead } from "../../http/head.ts";
import type {
  Body,
  ConnectionRecord,
  ExchangeRecord,
  LostRecord,
  Record,
  RequestMessage,
  ResponseMessage,
  Timings,
} from "../record.ts";
import type { Soap, SoapFault } from "../soap.ts";
import type { FieldKey, NumberKey, TextKey } from "./keys.ts";
import { toMicroseconds } from "./quantity.ts";

/** A record that a filter can hold back. */
export type Subject = Exclude<Record, LostRecord>;

/** The text of a body, in lower case. */
export type LowerText = (body: Body, message?: RequestMessage | ResponseMessage) => string;

/** What a message says, if it is SOAP. */
export type SoapOf = (message: RequestMessage | ResponseMessage) => Soap | undefined;

/** Asks about one text; a `true` ends the search. */
export type TextTest = (text: string) => boolean;

/** Asks about one named value; a `true` ends the search. */
export type FieldTest = (name: string, value: string) => boolean;

/** The keys that read body text, in lower case already. */
export type BodyKey = "body" | "request-body" | "response-body";

/** The keys that read SOAP, hence bodies. */
export type SoapKey = "soap" | "fault" | "message-id";

/** For each text key: asks about each of the record's texts until one passes. Says whether one did. */
export const TEXTS: {
  readonly [key in Exclude<TextKey, BodyKey | SoapKey>]: (of: Subject, test: TextTest) => boolean;
} = {
  "type": (of, test) => test(of.type),
  "listener": (of, test) => test(of.connection.listener),
  "client": (of, test) => test(of.connection.client),
  "target": (of, test) => {
    const { target } = of.connection;
    return test(target) || (target.includes("://") && test(target.split("/", 3)[2]));
  },
  "method": onRequest((head, test) => test(head.method)),
  "scheme": (of, test) =>
    of.type === "exchange" && of.request !== undefined && test(schemeOf(of, of.request.head)),
  "host": onRequest((head, test) => {
    const host = fieldValue(head.fields, "host") ?? splitTarget(head).authority;
    return host !== undefined && test(host);
  }),
  "path": onRequest((head, test) => {
    const { path } = splitTarget(head);
    return path !== undefined && test(path);
  }),
  "query": onRequest((head, test) => {
    const { query } = splitTarget(head);
    return query !== undefined && test(query);
  }),
  "url": onRequest((head, test) => test(head.target)),
  "version": onMessages((message, test) => test(message.head.version)),
  "reason": (of, test) =>
    of.type === "exchange" && of.response !== undefined && test(of.response.head.reason),
  "mime": onMessages(testMime),
  "request-mime": (of, test) =>
    of.type === "exchange" && of.request !== undefined && testMime(of.request, test),
  "response-mime": (of, test) =>
    of.type === "exchange" && of.response !== undefined && testMime(of.response, test),
  "outcome": (of, test) => of.type === "exchange" && test(of.outcome),
  "flag": (of, test) => of.type === "exchange" && of.flags.some((flag) => test(flag)),
  "error": (of, test) => "error" in of && of.error !== undefined && test(of.error),
  "end": (of, test) => of.type === "connection" && of.event === "closed" && test(of.end),
  "tls": (of, test) => of.type === "connection" && testTls(of, test),
  "direction": (of, test) => "direction" in of && test(of.direction),
  "protocol": (of, test) => of.type === "message" && test(of.protocol),
  "event": (of, test) => "event" in of && test(of.event),
  "opcode": (of, test) => "opcode" in of && test(of.opcode),
};

/** For each body key: asks about each of the record's body texts, in lower case, until one passes. */
export const BODIES: {
  readonly [key in BodyKey]: (of: Subject, test: TextTest, lower: LowerText) => boolean;
} = {
  "body": (of, test, lower) => {
    if (of.type === "data" || of.type === "message") return test(lower(of.body));
    return BODIES["request-body"](of, test, lower) || BODIES["response-body"](of, test, lower);
  },
  "request-body": (of, test, lower) =>
    of.type === "exchange" && of.request !== undefined && test(lower(of.request.body, of.request)),
  "response-body": (of, test, lower) =>
    of.type === "exchange" && of.response !== undefined && test(lower(of.response.body, of.response)),
};

/** For each key that reads SOAP: asks about each of the record's texts until one passes. */
export const SOAPS: {
  readonly [key in SoapKey]: (of: Subject, test: TextTest, soapOf: SoapOf) => boolean;
} = {
  "soap": (of, test, soapOf) => {
    const [soap] = soapsOf(of, soapOf);
    return soap !== undefined && test(soap.operation ?? "");
  },
  "fault": (of, test, soapOf) => {
    if ("faults" in of && of.faults !== undefined && of.faults.some((note) => test(note.fault))) return true;
    return soapsOf(of, soapOf).some(({ fault }) => fault !== undefined && testFault(fault, test));
  },
  "message-id": (of, test, soapOf) =>
    soapsOf(of, soapOf).some(({ messageId, relatesTo = [] }) =>
      (messageId !== undefined && test(messageId)) || relatesTo.some(test)
    ),
};

/** For each number key: the record's number, in base units. */
export const NUMBERS: { readonly [key in NumberKey]: (of: Subject) => number | undefined } = {
  "id": (of) => of.type === "exchange" ? of.id : of.type === "message" ? of.exchange : undefined,
  "connection": (of) => of.connection.id,
  "exchanges": (of) => of.type === "connection" && of.event === "closed" ? of.exchanges : undefined,
  "status": (of) => of.type === "exchange" ? of.response?.head.status : undefined,
  "size": (of) => {
    if (of.type === "exchange") return of.response?.body.bytes;
    return of.type === "connection" ? undefined : of.body.bytes;
  },
  "request-size": (of) => of.type === "exchange" ? of.request?.body.bytes : undefined,
  "duration": (of) => "totalMs" in of ? toMicroseconds(of.totalMs) : timing(of, "total"),
  "connect": (of) => "connectMs" in of ? toMicroseconds(of.connectMs) : timing(of, "connect"),
  "handshake": (of) => {
    const ms = of.type === "connection" && of.event === "opened" ? of.tlsMs : undefined;
    return ms === undefined ? timing(of, "tls") : toMicroseconds(ms);
  },
  "send": (of) => timing(of, "send"),
  "wait": (of) => timing(of, "wait"),
  "receive": (of) => timing(of, "receive"),
  "relay": (of) => timing(of, "relay"),
  "time": (of) => Math.floor(of.at),
};

/** For each field key: asks about each of the record's named values until one passes. Says whether one did. */
export const FIELDS: { readonly [key in FieldKey]: (of: Subject, test: FieldTest) => boolean } = {
  "header": (of, test) => FIELDS["request-header"](of, test) || FIELDS["response-header"](of, test),
  "request-header": (of, test) => of.type === "exchange" && testFields(of.request, test),
  "response-header": (of, test) => of.type === "exchange" && testFields(of.response, test),
  "cookie": (of, test) =>
    of.type === "exchange" &&
    (testCookies(of.request, "cookie", test) || testCookies(of.response, "set-cookie", test)),
};

/** Asks about each text that a bare word is looked for in, bodies excepted. Says whether one passed. */
export function testEveryText(of: Subject, test: TextTest): boolean {
  switch (of.type) {
    case "exchange": {
      const { request, response } = of;
      if (request !== undefined && (test(request.head.method) || test(request.head.target))) return true;
      if (response !== undefined && (test(String(response.head.status)) || test(response.head.reason))) {
        return true;
      }
      return FIELDS.header(of, (name, value) => test(name) || test(value)) || TEXTS.error(of, test);
    }
    case "connection":
      return test(of.connection.listener) || test(of.connection.client) || test(of.connection.target) ||
        test(of.event) || TEXTS.tls(of, test) || TEXTS.end(of, test) || TEXTS.error(of, test);
    case "message":
      return TEXTS.event(of, test) || TEXTS.opcode(of, test) || TEXTS.error(of, test);
    case "data":
      return false;
  }
}

function onRequest(
  ask: (head: RequestHead, test: TextTest) => boolean,
): (of: Subject, test: TextTest) => boolean {
  return (of, test) => of.type === "exchange" && of.request !== undefined && ask(of.request.head, test);
}

function onMessages(
  ask: (message: RequestMessage | ResponseMessage, test: TextTest) => boolean,
): (of: Subject, test: TextTest) => boolean {
  return (of, test) =>
    of.type === "exchange" &&
    ((of.request !== undefined && ask(of.request, test)) ||
      (of.response !== undefined && ask(of.response, test)));
}

/** All that TLS tells of a connection: names, versions, cipher suites, application protocols, certificates. */
function testTls(of: ConnectionRecord, test: TextTest): boolean {
  if (of.event === "client-hello") {
    const { serverName, alpn, versions } = of.hello;
    return (serverName !== undefined && test(serverName)) || versions.some(test) || alpn.some(test);
  }
  if (of.event === "closed") return false;
  return [of.clientTls, of.targetTls].some((info) => info !== undefined && Object.values(info).some(test));
}

/** What the messages of an exchange say that are SOAP, the request first. */
function soapsOf(of: Subject, soapOf: SoapOf): readonly Soap[] {
  if (of.type !== "exchange") return [];
  return [of.request && soapOf(of.request), of.response && soapOf(of.response)].filter((soap) =>
    soap !== undefined
  );
}

/** Codes as they are written and without their prefix, and the reason. */
function testFault({ code, subcodes = [], string }: SoapFault, test: TextTest): boolean {
  return [code, ...subcodes].some((one) => test(one) || test(one.slice(one.indexOf(":") + 1))) ||
    test(string);
}

/** The media type without its parameters (RFC 9110 §8.3.1). */
function testMime({ head }: RequestMessage | ResponseMessage, test: TextTest): boolean {
  const value = fieldValue(head.fields, "content-type");
  return value !== undefined && test(value.split(";", 1)[0].trimEnd());
}

function testFields(message: RequestMessage | ResponseMessage | undefined, test: FieldTest): boolean {
  if (message === undefined) return false;
  const ask = ([name, value]: Field) => test(name, value);
  return message.head.fields.some(ask) || message.trailers.some(ask);
}

/** Cookies that were sent (all in one field), or set (one in each; RFC 6265 §4). */
function testCookies(
  message: RequestMessage | ResponseMessage | undefined,
  field: "cookie" | "set-cookie",
  test: FieldTest,
): boolean {
  return message !== undefined && message.head.fields.some(([name, value]) => {
    if (name.toLowerCase() !== field) return false;
    const pairs = value.split(";", field === "cookie" ? undefined : 1);
    return pairs.some((pair) => {
      const split = pair.indexOf("=");
      return split > 0 && test(pair.slice(0, split).trim(), pair.slice(split + 1).trim());
    });
  });
}

function timing(of: Subject, name: keyof Timings): number | undefined {
  const value = of.type === "exchange" ? of.ms[name] : undefined;
  return value === undefined ? undefined : toMicroseconds(value);
}

/** The scheme that the request names; else `https` where the target is reached by TLS, `http` where it is not. */
function schemeOf(of: ExchangeRecord, head: RequestHead): string {
  return splitTarget(head).scheme ?? (/^(?:https|tls):/i.test(of.connection.target) ? "https" : "http");
}

/** The parts of a request target; origin-form has no scheme and no authority, authority-form no path (RFC 9112 §3.2). */
function splitTarget(
  head: RequestHead,
): { scheme?: string; authority?: string; path?: string; query?: string } {
  const { target } = head;
  if (head.method === "CONNECT" && !target.startsWith("/")) return { authority: target };
  const mark = target.indexOf("?");
  const before = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? undefined : target.slice(mark + 1);
  const colon = before.startsWith("/") ? -1 : before.indexOf("://");
  if (colon < 0) return { path: before, query };
  const slash = before.indexOf("/", colon + 3);
  const end = slash < 0 ? before.length : slash;
  return {
    scheme: before.slice(0, colon),
    authority: before.slice(colon + 3, end),
    path: before.slice(end) || "/",
    query,
  };
}
