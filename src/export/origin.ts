/**
 * Where requests went: their URLs, and the target that a command sends them to again.
 *
 * A record names hosts and ports and not whether TLS was spoken. That stands in the record that opened its connection;
 * where it was left out, the time of a handshake, or port 443, has to do.
 */
import type { ConnectionInfo, ConnectionRecord, ExchangeRecord, RequestMessage } from "../capture/record.ts";
import { type Field, fieldValue } from "../http/head.ts";

/** The scheme of a URL of the web. */
export type Scheme = "http" | "https";

const TLS_TARGET = /^(?:https|tls):\/\//i;
const HTTPS_PORT = /:443$/;

/** Remembers which connections speak TLS, and on which side; each is forgotten with its connection's object. */
export class Schemes {
  readonly #known = new WeakMap<ConnectionInfo, { readonly client: Scheme; readonly target: Scheme }>();

  /** Takes what a connection's record says of TLS. */
  connection(record: ConnectionRecord): void {
    if (record.event !== "opened" || (record.clientTls === undefined && record.targetTls === undefined)) {
      return;
    }
    this.#known.set(record.connection, {
      client: record.clientTls === undefined ? "http" : "https",
      target: record.targetTls === undefined && record.tlsMs === undefined ? "http" : "https",
    });
  }

  /** What the client spoke. */
  client(record: ExchangeRecord): Scheme {
    return this.#known.get(record.connection)?.client ?? "http";
  }

  /** What was spoken with the target. */
  target({ connection, ms }: ExchangeRecord): Scheme {
    const known = this.#known.get(connection);
    if (known !== undefined) return known.target;
    // Only the first exchange of a connection tells of its handshake. Of the client nothing is known then.
    if (ms.tls !== undefined) this.#known.set(connection, { client: "https", target: "https" });
    const tls = ms.tls !== undefined || TLS_TARGET.test(connection.target) ||
      HTTPS_PORT.test(connection.target);
    return tls ? "https" : "http";
  }

  /**
   * The URL of a request (RFC 9110 §7.1), escaped where it is no valid one: the one that it names itself, else what its
   * `Host` field says. Where tcpmon rewrote that field it is the target's URL, which a browser could have asked; else
   * the client's.
   */
  url(record: ExchangeRecord): string {
    const { request, connection } = record;
    const target = request?.head.target ?? "/";
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return escapeUrl(target);
    const sent = request?.rewritten === undefined ? undefined : fieldValue(request.rewritten, "host");
    const received = request === undefined ? undefined : fieldValue(request.head.fields, "host");
    const isKnown = this.#known.has(connection) || sent !== undefined;
    const scheme = isKnown && sent === undefined ? this.client(record) : this.target(record);
    if (request?.head.method === "CONNECT" && !target.startsWith("/")) {
      return escapeUrl(`${HTTPS_PORT.test(target) ? "https" : "http"}://${target}/`);
    }
    const host = sent || received || authorityOf(connection.target, scheme);
    const path = target.startsWith("/") ? target : target === "*" ? "/" : `/${target}`;
    return `${scheme}://${escapeUrl(host)}${escapeUrl(path)}`;
  }
}

/** The target as a URL names it: without scheme, and without the port that its scheme has anyway. */
export function authorityOf(target: string, scheme: Scheme): string {
  if (target.startsWith("unix:")) return "localhost";
  const authority = target.replace(/^[a-z]+:\/\//i, "").replace(/\/.*$/s, "");
  return authority.replace(scheme === "https" ? HTTPS_PORT : /:80$/, "");
}

/** The fields of a request as they reached the target: where tcpmon changed some, those instead of the client's. */
export function sentFields({ head, rewritten }: RequestMessage): readonly Field[] {
  if (rewritten === undefined) return head.fields;
  const names = new Set(rewritten.map(([name]) => name.toLowerCase()));
  const fields: Field[] = [];
  const left = [...rewritten];
  for (const field of head.fields) {
    const name = field[0].toLowerCase();
    if (!names.has(name)) {
      fields.push(field);
      continue;
    }
    const at = left.findIndex(([changed]) => changed.toLowerCase() === name);
    if (at >= 0) fields.push(...left.splice(at, 1));
  }
  return [...left, ...fields];
}

const UNESCAPED = /[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]/gu;
const VALID = /^[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/;

/** What no URL holds as it is, percent-encoded as UTF-8 (RFC 3986 §2.1); what was encoded before is left alone. */
function escapeUrl(text: string): string {
  if (VALID.test(text)) return text;
  return text.toWellFormed().replace(UNESCAPED, (found) => encodeURIComponent(found));
}
