/** Proxies upstream that refuse, break off or talk nonsense: clear answers and records; and one that is spoken to in TLS. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { RealProxy } from "../net/upstream/proxies.ts";
import { Peer, Server, Target } from "./peers.ts";
import { installed, type LogRecord, Program } from "./program.ts";
import { echo, proxyPort, TlsNginx, withAuthority } from "./tls.ts";
import { curl, run } from "./tools.ts";

const LOGIN = { user: "duke", password: "s3cret" };
const needed = ["curl", "nginx", "openssl"].every((name) => installed(name));

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The record of a raw connection that finds no tunnel. */
async function failedTunnel(upstream: string, ...options: readonly string[]): Promise<LogRecord> {
  const args = ["relay", "0=192.0.2.1:9", "--upstream-proxy", upstream, "--format", "json", ...options];
  await using program = Program.start(args);
  using client = await Peer.connect(await program.port());
  await client.over();
  const [closed] = await program.records("connection");
  assert.deepEqual([closed.event, closed.end], ["closed", "connect-failed"]);
  assert.ok(!`${program.log}${program.said}`.includes("s3cret"));
  return closed;
}

Deno.test({
  name: "a relay's record says why the proxy opened no tunnel",
  ignore: !needed,
  async fn() {
    await using garbage = new Server((peer) => peer.send("220 mail.example ESMTP\r\n"));
    await using refusing = new Server(async (peer) => {
      await peer.readHead();
      await peer.send("HTTP/1.1 403 Not For You\r\nContent-Length: 0\r\n\r\n");
    });
    await using closing = new Server(async (peer) => {
      await peer.readHead();
    });
    await using silent = new Target();
    const port = closedPort();
    const cases: readonly (readonly [Promise<LogRecord>, RegExp])[] = [
      [
        failedTunnel(`http://127.0.0.1:${port}`),
        /cannot reach the proxy http:\/\/127\.0\.0\.1:\d+: connection refused/,
      ],
      [failedTunnel(garbage.target), /the proxy does not speak HTTP\/1: its answer begins with "220 mail/],
      [failedTunnel(`socks5://${garbage.target}`), /SOCKS/],
      [failedTunnel(refusing.target), /the proxy refused the tunnel: 403 Not For You/],
      [failedTunnel(closing.target), /the proxy closed the connection before the tunnel was open/],
      [failedTunnel(silent.target, "--connect-timeout", "300ms"), /no answer within 300 ms/],
      [failedTunnel(`https://${garbage.target}`), /cannot reach the proxy https:.*does not speak TLS/],
    ];
    await Promise.all(cases.map(async ([record, error]) => assert.match((await record).error, error)));
  },
});

for (const name of ["squid", "tinyproxy"] as const) {
  Deno.test({
    name: `a login that ${name} wants or refuses is told to relay and proxy alike`,
    ignore: !needed || !installed(name),
    async fn() {
      await using upstream = await RealProxy.start(name, LOGIN);
      const without = `http://127.0.0.1:${upstream.port}`;
      const wrong = `http://duke:s3cret2@127.0.0.1:${upstream.port}`;
      assert.match((await failedTunnel(without)).error, /the proxy wants a login, give USER:PASSWORD@/);
      assert.match((await failedTunnel(wrong)).error, /the proxy wants other credentials: 40[17]/);
      await using program = Program.start(["proxy", "0", "--upstream-proxy", without, "--format", "json"]);
      const proxy = `http://127.0.0.1:${await proxyPort(program)}`;
      const tunnel = await run("curl", ["-sS", "-x", proxy, "https://192.0.2.1/"]);
      assert.match(tunnel.stderr, /502/);
      const plain = await run("curl", [
        "-sS",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-x",
        proxy,
        "http://192.0.2.1/",
      ]);
      assert.equal(plain.text, "502");
      await program.stop();
      const errors = program.log.map((line) => JSON.parse(line).error).filter((error) => error !== undefined);
      assert.ok(errors.some((error) => /the proxy wants a login/.test(error)), errors.join("\n"));
      assert.ok(errors.some((error) => /the upstream proxy wants a login, give USER:PASSWORD@/.test(error)));
    },
  });
}

Deno.test({
  name: "a proxy that is spoken to in TLS: another tcpmon, with TLS inside TLS",
  ignore: !needed,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using server = new Server(echo);
    await using upstream = await withAuthority(["proxy", "0", "--tls", "--format", "none"]);
    const proxy = `https://localhost:${await proxyPort(upstream.program)}`;
    const both = `${certificates.folder}/trusted.pem`;
    await Deno.writeTextFile(both, certificates.ca.certPem + await Deno.readTextFile(upstream.caFile));
    await using program = Program.start([
      ...[
        "relay",
        `0=${server.target}`,
        `0=http://localhost:${nginx.plainPort}`,
        `0=https://localhost:${nginx.port}`,
      ],
      ...["--upstream-proxy", proxy, "--ca", both, "--format", "json"],
    ]);
    const [raw, http, https] = await program.ports(3);
    using client = await Peer.connect(raw);
    await client.send("hello");
    await client.end();
    assert.equal(await client.textToEnd(), "hello");
    for (const port of [http, https]) {
      const { text, stderr } = await curl(`http://127.0.0.1:${port}/said`);
      assert.match(text, /^HTTP\/1\.1 localhost/, stderr);
    }
  },
});
