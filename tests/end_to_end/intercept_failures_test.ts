/** An intercepting proxy whose client or target does not go along: clear answers and records, and nothing is left open. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { Peer, Server } from "./peers.ts";
import { installed, type LogRecord } from "./program.ts";
import { proxyPort, TlsNginx, tlsServer, withAuthority } from "./tls.ts";
import { eventually, LINUX, openDescriptors, run } from "./tools.ts";

const ignore = ["curl", "nginx", "openssl"].some((name) => !installed(name));

Deno.test({
  name: "a target whose TLS cannot be trusted: the client gets a 502 inside its tunnel that says why",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using tcpmon = await withAuthority([
      ...["proxy", "0", "--intercept", "--ca", certificates.ca.certFile, "--format", "json"],
    ]);
    const { program, caFile } = tcpmon;
    const proxy = `http://127.0.0.1:${await proxyPort(program)}`;
    const ask = (port: number, ...options: string[]) =>
      run("curl", [
        "-sS",
        "-i",
        ...options,
        "-x",
        proxy,
        "--cacert",
        caFile,
        `https://localhost:${port}/stock`,
      ]);
    const expired = await ask(nginx.expiredPort);
    assert.equal(expired.code, 0, expired.stderr);
    assert.match(expired.text, /HTTP\/1\.1 502 Bad Gateway\r\n/);
    assert.match(expired.text, /the certificate of localhost has expired/);
    const plain = await ask(nginx.plainPort);
    assert.match(plain.text, /502 Bad Gateway[^]*it does not speak TLS on this port/);
    const records: LogRecord[] = (await program.records("exchange", 4))
      .filter(({ request }) => request.method === "GET");
    for (const { outcome, error, response, request } of records) {
      assert.deepEqual([outcome, response.status, request.target], ["refused", 502, "/stock"]);
      assert.match(error, /^cannot connect to localhost:\d+: /);
    }
    assert.match((await ask(nginx.expiredPort, "--head")).text, /502 Bad Gateway[^]*\r\n\r\n$/);
    const head = (await program.records("exchange", 6)).find(({ request }) => request.method === "HEAD");
    assert.deepEqual([head?.outcome, head?.response.body.bytes, head?.flags], ["refused", 0, []]);
    assert.deepEqual(await program.records("data", 0), []);
  },
});

Deno.test({
  name: "a target that cannot be reached is refused before the tunnel is there",
  ignore,
  async fn() {
    const { port } = (() => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return listener.addr as Deno.NetAddr;
    })();
    await using tcpmon = await withAuthority(["proxy", "0", "--intercept", "--format", "json"]);
    const proxy = `http://127.0.0.1:${await proxyPort(tcpmon.program)}`;
    const { code, stderr } = await run("curl", ["-sS", "-x", proxy, `https://127.0.0.1:${port}/`]);
    assert.equal(code, 56);
    assert.match(stderr, /502/);
    const [{ outcome, error }] = await tcpmon.program.records("exchange");
    assert.equal(outcome, "refused");
    assert.match(error, /connection refused/);
  },
});

Deno.test({
  name: "clients that do not trust the CA, hang up or break off are recorded, and their targets let go",
  ignore: ignore || !LINUX,
  async fn() {
    await using certificates = await makeCertificates();
    let open = 0;
    await using server = tlsServer(certificates.localhost, async () => {});
    await using counting = new Server(async (peer) => {
      open++;
      await peer.over();
      open--;
    });
    await using tcpmon = await withAuthority(["proxy", "0", "--intercept", "--insecure", "--format", "json"]);
    const { program } = tcpmon;
    const port = await proxyPort(program);
    const before = await openDescriptors(program.pid);
    const url = `https://localhost:${server.port}/`;
    assert.equal((await run("curl", ["-sS", "-x", `http://127.0.0.1:${port}`, url])).code, 60);
    const told = await program.logs((lines) => lines.some((line) => line.includes("tls-failed")));
    const failed = JSON.parse(told.find((line) => line.includes("tls-failed"))!);
    assert.match(failed.error, /the client does not trust the certificate; `tcpmon ca` tells how/);
    for (const begins of ["", "\x16", "\x16\x03\x01"]) {
      using client = await Peer.connect(port);
      await client.send(`CONNECT ${counting.target} HTTP/1.1\r\nHost: ${counting.target}\r\n\r\n${begins}`);
      await client.readHead();
      await eventually(() => open === 1, "the target was not reached");
      client.close();
      await eventually(
        () => open === 0,
        `the target's connection stays open after ${JSON.stringify(begins)}`,
      );
    }
    await eventually(async () => await openDescriptors(program.pid) <= before + 1, "descriptors stay open");
  },
});

Deno.test({
  name: "a name for which no certificate can be made is told, and the proxy goes on",
  ignore,
  async fn() {
    await using server = new Server(async (peer) => {
      await peer.over();
    });
    await using tcpmon = await withAuthority(["proxy", "0", "--intercept", "--format", "json"]);
    const port = await proxyPort(tcpmon.program);
    const openssl = await run("openssl", [
      ...["s_client", "-proxy", `127.0.0.1:${port}`, "-connect", server.target],
      ...["-servername", "not a name", "-brief"],
    ], new Uint8Array());
    assert.notEqual(openssl.code, 0);
    const lines = await tcpmon.program.logs((lines) => lines.some((line) => line.includes("tls-failed")));
    assert.match(lines.find((line) => line.includes("tls-failed"))!, /TLS with the client: /);
  },
});
