import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { writeBase64 } from "../../src/log/json_base64.ts";

function base64(bytes: Uint8Array): string {
  const out = new ByteWriter(1);
  out.byte(0x3a);
  writeBase64(out, bytes);
  return new TextDecoder().decode(out.view()).slice(1);
}

Deno.test("base64 gives the test vectors of RFC 4648 section 10", () => {
  const vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
  vectors.forEach((vector, length) => {
    assert.equal(base64(new TextEncoder().encode("foobar".slice(0, length))), vector);
  });
});

Deno.test("base64 of any bytes, and of any part of a larger array, decodes to them", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (bytes, skipped) => {
    const part = bytes.subarray(skipped);
    assert.equal(base64(part), Buffer.from(part).toString("base64"));
  }));
});

Deno.test("base64 of a megabyte is right to its last byte", () => {
  const bytes = Uint8Array.from({ length: (1 << 20) + 1 }, (_, i) => (i * 2654435761) >>> 11);
  assert.ok(base64(bytes) === Buffer.from(bytes).toString("base64"));
});
