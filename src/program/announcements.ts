/** What is said of a session on stderr, and of its listeners in the viewer: what listens, and what to beware of. */
import type { CaptureOptions } from "../cli/settings.ts";
import { sizeText } from "../log/units.ts";
import { formatAddress, type Target } from "../net/address.ts";
import { formatEndpoint, isLoopback } from "../net/endpoint.ts";
import { formatRules, isPlain, type LinkRules } from "../net/link/spec.ts";
import type { Network } from "./network.ts";
import type { TlsSetup } from "./tls.ts";

const NO_PROXIES = "directly: the environment names no proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY)";

/** A listener, as far as words need it. */
export interface Described {
  /** The address that was bound; absent: it does not listen. */
  readonly address?: Deno.Addr;
  /** Where a relay leads; absent: it is a proxy. */
  readonly target?: Target;
  /** Whether any certificate of its target will do; absent: as the options have it. */
  readonly insecure?: boolean;
}

/** What words depend on. */
export interface Surroundings {
  /** The program's options. */
  readonly options: Pick<CaptureOptions, "proxyAuth" | "targetTls" | "recorder">;
  /** How TLS is spoken. */
  readonly tls: Pick<TlsSetup, "secureClient" | "forListener" | "authority">;
}

/** What a listener does, in one line: `relaying 127.0.0.1:8081 → localhost:8080`. */
export function listenerLine(
  { address, target }: Described & { readonly address: Deno.Addr },
  { tls }: Surroundings,
  network: Pick<Network, "describe" | "lacksProxies">,
): string {
  const tlsNote = tls.secureClient === undefined ? "" : ", with TLS";
  const secured = network.lacksProxies ? `${tlsNote}, ${NO_PROXIES}` : tlsNote;
  const upstream = network.describe(target);
  const way = upstream === undefined ? "" : ` through ${upstream}`;
  if (target === undefined) {
    return `proxy on ${formatEndpoint(address)} (HTTP, CONNECT, SOCKS 5)${way}${secured}`;
  }
  const toTls = target.kind === "tcp" && target.tls ? " (TLS)" : "";
  return `relaying ${formatEndpoint(address)} → ${formatAddress(target)}${toTls}${way}${secured}`;
}

/** What to beware of with a listener, a line each. */
export function listenerNotes(
  { address, target, insecure }: Described,
  { options, tls }: Surroundings,
): string[] {
  const lines: string[] = [];
  const name = address && formatEndpoint(address);
  const isOpen = address !== undefined && !isLoopback(address);
  if (isOpen) lines.push(`${name} can be reached from other machines`);
  if (isOpen && target === undefined && options.proxyAuth === undefined) {
    lines.push(`everyone who reaches ${name} can use it: --proxy-auth asks for a password`);
  }
  const isTls = target?.kind === "tcp" && target.tls;
  if (isTls && tls.forListener({ target, insecure }).clientOptions(target).insecure) {
    lines.push(
      `the certificate of ${formatAddress(target)} is NOT VERIFIED (--insecure): anyone may pose as it`,
    );
  }
  return lines;
}

/** What is left of a listener that was stopped: the connections of its sockets. */
export function openNote(left: Iterable<{ readonly open: number }>): string[] {
  let count = 0;
  for (const { open } of left) count += open;
  if (count === 0) return [];
  return [count === 1 ? "1 connection is still open" : `${count} connections are still open`];
}

/** What to beware of with all proxies: whose certificates are not verified. */
export function insecureNote({ targetTls: { insecure } }: Surroundings["options"]): string[] {
  if (insecure === undefined) return [];
  const which = insecure === "" ? "any host" : insecure;
  return [`certificates of ${which} are NOT VERIFIED (--insecure): anyone may pose as them`];
}

/** What holds for all of a session, a line each. */
export function sessionLines({ options, tls }: Surroundings, link: LinkRules): string[] {
  const lines: string[] = [];
  if (tls.authority !== undefined) {
    lines.push(`clients must trust ${tls.authority.certPath} (tcpmon ca says how)`);
  }
  if (options.recorder !== undefined) {
    const { folder, limitBytes } = options.recorder;
    const how = Deno.build.os === "windows" ? "" : `, kill -USR2 ${Deno.pid} dumps it`;
    lines.push(`recording into ${folder}, at most ${sizeText(limitBytes)}${how}`);
  }
  if (!isPlain(link)) lines.push(`simulated link: ${formatRules(link)}`);
  return lines;
}
