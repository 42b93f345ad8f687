import assert from "node:assert/strict";
import fc from "fast-check";
import { ServerHelloReader } from "../../src/capture/server_hello.ts";

/** A ServerHello that chooses a suite, and by extension a version. */
function serverHello(suite: number, version?: number): Uint8Array {
  const extensions = version === undefined ? [] : [0, 6, 0, 43, 0, 2, version >> 8, version & 255];
  const body = [3, 3, ...new Array(32).fill(7), 2, 8, 8, suite >> 8, suite & 255, 0, ...extensions];
  return Uint8Array.of(22, 3, 3, 0, body.length + 4, 2, 0, 0, body.length, ...body);
}

Deno.test("version and cipher suite are read, at every cut", () => {
  const cases = [
    [serverHello(0x1301, 0x0304), { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" }],
    [serverHello(0xc02f), { version: "TLSv1.2", cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" }],
    [serverHello(0x0abc, 0x7f1c), { cipher: "0x0abc" }],
  ] as const;
  for (const [bytes, expected] of cases) {
    for (let at = 0; at <= bytes.length; at++) {
      const reader = new ServerHelloReader();
      const first = reader.push(bytes.subarray(0, at));
      assert.deepEqual(first, at < bytes.length ? "more" : expected);
      assert.deepEqual(reader.push(bytes.subarray(at)), expected);
    }
  }
});

Deno.test("an alert instead of a hello is told at its first byte", () => {
  assert.equal(new ServerHelloReader().push(Uint8Array.of(21)), "not-tls");
});

Deno.test("no bytes make it throw", () => {
  const start = serverHello(0x1301, 0x0304);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(start.length), (bytes, kept) => {
    const reader = new ServerHelloReader();
    reader.push(start.subarray(0, kept));
    reader.push(bytes);
  }));
});
