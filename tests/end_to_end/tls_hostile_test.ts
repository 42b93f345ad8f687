/** Clients of a TLS listener that do not speak TLS, or not to its end, and TLS that passes through untouched. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { joinData } from "./capture.ts";
import { crowd, Peer, Server } from "./peers.ts";
import { FROM_SOURCE, installed, Program } from "./program.ts";
import { echo, TlsNginx, tlsPeer, withAuthority } from "./tls.ts";
import { curl, eventually, LINUX, openDescriptors } from "./tools.ts";

const ignore = ["curl", "nginx", "openssl"].some((name) => !installed(name));
const SLOW_CLIENTS = 300;

/** A ClientHello of openssl's, cut where a test wants it. */
async function clientHello(): Promise<Uint8Array> {
  const hex = await Deno.readTextFile(new URL("../capture/client_hellos/openssl.hex", import.meta.url));
  return Uint8Array.from(hex.replace(/[^0-9a-f]/gi, "").match(/../g)!, (byte) => parseInt(byte, 16));
}

Deno.test({
  name: "what speaks no TLS to a TLS listener is recorded as such, and reaches no target",
  ignore,
  async fn() {
    let reached = 0;
    await using server = new Server(async (peer) => {
      reached++;
      await echo(peer);
    });
    await using tcpmon = await withAuthority(["relay", `0=${server.target}`, "--tls", "--format", "json"]);
    const { program } = tcpmon;
    const port = await program.port();
    const hello = await clientHello();
    const clients = [
      ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", /the client does not speak TLS/],
      [new Uint8Array([0, 1, 2, 3, 255]), /the client does not speak TLS/],
      [hello.subarray(0, 40), /closed the connection during the TLS handshake/],
      ["", /closed the connection before it said anything/],
      [new Uint8Array([22, 3, 1, 0, 4, 1, 0, 0, 0]), /the client does not speak TLS|TLS/],
    ] as const;
    for (const [i, [bytes, error]] of clients.entries()) {
      using client = await Peer.connect(port);
      await client.send(bytes);
      await client.end();
      await client.over();
      const closed = (await program.records("connection", i + 1))[i];
      assert.deepEqual([closed.event, closed.end, closed.exchanges], ["closed", "tls-failed", 0]);
      assert.match(closed.error, /^TLS with the client: /);
      assert.match(closed.error, error);
    }
    assert.equal(reached, 0);
  },
});

Deno.test({
  name: "hundreds of clients that never finish their handshake hinder nobody, and leave nothing behind",
  ignore: ignore || !LINUX,
  async fn() {
    await using server = new Server(echo);
    await using tcpmon = await withAuthority(["relay", `0=${server.target}`, "--tls", "--format", "none"]);
    const { program } = tcpmon;
    const port = await program.port();
    const caPem = await Deno.readTextFile(tcpmon.caFile);
    const before = await openDescriptors(program.pid);
    const hello = await clientHello();
    const othersAreServed = async () => {
      using client = await tlsPeer(port, caPem);
      await client.send("hello");
      assert.equal(new TextDecoder().decode(await client.read(5)), "hello");
    };
    const slow = await crowd(SLOW_CLIENTS, async (i) => {
      const client = await Peer.connect(port);
      // Nothing, half a hello, or a whole one and no answer to the server's.
      await client.send(hello.subarray(0, [0, 50, hello.length][i % 3]));
      return client;
    }, othersAreServed);
    for (const client of slow) client.close();
    await eventually(async () => await openDescriptors(program.pid) <= before + 5, "descriptors stay open");
  },
});

Deno.test({
  name: "a client that says nothing is let go after ten seconds",
  ignore: ignore || !FROM_SOURCE,
  async fn() {
    await using server = new Server(echo);
    await using tcpmon = await withAuthority(["relay", `0=${server.target}`, "--tls", "--format", "json"]);
    const port = await tcpmon.program.port();
    const hello = await clientHello();
    using silent = await Peer.connect(port);
    using stuck = await Peer.connect(port);
    await stuck.send(hello);
    await Promise.all([silent.over(), stuck.over()]);
    const closed = await tcpmon.program.records("connection", 2);
    for (const { end, error } of closed) {
      assert.equal(end, "tls-failed");
      assert.match(error, /did not begin TLS within 10000 ms|handshake was not done within 10000 ms/);
    }
  },
});

Deno.test({
  name: "TLS that passes through untouched shows what its client asks for, and its bytes",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using program = Program.start(["relay", `0=127.0.0.1:${nginx.port}`, "--format", "json"]);
    const port = await program.port();
    const { text } = await curl(
      ...["--cacert", certificates.ca.certFile, "--connect-to", `localhost:${nginx.port}:127.0.0.1:${port}`],
      `https://localhost:${nginx.port}/said`,
    );
    assert.match(text, /^HTTP\/2\.0 localhost/);
    const records = await program.records("connection", 3);
    const hello = records.find(({ event }) => event === "client-hello");
    assert.equal(hello.tls.serverName, "localhost");
    assert.deepEqual(hello.tls.alpn, ["h2", "http/1.1"]);
    assert.deepEqual(hello.tls.versions.slice(0, 2), ["TLSv1.3", "TLSv1.2"]);
    const closed = records.find(({ event }) => event === "closed");
    const data = await program.records("data", 2);
    assert.ok(joinData(data, "up").length <= closed.up);
    assert.equal(closed.exchanges, 0);
  },
});
