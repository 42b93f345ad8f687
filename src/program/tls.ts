/** From options to how TLS is spoken: with targets, with clients, and inside the tunnels of a proxy. */
import type { ClientHello } from "../capture/record.ts";
import type { CaptureOptions } from "../cli/settings.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { Target } from "../net/address.ts";
import type { Connection, Reached } from "../net/connection.ts";
import { HostPatterns } from "../net/host_patterns.ts";
import type { Interception } from "../net/proxy/settings.ts";
import type { Secure } from "../net/relay.ts";
import { terminateTls } from "../net/tls/accept_tls.ts";
import type { Authority } from "../net/tls/authority.ts";
import { authorityFolder } from "../net/tls/authority_folder.ts";
import { CLIENT_CERT_NEEDS_DIRECT, tlsConnect } from "../net/tls/dial_tls.ts";
import { CLIENT_CERT_INSECURE } from "../net/tls/dial_tls_node.ts";
import type { CertifiedKey, TlsClientOptions } from "../net/tls/options.ts";
import { peekHello } from "../net/tls/peek_hello.ts";
import { trustSystemRoots } from "../net/tls/roots.ts";
import type { TrustedCertificates } from "./certificates.ts";

/** How long a client may take for its handshake. */
const CLIENT_HANDSHAKE_MS = 10_000;
const HTTP_1 = "http/1.1";
/** First byte of a TLS handshake record (RFC 8446 §5.1). */
const HANDSHAKE_RECORD = 22;
const NOT_TLS = "the client does not speak TLS";
const CUT = "the client closed the connection during the TLS handshake";
const NO_BYTE = "the client closed the connection before it said anything";

/** How TLS is spoken in this run. */
export interface TlsSetup {
  /** What is asked of a target's TLS. */
  readonly clientOptions: (target: Target & { readonly kind: "tcp" }) => TlsClientOptions;
  /** Speaks TLS with a target over a way that is open; `protocol` is what to ask for by ALPN instead of HTTP. */
  readonly secureTarget: (
    connection: Connection,
    target: Target,
    signal: AbortSignal,
    protocol?: string,
  ) => Promise<Reached>;
  /**
   * The same for the connections of one listener, whatever others say of the same target.
   *
   * @param own What a relay says of its target; absent: as the options have it, as for a proxy.
   */
  readonly forListener: (own?: OwnTrust) => TlsSetup;
  /** Ends TLS that the clients of listeners speak; absent: they speak none. */
  readonly secureClient?: Secure;
  /** Which tunnels are looked into; absent: none. */
  readonly interception?: Interception;
  /** The CA that signs for it, where one is needed. */
  readonly authority?: Authority;
}

/** Whether any certificate of a target will do, where a relay to it says so itself. */
export interface OwnTrust {
  /** The target. */
  readonly target: Target;
  /** Whether; undefined: as the options have it. */
  readonly insecure?: boolean;
}

/**
 * Reads the files that the options name, and opens the CA where it is needed.
 *
 * @param relays Those that there are. What is sent to their targets without a listener goes the way that they take: it
 *   is looked at each time what all relays to the target say.
 * @param wanted Those that are to be there from the beginning.
 * @throws {UsageError} where one cannot be used, or this runtime cannot do what is asked.
 */
export async function setUpTls(
  options: CaptureOptions,
  relays: Iterable<OwnTrust>,
  wanted: readonly OwnTrust[] = [],
): Promise<TlsSetup> {
  trustSystemRoots();
  const { targetTls, listenTls, intercept } = options;
  const { trusted, clientCert, listenCert } = await readFiles(options);
  const byOptions = insecureTargets(targetTls.insecure);
  if (clientCert !== undefined) checkClientCert(targetTls.insecure, wanted, byOptions);
  const authority = listenTls?.kind === "authority" || intercept !== undefined
    ? await openAuthority(options.caDir)
    : undefined;
  const withTargets = (isInsecure: IsInsecure): Pick<TlsSetup, "clientOptions" | "secureTarget"> => {
    const clientOptions: TlsSetup["clientOptions"] = (target) => ({
      host: target.host,
      alpn: target.http ? [HTTP_1] : [],
      caPem: trusted && [trusted.pem],
      ownAuthority: trusted?.names(target.host),
      insecure: isInsecure(target),
      clientCert,
    });
    return {
      clientOptions,
      secureTarget: (connection, target, signal, protocol) => {
        if (target.kind !== "tcp") throw new Error("TLS is spoken with hosts only");
        const asked = clientOptions(target);
        const alpn = protocol === undefined ? asked.alpn : [protocol];
        return tlsConnect(connection, { ...asked, alpn }, { timeoutMs: options.connectTimeoutMs, signal });
      },
    };
  };
  const setup: TlsSetup = {
    ...withTargets((target) => agreed(target, relays, byOptions)),
    forListener: (own) => {
      const isInsecure: IsInsecure = (target) =>
        own?.insecure !== undefined && isOf(target, own) ? own.insecure : byOptions(target);
      return { ...setup, ...withTargets(isInsecure) };
    },
    secureClient: listenCert !== undefined
      ? (client, signal) => endTls(() => Promise.resolve(listenCert), protocolsOfListener, client, signal)
      : listenTls !== undefined && authority !== undefined
      ? (client, signal) => endTls(leafOf(authority), protocolsOfListener, client, signal)
      : undefined,
    interception: intercept === undefined || authority === undefined ? undefined : {
      wants: tunnelsOf(intercept, options.noIntercept),
      secure: (client, host, signal) => endTls(leafOf(authority, host), protocolsInTunnel, client, signal),
    },
    authority,
  };
  return setup;
}

/**
 * Opens the CA, or makes it.
 *
 * @param folder Where it stands; undefined: in the user's data folder.
 * @throws {UsageError} where it cannot be had.
 */
export async function openAuthority(folder: string | undefined): Promise<Authority> {
  // Loaded only where it is needed, as it would cost every other start its time.
  const { Authority, AuthorityError } = await import("../net/tls/authority.ts");
  try {
    return await Authority.open(folder ?? authorityFolder(Deno.build.os, (name) => Deno.env.get(name)));
  } catch (error) {
    throw error instanceof AuthorityError ? new UsageError(error.message) : error;
  }
}

/** The certificates and keys of the options. */
async function readFiles({ targetTls, listenTls }: CaptureOptions): Promise<{
  readonly trusted?: TrustedCertificates;
  readonly clientCert?: CertifiedKey;
  readonly listenCert?: CertifiedKey;
}> {
  const { caFile, clientCertFile, clientKeyFile } = targetTls;
  if (caFile === undefined && clientCertFile === undefined && listenTls?.kind !== "files") return {};
  // Loaded only where it is needed, as it would cost every other start its time.
  const { readCertified, readTrusted } = await import("./certificates.ts");
  return {
    trusted: caFile === undefined ? undefined : readTrusted(caFile, "--ca"),
    clientCert: clientCertFile === undefined
      ? undefined
      : readCertified(clientCertFile, clientKeyFile ?? clientCertFile, "--client-cert"),
    listenCert: listenTls?.kind !== "files"
      ? undefined
      : readCertified(listenTls.certFile, listenTls.keyFile, "--tls-cert"),
  };
}

/** What a client is shown, once it is known what it asks for and where it came to. */
type ChooseCertificate = (hello: ClientHello, client: Connection) => Promise<CertifiedKey>;

/** Certificates of the CA for the name that a client asks for, or else for `host`, or for the address it came to. */
function leafOf(authority: Authority, host?: string): ChooseCertificate {
  return (hello, client) => authority.leafFor(hello.serverName ?? host ?? localName(client));
}

/**
 * Ends TLS with a client. Until its hello is whole it takes no more than its own connection.
 *
 * @param protocolsFor What to agree on by ALPN, given what the client offers.
 */
async function endTls(
  choose: ChooseCertificate,
  protocolsFor: (offered: readonly string[]) => readonly string[],
  client: Connection,
  signal: AbortSignal,
): Promise<Reached> {
  const { prefix, hello } = await withTimeout(peekHello(client), client, signal);
  if (hello === "not-tls") {
    throw new Error(prefix.length === 0 ? NO_BYTE : prefix[0] === HANDSHAKE_RECORD ? CUT : NOT_TLS);
  }
  const certified = await choose(hello, client);
  const options = { certified, alpn: protocolsFor(hello.alpn) };
  return await terminateTls(client, options, { timeoutMs: CLIENT_HANDSHAKE_MS, signal }, prefix);
}

/** What is inside is read as HTTP/1.1, so that is asked for wherever a client can do so. */
function protocolsOfListener(offered: readonly string[]): readonly string[] {
  const others = offered.filter((protocol) => protocol !== "h2");
  return others.length === 0 || offered.includes(HTTP_1) ? [HTTP_1] : others;
}

/** A client that speaks HTTP/2 only, as gRPC does, goes on with the target in that, unread. */
function protocolsInTunnel(offered: readonly string[]): readonly string[] {
  return offered.length === 0 || offered.includes(HTTP_1) ? [HTTP_1] : offered;
}

function localName({ localAddr }: Connection): string {
  return "hostname" in localAddr ? localAddr.hostname.replace(/^::ffff:/i, "") : "localhost";
}

/** A client that connects and says nothing must not stay for ever. */
async function withTimeout<T>(work: Promise<T>, client: Connection, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => {
    reject(new Error(`the client did not begin TLS within ${CLIENT_HANDSHAKE_MS} ms`));
    client.close();
  };
  const timer = setTimeout(giveUp, CLIENT_HANDSHAKE_MS);
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    work.catch(() => {});
  }
}

type TcpTarget = Target & { readonly kind: "tcp" };

/** Whether any certificate of a target will do. */
type IsInsecure = (target: TcpTarget) => boolean;

/** Which targets' certificates are not verified, as the option has it. */
function insecureTargets(patterns: string | undefined): IsInsecure {
  if (patterns === undefined) return () => false;
  if (patterns === "") return () => true;
  const named = HostPatterns.parse(patterns);
  return ({ host, port }) => named.matches(host, port);
}

/** Whether a relay speaks TLS with a target. */
function isOf({ host, port }: TcpTarget, { target }: OwnTrust): boolean {
  return target.kind === "tcp" && target.tls === true && target.port === port &&
    target.host.toLowerCase() === host.toLowerCase();
}

/** The older runtime shows a client certificate only to whom it verifies: better told now than to each client. */
function checkClientCert(
  insecure: string | undefined,
  wanted: readonly OwnTrust[],
  byOptions: IsInsecure,
): void {
  if (!CLIENT_CERT_NEEDS_DIRECT) return;
  const isUnverified = ({ target, insecure }: OwnTrust) =>
    target.kind === "tcp" && target.tls === true && (insecure ?? byOptions(target));
  if (insecure !== "" && !wanted.some(isUnverified)) return;
  throw new UsageError(`cannot use --client-cert with --insecure: ${CLIENT_CERT_INSECURE}`);
}

/** Whether no relay to a target wants it verified; as the option has it, where none leads there. */
function agreed(target: TcpTarget, relays: Iterable<OwnTrust>, byOptions: IsInsecure): boolean {
  let isInsecure: boolean | undefined;
  for (const relay of relays) {
    if (isOf(target, relay)) isInsecure = (isInsecure ?? true) && (relay.insecure ?? byOptions(target));
  }
  return isInsecure ?? byOptions(target);
}

function tunnelsOf(wanted: string, unwanted = ""): Interception["wants"] {
  const yes = HostPatterns.parse(wanted === "" ? "*" : wanted);
  const no = HostPatterns.parse(unwanted);
  return (host, port) => yes.matches(host, port) && !no.matches(host, port);
}
