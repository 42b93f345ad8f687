/** What an error of TLS says, in words, and how to mend it. */
import { reasonOf } from "../dial.ts";

const NOT_TLS = "it does not speak TLS on this port; is it a plain one?";
const ENDED = "it closed the connection during the TLS handshake";
const TRUST = "trust its authority with --ca FILE, or skip the check with --insecure";

/** The runtime's TLS and Node's name the same faults differently; the first that fits is taken. */
const REASONS:
  readonly (readonly [pattern: RegExp, reason: (host: string, match: RegExpExecArray) => string])[] = [
    [
      /UnknownIssuer|UNABLE_TO_|SELF_SIGNED_CERT|self[- ]signed certificate|unable to (?:verify|get)/,
      (host) => `the certificate of ${host} comes from an authority that is not trusted; ${TRUST}`,
    ],
    [
      /CaUsedAsEndEntity/,
      (host) => `${host} shows the certificate of an authority as its own; skip the check with --insecure`,
    ],
    [
      /certificate not valid for name "[^"]*"(?:; certificate is only valid for (.*))?/,
      (host, match) =>
        notFor(host, match[1]?.replaceAll(/DnsName\("([^"]*)"\)|IpAddress\(([^)]*)\)/g, "$1$2")),
    ],
    [
      /not in the cert's (?:altnames|list): (.*)/,
      (host, match) => notFor(host, match[1]?.replaceAll(/DNS:|IP Address:/g, "")),
    ],
    [/NotValidForName|ALTNAME_INVALID|does not match certificate/, (host) => notFor(host, undefined)],
    [
      /certificate (?:has )?expired|: Expired|CERT_HAS_EXPIRED/,
      (host) => `the certificate of ${host} has expired; renew it, or skip the check with --insecure`,
    ],
    [
      /NotValidYet|not valid yet|not yet valid|CERT_NOT_YET_VALID/,
      (host) => `the certificate of ${host} is not valid yet; is a clock wrong? --insecure skips the check`,
    ],
    [
      /invalid peer certificate: (.*)/,
      (host, match) => `the certificate of ${host} is refused (${match[1]}); skip the check with --insecure`,
    ],
    [
      /corrupt message|InvalidContentType|WRONG_VERSION_NUMBER|wrong version number|packet length too long/,
      () => NOT_TLS,
    ],
    [
      /alert:? (?:Certificate ?Required|certificate required)|CERTIFICATE_REQUIRED/i,
      (host) => `${host} wants a client certificate; give one with --client-cert FILE and --client-key FILE`,
    ],
    [
      /alert:? No ?Application ?Protocol|NO_APPLICATION_PROTOCOL/i,
      (host) => `${host} does not speak HTTP/1.1 over TLS (ALPN)`,
    ],
    [
      /alert:? (?:Unknown ?CA|Bad ?Certificate|Certificate ?\w+|Unsupported ?Certificate|Access ?Denied)/i,
      (host, match) =>
        `${host} refused the certificate that it was shown (${match[0].replace(/alert:? /i, "")})`,
    ],
    [
      /alert:? Unrecogni[sz]ed ?Name/i,
      (host) => `${host} has no certificate for this name (SNI)`,
    ],
    [
      /alert:? Protocol ?Version|peer is incompatible|doesn't support any known protocol|NoCipherSuites/i,
      (host) =>
        `${host} and tcpmon have no TLS version or cipher suite in common; tcpmon speaks TLS 1.2 and 1.3`,
    ],
    [
      /alert:? Handshake ?Failure/i,
      (host) => `${host} refused the TLS handshake; it may want a client certificate`,
    ],
    [/received fatal alert: (\w+)/, (host, match) => `${host} ended TLS with the alert ${match[1]}`],
    [/handshake eof|close_notify|disconnected before secure|early eof|socket hang up/i, () => ENDED],
  ];

/**
 * Why TLS with a peer failed.
 *
 * @param error What the runtime or Node threw.
 * @param host The peer, for people: the host of a target, or `the client`.
 * @returns One line, without the name of the target before it.
 */
export function tlsReason(error: unknown, host: string): string {
  return knownReason(error, host) ?? reasonOf(error);
}

/** The error to throw for one of TLS: clear, or as it was where it is the network's. */
export function explained(error: unknown, host: string): unknown {
  const reason = knownReason(error, host);
  return reason === undefined ? error : new Error(reason, { cause: error });
}

function knownReason(error: unknown, host: string): string | undefined {
  const text = textOf(error);
  for (const [pattern, reason] of REASONS) {
    const match = pattern.exec(text);
    if (match !== null) return reason(host, match);
  }
  if (error instanceof Deno.errors.UnexpectedEof) return ENDED;
  // What the runtime's TLS calls so is a fault of the protocol; the network knows no such error.
  if (error instanceof Deno.errors.InvalidData) return `TLS with ${host} failed: ${reasonOf(error)}`;
  return undefined;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? `${error.message} ${error.code}` : error.message;
}

function notFor(host: string, names: string | undefined): string {
  const found = names === undefined
    ? ""
    : `, but for ${names.trim().replace(/ (?:ERR_|\().*$/, "").slice(0, 200)}`;
  return `the certificate is not for ${host}${found}; ask for a name that it has, or skip the check with --insecure`;
}

/** Why TLS with a client failed: one line, for a record. */
export function clientTlsReason(error: unknown): string {
  const text = textOf(error);
  if (/UnknownCA|BadCertificate|CertificateUnknown|DecryptError/.test(text)) {
    return "the client does not trust the certificate; `tcpmon ca` tells how to make it";
  }
  if (/doesn't support any known protocol|NoApplicationProtocol/.test(text)) {
    return "the client speaks no protocol over TLS that tcpmon does (ALPN): HTTP/1.1 is what it takes";
  }
  if (/corrupt message|InvalidContentType/.test(text)) return "the client does not speak TLS";
  if (/peer is incompatible|NoCipherSuites|ProtocolVersion|peer doesn't support/.test(text)) {
    return "the client and tcpmon have no TLS version or cipher suite in common; tcpmon speaks TLS 1.2 and 1.3";
  }
  const alert = /received fatal alert: (\w+)/.exec(text);
  if (alert !== null) return `the client ended TLS with the alert ${alert[1]}`;
  if (error instanceof Deno.errors.UnexpectedEof) {
    return "the client closed the connection during the TLS handshake";
  }
  return reasonOf(error);
}
