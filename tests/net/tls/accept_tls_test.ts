import assert from "node:assert/strict";
import type { Connection, Reached } from "../../../src/net/connection.ts";
import { terminateTls } from "../../../src/net/tls/accept_tls.ts";
import type { TlsServerOptions } from "../../../src/net/tls/options.ts";
import { peekHello } from "../../../src/net/tls/peek_hello.ts";
import { makeCertificates, type TestCertificates } from "./certificates.ts";
import { connectedPair, noise, patient, readAll, sameBytes, wrapped, writeAll } from "./peers.ts";

/** Our end of a tunnel with TLS ended on it, and the client's with TLS begun. */
async function terminated(
  certificates: TestCertificates,
  wrap: (conn: Deno.Conn) => Connection = (conn) => conn,
): Promise<{ server: Reached; client: Deno.TlsConn; tunnel: Deno.Conn }> {
  const [near, far] = await connectedPair();
  far.setNoDelay(true);
  const terminating = terminateTls(wrap(near), { certified: certificates.localhost }, patient);
  const client = await Deno.startTls(far, {
    hostname: "localhost",
    caCerts: [certificates.ca.certPem],
    alpnProtocols: ["h2", "http/1.1"],
  });
  await client.handshake();
  return { server: await terminating, client, tunnel: near };
}

/** Runs a server for one client that comes by TCP, and a program that is the client. */
async function visited(
  options: TlsServerOptions,
  program: string,
  args: (port: number) => string[],
  serve: (reached: Reached) => Promise<void>,
): Promise<{ readonly said: string; readonly reached: Reached | Error }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const child = new Deno.Command(program, {
    args: args(listener.addr.port),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const conn = await listener.accept();
  conn.setNoDelay(true);
  const { prefix } = await peekHello(conn);
  const reached = await terminateTls(conn, options, patient, prefix).catch((error: Error) => error);
  if (!(reached instanceof Error)) await serve(reached).finally(() => reached.connection.close());
  const { stdout, stderr } = await child;
  return { said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr), reached };
}

async function answerHello({ connection }: Reached): Promise<void> {
  await connection.read(new Uint8Array(16_384));
  const response = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
  await writeAll(connection, new TextEncoder().encode(response));
  await connection.closeWrite();
}

for (const [name, wrap] of [["socket", (conn: Deno.Conn) => conn], ["tunnel", wrapped]] as const) {
  Deno.test(`TLS ended on a ${name}: bytes pass both ways, and each side ends by itself`, async () => {
    await using certificates = await makeCertificates();
    const { server, client, tunnel } = await terminated(certificates, wrap);
    assert.deepEqual(server.connection.remoteAddr, tunnel.remoteAddr);
    assert.deepEqual({ ...server.tls, cipher: undefined }, {
      alpn: "http/1.1",
      serverName: "localhost",
      version: "TLSv1.3",
      cipher: undefined,
    });
    assert.match(server.tls?.cipher ?? "", /^TLS_/);
    assert.ok(server.tlsMs! > 0);
    const sent = noise(1_000_003);
    const [received] = await Promise.all([
      readAll(server.connection),
      writeAll(client, sent).then(() => client.closeWrite()),
    ]);
    assert.ok(sameBytes(received, sent));
    // The client has ended its direction, and still reads.
    const [answer] = await Promise.all([
      readAll(client),
      writeAll(server.connection, sent).then(() => server.connection.closeWrite()),
    ]);
    assert.ok(sameBytes(answer, sent));
    server.connection.close();
    client.close();
  });
}

Deno.test("what was written before closing is still delivered", async () => {
  await using certificates = await makeCertificates();
  const { server, client } = await terminated(certificates);
  const sent = noise(200_000);
  await writeAll(server.connection, sent);
  server.connection.close();
  assert.ok(sameBytes(await readAll(client), sent));
  client.close();
});

Deno.test("closing ends a connection whose client takes nothing, after a second", async () => {
  await using certificates = await makeCertificates();
  let stalled = false;
  const { server, client } = await terminated(certificates, (conn) => ({
    ...wrapped(conn),
    write: (bytes) => stalled ? new Promise<never>(() => {}) : conn.write(bytes),
  }));
  stalled = true;
  await writeAll(server.connection, noise(100));
  server.connection.close();
  await readAll(client).catch(() => {});
  client.close();
});

Deno.test("a client that resets the tunnel is told as a reset, not as an end", async () => {
  await using certificates = await makeCertificates();
  let fail = (_error: Error) => {};
  const failing = new Promise<never>((_, reject) => fail = reject);
  failing.catch(() => {});
  const { server, client, tunnel } = await terminated(certificates, (conn) => ({
    ...wrapped(conn),
    read: (buffer) => Promise.race([conn.read(buffer), failing]),
  }));
  const reading = server.connection.read(new Uint8Array(8));
  fail(new Deno.errors.ConnectionReset("reset"));
  await assert.rejects(reading, Deno.errors.ConnectionReset);
  server.connection.close();
  client.close();
  assert.throws(() => tunnel.close());
});

Deno.test("a client that ends without close_notify has ended", async () => {
  await using certificates = await makeCertificates();
  let end = () => {};
  const ended = new Promise<null>((resolve) => end = () => resolve(null));
  const { server, client } = await terminated(certificates, (conn) => ({
    ...wrapped(conn),
    read: (buffer) => Promise.race([conn.read(buffer), ended]),
  }));
  const reading = server.connection.read(new Uint8Array(8));
  end();
  assert.equal(await reading, null);
  server.connection.close();
  client.close();
});

Deno.test("a client that says nothing is given up, and its tunnel closed", async () => {
  await using certificates = await makeCertificates();
  const [near, far] = await connectedPair();
  const deadline = { timeoutMs: 60, signal: patient.signal };
  await assert.rejects(terminateTls(near, { certified: certificates.localhost }, deadline), {
    message: "the TLS handshake was not done within 60 ms",
  });
  assert.equal((await readAll(far).catch(() => new Uint8Array())).length, 0);
  far.close();
});

Deno.test("a signal ends a handshake at any time", async () => {
  await using certificates = await makeCertificates();
  for (const early of [true, false]) {
    const [near, far] = await connectedPair();
    const stop = new AbortController();
    if (early) stop.abort(new Error("enough"));
    const terminating = terminateTls(near, { certified: certificates.localhost }, {
      timeoutMs: 0,
      signal: stop.signal,
    });
    if (!early) stop.abort(new Error("enough"));
    await assert.rejects(terminating, { message: "enough" });
    await readAll(far).catch(() => {});
    far.close();
  }
});

Deno.test("garbage instead of a hello is told, and answered with an alert", async () => {
  await using certificates = await makeCertificates();
  const [near, far] = await connectedPair();
  await writeAll(far, new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  await assert.rejects(terminateTls(near, { certified: certificates.localhost }, patient), {
    message: "the client does not speak TLS",
  });
  await readAll(far).catch(() => {});
  far.close();
});

Deno.test("a client that hangs up during the handshake is told", async () => {
  await using certificates = await makeCertificates();
  for (const bytes of [0, 1, 5, 50]) {
    const [near, far] = await connectedPair();
    const hello = Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...new Uint8Array(40));
    await writeAll(far, hello.subarray(0, bytes));
    const terminating = terminateTls(near, { certified: certificates.localhost }, patient);
    far.close();
    await assert.rejects(terminating, {
      message: /the client closed the connection during the TLS handshake|reset/,
    });
  }
});

Deno.test("a client that does not trust the certificate is told with the way to mend it", async () => {
  await using certificates = await makeCertificates();
  const [near, far] = await connectedPair();
  const terminating = terminateTls(near, { certified: certificates.localhost }, patient);
  const client = await Deno.startTls(far, { hostname: "localhost" });
  const handshake = client.handshake().catch(() => {});
  await assert.rejects(terminating, { message: /does not trust the certificate.*tcpmon ca/ });
  await handshake;
  client.close();
});

Deno.test("a client that offers h2 alone is refused with an alert that says so", async () => {
  await using certificates = await makeCertificates();
  const [near, far] = await connectedPair();
  const terminating = terminateTls(near, { certified: certificates.localhost }, patient);
  const client = await Deno.startTls(far, {
    hostname: "localhost",
    caCerts: [certificates.ca.certPem],
    alpnProtocols: ["h2"],
  });
  const handshake = assert.rejects(client.handshake(), { message: /NoApplicationProtocol/ });
  await assert.rejects(terminating, { message: /speaks no protocol over TLS/ });
  await handshake;
  client.close();
});

Deno.test("a key that does not belong to its certificate is an error, and the tunnel is closed", async () => {
  await using certificates = await makeCertificates();
  const [near, far] = await connectedPair();
  const certified = { certPem: certificates.localhost.certPem, keyPem: "no key" };
  await assert.rejects(terminateTls(near, { certified }, patient));
  assert.equal(await far.read(new Uint8Array(8)), null);
  far.close();
});

Deno.test("curl is served, its hello read before", async () => {
  await using certificates = await makeCertificates();
  const { said, reached } = await visited(
    { certified: certificates.localhost },
    "curl",
    (port) => ["-sS", "--cacert", certificates.ca.certFile, `https://localhost:${port}/`],
    answerHello,
  );
  assert.equal(said, "hello");
  assert.ok(!(reached instanceof Error));
  assert.equal(reached.tls?.alpn, "http/1.1");
});

Deno.test("curl that does not know the authority is told about", async () => {
  await using certificates = await makeCertificates();
  const { reached } = await visited(
    { certified: certificates.localhost },
    "curl",
    (port) => ["-sS", `https://localhost:${port}/`],
    answerHello,
  );
  assert.ok(reached instanceof Error);
  assert.match(reached.message, /does not trust the certificate/);
});

for (const [option, version] of [["-tls1_2", "TLSv1.2"], ["-tls1_3", "TLSv1.3"]]) {
  Deno.test(`openssl s_client ${option} is served, strictly verifying`, async () => {
    await using certificates = await makeCertificates();
    const { ca, localhost } = certificates;
    const verify = ["-CAfile", ca.certFile, "-verify_return_error", "-verify_hostname", "localhost"];
    const { said, reached } = await visited(
      { certified: localhost },
      "openssl",
      (
        port,
      ) => ["s_client", "-connect", `127.0.0.1:${port}`, option, ...verify, "-ign_eof", "-alpn", "http/1.1"],
      async ({ connection }) => {
        await writeAll(connection, new TextEncoder().encode("from the server\n"));
        await connection.closeWrite();
      },
    );
    assert.match(said, /from the server/);
    assert.match(said, /Verification: OK/);
    assert.ok(!(reached instanceof Error));
    assert.equal(reached.tls?.version, version);
    assert.match(reached.tls?.cipher ?? "", /^TLS_.*(?:GCM|POLY)/);
  });
}
