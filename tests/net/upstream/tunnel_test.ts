/** Opening tunnels on real sockets: SOCKS, a proxy played by the test, and proxies that misbehave. */
import assert from "node:assert/strict";
import type { Connection } from "../../../src/net/connection.ts";
import { parseUpstreamProxy } from "../../../src/net/upstream/proxy_address.ts";
import { tunnel } from "../../../src/net/upstream/tunnel.ts";
import { freePort } from "../../end_to_end/nginx.ts";
import { Peer, Server, Target } from "../../end_to_end/peers.ts";
import { within } from "../../end_to_end/program.ts";
import { SocksProxy } from "../socks/socks_proxy.ts";

const HTTP = parseUpstreamProxy("http://proxy.test:1");
const SOCKS = parseUpstreamProxy("socks5://proxy.test:1");
const never = new AbortController().signal;
const target = { host: "name.invalid", port: 443 };
const connect = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });

/** Whether a connection was closed on this side. */
async function isClosed(conn: Deno.Conn): Promise<boolean> {
  return await conn.write(Uint8Array.of(0)).then(
    () => false,
    (error) => error instanceof Deno.errors.BadResource,
  );
}

Deno.test("a SOCKS tunnel carries every byte, those right behind the answer too", async () => {
  const greeting = crypto.getRandomValues(new Uint8Array(3000));
  await using server = new Server(async (peer) => peer.send(await peer.readToEnd()));
  await using proxy = new SocksProxy((user, password) => user === "u" && password === "p", greeting);
  const conn = await connect(proxy.port);
  using peer = new Peer(conn);
  await tunnel(
    conn,
    parseUpstreamProxy("socks5://u:p@h"),
    { host: "name.invalid", port: server.port },
    never,
  );
  assert.deepEqual(await peer.read(greeting.length), greeting);
  await peer.send("there and back");
  await peer.end();
  assert.equal(await peer.textToEnd(), "there and back");
  assert.deepEqual(proxy.asked, [{ host: "name.invalid", port: server.port }]);
});

Deno.test("a SOCKS proxy that turns a client away is told in words, and the connection is closed", async () => {
  await using proxy = new SocksProxy((user) => user === "u");
  const refused = async (url: string, port: number, message: string) => {
    const conn = await connect(proxy.port);
    await assert.rejects(tunnel(conn, parseUpstreamProxy(url), { host: "a", port }, never), { message });
    assert.ok(await isClosed(conn));
  };
  const { port } = proxy;
  await refused("socks5://h", port, "the proxy wants a login: give USER:PASSWORD@ before its host");
  await refused("socks5://x:y@h", port, "the proxy wants other credentials: wrong user or password");
  await refused("socks5://u:y@h", freePort(), "the proxy cannot reach the target: connection refused");
});

Deno.test("an HTTP proxy gets the request whole, and the tunnel begins right behind its answer", async () => {
  await using proxy = new Target();
  const conn = await connect(proxy.port);
  using client = new Peer(conn);
  const opened = tunnel(conn, parseUpstreamProxy("http://u:p@h"), target, never);
  const server = await proxy.accept();
  assert.equal(
    await server.readHead(),
    "CONNECT name.invalid:443 HTTP/1.1\r\nHost: name.invalid:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
  );
  await server.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n220 ready\r\n");
  await within(opened, "the tunnel did not open");
  assert.equal(await client.readUntil("\r\n"), "220 ready\r\n");
});

Deno.test("a proxy that closes, resets or talks nonsense is told, and the connection is closed", async () => {
  await using proxy = new Target();
  const failing = async (answer: string | undefined, message: RegExp, kind = HTTP) => {
    const conn = await connect(proxy.port);
    const opened = tunnel(conn, kind, target, never);
    const server = await proxy.accept();
    // With bytes unread, closing sends a reset.
    if (answer !== undefined) {
      await server.readSome();
      await server.send(answer);
    }
    server.close();
    await assert.rejects(opened, message);
    assert.ok(await isClosed(conn));
  };
  const closed = /^Error: the proxy closed the connection before the tunnel was open$/;
  await failing("HTTP/1.1 200 OK\r\n", closed);
  await failing("", closed);
  await failing("\u0005", closed, SOCKS);
  await failing("SSH-2.0-x\r\n", /^Error: the proxy does not speak HTTP\/1: its answer begins with "SSH/);
  await failing("HTTP/1.1 400 Bad\r\n\r\n", /does not speak SOCKS 5: its first byte is 72/, SOCKS);
  await failing("HTTP/1.1 403 Forbidden\r\n\r\n", /^Error: the proxy refused the tunnel: 403 Forbidden$/);
});

Deno.test("an error of the socket is told as the proxy's", async () => {
  const broken = (how: Partial<Connection>): Connection => ({
    localAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 2 },
    read: () => Promise.reject(new Deno.errors.ConnectionReset("x (os error 104)")),
    write: (bytes) => Promise.resolve(Math.min(3, bytes.length)),
    closeWrite: () => Promise.resolve(),
    close: () => {},
    ...how,
  });
  const message = "the way to the proxy broke off: connection reset by peer";
  await assert.rejects(tunnel(broken({}), HTTP, target, never), { message });
  const write = () => Promise.reject(new Deno.errors.BrokenPipe("x"));
  await assert.rejects(tunnel(broken({ write }), SOCKS, target, never), {
    message: "the way to the proxy broke off: connection closed by peer",
  });
});

Deno.test("a write that takes only a part is gone on with", async () => {
  const written: number[] = [];
  const answer = new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n");
  let at = 0;
  const slow: Connection = {
    localAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 2 },
    read(buffer) {
      buffer[0] = answer[at++];
      return Promise.resolve(1);
    },
    write(bytes) {
      written.push(...bytes.subarray(0, 5));
      return Promise.resolve(Math.min(5, bytes.length));
    },
    closeWrite: () => Promise.resolve(),
    close: () => {},
  };
  await tunnel(slow, HTTP, target, never);
  assert.equal(
    String.fromCharCode(...written),
    "CONNECT name.invalid:443 HTTP/1.1\r\nHost: name.invalid:443\r\n\r\n",
  );
});

Deno.test("the signal ends an attempt that waits, and one that has not begun", async () => {
  await using proxy = new Target();
  const message = "the proxy did not open the tunnel in time";
  for (const kind of [HTTP, SOCKS]) {
    const conn = await connect(proxy.port);
    const stop = new AbortController();
    const opened = tunnel(conn, kind, target, stop.signal);
    const server = await proxy.accept();
    await server.readSome();
    stop.abort();
    await assert.rejects(within(opened, "it did not end"), { message });
    assert.ok(await isClosed(conn));
    assert.equal(await server.over(), "ended");
  }
  const conn = await connect(proxy.port);
  await assert.rejects(tunnel(conn, HTTP, target, AbortSignal.abort()), { message });
  assert.ok(await isClosed(conn));
});

Deno.test("a host that cannot be asked for is refused before anything is sent", async () => {
  await using proxy = new Target();
  for (const [kind, host] of [[HTTP, "a\r\nX: y"], [SOCKS, "x".repeat(256)]] as const) {
    const conn = await connect(proxy.port);
    await assert.rejects(tunnel(conn, kind, { host, port: 1 }, never), /^Error: cannot ask the .*proxy/);
    using server = await proxy.accept();
    assert.equal(await server.readSome(), null);
  }
});
