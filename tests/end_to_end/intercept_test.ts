/** A proxy that looks into TLS: what is inside tunnels is recorded as HTTP, and passes unchanged. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { random, randomBytes, sha256 } from "./capture.ts";
import { Peer, Server } from "./peers.ts";
import { COMMAND, installed, Program, runProgram } from "./program.ts";
import { echo, proxyPort, TlsNginx, withAuthority } from "./tls.ts";
import { curl, run } from "./tools.ts";

const ignore = ["curl", "nginx", "openssl"].some((name) => !installed(name));

Deno.test({
  name: "curl through an intercepting proxy: exchanges inside CONNECT and inside SOCKS are recorded",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using tcpmon = await withAuthority([
      ...["proxy", "0", "--intercept", "--ca", certificates.ca.certFile, "--format", "json"],
    ]);
    const { program, caFile } = tcpmon;
    const port = await proxyPort(program);
    const url = `https://localhost:${nginx.port}/said`;
    const expected = `HTTP/1.1 localhost:${nginx.port} sni=localhost `;
    const connect = await curl(
      "-x",
      `http://127.0.0.1:${port}`,
      "--noproxy",
      "",
      "--cacert",
      caFile,
      url,
      url,
    );
    assert.equal(connect.text, expected + expected, connect.stderr);
    const socks = await run("curl", [
      "-sS",
      "--socks5-hostname",
      `127.0.0.1:${port}`,
      "--cacert",
      caFile,
      url,
    ]);
    assert.equal(socks.text, expected, socks.stderr);
    const inside = (await program.records("exchange", 4)).filter(({ request }) => request.method === "GET");
    assert.equal(inside.length, 3);
    for (const { outcome, request, response, target } of inside) {
      assert.deepEqual([outcome, request.target, response.status], ["complete", "/said", 200]);
      assert.equal(target, `localhost:${nginx.port}`);
    }
    const opened = (await program.records("connection")).find(({ event }) => event === "opened");
    assert.equal(opened.tls.client.serverName, "localhost");
    assert.deepEqual([opened.tls.client.alpn, opened.tls.target.alpn], ["http/1.1", "http/1.1"]);
    assert.ok(opened.ms.tls > 0);
  },
});

Deno.test({
  name: "large bodies inside an intercepted tunnel pass byte for byte, both ways",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using tcpmon = await withAuthority([
      ...["proxy", "0", "--intercept", "--ca", certificates.ca.certFile, "--format", "none"],
    ]);
    const proxy = `http://127.0.0.1:${await proxyPort(tcpmon.program)}`;
    const bytes = randomBytes(20_000_001, random(11));
    await Deno.writeFile(`${certificates.folder}/upload`, bytes);
    const url = `https://localhost:${nginx.port}/file`;
    const common = ["-sS", "-x", proxy, "--cacert", tcpmon.caFile];
    const up = await run("curl", [...common, "-T", `${certificates.folder}/upload`, url]);
    assert.equal(up.code, 0, up.stderr);
    assert.equal(sha256(await Deno.readFile(`${nginx.files}/file`)), sha256(bytes));
    const down = await run("curl", [...common, url]);
    assert.equal(sha256(down.stdout), sha256(bytes));
  },
});

Deno.test({
  name:
    "--intercept names the hosts that are looked into, --no-intercept those that are not; others see their own",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    const ca = certificates.ca.certFile;
    const cases = [
      [["--intercept=localhost"], true],
      [["--intercept=other.example"], false],
      [["--intercept", "--no-intercept", "localhost"], false],
      [["--intercept", `--no-intercept=localhost:${nginx.port}`], false],
      [["--intercept", "--no-intercept", "example.com"], true],
    ] as const;
    for (const [args, isIntercepted] of cases) {
      await using tcpmon = await withAuthority(["proxy", "0", ...args, "--ca", ca, "--format", "json"]);
      const proxy = `http://127.0.0.1:${await proxyPort(tcpmon.program)}`;
      const trusted = isIntercepted ? tcpmon.caFile : ca;
      const url = `https://localhost:${nginx.port}/said`;
      const { code, stderr } = await run("curl", ["-sS", "-x", proxy, "--cacert", trusted, url]);
      assert.equal(code, 0, `${args}: ${stderr}`);
      const records = await tcpmon.program.logs((lines) => lines.some((line) => line.includes('"closed"')));
      const hasHello = records.some((line) => line.includes('"client-hello"'));
      assert.equal(hasHello, !isIntercepted, String(args));
    }
  },
});

Deno.test({
  name: "without interception TLS passes through CONNECT untouched, with its hello in the log",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using program = Program.start(["proxy", "0", "--format", "json"]);
    const proxy = `http://127.0.0.1:${await proxyPort(program)}`;
    const url = `https://localhost:${nginx.port}/said`;
    const { text } = await run("curl", ["-sS", "-x", proxy, "--cacert", certificates.ca.certFile, url]);
    assert.match(text, /^HTTP\/2\.0 /);
    const records = await program.records("connection", 3);
    const hello = records.find(({ event }) => event === "client-hello");
    assert.equal(hello.tls.serverName, "localhost");
  },
});

Deno.test({
  name: "HTTP without TLS inside CONNECT is recorded, also where TLS would be intercepted",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using tcpmon = await withAuthority(["proxy", "0", "--intercept", "--format", "json"]);
    const proxy = `http://127.0.0.1:${await proxyPort(tcpmon.program)}`;
    const url = `http://localhost:${nginx.plainPort}/said`;
    const { text, stderr } = await run("curl", ["-sS", "-p", "-x", proxy, url]);
    assert.match(text, /^HTTP\/1\.1 localhost/, stderr);
    const inside = (await tcpmon.program.records("exchange", 2)).find(({ request }) =>
      request.method === "GET"
    );
    assert.deepEqual([inside.outcome, inside.request.target], ["complete", "/said"]);
  },
});

Deno.test({
  name: "a server that speaks first inside a tunnel is heard although TLS would be intercepted",
  ignore,
  async fn() {
    await using server = new Server(async (peer) => {
      await peer.send("220 ready\r\n");
      await echo(peer);
    });
    await using tcpmon = await withAuthority(["proxy", "0", "--intercept", "--format", "json"]);
    using client = await Peer.connect(await proxyPort(tcpmon.program));
    await client.send(`CONNECT ${server.target} HTTP/1.1\r\nHost: ${server.target}\r\n\r\n`);
    assert.match(await client.readHead(), /^HTTP\/1\.1 200 /);
    assert.equal(await client.readUntil("\r\n"), "220 ready\r\n");
    await client.send("QUIT");
    await client.end();
    assert.equal(await client.textToEnd(), "QUIT");
  },
});

Deno.test({
  name: "a client that speaks HTTP/2 alone goes on with its target in that, unread",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using tcpmon = await withAuthority([
      ...["proxy", "0", "--intercept", "--ca", certificates.ca.certFile, "--format", "json"],
    ]);
    using client = await Peer.connect(await proxyPort(tcpmon.program));
    await client.send(`CONNECT localhost:${nginx.port} HTTP/1.1\r\nHost: localhost:${nginx.port}\r\n\r\n`);
    await client.readHead();
    const caCerts = [await Deno.readTextFile(tcpmon.caFile)];
    using tls = await Deno.startTls(client.conn as Deno.TcpConn, {
      hostname: "localhost",
      caCerts,
      alpnProtocols: ["h2"],
    });
    assert.equal((await tls.handshake()).alpnProtocol, "h2");
    await tls.write(new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"));
    const frame = new Uint8Array(9);
    for (let at = 0; at < 9;) at += (await tls.read(frame.subarray(at)))!;
    assert.equal(frame[3], 4, "a SETTINGS frame");
    const opened = (await tcpmon.program.records("connection")).find(({ event }) => event === "opened");
    assert.deepEqual([opened.tls.client.alpn, opened.tls.target.alpn], ["h2", "h2"]);
  },
});

Deno.test({
  name: "a second start signs with the same CA, whose key is its owner's alone, and tcpmon ca prints it",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tcpmon-ca-" });
    try {
      const pems: string[] = [];
      for (let i = 0; i < 2; i++) {
        await using program = Program.start(["proxy", "0", "--intercept", "--ca-dir", folder]);
        await proxyPort(program);
        pems.push(await Deno.readTextFile(`${folder}/ca.pem`));
      }
      assert.equal(pems[0], pems[1]);
      if (Deno.build.os !== "windows") {
        assert.equal((await Deno.stat(`${folder}/ca-key.pem`)).mode! & 0o777, 0o600);
      }
      const script = '"$@" --pem | openssl x509 -noout -fingerprint -sha256';
      const { text } = await run("sh", ["-c", script, "sh", ...COMMAND, "ca", "--ca-dir", folder]);
      const fingerprint = /=([0-9A-F:]{95})/.exec(text)![1];
      const { code, stdout } = await runProgram(["ca", "--ca-dir", folder]);
      assert.equal(code, 0);
      assert.ok(stdout.includes(fingerprint) && stdout.includes(`${folder}/ca.pem`), stdout);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a client certificate is shown to targets inside intercepted tunnels",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    const { ca, client } = certificates;
    await using tcpmon = await withAuthority([
      ...["proxy", "0", "--intercept", "--ca", ca.certFile, "--format", "json"],
      ...["--client-cert", client.certFile, "--client-key", client.keyFile],
    ]);
    const proxy = `http://127.0.0.1:${await proxyPort(tcpmon.program)}`;
    const url = `https://localhost:${nginx.mutualPort}/said`;
    const { text, stderr } = await run("curl", ["-sS", "-x", proxy, "--cacert", tcpmon.caFile, url]);
    assert.equal(text, `HTTP/1.1 localhost:${nginx.mutualPort} sni=localhost CN=client,O=Test`, stderr);
  },
});
