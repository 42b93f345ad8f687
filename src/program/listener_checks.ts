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
 * Holds that nothing leads to a listener of this program: what comes there would never end.
 *
 * @param others All but the one that the settings are for.
 * @param besides What else listens in this program.
 * @throws {Refused} 400.
 */
export function refuseCircle(
  { listen, target, settings }: Configured,
  others: readonly SessionListener[],
  besides: readonly Deno.Addr[],
): void {
  const here = addressOf(listen);
  const bound = others.flatMap(({ address }) => address === undefined ? [] : [address]);
  const own = [...bound, ...besides, here];
  const refuse = (to: Target, deed: string, wanted: string, field: string) => {
    const circle = own.find((address) => leadsToListener(to, address));
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
    listener !== undefined && target !== undefined && leadsToListener(target, here)
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

/** Says that something would lead to a listener of this program. */
export function circleText(deed: string, own: Deno.Addr, wanted: string): string {
  return `cannot ${deed}: found a listener of this tcpmon itself (${
    formatEndpoint(own)
  }), wanted another ${wanted}`;
}

/** What is going to be bound, as far as that can be told. */
function addressOf(listen: ListenAddress): Deno.Addr {
  if (listen.kind === "unix") return { transport: "unix", path: listen.path };
  const hostname = listen.host === "localhost" ? "127.0.0.1" : listen.host;
  return { transport: "tcp", hostname, port: listen.port };
}
