/** Targets with which TLS cannot be spoken: the client's connection ends, and the log says why. */
import assert from "node:assert/strict";
import { makeCertificates } from "../net/tls/certificates.ts";
import { Peer, Server, Target } from "./peers.ts";
import { installed, type LogRecord, Program } from "./program.ts";
import { opensslServer } from "../net/tls/peers.ts";
import { TlsNginx, tlsServer } from "./tls.ts";
import { curl } from "./tools.ts";

const ignore = ["curl", "nginx", "openssl"].some((name) => !installed(name));

/** Asks once through a relay to `target`, which fails. */
async function failure(target: string, ...options: readonly string[]): Promise<LogRecord> {
  await using program = Program.start(["relay", `0=${target}`, "--format", "json", ...options]);
  const { code } = await curl(`http://127.0.0.1:${await program.port()}/stock`);
  assert.equal(code, 52, "an empty reply");
  const [exchange] = await program.records("exchange");
  const [closed] = await program.records("connection");
  assert.deepEqual([exchange.outcome, exchange.request.target], ["connect-failed", "/stock"]);
  assert.deepEqual([closed.event, closed.end, closed.error], ["closed", "connect-failed", exchange.error]);
  return exchange;
}

Deno.test({
  name:
    "a certificate that is self-signed, expired, or of an unknown authority is refused in words that tell how to go on",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using other = tlsServer(certificates.selfSigned, () => Promise.resolve());
    const ca = ["--ca", certificates.ca.certFile];
    const errors = await Promise.all([
      failure(`https://localhost:${nginx.port}`),
      failure(`tls://localhost:${other.port}`, ...ca),
      failure(`https://localhost:${nginx.expiredPort}`, ...ca),
    ]);
    const words = [
      /the certificate of localhost comes from an authority that is not trusted; trust its authority with --ca FILE/,
      /the certificate of localhost comes from an authority that is not trusted/,
      /the certificate of localhost has expired; renew it, or skip the check with --insecure/,
    ];
    words.forEach((pattern, i) => assert.match(errors[i].error, pattern));
    assert.match(errors[0].error, /^cannot connect to localhost:\d+: /);
  },
});

Deno.test({
  name: "a target that shows a certificate for another name is refused, and named",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    const { certPem, keyPem } = certificates.localhost;
    const listener = Deno.listenTls({ hostname: "127.0.0.2", port: 0, cert: certPem, key: keyPem });
    await using server = new Server(
      async (peer) => await (peer.conn as Deno.TlsConn).handshake().then(() => {}, () => {}),
      listener as unknown as Deno.Listener,
    );
    const { error } = await failure(`https://127.0.0.2:${server.port}`, "--ca", certificates.ca.certFile);
    assert.match(error, /the certificate is not for 127\.0\.0\.2, but for .*localhost/);
  },
});

Deno.test({
  name: "a target that speaks no TLS is told from one that hangs up and one that stays silent",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using nginx = await TlsNginx.start(certificates);
    await using garbage = new Server((peer) => peer.send("220 mail.example ESMTP\r\n"));
    await using ends = new Server(async (peer) => {
      await peer.readSome();
    });
    await using silent = new Target();
    const [plain, greets, hangsUp, says] = await Promise.all([
      failure(`https://127.0.0.1:${nginx.plainPort}`),
      failure(`tls://${garbage.target}`),
      failure(`tls://${ends.target}`),
      failure(`tls://${silent.target}`, "--connect-timeout", "300ms"),
    ]);
    assert.match(plain.error, /it does not speak TLS on this port; is it a plain one\?/);
    assert.match(greets.error, /it does not speak TLS on this port/);
    assert.match(hangsUp.error, /it closed the connection during the TLS handshake/);
    assert.match(says.error, /no answer within 300 ms|not done within 300 ms/);
  },
});

Deno.test({
  name: "a target that wants a client certificate and gets none, or a stranger's, is told so",
  ignore,
  async fn() {
    await using certificates = await makeCertificates();
    await using server = await opensslServer(
      ...["-cert", certificates.localhost.certFile, "-key", certificates.localhost.keyFile],
      ...["-Verify", "1", "-verify_return_error", "-CAfile", certificates.ca.certFile],
    );
    const ca = ["--ca", certificates.ca.certFile];
    const target = `tls://localhost:${server.port}`;
    const { selfSigned } = certificates;
    const stranger = ["--client-cert", selfSigned.certFile, "--client-key", selfSigned.keyFile];
    for (const extra of [[], stranger]) {
      await using program = Program.start(["relay", `0=${target}`, ...ca, ...extra, "--format", "json"]);
      using client = await Peer.connect(await program.port());
      await client.send("hello\n");
      await client.over();
      const records = await program.records("connection", 1);
      const closed = records.find(({ event }) => event === "closed") ??
        (await program.records("connection", 2))[1];
      assert.match(
        closed.error,
        extra.length === 0
          ? /wants a client certificate; give one with --client-cert/
          : /refused the certificate/,
      );
    }
  },
});
