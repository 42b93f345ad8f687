/** What is known of TLS on a connection, as the human formats have it. It comes from the wire: the caller escapes it. */
import type { ClientHello, ConnectionOpened, TlsInfo } from "../capture/record.ts";

/** `TLS with target: TLSv1.3, h2, CN=example.com; with client: TLSv1.3`; nothing where nothing is known of either. */
export function tlsText({ clientTls, targetTls }: ConnectionOpened): string | undefined {
  const [target, client] = [infoText(targetTls), infoText(clientTls)];
  const sides = [target && `with target: ${target}`, client && `with client: ${client}`].filter(Boolean);
  return sides.length === 0 ? undefined : `TLS ${sides.join("; ")}`;
}

/** `TLS ClientHello example.com (h2, http/1.1; TLSv1.3, TLSv1.2)`, with a dash for a name that was not given. */
export function helloText({ serverName, alpn, versions }: ClientHello): string {
  const offers = [alpn, versions].filter((list) => list.length > 0).map((list) => list.join(", "));
  return `TLS ClientHello ${serverName ?? "-"}${offers.length === 0 ? "" : ` (${offers.join("; ")})`}`;
}

function infoText(info: TlsInfo | undefined): string {
  if (info === undefined) return "";
  const name = info.serverName === undefined ? undefined : `for ${info.serverName}`;
  return [info.version, info.cipher, info.alpn, name, info.peer].filter((text) => text !== undefined).join(
    ", ",
  );
}
