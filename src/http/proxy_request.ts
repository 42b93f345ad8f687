/**
 * What a forward proxy does with a request: send it on to its host, open a tunnel, or refuse it (RFC 9110 §7.6, §9.3.6;
 * RFC 9112 §3.2). Pure: a head in, a decision out.
 *
 * A head that is sent on is rewritten, so that tcpmon and the target must agree on what it says: whatever two recipients
 * are known to read differently is refused (CVE-2021-39214, CVE-2022-24766).
 */
import type { Flag } from "./flags.ts";
import { responseFraming } from "./framing.ts";
import { type Field, fieldValue, type RequestHead, type ResponseHead } from "./head.ts";
import { asksForUpgrade, hopByHop } from "./hop_by_hop.ts";
import { rewriteHead, type RewrittenHead } from "./rewrite_head.ts";

/** Whom a request is for. */
export interface Authority {
  /** Host name or address, IPv6 without brackets. */
  readonly host: string;
  /** 1–65535. */
  readonly port: number;
}

/** What becomes of a request. */
export type ProxyRoute =
  /** It goes to its host; `path` is its target in origin-form. */
  | { readonly kind: "forward"; readonly to: Authority; readonly tls: boolean; readonly path: string }
  /** A way to that host is opened, whatever is then said. */
  | { readonly kind: "tunnel"; readonly to: Authority }
  /** It is answered with a status and one line that says why. */
  | { readonly kind: "refuse"; readonly status: number; readonly text: string };

const refuse = (status: number, text: string): ProxyRoute => ({ kind: "refuse", status, text });

/** Oddities of a head that others may read differently, and what to call them. */
const REFUSED: Partial<Record<Flag, string>> = {
  "cl-and-te": "both Content-Length and Transfer-Encoding",
  "duplicate-length": "more than one Content-Length",
  "conflicting-length": "differing values of Content-Length",
  "bad-length": "a Content-Length that is no number",
  "odd-transfer-encoding": "a Transfer-Encoding other than chunked",
  "te-in-http10": "Transfer-Encoding in HTTP/1.0",
  "bad-field-name": "a field name that is none",
  "space-before-colon": "white space before a colon",
  "space-before-fields": "white space before the first field",
  "no-colon": "a line without a colon",
  "obs-fold": "a folded field",
  "bare-lf": "a line that ends in LF alone",
  "bare-cr": "a CR without LF",
  "control-in-field": "a control character",
  "odd-start-line": "odd white space",
  "duplicate-host": "more than one Host",
};

const SCHEMES: Readonly<Record<string, { readonly port: number; readonly tls: boolean }>> = {
  http: { port: 80, tls: false },
  ws: { port: 80, tls: false },
  https: { port: 443, tls: true },
  wss: { port: 443, tls: true },
};

/** Decides what becomes of a request. */
export function routeOf(head: RequestHead): ProxyRoute {
  for (const flag of head.flags) {
    if (flag === "bad-length" && isTooLong(fieldValue(head.fields, "content-length"))) {
      return refuse(413, "found a Content-Length that is larger than tcpmon can count");
    }
    const found = REFUSED[flag];
    if (found !== undefined) {
      const where = flag === "odd-start-line" ? "request line" : "request";
      return refuse(400, `found ${found} in the ${where}, which others may read differently`);
    }
  }
  if (!head.version.startsWith("HTTP/")) return refuse(400, `found ${head.version}, wanted HTTP/1.1`);
  if (head.method === "CONNECT") {
    const to = authorityOf(head.target, undefined);
    return to === undefined
      ? refuse(400, "found no HOST:PORT after CONNECT, wanted for example CONNECT example.com:443")
      : { kind: "tunnel", to };
  }
  const absolute = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(head.target);
  if (absolute === null) {
    return refuse(
      400,
      "found a request for this address itself, wanted one for another: this is a proxy, use it as one " +
        "(curl -x, or the proxy settings of your client)",
    );
  }
  const [, name, authority, rest] = absolute;
  const scheme = SCHEMES[name.toLowerCase()];
  if (scheme === undefined) return refuse(400, "found another scheme than http or https in the request line");
  if (authority.includes("@")) {
    return refuse(400, "found a user name in the request line, wanted an Authorization field instead");
  }
  const to = authorityOf(authority, scheme.port);
  if (to === undefined) {
    const port = /^(?:\[[^\]]*\]|[^:]+):(\d+)$/.exec(authority)?.[1];
    return port === undefined || isPort(Number(port))
      ? refuse(400, "found no host that can be read in the request line")
      : refuse(400, `found port ${port.slice(0, 20)} in the request line, wanted one from 1 to 65535`);
  }
  return { kind: "forward", to, tls: scheme.tls, path: pathOf(rest, head.method) };
}

/** Whether it is a length, but one beyond what numbers hold exactly (RFC 9110 §8.6). */
function isTooLong(length: string | undefined): boolean {
  return length !== undefined && /^[0-9]+$/.test(length);
}

/**
 * How many proxies a request may still pass, where it limits that (RFC 9110 §7.6.2); `undefined`: it does not, or its
 * method takes no such limit.
 */
export function maxForwards({ method, fields }: RequestHead): number | undefined {
  if (method !== "TRACE" && method !== "OPTIONS") return undefined;
  const value = fieldValue(fields, "max-forwards");
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The origin-form of what follows the authority; `*` where OPTIONS asks for the server itself (RFC 9112 §3.2.4). */
function pathOf(rest: string, method: string): string {
  // A fragment is for the client alone, which should not have sent it.
  const fragment = rest.indexOf("#");
  const path = fragment < 0 ? rest : rest.slice(0, fragment);
  if (path === "") return method === "OPTIONS" ? "*" : "/";
  return path.startsWith("/") ? path : `/${path}`;
}

/**
 * The target of a request to a proxy (RFC 9112 §3.2.2); what asks for the server itself has no path there (§3.2.4).
 *
 * @param origin For example `http://www.example.com:8080`.
 * @param path The target in origin-form, or `*`.
 */
export function absoluteForm(origin: string, path: string): string {
  return path === "*" ? origin : origin + path;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65535;
}

/** Reads `HOST[:PORT]`; `undefined` where it is none, or where no port is given nor known. */
function authorityOf(text: string, defaultPort: number | undefined): Authority | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._~-]{1,253}))(?::(\d{0,5}))?$/.exec(text);
  if (found === null) return undefined;
  const [, v6, name, digits] = found;
  // A colon may stand without a port (RFC 3986 §3.2.3).
  const port = digits === undefined || digits === "" ? defaultPort : Number(digits);
  if (port === undefined || !isPort(port)) return undefined;
  if (v6 !== undefined && !URL.canParse(`http://[${v6}]`)) return undefined;
  return { host: v6 ?? name, port };
}

/** An authority as it stands in a Host field. */
export function formatAuthority({ host, port }: Authority, defaultPort?: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === defaultPort ? name : `${name}:${port}`;
}

/** What a request that is sent on needs to have changed. */
export interface ForwardOptions {
  /** Request target to write: the path, or the absolute-form where another proxy follows. */
  readonly target: string;
  /** Value of Host. */
  readonly host: string;
  /** Fields that are added, such as Via. */
  readonly add: readonly Field[];
}

/** The head of a request as it is sent on: own target and Host, without what was meant for this proxy. */
export function forwardedHead(head: RequestHead, { target, host, add }: ForwardOptions): RewrittenHead {
  const values = new Map<string, string>();
  const hops = maxForwards(head);
  if (hops !== undefined && hops > 0) values.set("max-forwards", String(hops - 1));
  const sent = fieldValue(head.fields, "host");
  if (sent !== undefined && sent !== host) values.set("host", host);
  return rewriteHead(head, {
    target: target === head.target ? undefined : target,
    values,
    drop: hopByHop(head, "request"),
    dropBlankLines: true,
    add: [
      ...sent === undefined ? [["Host", host] as const] : [],
      ...asksForUpgrade(head.fields) ? [["Connection", "Upgrade"] as const] : [],
      ...add,
    ],
  });
}

/**
 * The head of a response as it is sent on. Of Content-Length beside Transfer-Encoding, the latter alone is left: what
 * tcpmon reads must be what the client reads (RFC 9112 §6.3), or the body could bring a response of its own.
 *
 * @param closes Whether the client's connection is closed after it.
 */
export function returnedHead(head: ResponseHead, closes: boolean, add: readonly Field[]): Uint8Array {
  const isDropped = hopByHop(head, "response");
  const isChunked = responseFraming(head).kind === "chunked";
  const options = [...closes ? ["close"] : [], ...asksForUpgrade(head.fields) ? ["Upgrade"] : []];
  return rewriteHead(head, {
    drop: (name) => isDropped(name) || (isChunked && name === "content-length"),
    add: [...options.length > 0 ? [["Connection", options.join(", ")] as const] : [], ...add],
    dropBlankLines: true,
  }).bytes;
}
