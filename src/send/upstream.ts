/**
 * Requests that go through an HTTP proxy without a tunnel: they name the whole URL (RFC 9112 §3.2.2), and log in where
 * the proxy wants that, which no log shows.
 */
import type { Record } from "../capture/record.ts";
import { composeRequestHead } from "../http/compose_head.ts";
import type { Field } from "../http/head.ts";
import { parseRequestHead } from "../http/head_parser.ts";
import { absoluteForm } from "../http/proxy_request.ts";
import { rewriteHead } from "../http/rewrite_head.ts";
import type { Target } from "../net/address.ts";
import { type BuiltRequest, withHead } from "./build_request.ts";
import { SendUsageError } from "./send_error.ts";

/** What requests to a target tell the proxy that they go through in absolute-form; `undefined`: they do not. */
export type UpstreamFor = (target: Target) => { readonly authorization?: string } | undefined;

/**
 * The request as it is sent on the way to its target.
 *
 * Redirects are followed from the request before this: the proxy's credentials must not be in it.
 *
 * @throws {SendUsageError} for CONNECT, which asks the proxy itself for a way.
 */
export function throughUpstream(built: BuiltRequest, upstreamFor: UpstreamFor): BuiltRequest {
  const upstream = upstreamFor(built.target);
  if (upstream === undefined) return built;
  const { method, version, target, fields } = built.request;
  if (method === "CONNECT") {
    throw new SendUsageError(
      "CONNECT to a target behind an HTTP proxy",
      "another method, or no --upstream-proxy",
    );
  }
  const { authorization } = upstream;
  const own: Field[] = authorization === undefined ? [] : [["Proxy-Authorization", authorization]];
  const kept = fields.filter(([name]) => own.length === 0 || !isLogin(name));
  const head = composeRequestHead({
    method,
    // The URL that was asked for, whatever Host the user gave.
    target: absoluteForm(`http://${built.url.host}`, target),
    version,
    fields: [...kept, ...own],
  });
  return withHead(head, built.url, built.body);
}

/**
 * A record as it is logged: without tcpmon's own login at a proxy, as in the log of a relay.
 *
 * @param logins Values of Proxy-Authorization that are tcpmon's own.
 */
export function withoutLogin(record: Record, logins: ReadonlySet<string>): Record {
  if (record.type !== "exchange" || record.request === undefined) return record;
  const { head } = record.request;
  if (!head.fields.some(([name, value]) => isLogin(name) && logins.has(value))) return record;
  const shown = parseRequestHead(rewriteHead(head, { drop: isLogin }).bytes);
  // What was read with the field can be read without it.
  return typeof shown === "string" ? record : { ...record, request: { ...record.request, head: shown } };
}

function isLogin(name: string): boolean {
  return name.toLowerCase() === "proxy-authorization";
}
