/** A SOCKS 5 client of the proxy, up to its tunnel (RFC 1928). */
import { targetOf } from "../address.ts";
import { closeQuietly, type Connection } from "../connection.ts";
import { reasonOf } from "../dial.ts";
import { replyTo } from "../socks/reply.ts";
import { SocksServer } from "../socks/server.ts";
import { formatAuthority } from "../../http/proxy_request.ts";
import type { ClientReader } from "./client_reader.ts";
import type { ProxySettings } from "./settings.ts";
import type { Tunnel } from "./tunnel.ts";

const HTTPS_PORT = 443;

/** What came of it. */
export type SocksOutcome =
  | { readonly kind: "tunnel" } & Omit<Tunnel, "info" | "client">
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Serves a SOCKS client until its tunnel is there.
 *
 * @throws What reading from the client throws.
 */
export async function serveSocks(
  reader: ClientReader,
  client: Connection,
  settings: ProxySettings,
  signal: AbortSignal,
): Promise<SocksOutcome> {
  const { credentials, clock } = settings;
  const server = new SocksServer(credentials && ((user, password) => credentials.check(user, password)));
  for (;;) {
    const { send, state } = server.push(reader.takeRest());
    for (const bytes of send) await writeAll(client, bytes);
    if (state.kind === "failed") return state;
    if (state.kind === "more") {
      if (!await reader.more()) {
        return { kind: "failed", reason: "the client ended before its SOCKS request" };
      }
      continue;
    }
    const { host, port, rest } = state;
    const name = formatAuthority({ host, port });
    // Elsewhere than on HTTPS's own port it may be anything, such as a protocol whose server speaks first.
    const tls = port === HTTPS_PORT;
    const target = { ...targetOf(host, String(port)), http: false, tls } as Tunnel["target"];
    const startedAt = clock.now();
    let way: Connection;
    try {
      way = await settings.connect(target, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = reasonOf(error);
      await writeAll(client, server.reply(replyTo(reason)));
      return { kind: "failed", reason: `cannot connect to ${name}: ${reason}` };
    }
    const connectMs = clock.now() - startedAt;
    try {
      await writeAll(client, server.reply("succeeded"));
      return { kind: "tunnel", target, name, way, connectMs, rest };
    } catch (error) {
      closeQuietly(way);
      throw error;
    }
  }
}

async function writeAll(client: Connection, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await client.write(bytes.subarray(written));
}
