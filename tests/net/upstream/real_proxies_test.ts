/** Tunnels through tinyproxy and squid, with and without a login, to peers that speak first, and to TLS. */
import assert from "node:assert/strict";
import { parseUpstreamProxy } from "../../../src/net/upstream/proxy_address.ts";
import { upstreamDial } from "../../../src/net/upstream/upstream_dial.ts";
import { freePort } from "../../end_to_end/nginx.ts";
import { Peer, Server } from "../../end_to_end/peers.ts";
import { installed, within } from "../../end_to_end/program.ts";
import { makeCertificates } from "../tls/certificates.ts";
import { RealProxy } from "./proxies.ts";

/** Reaches a port of 127.0.0.1 through a proxy. */
async function through(proxyUrl: string, port: number): Promise<Deno.TcpConn> {
  const proxy = parseUpstreamProxy(proxyUrl);
  const dial = upstreamDial(
    (proxy, signal) => Deno.connect({ hostname: proxy.host, port: proxy.port, signal }),
    () => proxy,
    () => Promise.reject(new Error("reached directly")),
  );
  const target = { kind: "tcp", host: "127.0.0.1", port, http: false } as const;
  return await within(dial(target, new AbortController().signal), "the tunnel did not open") as Deno.TcpConn;
}

for (const name of ["tinyproxy", "squid"] as const) {
  const here = installed(name);
  const proxyName = here ? name : `${name}, which is not installed,`;

  Deno.test({
    name: `a tunnel through ${proxyName} carries every byte, tells a refusal, and takes TLS`,
    ignore: !here,
    async fn(test) {
      await using proxy = await RealProxy.start(name);
      const url = `http://127.0.0.1:${proxy.port}`;

      await test.step("a peer that speaks first is heard from its first byte on, both ways", async () => {
        const greeting = crypto.getRandomValues(new Uint8Array(40_000));
        const answer = crypto.getRandomValues(new Uint8Array(30_000));
        await using server = new Server(async (peer) => {
          await peer.send(greeting);
          await peer.send(await peer.read(answer.length));
        });
        using peer = new Peer(await through(url, server.port));
        assert.deepEqual(await peer.read(greeting.length), greeting);
        await peer.send(answer);
        assert.deepEqual(await peer.read(answer.length), answer);
      });

      await test.step("a target that cannot be reached is a refused tunnel", async () => {
        await assert.rejects(through(url, freePort()), /^Error: the proxy refused the tunnel: 50\d [A-Z]/);
      });

      await test.step({
        name: "TLS starts on the tunnel's socket",
        ignore: !installed("openssl"),
        async fn() {
          await using certificates = await makeCertificates();
          const { certPem, keyPem } = certificates.localhost;
          using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: certPem, key: keyPem });
          const served = (async () => {
            using conn = await listener.accept();
            await conn.write(new TextEncoder().encode("inside TLS"));
            await conn.closeWrite();
          })();
          const conn = await through(url, listener.addr.port);
          const caCerts = [certificates.ca.certPem];
          using peer = new Peer(await Deno.startTls(conn, { hostname: "localhost", caCerts }));
          assert.equal(new TextDecoder().decode(await peer.read(10)), "inside TLS");
          await within(served, "the TLS server did not end");
        },
      });
    },
  });

  Deno.test({
    name: `a tunnel through ${proxyName} with a login opens for the right one alone`,
    ignore: !here,
    async fn() {
      await using proxy = await RealProxy.start(name, { user: "jo", password: "s3cret" });
      await using server = new Server((peer) => peer.send("hello"));
      const at = `127.0.0.1:${proxy.port}`;
      using peer = new Peer(await through(`http://jo:s3cret@${at}`, server.port));
      assert.equal(await peer.textToEnd(), "hello");
      await assert.rejects(through(`http://jo:wrong@${at}`, server.port), {
        message: name === "squid"
          ? "the proxy wants other credentials: 407 Proxy Authentication Required"
          : "the proxy wants other credentials: 401 Unauthorized",
      });
      await assert.rejects(through(`http://${at}`, server.port), {
        message:
          "the proxy wants a login, give USER:PASSWORD@ before its host: 407 Proxy Authentication Required",
      });
    },
  });
}
