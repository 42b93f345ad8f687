/** Which way a target is reached, directly or through an upstream proxy, and a dialler that goes it. */
import type { Target } from "../address.ts";
import type { Connection } from "../connection.ts";
import type { Connect } from "../dial.ts";
import type { HostPatterns } from "../host_patterns.ts";
import type { TargetScheme } from "./environment.ts";
import { formatUpstream, type UpstreamProxy } from "./proxy_address.ts";
import { tunnel } from "./tunnel.ts";

/** Opens a connection to a proxy, with TLS where its kind is `https`, or throws an `Error` as {@link Connect} does. */
export type DialProxy = (proxy: UpstreamProxy, signal: AbortSignal) => Promise<Connection>;

/** The proxy for a target, or `undefined` where it is to be reached directly. */
export type ChooseProxy = (target: Target) => UpstreamProxy | undefined;

/**
 * How a target is reached: `direct`; `absolute-form`, by requests to the proxy that name the target's URL (RFC 9112
 * §3.2.2); or in a tunnel that `connect` or `socks5` opens.
 */
export type Way = "direct" | "absolute-form" | "connect" | "socks5";

/** What is spoken with a target, as the variables of the environment tell targets apart: all TLS counts as `https`. */
export function schemeOf(target: Target): TargetScheme {
  if (target.kind === "unix") return "tcp";
  return target.tls ? "https" : target.http ? "http" : "tcp";
}

/**
 * A choice by scheme, with exceptions.
 *
 * @param forScheme The proxy for each kind of target.
 * @param noProxy Targets that are reached directly.
 */
export function chooseByScheme(
  forScheme: (scheme: TargetScheme) => UpstreamProxy | undefined,
  noProxy: HostPatterns,
): ChooseProxy {
  return (target) => {
    if (target.kind === "unix" || noProxy.matches(target.host, target.port)) return undefined;
    return forScheme(schemeOf(target));
  };
}

/** The way to a target. No proxy leads to a Unix socket. Only plain HTTP goes in absolute-form. */
export function wayTo(target: Target, proxy: UpstreamProxy | undefined): Way {
  if (proxy === undefined || target.kind === "unix") return "direct";
  if (proxy.kind === "socks5") return "socks5";
  return schemeOf(target) === "http" ? "absolute-form" : "connect";
}

/**
 * A dialler that goes through proxies. Where the way is `absolute-form`, its connection ends at the proxy, and it is for
 * the caller to send requests in that form, with {@link proxyAuthorization}; otherwise it ends at the target.
 *
 * @param dialProxy Reaches a proxy.
 * @param choose Asked at each dial.
 * @param direct Reaches targets for which there is no proxy.
 */
export function upstreamDial(dialProxy: DialProxy, choose: ChooseProxy, direct: Connect): Connect {
  return async (target, signal) => {
    const proxy = choose(target);
    const way = wayTo(target, proxy);
    if (proxy === undefined || target.kind === "unix") return await direct(target, signal);
    const connection = await reach(dialProxy, proxy, signal);
    if (way !== "absolute-form") await tunnel(connection, proxy, target, signal);
    return connection;
  };
}

async function reach(dialProxy: DialProxy, proxy: UpstreamProxy, signal: AbortSignal): Promise<Connection> {
  try {
    return await dialProxy(proxy, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot reach the proxy ${formatUpstream(proxy)}: ${reason}`);
  }
}
