/** What a Host field or an Origin names (RFC 9110 §7.2, RFC 3986 §3.2.2), read strictly and brought to one form. */

/** A host and a port. */
export interface Authority {
  /** A name in lower case, an IPv4 address, or an IPv6 address without brackets; one mapped to IPv4 is IPv4. */
  readonly host: string;
  /** The port as it was written; 80 where there was none. */
  readonly port: number;
}

const FORM = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_](?:[a-z0-9._-]{0,252})))(?::([0-9]{1,5}))?$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/;
/** IPv6 addresses that stand for IPv4 (RFC 4291 §2.5.5.2), as the URL standard writes them. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** Reads `host` or `host:port`; `undefined` for everything else, such as two hosts or a user name. It never throws. */
export function readAuthority(text: string): Authority | undefined {
  const [, v6, name, digits] = FORM.exec(text) ?? [];
  const port = digits === undefined ? 80 : Number(digits);
  if (port < 1 || port > 65535) return undefined;
  if (name !== undefined) return { host: name.toLowerCase(), port };
  const host = v6 === undefined ? undefined : canonicalIPv6(v6);
  return host === undefined ? undefined : { host, port };
}

/** A bound address, or a name, in the form of {@link Authority.host}; a zone is left out. */
export function canonicalHost(host: string): string {
  const bare = host.replace(/%.*$/s, "").toLowerCase();
  return bare.includes(":") ? canonicalIPv6(bare) ?? bare : bare;
}

/** Whether it is an address, not a name: no name server can make it lead elsewhere. */
export function isAddress(host: string): boolean {
  return host.includes(":") || IPV4.test(host);
}

/** Whether it leads to the machine itself: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (IPV4.test(host) && host.startsWith("127."));
}

/** Whether it means any address, as a listener may. */
export function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function canonicalIPv6(text: string): string | undefined {
  const url = `http://[${text}]`;
  if (!URL.canParse(url)) return undefined;
  const host = new URL(url).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(host) ?? [];
  if (high === undefined) return host;
  const bits = [parseInt(high, 16), parseInt(low, 16)];
  return bits.flatMap((half) => [half >> 8, half & 255]).join(".");
}
