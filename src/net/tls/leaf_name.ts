/**
 * The host that a certificate is for, in the one form in which it is compared and written (RFC 6125 §2, RFC
 * 5280).
 */
import { escaped } from "../address.ts";
import { AuthorityError } from "./authority_error.ts";

/** A host as a subject alternative name: a DNS name in lower case, or an address in its canonical form. */
export interface LeafName {
  /** Which kind of subject alternative name it is. */
  readonly kind: "dns" | "ip";
  /** The name or the address, without brackets, zone or closing dot. */
  readonly value: string;
}

/** Longest host name (RFC 1035 §2.3.4). */
const MAX_NAME_LENGTH = 253;
/** Longest piece of a stranger's text that a message repeats. */
const MAX_SHOWN_LENGTH = 80;
/** Underscores are no host name letters, yet are in use, and clients accept them. */
const DNS_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads a host: a DNS name (international ones in ASCII already), an IPv4 address, or an IPv6 address with or
 * without brackets and zone.
 *
 * @throws {AuthorityError} where no certificate can be made for it: wildcards, empty labels, foreign characters.
 */
export function leafName(host: string): LeafName {
  const bare = host.replace(/^\[(.*)\]$/s, "$1");
  if (bare.includes(":")) {
    const address = ipv6(bare.replace(/%.*$/s, ""));
    if (address !== undefined) return { kind: "ip", value: address };
  } else if (IPV4.test(bare)) {
    return { kind: "ip", value: bare };
  } else {
    const name = bare.toLowerCase().replace(/\.$/, "");
    // A last label of digits alone is a mistyped address (RFC 3696 §2), which clients take for one.
    if (name.length <= MAX_NAME_LENGTH && DNS_NAME.test(name) && !/(?:^|\.)\d+$/.test(name)) {
      return { kind: "dns", value: name };
    }
  }
  const shown = escaped(host.length > MAX_SHOWN_LENGTH ? `${host.slice(0, MAX_SHOWN_LENGTH)}…` : host);
  throw new AuthorityError(
    `cannot make a certificate for "${shown}": wanted a host name or an address, such as example.org or 127.0.0.1`,
  );
}

/** An IPv6 address in its shortest form (RFC 5952), or undefined where it is none. */
function ipv6(text: string): string | undefined {
  if (!/^[0-9A-Fa-f:.]+$/.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
