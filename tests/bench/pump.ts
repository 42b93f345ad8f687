/**
 * The bare pump that tcpmon is measured against: the least a relay written for Deno can do.
 *
 * One read/write loop each way on `Deno.Conn`, a 64 KiB buffer each, Nagle's algorithm off on both sockets,
 * half-close passed on. It looks at nothing, keeps nothing and writes no log, so what tcpmon costs on top of it is
 * what capturing costs.
 *
 * Run as `deno run --allow-net pump.ts LISTEN_PORT TARGET_HOST TARGET_PORT`; port 0 takes any free one, and the
 * line on stderr says which.
 */

/** One buffer a direction: large enough that a bulk transfer is bound by copying, not by calls. */
const BUFFER_BYTES = 64 * 1024;

/** Where the pump relays to. */
export interface PumpTarget {
  /** Name or address. */
  readonly hostname: string;
  /** TCP port. */
  readonly port: number;
}

async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (;;) {
    const count = await from.read(buffer);
    if (count === null) break;
    let offset = 0;
    while (offset < count) offset += await to.write(buffer.subarray(offset, count));
  }
  await to.closeWrite();
}

async function serve(client: Deno.TcpConn, target: PumpTarget): Promise<void> {
  using _client = client;
  try {
    using server = await Deno.connect(target);
    client.setNoDelay(true);
    server.setNoDelay(true);
    const reset = () => {
      closeQuietly(client);
      closeQuietly(server);
    };
    await Promise.all([copy(client, server).catch(reset), copy(server, client).catch(reset)]);
  } catch {
    // The target refused, or a side is already closed: the `using` lines end both connections.
  }
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed by the other direction.
  }
}

/** Accepts until `listener` is closed, and relays every connection to `target`. */
export async function pump(listener: Deno.TcpListener, target: PumpTarget): Promise<void> {
  for await (const client of listener) void serve(client, target);
}

if (import.meta.main) {
  const [listenPort, hostname, targetPort] = Deno.args;
  const target = { hostname, port: Number(targetPort) };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(listenPort) });
  console.error(`pump: relaying 127.0.0.1:${listener.addr.port} → ${target.hostname}:${target.port}`);
  await pump(listener, target);
}
