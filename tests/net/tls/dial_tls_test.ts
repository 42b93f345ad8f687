import assert from "node:assert/strict";
import { CLIENT_CERT_NEEDS_DIRECT, tlsConnect, tlsConnectDirect } from "../../../src/net/tls/dial_tls.ts";
import type { TlsClientOptions } from "../../../src/net/tls/options.ts";
import { makeCertificates, type TestCertificate } from "./certificates.ts";
import {
  connectedPair,
  noise,
  opensslServer,
  patient,
  readAll,
  readSome,
  sameBytes,
  wrapped,
  writeAll,
} from "./peers.ts";

/** A server of the runtime's that shows a certificate and hands over its first connection. */
function serve(certificate: TestCertificate, alpn: readonly string[] = ["http/1.1"]) {
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate.certPem,
    key: certificate.keyPem,
    alpnProtocols: [...alpn],
  });
  const accepted = listener.accept();
  return { port: listener.addr.port, accepted, [Symbol.dispose]: () => listener.close() };
}

const dial = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });

/** Speaks TLS with a server that shows `certificate`, and expects to be told why that fails. */
async function refusal(
  certificate: TestCertificate,
  options: TlsClientOptions,
  alpn?: string[],
): Promise<string> {
  using server = serve(certificate, alpn);
  const refused = tlsConnect(await dial(server.port), options, patient).then(
    () => assert.fail("it was accepted"),
    (error: Error) => error.message,
  );
  const conn = await server.accepted;
  const handshake = conn.handshake().catch(() => {});
  const message = await refused;
  await handshake;
  closed(conn);
  return message;
}

/** Closes what a failed handshake may have closed already. */
function closed(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was.
  }
}

/** Reads a line that is sent, and the answer; for `openssl s_server -rev`. */
async function reversed(connection: Awaited<ReturnType<typeof tlsConnect>>["connection"]): Promise<string> {
  await writeAll(connection, new TextEncoder().encode("abc\n"));
  const buffer = new Uint8Array(100);
  let answer = "";
  while (!answer.endsWith("\n")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return answer;
}

/** Every way that this runtime has: verified and not, over a socket and over something else. */
const ways = [
  { name: "verified, over a socket", insecure: false, wrap: false },
  { name: "verified, over a tunnel", insecure: false, wrap: true },
  { name: "not verified, over a socket", insecure: true, wrap: false },
  { name: "not verified, over a tunnel", insecure: true, wrap: true },
];

for (const { name, insecure, wrap } of ways) {
  Deno.test(`TLS ${name}: bytes pass both ways, and each side ends by itself`, async () => {
    await using certificates = await makeCertificates();
    using server = serve(certificates.localhost);
    const sent = noise(1_000_003);
    const tcp = await dial(server.port);
    const connecting = tlsConnect(wrap ? wrapped(tcp) : tcp, {
      host: "localhost",
      alpn: ["http/1.1"],
      caPem: insecure ? [] : [certificates.ca.certPem],
      insecure,
    }, patient);
    const conn = await server.accepted;
    const serving = (async () => {
      // The client ends its direction, and still reads.
      const received = halfCloseLate(insecure) ? await readSome(conn, sent.length) : await readAll(conn);
      await writeAll(conn, received);
      await conn.closeWrite();
      if (halfCloseLate(insecure)) await readAll(conn);
      conn.close();
      return received;
    })();
    const { connection, tls, tlsMs } = await connecting;
    assert.equal(tls?.alpn, "http/1.1");
    assert.equal(tls?.serverName, "localhost");
    assert.ok(tlsMs! > 0);
    assert.deepEqual(connection.remoteAddr, tcp.remoteAddr);
    await writeAll(connection, sent);
    const ending = connection.closeWrite();
    assert.ok(sameBytes(await readAll(connection), sent));
    assert.ok(sameBytes(await serving, sent));
    await ending;
    connection.close();
  });

  Deno.test(`TLS ${name}: a server that ends without close_notify has ended`, async () => {
    await using certificates = await makeCertificates();
    const [near, far] = await connectedPair();
    using server = serve(certificates.localhost);
    const behind = await dial(server.port);
    // What the server sends is passed on until we choose to end TCP below TLS.
    const up = far.readable.pipeTo(behind.writable, { preventClose: true, preventCancel: true }).catch(
      () => {},
    );
    const connecting = tlsConnect(wrap ? wrapped(near) : near, {
      host: "localhost",
      caPem: insecure ? [] : [certificates.ca.certPem],
      insecure,
    }, patient);
    const conn = await server.accepted;
    const down = (async () => {
      const buffer = new Uint8Array(16_384);
      for (;;) {
        const count = await behind.read(buffer).catch(() => null);
        if (count === null) return;
        await writeAll(far, buffer.subarray(0, count));
      }
    })();
    const handshake = conn.handshake();
    const { connection } = await connecting;
    await handshake;
    await conn.write(Uint8Array.of(7));
    const buffer = new Uint8Array(8);
    assert.equal(await connection.read(buffer), 1);
    const ending = connection.read(buffer);
    await far.closeWrite();
    assert.equal(await ending, null);
    connection.close();
    await up;
    behind.close();
    conn.close();
    await down;
    closed(far);
  });
}

/** Node's TLS of Deno 2.4 ends both directions at once, so the end waits until the server has been quiet. */
function halfCloseLate(insecure: boolean): boolean {
  return insecure && CLIENT_CERT_NEEDS_DIRECT;
}

Deno.test("an IP address is verified as one", async () => {
  await using certificates = await makeCertificates();
  using server = serve(certificates.localhost);
  const options = { host: "127.0.0.1", caPem: [certificates.ca.certPem] };
  const connecting = tlsConnect(await dial(server.port), options, patient);
  const conn = await server.accepted;
  const handshake = conn.handshake();
  const { connection, tls } = await connecting;
  await handshake;
  assert.equal(tls?.serverName, undefined);
  connection.close();
  conn.close();
});

Deno.test("an unknown authority is refused, and the way to mend it told", async () => {
  await using certificates = await makeCertificates();
  const message = await refusal(certificates.localhost, { host: "localhost" });
  assert.match(message, /localhost comes from an authority that is not trusted.*--ca FILE.*--insecure/);
});

Deno.test("a certificate that signed itself is refused", async () => {
  await using certificates = await makeCertificates();
  const message = await refusal(certificates.selfSigned, { host: "localhost" });
  assert.match(message, /--insecure/);
});

Deno.test("a certificate for another name is refused, and its names are told", async () => {
  await using certificates = await makeCertificates();
  const options = { host: "shop.example", caPem: [certificates.ca.certPem] };
  const message = await refusal(certificates.localhost, options);
  assert.match(message, /not for shop\.example, but for localhost/);
});

Deno.test("an expired certificate is refused", async () => {
  await using certificates = await makeCertificates();
  const options = { host: "localhost", caPem: [certificates.ca.certPem] };
  assert.match(await refusal(certificates.expired, options), /localhost has expired/);
});

for (const certificate of ["expired", "selfSigned", "localhost"] as const) {
  Deno.test(`insecure accepts a certificate that is ${certificate}, for any name`, async () => {
    await using certificates = await makeCertificates();
    using server = serve(certificates[certificate]);
    const connecting = tlsConnect(await dial(server.port), { host: "shop.example", insecure: true }, patient);
    const conn = await server.accepted;
    const handshake = conn.handshake();
    const { connection, tls } = await connecting;
    await handshake;
    if (!CLIENT_CERT_NEEDS_DIRECT) {
      assert.match(tls?.peer ?? "", /^O=Test, CN=/);
      assert.equal(tls?.version, "TLSv1.3");
      assert.match(tls?.cipher ?? "", /^TLS_AES_/);
    }
    connection.close();
    conn.close();
  });
}

Deno.test("a server without HTTP/1.1 in its ALPN says so", async () => {
  await using certificates = await makeCertificates();
  const options = { host: "localhost", alpn: ["http/1.1"], caPem: [certificates.ca.certPem] };
  assert.match(await refusal(certificates.localhost, options, ["h2"]), /does not speak HTTP\/1\.1 over TLS/);
});

for (const insecure of [false, true]) {
  Deno.test(`a server that does not speak TLS is named as such, insecure ${insecure}`, async () => {
    const [near, far] = await connectedPair();
    await writeAll(far, new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
    await assert.rejects(tlsConnect(near, { host: "localhost", insecure }, patient), {
      message: /does not speak TLS/,
    });
    far.close();
  });

  Deno.test(`a server that hangs up during the handshake is told, insecure ${insecure}`, async () => {
    const [near, far] = await connectedPair();
    const connecting = tlsConnect(near, { host: "localhost", insecure }, patient);
    await far.read(new Uint8Array(16_384));
    far.close();
    await assert.rejects(connecting, { message: /closed the connection during the TLS handshake|reset/ });
  });

  for (const [name, wrap] of [["socket", (conn: Deno.Conn) => conn], ["tunnel", wrapped]] as const) {
    // The runtime does not close such a socket before its peer does.
    const kept = name === "socket" && !insecure;

    Deno.test(`a ${name} on which nothing is said is given up after the time-out, insecure ${insecure}`, async () => {
      const [near, far] = await connectedPair();
      const deadline = { timeoutMs: 60, signal: patient.signal };
      await assert.rejects(tlsConnect(wrap(near), { host: "localhost", insecure }, deadline), {
        message: "the TLS handshake was not done within 60 ms",
      });
      if (kept) {
        // The next one is spoken in a way that can be closed.
        const [next, farther] = await connectedPair();
        await assert.rejects(tlsConnect(next, { host: "localhost" }, deadline), { message: /within 60 ms/ });
        await readAll(farther).catch(() => {});
        farther.close();
      } else await readAll(far).catch(() => {});
      far.close();
      if (kept) await directAgain();
    });

    Deno.test(`a signal ends a handshake over a ${name}, insecure ${insecure}`, async () => {
      const [near, far] = await connectedPair();
      const stop = new AbortController();
      const deadline = { timeoutMs: 0, signal: stop.signal };
      const connecting = tlsConnect(wrap(near), { host: "localhost", insecure }, deadline);
      await far.read(new Uint8Array(16_384));
      stop.abort(new Error("enough"));
      await assert.rejects(connecting, { message: "enough" });
      if (!kept) await readAll(far).catch(() => {});
      far.close();
      if (kept) await directAgain();
    });
  }
}

/** Waits until a socket that was left alone is closed, which its peer has just been. */
async function directAgain(): Promise<void> {
  const [near, far] = await connectedPair();
  const connecting = tlsConnect(near, { host: "localhost" }, patient);
  await far.write(new TextEncoder().encode("no TLS here"));
  await assert.rejects(connecting);
  await readAll(far).catch(() => {});
  far.close();
}

for (const version of ["-tls1_2", "-tls1_3"]) {
  Deno.test(`openssl s_server with ${version} answers, verified and not`, async () => {
    await using certificates = await makeCertificates();
    const { localhost, ca } = certificates;
    await using server = await opensslServer("-cert", localhost.certFile, "-key", localhost.keyFile, version);
    for (const insecure of [false, true]) {
      const options = { host: "localhost", caPem: insecure ? [] : [ca.certPem], insecure };
      const { connection } = await tlsConnect(await dial(server.port), options, patient);
      assert.equal(await reversed(connection), "cba\n");
      connection.close();
    }
  });

  Deno.test(`a client certificate is shown to openssl s_server -Verify with ${version}`, async () => {
    await using certificates = await makeCertificates();
    const { localhost, ca, client } = certificates;
    const verify = ["-CAfile", ca.certFile, "-Verify", "1", "-verify_return_error"];
    await using server = await opensslServer(
      "-cert",
      localhost.certFile,
      "-key",
      localhost.keyFile,
      version,
      ...verify,
    );
    const options = { host: "localhost", caPem: [ca.certPem], clientCert: client };
    const direct = await tlsConnectDirect(server.port, options, patient);
    assert.equal(await reversed(direct.connection), "cba\n");
    direct.connection.close();
    if (CLIENT_CERT_NEEDS_DIRECT) {
      const refused = tlsConnect(await dial(server.port), options, patient);
      await assert.rejects(refused, { message: /cannot show a client certificate through a proxy/ });
      return;
    }
    const over = await tlsConnect(await dial(server.port), options, patient);
    assert.equal(await reversed(over.connection), "cba\n");
    over.connection.close();
    const unverified = await tlsConnect(
      await dial(server.port),
      { ...options, caPem: [], insecure: true },
      patient,
    );
    assert.equal(await reversed(unverified.connection), "cba\n");
    unverified.connection.close();
  });

  Deno.test(`a missing client certificate is told, ${version}`, async () => {
    await using certificates = await makeCertificates();
    const { localhost, ca } = certificates;
    const verify = ["-CAfile", ca.certFile, "-Verify", "1", "-verify_return_error"];
    await using server = await opensslServer(
      "-cert",
      localhost.certFile,
      "-key",
      localhost.keyFile,
      version,
      ...verify,
    );
    for (const insecure of [false, true]) {
      const options = { host: "localhost", caPem: insecure ? [] : [ca.certPem], insecure };
      // With TLS 1.3 a server refuses after the client's handshake is done.
      const speak = async () => {
        const { connection } = await tlsConnect(await dial(server.port), options, patient);
        try {
          await reversed(connection);
        } finally {
          connection.close();
        }
      };
      await assert.rejects(speak(), { message: /client certificate/ });
    }
  });
}

Deno.test("dialling with TLS in one step never skips verification", async () => {
  const options = { host: "localhost", insecure: true };
  await assert.rejects(tlsConnectDirect(1, options, patient), { message: /--ca FILE/ });
});
