/** Addresses of open sockets: how they are written, and whether two are the same. */

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
export function leadsTo(conn: Deno.Conn, listening: Iterable<Deno.Addr>): boolean {
  const remote = conn.remoteAddr;
  for (const own of listening) {
    if (own.transport !== "tcp") {
      if ("path" in own && "path" in remote && own.path === remote.path) return true;
      continue;
    }
    if (remote.transport !== "tcp" || remote.port !== own.port) continue;
    const host = plainAddress(remote.hostname);
    if (host === plainAddress(own.hostname)) return true;
    // A listener on every address has this connection where both ends are on this machine.
    const local = conn.localAddr;
    if (!EVERY_ADDRESS.includes(own.hostname) || local.transport !== "tcp") continue;
    if (host.startsWith("127.") || host === "::1" || host === plainAddress(local.hostname)) return true;
  }
  return false;
}
