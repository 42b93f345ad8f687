/** From options to how targets are reached: directly or through a proxy, with TLS or without, never in a circle. */
import type { CaptureOptions } from "../cli/settings.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { RequestHead } from "../http/head.ts";
import { absoluteForm, routeOf } from "../http/proxy_request.ts";
import { hostRule, type Refusal, remembered, type RewriteRule } from "../http/request_rewriter.ts";
import { rewriteHead } from "../http/rewrite_head.ts";
import { AddressError, formatAddress, quoted, type Target } from "../net/address.ts";
import { type Connect, connectDirectly, type Dial, within, withoutLoops } from "../net/dial.ts";
import { leadsTo, leadsToListener } from "../net/endpoint.ts";
import { HostPatterns } from "../net/host_patterns.ts";
import { closeQuietly, type Reached } from "../net/connection.ts";
import { CLIENT_CERT_NEEDS_DIRECT, tlsConnect, tlsConnectDirect } from "../net/tls/dial_tls.ts";
import type { TlsClientOptions } from "../net/tls/options.ts";
import {
  type TargetScheme,
  type UpstreamEnvironment,
  upstreamFromEnvironment,
} from "../net/upstream/environment.ts";
import {
  formatUpstream,
  parseUpstreamProxy,
  proxyAuthorization,
  type UpstreamProxy,
} from "../net/upstream/proxy_address.ts";
import {
  chooseByScheme,
  type ChooseProxy,
  type DialProxy,
  upstreamDial,
  wayTo,
} from "../net/upstream/upstream_dial.ts";
import type { TlsSetup } from "./tls.ts";

type TcpTarget = Target & { readonly kind: "tcp" };

const SCHEMES: readonly TargetScheme[] = ["http", "https", "tcp"];
const OWN_LISTENER = "it is a listener of this tcpmon itself, wanted another proxy";

/** How targets are reached in this run. */
export interface Network {
  /** Opens the bytes' way to a target, before any TLS. */
  readonly connect: Connect;
  /** Reaches a target, ready for its protocol. */
  readonly dial: Dial;
  /** Speaks TLS with a target over a way that is open, or over a new one where only that can be had. */
  readonly secureTarget: TlsSetup["secureTarget"];
  /** What requests to a target that go to a proxy in absolute-form tell it; `undefined`: they do not. */
  readonly upstreamFor: (target: Target) => { readonly authorization?: string } | undefined;
  /** The proxy of a target in words, where there is one; without a target: those there are. */
  readonly describe: (target?: Target) => string | undefined;
  /** Whether the environment was to name proxies, and names none. */
  readonly lacksProxies: boolean;
}

/**
 * Puts the ways together.
 *
 * @param listening The addresses of our own listeners.
 * @param now The monotonic clock, ms.
 * @throws {UsageError} where a proxy of the environment cannot be read.
 */
export function setUpNetwork(
  options: Pick<CaptureOptions, "connectTimeoutMs" | "upstreamProxy" | "noProxy">,
  tls: TlsSetup,
  listening: () => Iterable<Deno.Addr>,
  now: () => number,
): Network {
  const timeoutMs = options.connectTimeoutMs;
  const proxies = readProxies(options);
  const { choose } = proxies;
  const dialProxy: DialProxy = async (proxy, signal) => {
    const target: Target = { kind: "tcp", host: proxy.host, port: proxy.port, http: false };
    // Before a word is said to it: each answer would need another connection to itself.
    for (const own of listening()) if (leadsToListener(target, own)) throw new Error(OWN_LISTENER);
    const connection = await connectDirectly(target, signal);
    if (leadsTo(connection, listening())) {
      connection.close();
      throw new Error(OWN_LISTENER);
    }
    if (proxy.kind !== "https") return connection;
    // The client certificate is for targets.
    const asked = { ...tls.clientOptions({ ...target, http: true }), clientCert: undefined };
    return (await tlsConnect(connection, asked, { timeoutMs, signal })).connection;
  };
  const open = withoutLoops(upstreamDial(dialProxy, choose, connectDirectly), listening, now);
  /** Whether a client certificate can be shown by {@link dialTls}. */
  const canDialTls = (target: TcpTarget, { clientCert, insecure }: TlsClientOptions) =>
    clientCert !== undefined && !insecure && choose(target) === undefined;
  /** Dials and speaks TLS in one: all that the older runtime can do with a client certificate. */
  const dialTls = async (
    target: TcpTarget,
    asked: TlsClientOptions,
    signal: AbortSignal,
  ): Promise<Reached> => {
    let reached: Reached | undefined;
    const dial: Connect = async (_target, signal) => {
      reached = await tlsConnectDirect(target.port, asked, { timeoutMs, signal });
      return reached.connection;
    };
    await withoutLoops(dial, listening, now)(target, signal);
    return reached!;
  };
  const secureTarget: TlsSetup["secureTarget"] = async (way, target, signal, protocol) => {
    if (target.kind !== "tcp") return await tls.secureTarget(way, target, signal, protocol);
    const known = tls.clientOptions(target);
    const asked = protocol === undefined ? known : { ...known, alpn: [protocol] };
    const canDial = canDialTls(target, asked);
    if (canDial && CLIENT_CERT_NEEDS_DIRECT) {
      closeQuietly(way);
      return await dialTls(target, asked, signal);
    }
    try {
      return await tls.secureTarget(way, target, signal, protocol);
    } catch (error) {
      // With a client certificate only the given authorities were trusted: the others may vouch for it.
      if (!canDial || asked.caPem === undefined || signal.aborted) throw error;
      return await dialTls(target, asked, signal);
    }
  };
  const upstreamOf = (target: Target) => {
    const proxy = choose(target);
    return wayTo(target, proxy) === "absolute-form" ? proxy : undefined;
  };
  return {
    connect: (target, signal) => within(timeoutMs, signal, (signal) => open(target, signal)),
    dial: (target, signal) =>
      within(timeoutMs, signal, async (signal) => {
        if (target.kind === "unix" || !target.tls) return { connection: await open(target, signal) };
        const asked = tls.clientOptions(target);
        if (CLIENT_CERT_NEEDS_DIRECT && canDialTls(target, asked)) {
          return await dialTls(target, asked, signal);
        }
        return await secureTarget(await open(target, signal), target, signal);
      }),
    secureTarget,
    upstreamFor: (target) => {
      const proxy = upstreamOf(target);
      return proxy && { authorization: proxyAuthorization(proxy) };
    },
    describe: (target) => {
      if (target === undefined) return proxies.text;
      const proxy = choose(target);
      return proxy && formatUpstream(proxy);
    },
    lacksProxies: options.upstreamProxy === "env" && proxies.text === undefined,
  };
}

/**
 * What a relay makes of the heads of requests; `undefined`: they stay as they are.
 *
 * @param hostField Value to write into `Host`; undefined: it stays as sent.
 */
export function ruleOf(
  target: Target,
  hostField: string | undefined,
  network: Pick<Network, "upstreamFor">,
): RewriteRule | undefined {
  const upstream = network.upstreamFor(target);
  if (upstream === undefined) return hostField === undefined ? undefined : remembered(hostRule(hostField));
  const { authorization } = upstream;
  const origin = `http://${formatAddress(target).replace(/:80$/, "")}`;
  const values = new Map(hostField === undefined ? [] : [["host", hostField]]);
  return remembered((head) => {
    const path = pathOf(head, origin);
    if (typeof path !== "string") return path;
    const made = rewriteHead(head, {
      target: absoluteForm(origin, path),
      values,
      drop: (name) => name === "proxy-authorization" && authorization !== undefined,
      add: authorization === undefined ? [] : [["Proxy-Authorization", authorization]],
    });
    // What is sent to the proxy alone is no business of the log.
    return { ...made, fields: made.fields.filter(([name]) => name.toLowerCase() === "host") };
  }, "found what is no HTTP request, wanted one: the target is reached through an HTTP proxy");
}

/**
 * The path that a request asks our target for. The proxy goes wherever it is told, with our credentials: what names no
 * path, or may be read in two ways, is refused.
 */
function pathOf(head: RequestHead, origin: string): string | Refusal {
  const { method, target } = head;
  const isPath = target.startsWith("/");
  if (method === "CONNECT" || !(isPath || target === "*" || target.includes("://"))) {
    const found = quoted(`${method} ${target}`);
    return { refuse: `found ${found}, wanted a path: the target is reached through an HTTP proxy` };
  }
  const route = routeOf(
    isPath || target === "*" ? { ...head, target: isPath ? origin + target : origin } : head,
  );
  return route.kind === "forward"
    ? route.path
    : { refuse: route.kind === "refuse" ? route.text : "a tunnel" };
}

/** The proxies that were given. */
interface Proxies {
  /** The one for a target. */
  readonly choose: ChooseProxy;
  /** All of them, for status lines; undefined: there are none. */
  readonly text?: string;
}

function readProxies(
  { upstreamProxy = "", noProxy }: Pick<CaptureOptions, "upstreamProxy" | "noProxy">,
): Proxies {
  if (upstreamProxy === "") return { choose: () => undefined };
  try {
    if (upstreamProxy === "env") return fromEnvironment(noProxy);
    const proxy: UpstreamProxy = parseUpstreamProxy(upstreamProxy);
    const choose = chooseByScheme(() => proxy, HostPatterns.parse(noProxy ?? ""));
    return { choose, text: formatUpstream(proxy) };
  } catch (error) {
    throw error instanceof AddressError
      ? new UsageError(`cannot read --upstream-proxy: ${error.message}`)
      : error;
  }
}

function fromEnvironment(noProxy: string | undefined): Proxies {
  const environment: UpstreamEnvironment = upstreamFromEnvironment((name) => Deno.env.get(name));
  const exceptions = [environment.noProxy ?? "", noProxy ?? ""].join(",");
  const choose = chooseByScheme(environment.forScheme, HostPatterns.parse(exceptions));
  const found = SCHEMES.flatMap((scheme) => {
    const proxy = environment.forScheme(scheme);
    return proxy === undefined ? [] : [{ scheme, url: formatUpstream(proxy) }];
  });
  if (found.length === 0) return { choose };
  const isOne = found.length === SCHEMES.length && found.every(({ url }) => url === found[0].url);
  return {
    choose,
    text: isOne ? found[0].url : found.map(({ scheme, url }) => `${url} (${scheme})`).join(", "),
  };
}
