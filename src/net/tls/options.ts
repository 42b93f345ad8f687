/** How TLS is spoken, and what is told of it. */
import { isIP } from "node:net";
import type { TlsInfo } from "../../capture/record.ts";

/** A certificate and its key, both PEM. */
export interface CertifiedKey {
  /** The certificate, followed by those that lead to its authority. */
  readonly certPem: string;
  /** Its private key. */
  readonly keyPem: string;
}

/** How TLS is spoken with a target. */
export interface TlsClientOptions {
  /** The name that is asked for (SNI) and verified, or an IP address, which is verified only. */
  readonly host: string;
  /** Application protocols to offer; none: no ALPN. */
  readonly alpn?: readonly string[];
  /**
   * Authorities to trust besides the runtime's, PEM; alone, where {@link ownAuthority} is set, or a client certificate is
   * shown on a connection that is open.
   */
  readonly caPem?: readonly string[];
  /**
   * Whether one of them is the authority's certificate of `host` itself, which the target shows as its own: `openssl req
   * -x509` makes such certificates. Only from Deno 2.9 on can they be verified.
   */
  readonly ownAuthority?: boolean;
  /** Accept any certificate. */
  readonly insecure?: boolean;
  /** What to show where the target asks for a client certificate. */
  readonly clientCert?: CertifiedKey;
}

/** How TLS is spoken with clients. */
export interface TlsServerOptions {
  /** What is shown to them. */
  readonly certified: CertifiedKey;
  /** Application protocols, the preferred one first; `["http/1.1"]` unless given. None: ALPN is ignored. */
  readonly alpn?: readonly string[];
}

/** What is known of TLS with a target whatever carries it. @param alpn The protocol that was agreed on, if any. */
export function tlsInfo(host: string, alpn: string | null): TlsInfo {
  return { ...(alpn !== null && { alpn }), ...(isIP(host) === 0 && { serverName: host }) };
}

/** Protocols as the runtime takes them: an empty list would be offered as one. */
export function offered(alpn: readonly string[]): string[] | undefined {
  return alpn.length === 0 ? undefined : [...alpn];
}
