/** What listeners of one program may not do to each other: share an address, or lead to one another without end. */
import { formatAddress, type ListenAddress, type Target } from "../net/address.ts";
import { formatEndpoint, leadsToListener } from "../net/endpoint.ts";
import { parseUpstreamProxy } from "../net/upstream/proxy_address.ts";
import { Refused } from "../ui/requests.ts";
import type { Configured } from "./listener_settings.ts";
import { isSameListen, type SessionListener } from "./session_listener.ts";

/**
 * Holds that no two have one address, whether they listen or not.
 *
 * @param others All but the one that the settings are for.
 * @throws {Refused} 409.
 */
export function refuseTwin({ listen }: Configured, others: readonly SessionListener[]): void {
  if (listen.kind === "tcp" && listen.port === 0) return;
  const name = formatAddress(listen);
  const other = others.find(({ address, configured }) =>
    isSameListen(configured.listen, listen) || (address !== undefined && formatEndpoint(address) === name)
  );
  if (other === undefined) return;
  const what = other.configured.target === undefined ? "proxy" : "relay";
  throw new Refused(
    409,
    `cannot listen on ${name}: found a ${what} of this tcpmon there, wanted another address`,
    "listen",
  );
}

/**
 * Holds that nothing leads to a listener of this program: what comes there would never end. One that was stopped and gets
 * its port again counts, too.
 *
 * @param others All but the one that the settings are for.
 * @param besides What else listens in this program.
 * @param coming The address that it gets, where that is known already.
 * @throws {Refused} 400.
 */
export function refuseCircle(
  { listen, target, settings }: Configured,
  others: readonly SessionListener[],
  besides: readonly Deno.Addr[],
  coming?: Deno.Addr,
): void {
  const here = coming ?? addressOf(listen);
  const bound = others.flatMap(({ comingAddress }) => comingAddress === undefined ? [] : [comingAddress]);
  const own = [...bound, ...besides, here];
  const refuse = (to: Target, deed: string, wanted: string, field: string) => {
    const circle = own.find((address) => leadsHere(to, address));
    if (circle !== undefined) throw new Refused(400, circleText(deed, circle, wanted), field);
  };
  if (target !== undefined) refuse(target, `relay to ${formatAddress(target)}`, "target", "target");
  const { upstreamProxy = "" } = settings;
  if (upstreamProxy !== "" && upstreamProxy !== "env") {
    const { host, port } = parseUpstreamProxy(upstreamProxy);
    const proxy: Target = { kind: "tcp", host, port, http: false };
    refuse(proxy, `go through ${formatAddress(proxy)}`, "proxy", "upstreamProxy");
  }
  const leading = others.find(({ listener, configured: { target } }) =>
    listener !== undefined && target !== undefined && leadsHere(target, here)
  );
  if (leading === undefined) return;
  throw new Refused(
    400,
    `cannot listen on ${
      formatAddress(listen)
    }: found the relay ${leading.name} that leads there, wanted another ` +
      "address",
    "listen",
  );
}

/**
 * Whether a target, by its text alone, is one of our own listeners, in whichever way its host is written.
 *
 * @param own The address of the listener.
 */
export function leadsHere(target: Target, own: Deno.Addr): boolean {
  if (target.kind === "unix") return leadsToListener(target, own);
  return leadsToListener({ ...target, host: dialledHost(target.host) }, own);
}

/** The host that is dialled: numbers may stand for addresses (inet_aton(3)), and no address for this machine. */
function dialledHost(host: string): string {
  const plain = plainHost(host);
  if (plain === "0.0.0.0") return "127.0.0.1";
  if (plain === "::") return "::1";
  // RFC 6761 §6.3.
  return plain.endsWith(".localhost") ? "localhost" : plain;
}

/** `127.1`, `0x7f000001` and `0:0:0:0:0:0:0:1` as `127.0.0.1` and `::1`; names in lower case, without the last dot. */
function plainHost(host: string): string {
  const isV6 = host.includes(":");
  const url = URL.parse(isV6 ? `http://[${host.replace(/%.*$/s, "")}]` : `http://${host}`);
  const plain = url?.hostname.replace(/^\[|\]$/g, "") ?? host.toLowerCase();
  return plain.replace(/\.$/, "");
}

/** Says that something would lead to a listener of this program. */
export function circleText(deed: string, own: Deno.Addr, wanted: string): string {
  return `cannot ${deed}: found a listener of this tcpmon itself (${
    formatEndpoint(own)
  }), wanted another ${wanted}`;
}

/** What is going to be bound, as far as that can be told. */
function addressOf(listen: ListenAddress): Deno.Addr {
  if (listen.kind === "unix") return { transport: "unix", path: listen.path };
  const plain = plainHost(listen.host);
  const hostname = plain === "localhost" ? "127.0.0.1" : plain;
  return { transport: "tcp", hostname, port: listen.port };
}
