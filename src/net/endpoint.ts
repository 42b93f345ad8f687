/** Addresses of open sockets: how they are written, and whether two are the same. */
import type { Target } from "./address.ts";

/** A socket's address for people and records: `127.0.0.1:8081`, `[::1]:8081` or `unix:/run/a.sock`. */
export function formatEndpoint(address: Deno.Addr): string {
  if (address.transport !== "tcp" && address.transport !== "udp") {
    // A client that is not bound to a path has none: `null`, whatever the type says.
    return `unix:${"path" in address ? address.path ?? "" : ""}`;
  }
  const host = plainAddress(address.hostname);
  return host.includes(":") ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}

/** An IPv4 address that was mapped into IPv6 (RFC 4291 §2.5.5.2) in its own form; others as they are. */
function plainAddress(host: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1] ?? host;
}

/** An address in the one form in which it can be compared: IPv6 has many for each. */
function comparable(host: string): string {
  if (!host.includes(":")) return host;
  const short = URL.parse(`http://[${host.replace(/%.*$/s, "")}]`)?.hostname.slice(1, -1) ?? host;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  const [high, low] = [parseInt(mapped[1], 16), parseInt(mapped[2], 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** Whether only this machine can reach a listener. */
export function isLoopback(address: Deno.Addr): boolean {
  if (!("hostname" in address)) return true;
  const host = plainAddress(address.hostname);
  return host.startsWith("127.") || host === "::1";
}

const EVERY_ADDRESS = ["0.0.0.0", "::"];

/**
 * Whether a connection that was just made leads to one of our own listeners: relaying into it would never end.
 *
 * @param listening The addresses of our listeners.
 */
export function leadsTo(
  conn: Pick<Deno.Conn, "localAddr" | "remoteAddr">,
  listening: Iterable<Deno.Addr>,
): boolean {
  const remote = conn.remoteAddr;
  for (const own of listening) {
    if (own.transport !== "tcp") {
      if ("path" in own && "path" in remote && own.path === remote.path) return true;
      continue;
    }
    if (remote.transport !== "tcp" || remote.port !== own.port) continue;
    const host = comparable(remote.hostname);
    if (host === comparable(own.hostname)) return true;
    // A listener on every address has this connection where both ends are on this machine.
    const local = conn.localAddr;
    if (!EVERY_ADDRESS.includes(own.hostname) || local.transport !== "tcp") continue;
    if (host.startsWith("127.") || host === "::1" || host === comparable(local.hostname)) return true;
  }
  return false;
}

/**
 * Whether a target, by its text alone, is one of our own listeners.
 *
 * @param own The address of the listener.
 */
export function leadsToListener(target: Target, own: Deno.Addr): boolean {
  if (target.kind === "unix") return "path" in own && samePlace(target.path, own.path);
  if (own.transport !== "tcp" || target.port !== own.port) return false;
  const host = comparable(target.host.toLowerCase().replace(/\.$/, ""));
  const bound = comparable(own.hostname);
  if (host === bound) return true;
  const isLocal = host === "localhost" || host.startsWith("127.") || host === "::1";
  // A name may lead to either of the two loopback addresses.
  return isLocal && (EVERY_ADDRESS.includes(bound) || (host === "localhost" && isLoopback(own)));
}

/** Whether two paths lead to one socket, which exists. */
function samePlace(path: string, other: string): boolean {
  try {
    return Deno.realPathSync(path) === Deno.realPathSync(other);
  } catch {
    return path === other;
  }
}
