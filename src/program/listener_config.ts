/**
 * The listeners of a session as a config file, which makes a program with the same ones. Links stand with each
 * listener as soon as one has its own, as what is common to all would otherwise be mixed with it.
 */
import { LINK_OPTION_NAMES } from "../cli/own_options.ts";
import { type CaptureOptions, captureOptions, settle } from "../cli/settings.ts";
import type { LinkSettings, ListenerSettings } from "../ui/api.ts";
import { linkSettings, maskedUrl } from "./listener_settings.ts";

/** What is told of a file in its first line. */
export interface ConfigOrigin {
  /** Version of the program. */
  readonly version: string;
  /** When it is made, ms since the epoch. */
  readonly at: number;
}

type Json = { readonly [key: string]: unknown };

/**
 * The config file: JSON with comments.
 *
 * @param listeners How they are set, passwords included: they are left out here, and a comment says so.
 * @param options The program's options: those that concern listeners and are not as usual stand in the file.
 */
export function configText(
  listeners: readonly ListenerSettings[],
  options: CaptureOptions,
  { version, at }: ConfigOrigin,
): string {
  const hasOwnLinks = listeners.some(({ link }) => link !== undefined);
  const link = linkSettings(options.link);
  const own = (settings: ListenerSettings) => ({
    ...hasOwnLinks && linkKeys(settings.link ?? link),
    ...upstreamKeys(settings),
  });
  const relays = listeners.filter(({ kind }) => kind === "relay").map((settings) => ({
    listen: settings.listen,
    target: settings.target,
    host: settings.host,
    insecure: settings.insecure,
    ...own(settings),
  }));
  const proxies = listeners.filter(({ kind }) => kind === "proxy").map((settings) => {
    const keys = own(settings);
    return Object.keys(keys).length === 0 ? settings.listen : { listen: settings.listen, ...keys };
  });
  const file: Json = {
    ...sharedKeys(options),
    ...hasOwnLinks ? {} : linkKeys(link),
    ...relays.length > 0 && { relays },
    ...proxies.length > 0 && { proxies },
  };
  const comments = [
    `tcpmon ${version}, ${new Date(at).toISOString()}: tcpmon --config FILE starts these listeners.`,
    ...[options, ...listeners].some(({ upstreamProxy = "" }) => maskedUrl(upstreamProxy) !== upstreamProxy)
      ? ["The password of upstream-proxy is left out: write USER:PASSWORD@ there."]
      : [],
    ...hasSecretLogin(options)
      ? ["proxy-auth is left out, as it holds a password: set TCPMON_PROXY_AUTH, else everybody is let in."]
      : [],
  ];
  return [...comments.map((text) => `// ${text}`), JSON.stringify(file, undefined, 2), ""].join("\n");
}

/** Options that concern all listeners, where they are not as usual. */
function sharedKeys(options: CaptureOptions): Json {
  const { targetTls, listenTls, proxyAuth } = options;
  const usual = captureOptions(settle([]));
  const unusual = (key: "connectTimeoutMs" | "idleTimeoutMs" | "drainMs") =>
    options[key] === usual[key] ? undefined : `${options[key]}ms`;
  return {
    host: options.host,
    ...upstreamKeys(options),
    intercept: flagOrHosts(options.intercept),
    "no-intercept": options.noIntercept,
    "proxy-auth": hasSecretLogin(options) ? undefined : proxyAuth,
    via: options.via || undefined,
    ca: targetTls.caFile,
    insecure: flagOrHosts(targetTls.insecure),
    "client-cert": targetTls.clientCertFile,
    "client-key": targetTls.clientKeyFile,
    tls: listenTls?.kind === "authority" || undefined,
    ...listenTls?.kind === "files" && { "tls-cert": listenTls.certFile, "tls-key": listenTls.keyFile },
    "ca-dir": options.caDir,
    "connect-timeout": unusual("connectTimeoutMs"),
    "idle-timeout": unusual("idleTimeoutMs"),
    "max-connections": options.maxConnections,
    drain: unusual("drainMs"),
  };
}

function upstreamKeys({ upstreamProxy, noProxy }: Pick<CaptureOptions, "upstreamProxy" | "noProxy">): Json {
  return {
    ...upstreamProxy !== undefined && { "upstream-proxy": maskedUrl(upstreamProxy, "") },
    ...noProxy !== undefined && { "no-proxy": noProxy },
  };
}

function linkKeys(link: LinkSettings): Json {
  const given = LINK_OPTION_NAMES.filter(([, key]) => link[key] !== undefined);
  return Object.fromEntries(
    given.map(([name, key]) => [name, key === "seed" ? Number(link[key]) : link[key]]),
  );
}

/** Whether what proxies ask for is written in the option itself, and not in a file. */
function hasSecretLogin({ proxyAuth }: CaptureOptions): boolean {
  return proxyAuth !== undefined && !proxyAuth.startsWith("@");
}

function flagOrHosts(hosts: string | undefined): true | string | undefined {
  return hosts === "" ? true : hosts;
}
