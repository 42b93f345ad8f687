/**
 * Fields that are meant for the next hop alone (RFC 9110 §7.6.1): a proxy takes them out before it sends a message on.
 *
 * Framing stays: tcpmon sends a body on as it came, so Transfer-Encoding and Trailer still say what it is. And what
 * delimits or addresses a message stays even where Connection names it, as that has been used to hide it from one of
 * two recipients.
 */
import { type Field, fieldList, fieldValue, type Head, type RequestHead, type ResponseHead } from "./head.ts";

/** What Connection may name in vain. */
const NEVER_DROPPED: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "trailer",
  "content-type",
  "content-encoding",
  "authorization",
  "cookie",
  "set-cookie",
]);

const CONNECTION: readonly string[] = ["connection", "proxy-connection", "keep-alive", "te"];

/** What goes from requests beside that: credentials that are for this proxy. */
const OF_REQUESTS: readonly string[] = ["proxy-authorization"];
/** And from responses: a target's challenge is not this proxy's. */
const OF_RESPONSES: readonly string[] = ["proxy-authenticate", "proxy-authentication-info"];

/** Whether a field is dropped from a head; names are in lower case. */
export function hopByHop(head: Head, kind: "request" | "response"): (name: string) => boolean {
  const named = [...fieldList(head.fields, "connection"), ...fieldList(head.fields, "proxy-connection")]
    .filter((name) => !NEVER_DROPPED.has(name));
  const dropped = new Set([...CONNECTION, ...kind === "request" ? OF_REQUESTS : OF_RESPONSES, ...named]);
  if (asksForUpgrade(head.fields)) {
    dropped.delete("upgrade");
  } else {
    dropped.add("upgrade");
  }
  return (name) => dropped.has(name);
}

/** Whether a message asks for, or agrees to, another protocol (RFC 9110 §7.8): Upgrade, named by Connection. */
export function asksForUpgrade(fields: readonly Field[]): boolean {
  return fieldValue(fields, "upgrade") !== undefined && fieldList(fields, "connection").includes("upgrade");
}

/**
 * Whether the connection stays open after this message, as a proxy has to see it: a client that speaks HTTP/1.0 is never
 * promised that, for it may be a proxy which passed on a `keep-alive` that it did not understand (RFC 9112 §9.3, §C.2.2).
 */
export function persists(head: RequestHead | ResponseHead): boolean {
  const options = fieldList(head.fields, "connection");
  if (options.includes("close")) return false;
  if (head.kind === "request" && fieldList(head.fields, "proxy-connection").includes("close")) return false;
  return head.version !== "HTTP/1.0" || (head.kind === "response" && options.includes("keep-alive"));
}
