/** A peer that sends more than is taken: what is not read stays with the peer, whichever implementation speaks TLS. */
import assert from "node:assert/strict";
import { tlsConnect } from "../../../src/net/tls/dial_tls.ts";
import { makeCertificates } from "./certificates.ts";
import { patient, readSome } from "./peers.ts";

const CHUNK = new Uint8Array(64 * 1024).map((_, i) => i % 251);
/** What sockets and TLS may hold, with much room. */
const HELD_BYTES = 24 * 1024 * 1024;
const OFFERED_BYTES = 96 * 1024 * 1024;

for (const insecure of [false, true]) {
  Deno.test(`what nobody reads is not taken from the peer${insecure ? ", without verification" : ""}`, async () => {
    await using certificates = await makeCertificates();
    const { ca, localhost } = certificates;
    using listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: localhost.certPem,
      key: localhost.keyPem,
    });
    let sent = 0;
    let sentAt = performance.now();
    const serving = (async () => {
      using peer = await listener.accept();
      while (sent < OFFERED_BYTES) {
        for (let at = 0; at < CHUNK.length;) at += await peer.write(CHUNK.subarray(at));
        sent += CHUNK.length;
        sentAt = performance.now();
      }
      await peer.closeWrite();
      // The other side hangs up.
      await peer.read(new Uint8Array(1)).catch(() => {});
    })();
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const options = { host: "localhost", caPem: [ca.certPem], insecure };
    const { connection } = await tlsConnect(conn, options, patient);
    // Until nothing more goes out: no event tells of that.
    while (sent < OFFERED_BYTES && performance.now() - sentAt < 300) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(sent < HELD_BYTES, `${sent} bytes were taken`);
    for (let read = 0; read < OFFERED_BYTES; read += CHUNK.length) {
      const bytes = await readSome(connection, CHUNK.length);
      assert.ok(bytes.every((byte, at) => byte === CHUNK[at]));
    }
    assert.equal(await connection.read(new Uint8Array(1)), null);
    connection.close();
    await serving;
  });
}
