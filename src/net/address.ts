/**
 * Addresses as users write them: where a relay listens (LISTEN) and where it connects to (TARGET).
 *
 * `HOST:PORT` follows RFC 3986 §3.2.2 in writing IPv6 addresses in brackets; the value for a rewritten `Host` field
 * follows RFC 9110 §7.2.
 */

/** Where to listen. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Where to connect to. `http` says that it was given as a web server, whose `Host` field requests must carry;
 * `tls` that TLS is spoken with it.
 */
export type Target =
  | {
    readonly kind: "tcp";
    readonly host: string;
    readonly port: number;
    readonly http: boolean;
    readonly tls?: boolean;
  }
  | { readonly kind: "unix"; readonly path: string };

/** An address that cannot be read. The message says what was found and what was wanted, in one line. */
export class AddressError extends Error {
  /** The name of the class, for whoever prints it. */
  override readonly name = "AddressError";

  /**
   * An address that cannot be read.
   *
   * @param found What was found, quoted where it is the user's text.
   * @param wanted What would have been right, with an example where that helps.
   */
  constructor(found: string, wanted: string) {
    super(`found ${found}, wanted ${wanted}`);
  }
}

/** What a port of LISTEN binds to when no host is given: nothing listens beyond loopback unless told to. */
const DEFAULT_LISTEN_HOST = "127.0.0.1";
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const MAX_PORT = 65535;
/** Longest host name (RFC 1035 §2.3.4). */
const MAX_HOST_LENGTH = 253;
/** Longest piece of user text that an error message repeats, so that it stays one line. */
const MAX_QUOTED_LENGTH = 120;

const LISTEN_FORMS = "PORT, HOST:PORT, [V6]:PORT or unix:PATH";
const TARGET_FORMS =
  "HOST:PORT, [V6]:PORT, http://HOST[:PORT], https://HOST[:PORT], tls://HOST:PORT or unix:PATH";

// deno-lint-ignore no-control-regex -- controls are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Text of the user for use in a message: in double quotes, shortened if long, with control and bidirectional
 * characters escaped as `\u001b`, so that it can neither command a terminal nor break the line, and without what stands
 * before the `@` of a URL, which may be a password.
 */
export function quoted(text: string): string {
  const safe = text.replace(/\/\/[^/?#\s"]*@/g, "//…@");
  const shown = safe.length > MAX_QUOTED_LENGTH ? `${safe.slice(0, MAX_QUOTED_LENGTH)}…` : safe;
  return `"${escaped(shown.replace(/["\\]/g, "\\$&"))}"`;
}

/** Text with control and bidirectional characters escaped as `\u001b`. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Reads LISTEN: `PORT`, `HOST:PORT`, `[V6]:PORT` or `unix:PATH`. A bare port binds 127.0.0.1; port 0 takes any free
 * one.
 *
 * @throws {AddressError} where it cannot be read.
 */
export function parseListen(text: string): ListenAddress {
  if (text.startsWith("unix:")) return { kind: "unix", path: readPath(text) };
  if (/^[0-9]+$/.test(text)) return { kind: "tcp", host: DEFAULT_LISTEN_HOST, port: readPort(text, 0) };
  const { host, port } = splitHostPort(text, LISTEN_FORMS);
  if (port === undefined) throw new AddressError(quoted(text), LISTEN_FORMS);
  const number = readPort(port, 0);
  if (host === "") {
    throw new AddressError(
      `no host in ${quoted(text)}`,
      `PORT alone for this machine only, or 0.0.0.0:${number} for all`,
    );
  }
  return { kind: "tcp", host: readHost(host), port: number };
}

/**
 * Reads TARGET: `HOST:PORT`, `[V6]:PORT`, `http://HOST[:PORT]`, `https://HOST[:PORT]`, `tls://HOST:PORT` or
 * `unix:PATH`. Unless given, the port is 80 with http and 443 with https; tls has none.
 *
 * @throws {AddressError} where it cannot be read.
 */
export function parseTarget(text: string): Target {
  if (text.startsWith("unix:")) return { kind: "unix", path: readPath(text) };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  if (scheme === null) {
    const { host, port } = splitHostPort(text, TARGET_FORMS);
    if (port === undefined) {
      throw new AddressError(`no port in ${quoted(text)}`, `HOST:PORT, such as ${example(text)}:8080`);
    }
    return { kind: "tcp", host: readHost(host), port: readPort(port, 1), http: false };
  }
  const name = scheme[1].toLowerCase();
  if (name !== "http" && name !== "https" && name !== "tls") {
    throw new AddressError(quoted(text), TARGET_FORMS);
  }
  return readUrl(text, name, text.slice(scheme[0].length));
}

/**
 * Reads the host and the port of TCPMon's own three arguments. IPv6 addresses may stand with or without brackets.
 *
 * @throws {AddressError} where either cannot be read.
 */
export function targetOf(host: string, port: string): Target {
  const bare = /^\[.*\]$/s.test(host) ? host.slice(1, -1) : host;
  return { kind: "tcp", host: readHost(bare), port: readPort(port, 1), http: true };
}

/** An address as users write it: `HOST:PORT`, `[V6]:PORT` or `unix:PATH`. */
export function formatAddress(address: ListenAddress | Target): string {
  return address.kind === "unix" ? `unix:${address.path}` : `${bracketed(address.host)}:${address.port}`;
}

/**
 * The `Host` field of requests to a target: `host`, or `host:port` where the port is not the usual one, which
 * is 443 with TLS and else 80. IPv6 addresses stand in brackets and without their zone (RFC 6874 §4); a Unix
 * socket is `localhost`.
 */
export function defaultHostField(target: Target): string {
  if (target.kind === "unix") return "localhost";
  const host = bracketed(target.host.replace(/%.*$/s, ""));
  return target.port === (target.tls ? HTTPS_PORT : HTTP_PORT) ? host : `${host}:${target.port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function readPath(text: string): string {
  const path = text.slice("unix:".length);
  if (path === "" || path.includes("\0")) {
    throw new AddressError(quoted(text), "the path of a socket after unix:, such as unix:/run/app.sock");
  }
  return path;
}

/** What stands after `http://`, `https://` or `tls://`: `HOST[:PORT]` and at most a slash. */
function readUrl(text: string, scheme: "http" | "https" | "tls", rest: string): Target {
  const form = scheme === "tls" ? "tls://HOST:PORT" : `${scheme}://HOST[:PORT]`;
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (authority.includes("@")) {
    throw new AddressError(
      `a user name in ${quoted(text)}`,
      `${form} without one: clients send their own credentials`,
    );
  }
  const such = `${scheme}://${example(authority)}`;
  if (end >= 0 && rest.slice(end) !== "/") {
    throw new AddressError(
      `a path in ${quoted(text)}`,
      `${form} alone, such as ${such}: paths pass through as clients send them`,
    );
  }
  const { host, port } = splitHostPort(authority, form);
  const tcp = { kind: "tcp", host: readHost(host), http: scheme !== "tls" } as const;
  if (scheme === "http") return { ...tcp, port: port === undefined ? HTTP_PORT : readPort(port, 1) };
  if (port === undefined && scheme === "tls") {
    throw new AddressError(`no port in ${quoted(text)}`, `${form}, such as ${such}:${HTTPS_PORT}`);
  }
  return { ...tcp, port: port === undefined ? HTTPS_PORT : readPort(port, 1), tls: true };
}

/** User text for use inside an example, as far as it is a plain name or number. */
function example(text: string): string {
  return /^[\w.:[\]-]{1,80}$/.test(text) ? text : "localhost";
}

/** Takes `HOST:PORT`, `[V6]:PORT`, `HOST` or `[V6]` apart; neither part is checked yet but for the brackets. */
function splitHostPort(text: string, wanted: string): { readonly host: string; readonly port?: string } {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const after = text.slice(end + 1);
    if (end < 0 || (after !== "" && !after.startsWith(":"))) throw new AddressError(quoted(text), wanted);
    const host = text.slice(1, end);
    if (!isIPv6(host)) {
      throw new AddressError(quoted(text), "an IPv6 address in the brackets, such as [::1]:8080");
    }
    return after === "" ? { host } : { host, port: after.slice(1) };
  }
  const colon = text.indexOf(":");
  if (colon < 0) return { host: text };
  if (text.includes(":", colon + 1)) {
    throw new AddressError(
      quoted(text),
      `${wanted} (an IPv6 address stands in brackets, such as [::1]:8080)`,
    );
  }
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function readPort(text: string, least: number): number {
  const port = /^[0-9]{1,9}$/.test(text) ? Number(text) : -1;
  if (port < least || port > MAX_PORT) {
    throw new AddressError(`port ${quoted(text)}`, `a number from ${least} to ${MAX_PORT}`);
  }
  return port;
}

/** Checks a host without brackets: a name, an IPv4 or an IPv6 address. International names become ASCII. */
function readHost(text: string): string {
  if (text.includes(":") && isIPv6(text)) return text;
  // deno-lint-ignore no-control-regex -- asks whether it is all ASCII
  const host = /^[\x00-\x7f]*$/.test(text) ? text : toAscii(text);
  if (host.length > MAX_HOST_LENGTH || !/^[A-Za-z0-9._-]+$/.test(host)) {
    throw new AddressError(
      `host ${quoted(text)}`,
      "a host name or an address, such as localhost or 127.0.0.1",
    );
  }
  return host;
}

/** An international name in its ASCII form (RFC 5891), or the empty string where it has none. */
function toAscii(name: string): string {
  return /^[^\s/?#@\\%:]+$/.test(name) && URL.canParse(`http://${name}`)
    ? new URL(`http://${name}`).hostname
    : "";
}

/** Whether it is an IPv6 address, with a zone (RFC 4007 §11) or without. */
function isIPv6(text: string): boolean {
  return /^[0-9A-Fa-f:.]+(%[\w.-]+)?$/.test(text) && URL.canParse(`http://[${text.replace(/%.*$/, "")}]`);
}
