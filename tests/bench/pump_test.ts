import assert from "node:assert/strict";
import { pump } from "./pump.ts";

async function readAll(connection: Deno.Conn): Promise<Uint8Array> {
  const chunks: number[] = [];
  const buffer = new Uint8Array(4096);
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    chunks.push(...buffer.subarray(0, count));
  }
  return new Uint8Array(chunks);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) offset += await connection.write(bytes.subarray(offset));
}

/** A pump before `backend`, which handles one connection; `use` is given the client's connection. */
async function throughPump(
  backend: (connection: Deno.TcpConn) => Promise<void>,
  use: (connection: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  const target = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pumping = pump(listener, { hostname: "127.0.0.1", port: target.addr.port });
  const serving = (async () => {
    using connection = await target.accept();
    await backend(connection);
  })();
  {
    using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    await use(client);
    await serving;
  }
  target.close();
  listener.close();
  await pumping;
}

Deno.test("bytes pass both ways unchanged, and the answer still comes after the client's half-close", async () => {
  const sent = crypto.getRandomValues(new Uint8Array(60_000));
  await throughPump(async (connection) => {
    const received = await readAll(connection);
    await writeAll(connection, received.reverse());
    await connection.closeWrite();
  }, async (client) => {
    await writeAll(client, sent);
    await client.closeWrite();
    assert.deepEqual(await readAll(client), sent.toReversed());
  });
});

Deno.test("a server that speaks first and closes its side still hears the client", async () => {
  let heard = "";
  await throughPump(async (connection) => {
    await writeAll(connection, new TextEncoder().encode("220 ready\r\n"));
    await connection.closeWrite();
    heard = new TextDecoder().decode(await readAll(connection));
  }, async (client) => {
    assert.equal(new TextDecoder().decode(await readAll(client)), "220 ready\r\n");
    await writeAll(client, new TextEncoder().encode("QUIT\r\n"));
    await client.closeWrite();
  });
  assert.equal(heard, "QUIT\r\n");
});

Deno.test("a target that refuses ends the client's connection, and the pump goes on", async () => {
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  closed.close();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pumping = pump(listener, { hostname: "127.0.0.1", port: closed.addr.port });
  for (let attempt = 0; attempt < 2; attempt++) {
    using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    assert.deepEqual(await readAll(client), new Uint8Array());
  }
  listener.close();
  await pumping;
});
