/** TLS towards clients: with certificates of our own CA or with given ones, to targets with TLS and without. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { random, randomBytes, sha256 } from "./capture.ts";
import { Peer, Server } from "./peers.ts";
import { installed, Program } from "./program.ts";
import { echo, TlsNginx, tlsPeer, tlsServer, withAuthority } from "./tls.ts";
import { curl, run } from "./tools.ts";

const ignore = ["curl", "nginx", "openssl"].some((name) => !installed(name));
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";

/** Answers each request that comes whole. */
async function answering(peer: Peer): Promise<void> {
  while ((await peer.readSome()) !== null) await peer.send(OK);
}

Deno.test({
  name: "curl trusts the CA that --tls made, by name and by address, and the log tells what was spoken",
  ignore,
  async fn() {
    await using server = new Server(answering);
    await using tcpmon = await withAuthority(["relay", `0=${server.target}`, "--tls", "--format", "json"]);
    const { program, caFile } = tcpmon;
    const port = await program.port();
    assert.match(await program.says(/relaying/), /, with TLS$/);
    assert.match(await program.says(/must trust/), new RegExp(`clients must trust ${caFile}`));
    const urls = ["localhost", "127.0.0.1"].map((host) => `https://${host}:${port}/`);
    const { code, text, stderr } = await curl("--cacert", caFile, ...urls);
    assert.deepEqual([code, text], [0, "yesyes"], stderr);
    const [opened] = await program.records("connection");
    const { client, target } = opened.tls;
    assert.equal(target, undefined);
    assert.deepEqual([client.version, client.serverName, client.alpn], ["TLSv1.3", "localhost", "http/1.1"]);
    assert.match(client.cipher, /^TLS_/);
    const untrusting = await curl(urls[0]);
    assert.equal(untrusting.code, 60);
    const closed = await program.logs((lines) => lines.some((line) => line.includes("tls-failed")));
    assert.match(
      closed.find((line) => line.includes("tls-failed"))!,
      /the client does not trust the certificate/,
    );
  },
});

Deno.test({
  name: "strict OpenSSL, Node, Python and Java trust the CA's certificates",
  ignore,
  async fn() {
    await using server = new Server(answering);
    await using tcpmon = await withAuthority(["relay", `0=${server.target}`, "--tls", "--format", "none"]);
    const { program, caFile, folder } = tcpmon;
    const port = await program.port();
    const strict = await run("openssl", [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", "-CAfile", caFile],
      ...["-verify_return_error", "-x509_strict", "-verify_hostname", "localhost", "-tls1_2"],
    ], new Uint8Array());
    assert.match(strict.text, /Verify return code: 0 \(ok\)/, strict.stderr);
    const url = `https://localhost:${port}/`;
    if (installed("node")) {
      const script = `require("https").get("${url}", (r) => r.on("data", (d) => process.stdout.write(d)))`;
      const node = await run("env", [`NODE_EXTRA_CA_CERTS=${caFile}`, "node", "-e", script + ".end()"]);
      assert.equal(node.text, "yes", node.stderr);
    }
    if (installed("python3")) {
      const script = "import ssl, sys, urllib.request as u\n" +
        "c = ssl.create_default_context(cafile=sys.argv[2])\n" +
        "c.verify_flags |= ssl.VERIFY_X509_STRICT\n" +
        "h = u.build_opener(u.ProxyHandler({}), u.HTTPSHandler(context=c))\n" +
        "print(h.open(sys.argv[1]).read().decode())";
      const python = await run("python3", ["-c", script, url, caFile]);
      assert.equal(python.text, "yes\n", python.stderr);
    }
    if (installed("java") && installed("keytool")) {
      const store = ["-keystore", `${folder}/trust.p12`, "-storepass", "changeit", "-noprompt"];
      const imported = await run("keytool", ["-importcert", "-alias", "t", "-file", caFile, ...store]);
      assert.equal(imported.code, 0, imported.stderr);
      const source = `class Get { public static void main(String[] a) throws Exception {
  System.out.print(new String(new java.net.URL(a[0]).openStream().readAllBytes())); } }`;
      await Deno.writeTextFile(`${folder}/Get.java`, source);
      const trust = [
        `-Djavax.net.ssl.trustStore=${folder}/trust.p12`,
        "-Djavax.net.ssl.trustStorePassword=changeit",
      ];
      const java = await run("java", [...trust, `${folder}/Get.java`, url]);
      // A runtime without a compiler cannot run it.
      if (!/compiler/.test(java.stderr)) assert.equal(java.text, "yes", java.stderr);
    }
  },
});

Deno.test({
  name: "a given certificate is shown, whether its key is in the same file or in another",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using server = new Server(answering);
    const { localhost, ca } = certificates;
    const both = `${certificates.folder}/both.pem`;
    await Deno.writeTextFile(both, localhost.certPem + localhost.keyPem);
    const ways = [["--tls-cert", localhost.certFile, "--tls-key", localhost.keyFile], ["--tls-cert", both]];
    for (const way of ways) {
      await using program = Program.start(["relay", `0=${server.target}`, ...way, "--format", "json"]);
      const url = `https://localhost:${await program.port()}/`;
      const { text, stderr } = await curl("--cacert", ca.certFile, url);
      assert.equal(text, "yes", stderr);
    }
  },
});

Deno.test({
  name: "TLS on both sides: an https client is watched talking to an https service",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using tcpmon = await withAuthority([
      ...["relay", `0=https://localhost:${nginx.port}`, "--tls", "--ca", certificates.ca.certFile],
      ...["--format", "json"],
    ]);
    const { program, caFile } = tcpmon;
    const bytes = randomBytes(2_000_001, random(9));
    await Deno.writeFile(`${certificates.folder}/upload`, bytes);
    const url = `https://localhost:${await program.port()}`;
    const upload = await curl("--cacert", caFile, "-T", `${certificates.folder}/upload`, `${url}/file`);
    assert.equal(upload.code, 0, upload.stderr);
    const download = await curl("--cacert", caFile, `${url}/file`);
    assert.equal(sha256(download.stdout), sha256(bytes));
    const records = await program.records("exchange", 2);
    assert.deepEqual(records.map(({ outcome, response }) => [outcome, response.status]), [
      ["complete", 201],
      ["complete", 200],
    ]);
    const [{ tls }] = await program.records("connection");
    assert.deepEqual([tls.client.alpn, tls.target.alpn], ["http/1.1", "http/1.1"]);
  },
});

Deno.test({
  name: "raw bytes inside TLS on both sides pass with each side's own end, whoever speaks first",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using server = tlsServer(certificates.localhost, async (peer) => {
      await peer.send("ready\n");
      await echo(peer);
    });
    await using tcpmon = await withAuthority([
      ...["relay", `0=tls://localhost:${server.port}`, "--tls", "--ca", certificates.ca.certFile],
      ...["--format", "none"],
    ]);
    const port = await tcpmon.program.port();
    using client = await tlsPeer(port, await Deno.readTextFile(tcpmon.caFile));
    assert.equal(await client.readUntil("\n"), "ready\n");
    const bytes = randomBytes(1_000_003, random(3));
    const sending = client.send(bytes).then(() => client.end());
    assert.equal(sha256(await client.readToEnd()), sha256(bytes));
    await sending;
  },
});

Deno.test({
  name: "a client that offers a protocol of its own gets it, one that offers HTTP/2 alone is told no",
  ignore,
  async fn() {
    await using server = new Server(echo);
    await using tcpmon = await withAuthority(["relay", `0=${server.target}`, "--tls", "--format", "json"]);
    const port = await tcpmon.program.port();
    const caCerts = [await Deno.readTextFile(tcpmon.caFile)];
    const to = { hostname: "localhost", port, caCerts };
    using own = await Deno.connectTls({ ...to, alpnProtocols: ["mqtt"] });
    assert.equal((await own.handshake()).alpnProtocol, "mqtt");
    using both = await Deno.connectTls({ ...to, alpnProtocols: ["h2", "http/1.1"] });
    assert.equal((await both.handshake()).alpnProtocol, "http/1.1");
    using modern = await Deno.connectTls({ ...to, alpnProtocols: ["h2"] });
    await assert.rejects(modern.handshake(), /NoApplicationProtocol|no application protocol/i);
    const closed = await tcpmon.program.logs((lines) => lines.some((line) => line.includes("tls-failed")));
    assert.match(
      closed.find((line) => line.includes("tls-failed"))!,
      /speaks no protocol over TLS.*\(ALPN\)/,
    );
  },
});
