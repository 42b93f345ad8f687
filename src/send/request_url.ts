/**
 * The URL of a request as users write it: `https://user:password@host:8443/a b?c=d#e`, `host:8080/x`, `:8080/x` (on this
 * machine), `unix:/run/app.sock:/x` (RFC 3986; RFC 9110 §4.2). What was given encoded stays as it is.
 */
import { AddressError, defaultHostField, parseTarget, quoted, type Target } from "../net/address.ts";
import { SendUsageError } from "./send_error.ts";

/** Where a request goes, and what for. */
export interface RequestUrl {
  /** Whether TLS is spoken. */
  readonly scheme: "http" | "https";
  /** Whom it goes to. */
  readonly target: Target;
  /** `HOST` or `HOST:PORT` as in the Host field; of a Unix socket `localhost`. */
  readonly host: string;
  /** Path and query, encoded: the request target in origin-form. */
  readonly path: string;
  /** What stands before the `@`, decoded. Absent: nothing does. */
  readonly user?: { readonly name: string; readonly password: string };
}

const FORMS = "http://HOST[:PORT]/PATH, https://…, HOST[:PORT]/PATH, :PORT/PATH or unix:PATH[:/PATH]";

const encoder = new TextEncoder();
const utf8 = new TextDecoder();

/**
 * Reads the URL of a request. A fragment is dropped.
 *
 * @throws {SendUsageError} where it cannot be read. The message never shows a password.
 */
export function readRequestUrl(text: string): RequestUrl {
  const control = /[\r\n\0]/.exec(text);
  if (control !== null) throw new SendUsageError(`a line break or NUL in the URL ${quoted(text)}`, FORMS);
  if (text.startsWith("unix:")) return unixUrl(text);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  const name = scheme?.[1].toLowerCase() ?? "http";
  if (name !== "http" && name !== "https") {
    throw new SendUsageError(`the scheme ${quoted(name)} in ${quoted(text)}`, "http or https");
  }
  const rest = text.slice(scheme?.[0].length ?? 0);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const at = authority.lastIndexOf("@");
  const place = authority.slice(at + 1);
  const target = targetOf(name, scheme === null && place.startsWith(":") ? `localhost${place}` : place);
  return {
    scheme: name,
    target,
    host: defaultHostField(target),
    path: encodedPath(end < 0 ? "" : rest.slice(end)),
    ...at >= 0 && { user: userOf(authority.slice(0, at)) },
  };
}

/**
 * A reference resolved against the URL that it came from (RFC 3986 §5.2), such as the value of Location.
 *
 * @throws {SendUsageError} where it leads to no http or https URL.
 */
export function resolveUrl(reference: string, base: RequestUrl): RequestUrl {
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) {
    const scheme = reference.slice(0, reference.indexOf(":")).toLowerCase();
    if (!/^https?:\/\//i.test(reference)) {
      throw new SendUsageError(`the scheme ${quoted(scheme)} in ${quoted(reference)}`, "http or https");
    }
    return kept(readRequestUrl(reference), base);
  }
  if (reference.startsWith("//")) return kept(readRequestUrl(`${base.scheme}:${reference}`), base);
  const plain = reference.replace(/#[^]*$/, "");
  const { user: _user, ...place } = base;
  if (plain === "") return place;
  const query = base.path.indexOf("?");
  const path = query < 0 ? base.path : base.path.slice(0, query);
  if (plain.startsWith("?")) return { ...place, path: encodedPath(path + plain) };
  const merged = plain.startsWith("/") ? plain : path.slice(0, path.lastIndexOf("/") + 1) + plain;
  return { ...place, path: encodedPath(withoutDots(merged)) };
}

/** Whether two URLs have one origin: scheme, host and port (RFC 6454 §5). */
export function sameOrigin(a: RequestUrl, b: RequestUrl): boolean {
  if (a.target.kind === "unix" || b.target.kind === "unix") {
    return a.target.kind === "unix" && b.target.kind === "unix" && a.target.path === b.target.path;
  }
  return a.scheme === b.scheme && a.target.port === b.target.port &&
    a.target.host.toLowerCase() === b.target.host.toLowerCase();
}

/** Text of the user with what URLs cannot hold percent-encoded; what is encoded already stays. */
export function percentEncoded(text: string, unsafe: RegExp = /[^\x21-\x7e]+/g): string {
  return text.replace(unsafe, (found) => {
    let out = "";
    for (const byte of encoder.encode(found)) out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    return out;
  });
}

/** A URL as it is written, without its user. */
export function formatUrl({ scheme, target, host, path }: RequestUrl): string {
  return target.kind === "unix" ? `unix:${target.path}:${path}` : `${scheme}://${host}${path}`;
}

/** What a server behind a Unix socket calls by the name that it was asked by is itself. */
function kept(url: RequestUrl, base: RequestUrl): RequestUrl {
  if (base.target.kind !== "unix" || url.scheme !== "http" || url.host !== base.host) return url;
  return { ...url, target: base.target };
}

function unixUrl(text: string): RequestUrl {
  const end = text.indexOf(":/", "unix:".length);
  const target = addressOf(end < 0 ? text : text.slice(0, end));
  const path = encodedPath(end < 0 ? "" : text.slice(end + 1));
  return { scheme: "http", target, host: defaultHostField(target), path };
}

function targetOf(scheme: "http" | "https", place: string): Target {
  if (place === "" || place.startsWith(":")) throw new SendUsageError("no host in the URL", FORMS);
  // A colon may stand without a port (RFC 3986 §3.2.3).
  return addressOf(`${scheme}://${place.replace(/:$/, "")}`);
}

function addressOf(text: string): Target {
  try {
    return parseTarget(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new SendUsageError(error.message.replace(/^found /, "").replace(/, wanted [^]*$/, ""), FORMS);
  }
}

/** What follows the authority, as it is sent. */
function encodedPath(rest: string): string {
  const plain = percentEncoded(rest.replace(/#[^]*$/, ""));
  return plain.startsWith("/") ? plain : `/${plain}`;
}

function userOf(text: string): { readonly name: string; readonly password: string } {
  const colon = text.indexOf(":");
  const name = percentDecoded(colon < 0 ? text : text.slice(0, colon));
  if (name.includes(":")) {
    throw new SendUsageError("a colon in the user name of the URL", "a name without one");
  }
  return { name, password: colon < 0 ? "" : percentDecoded(text.slice(colon + 1)) };
}

function percentDecoded(text: string): string {
  return text.replace(
    /(?:%[0-9a-fA-F]{2})+/g,
    (found) => utf8.decode(Uint8Array.from(found.slice(1).split("%"), (hex) => parseInt(hex, 16))),
  );
}

/** A path without `.` and `..` (RFC 3986 §5.2.4); its query is left alone. */
function withoutDots(text: string): string {
  const query = text.indexOf("?");
  const path = query < 0 ? text : text.slice(0, query);
  const out: string[] = [];
  const segments = path.split("/").slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "..") out.pop();
    if (segment !== "." && segment !== "..") out.push(segment);
    else if (isLast) out.push("");
  }
  return `/${out.join("/")}${query < 0 ? "" : text.slice(query)}`;
}
