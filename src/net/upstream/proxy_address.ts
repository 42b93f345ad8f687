/**
 * Upstream proxies as users write them: `http://user:password@proxy.example:3128`, `socks5://[::1]:1080`, or `HOST:PORT`
 * for an HTTP proxy, as curl and the usual environment variables have it (RFC 3986 §3.2, percent-encoding included).
 *
 * Without a port it is the scheme's own: 80, 443, 1080, as in browsers, Go, Python and wget. (curl takes 1080 for most
 * kinds, which no other reader of the same variables does.)
 */
import { AddressError, quoted, type Target, targetOf } from "../address.ts";
import { SOCKS_TEXT_LIMIT_BYTES } from "../socks/client.ts";

/** A proxy that targets are reached through. */
export interface UpstreamProxy {
  /** What is spoken with it: HTTP, HTTP inside TLS, or SOCKS 5 with names left for it to look up. */
  readonly kind: "http" | "https" | "socks5";
  /** Its name, or its address without brackets. */
  readonly host: string;
  /** Its port, 1–65535. */
  readonly port: number;
  /** Who logs in; absent: nobody does. */
  readonly user?: string;
  /** The password of {@link user}; absent: an empty one. */
  readonly password?: string;
}

const KINDS: Readonly<Record<string, UpstreamProxy["kind"]>> = {
  http: "http",
  https: "https",
  socks5: "socks5",
  socks5h: "socks5",
};
const DEFAULT_PORTS: Readonly<Record<UpstreamProxy["kind"], number>> = { http: 80, https: 443, socks5: 1080 };
const MAX_PORT = 65535;

const FORMS =
  "http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ before HOST if it asks";
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

const encoder = new TextEncoder();

/**
 * Reads the address of a proxy.
 *
 * @param variable The environment variable that it comes from, for messages.
 * @throws {AddressError} where it cannot be read. The message never shows what stands before the `@`.
 */
export function parseUpstreamProxy(text: string, variable?: string): UpstreamProxy {
  const refuse = (found: string, wanted: string): never => {
    throw new AddressError(variable === undefined ? found : `${found} in the variable ${variable}`, wanted);
  };
  const scheme = SCHEME.exec(text);
  const name = scheme === null ? "http" : scheme[1].toLowerCase();
  if (!Object.hasOwn(KINDS, name)) refuse(shown(text), FORMS + (/^socks/.test(name) ? ": SOCKS 5 only" : ""));
  const kind = KINDS[name];
  const rest = scheme === null ? text : text.slice(scheme[0].length);
  const at = rest.lastIndexOf("@");
  const login = at < 0 ? {} : readLogin(rest.slice(0, at), kind, refuse);
  const place = /^(\[[^\]]*\]|[^:/?#]*)(?::([^:/?#]*))?\/?$/.exec(rest.slice(at + 1));
  if (place === null) return refuse(shown(text), `${FORMS}; an IPv6 address stands in brackets`);
  const host = readHost(place[1]);
  if (host === undefined) return refuse(`no usable host in ${shown(text)}`, FORMS);
  const port = place[2] ? readPort(place[2]) : DEFAULT_PORTS[kind];
  if (port === undefined) {
    return refuse(`no usable port in ${shown(text)}`, `a number from 1 to ${MAX_PORT} behind the host`);
  }
  return { kind, host, port, ...login };
}

/** A proxy for status lines and messages, without user and password: `http://proxy.example:3128`. */
export function formatUpstream(proxy: UpstreamProxy): string {
  const host = proxy.host.includes(":") ? `[${proxy.host}]` : proxy.host;
  return `${proxy.kind}://${host}:${proxy.port}`;
}

/** The value of `Proxy-Authorization` for an HTTP proxy (RFC 7617 §2, in UTF-8), where somebody logs in. */
export function proxyAuthorization(proxy: UpstreamProxy): string | undefined {
  if (proxy.user === undefined || proxy.kind === "socks5") return undefined;
  const bytes = encoder.encode(`${proxy.user}:${proxy.password ?? ""}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

type Refuse = (found: string, wanted: string) => never;

/** `USER` or `USER:PASSWORD`, percent-encoded. Nothing of it goes into a message. */
function readLogin(
  text: string,
  kind: UpstreamProxy["kind"],
  refuse: Refuse,
): Pick<UpstreamProxy, "user" | "password"> {
  if (text === "") return {};
  if (/[/?#]/.test(text)) {
    refuse("a /, ? or # in the proxy's user or password", "it percent-encoded: %2F, %3F or %23");
  }
  const colon = text.indexOf(":");
  const user = decoded(colon < 0 ? text : text.slice(0, colon), refuse);
  if (kind !== "socks5" && user.includes(":")) {
    refuse("a colon in the proxy's user", "a user without one: Basic authentication cannot carry it");
  }
  const password = colon < 0 ? undefined : decoded(text.slice(colon + 1), refuse);
  for (const part of [user, password ?? ""]) {
    if (kind === "socks5" && encoder.encode(part).length > SOCKS_TEXT_LIMIT_BYTES) {
      refuse(
        "a user or a password that is too long for SOCKS",
        `at most ${SOCKS_TEXT_LIMIT_BYTES} bytes for each`,
      );
    }
  }
  return password === undefined ? { user } : { user, password };
}

function decoded(text: string, refuse: Refuse): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    return refuse(
      "a % in the proxy's user or password that begins no character",
      "%25 for the percent sign itself",
    );
  }
  // deno-lint-ignore no-control-regex -- asks for controls: they would end a field of the request
  if (/[\x00-\x1f\x7f]/.test(plain)) {
    refuse("a control character in the proxy's user or password", "printable characters");
  }
  return plain;
}

/** A host as targets have it: checked, without brackets, in ASCII. A zone may be written `%25eth0` (RFC 6874). */
function readHost(text: string): string | undefined {
  try {
    const { host } = targetOf(text.replace("%25", "%"), "1") as Extract<Target, { kind: "tcp" }>;
    // An IPv6 address without its brackets would leave open where the port begins.
    return host.includes(":") === text.startsWith("[") ? host : undefined;
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}

function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= MAX_PORT ? port : undefined;
}

/** The user's text for a message, without what stands before its last `@`. */
function shown(text: string): string {
  return quoted(text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1…@"));
}
