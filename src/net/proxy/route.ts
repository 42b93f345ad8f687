/** What a request to the proxy is sent on as, and where to: made once for each head, as connections repeat theirs. */
import type { Rewritten } from "../../capture/connection_capture.ts";
import { type Field, fieldValue, type RequestHead } from "../../http/head.ts";
import { persists } from "../../http/hop_by_hop.ts";
import {
  absoluteForm,
  formatAuthority,
  forwardedHead,
  maxForwards,
  routeOf,
} from "../../http/proxy_request.ts";
import { formatAddress, type Target } from "../address.ts";
import type { ProxySettings } from "./settings.ts";

/** What becomes of a request. */
export type Prepared =
  | {
    readonly kind: "forward";
    readonly target: Target;
    /** The target as records name it. */
    readonly name: string;
    /** What tells a connection to it from others. */
    readonly key: string;
    /** The head to send. */
    readonly bytes: Uint8Array;
    /** Fields that differ from what came, for the record; without credentials. */
    readonly rewritten: Rewritten;
    /** Whether the client keeps its connection open after it. */
    readonly persists: boolean;
    /** Whether sending it twice does no more than sending it once. */
    readonly isIdempotent: boolean;
  }
  | { readonly kind: "tunnel"; readonly target: Target & { readonly kind: "tcp" }; readonly name: string }
  | {
    readonly kind: "refuse";
    readonly status: number;
    readonly text: string;
    readonly fields: readonly Field[];
    /** The host that it was for, as far as that is known. */
    readonly name: string;
  };

/** The field that says a message came through here (RFC 9110 §7.6.3). */
export const VIA: Field = ["Via", "1.1 tcpmon"];

const CHALLENGE: Field = ["Proxy-Authenticate", 'Basic realm="tcpmon", charset="UTF-8"'];
const ALLOW: Field = ["Allow", "OPTIONS"];
/** RFC 9110 §9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
const DEFAULT_PORTS = { plain: 80, tls: 443 };

/** Decides about a request. */
export function prepare(head: RequestHead, settings: ProxySettings): Prepared {
  const { credentials } = settings;
  const route = routeOf(head);
  const name = "to" in route ? formatAuthority(route.to) : "";
  if (
    credentials !== undefined && !credentials.checkBasic(fieldValue(head.fields, "proxy-authorization"))
  ) {
    const text = "this proxy wants a user and a password (--proxy-auth)";
    return { kind: "refuse", status: 407, text, fields: [CHALLENGE], name };
  }
  if (route.kind === "refuse") return { ...route, fields: [], name };
  if (route.kind === "forward" && maxForwards(head) === 0) return { kind: "refuse", ...lastHop(head), name };
  const { host, port } = route.to;
  if (route.kind === "tunnel") {
    // Whoever asks for a tunnel means TLS, nearly always; that chooses the proxy upstream, as the client itself would.
    return { kind: "tunnel", target: { kind: "tcp", host, port, http: false, tls: true }, name };
  }
  const target: Target = { kind: "tcp", host, port, http: true, ...route.tls && { tls: true } };
  const upstream = settings.upstreamFor(target);
  const hostField = formatAuthority(route.to, route.tls ? DEFAULT_PORTS.tls : DEFAULT_PORTS.plain);
  const { bytes, fields } = forwardedHead(head, {
    target: upstream === undefined ? route.path : absoluteForm(`http://${hostField}`, route.path),
    host: hostField,
    add: [
      ...settings.via ? [VIA] : [],
      ...upstream?.authorization === undefined
        ? []
        : [["Proxy-Authorization", upstream.authorization] as const],
    ],
  });
  const changed = fields.filter(([name]) => name !== "Proxy-Authorization");
  const targetName = formatAddress(target);
  return {
    kind: "forward",
    target,
    name: targetName,
    key: route.tls ? `tls:${targetName}` : targetName,
    bytes,
    rewritten: [changed.length === 0 ? undefined : changed],
    persists: persists(head),
    isIdempotent: IDEMPOTENT.has(head.method),
  };
}

/** What the proxy says to a request that is to go no further (RFC 9110 §7.6.2). It reflects none: they hold secrets. */
function lastHop(
  { method }: RequestHead,
): Pick<Prepared & { readonly kind: "refuse" }, "status" | "text" | "fields"> {
  return method === "OPTIONS"
    ? { status: 200, text: "Max-Forwards lets the request go no further than this proxy", fields: [ALLOW] }
    : {
      status: 405,
      text: "Max-Forwards lets the request go no further than this proxy, which answers no TRACE",
      fields: [ALLOW],
    };
}
