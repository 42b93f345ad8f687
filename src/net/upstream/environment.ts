/**
 * The proxies of the environment: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, as curl reads them. There is no
 * standard: lower case wins over upper case, an empty variable is as good as none.
 *
 * HTTP_PROXY in upper case is passed over where REQUEST_METHOD is set: in a CGI program it may be the `Proxy` field of
 * whoever sent the request. curl never reads it for that reason; Go and Python do as is done here.
 */
import { parseUpstreamProxy, type UpstreamProxy } from "./proxy_address.ts";

/** What is spoken with a target: HTTP, anything inside TLS, or anything else. */
export type TargetScheme = "http" | "https" | "tcp";

/** What the environment says. */
export interface UpstreamEnvironment {
  /** The proxy for targets of a kind, if there is one. For `tcp` it is ALL_PROXY's. */
  forScheme(scheme: TargetScheme): UpstreamProxy | undefined;
  /** NO_PROXY as it stands there: hosts that are reached directly. */
  readonly noProxy: string | undefined;
}

/**
 * Reads the environment.
 *
 * @param env The value of a variable.
 * @throws {AddressError} where a variable that counts cannot be read; the message names it.
 */
export function upstreamFromEnvironment(env: (name: string) => string | undefined): UpstreamEnvironment {
  const isCgi = env("REQUEST_METHOD") !== undefined;
  const find = (name: string): string | undefined => [name, name.toUpperCase()].find((spelt) => env(spelt));
  const proxy = (name: string): UpstreamProxy | undefined => {
    const spelt = find(name);
    return spelt === undefined ? undefined : parseUpstreamProxy(env(spelt)!.trim(), spelt);
  };
  const all = proxy("all_proxy");
  const byCgi = isCgi && find("http_proxy") === "HTTP_PROXY";
  const proxies = {
    http: (byCgi ? undefined : proxy("http_proxy")) ?? all,
    https: proxy("https_proxy") ?? all,
    tcp: all,
  };
  const noProxy = find("no_proxy");
  return {
    forScheme: (scheme) => proxies[scheme],
    noProxy: noProxy === undefined ? undefined : env(noProxy),
  };
}
