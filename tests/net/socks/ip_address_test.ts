import assert from "node:assert/strict";
import fc from "fast-check";
import { ipBytes, ipText } from "../../../src/net/socks/ip_address.ts";

Deno.test("IPv4 addresses are four bytes, and what only looks like one is none", () => {
  assert.deepEqual([...ipBytes("192.0.2.255")!], [192, 0, 2, 255]);
  for (
    const text of [
      "",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "1.2.3.4 ",
      "a.b.c.d",
      "1.2.3.-4",
      "0x7f.0.0.1",
    ]
  ) {
    assert.equal(ipBytes(text), undefined, text);
  }
});

Deno.test("IPv6 addresses are sixteen bytes, in any form and without their zone", () => {
  const one = [...new Array(15).fill(0), 1];
  assert.deepEqual([...ipBytes("::1")!], one);
  assert.deepEqual([...ipBytes("0:0:0:0:0:0:0:1")!], one);
  assert.deepEqual([...ipBytes("::1%eth0")!], one);
  assert.deepEqual([...ipBytes("::")!], new Array(16).fill(0));
  assert.deepEqual([...ipBytes("FD00::")!], [0xfd, ...new Array(15).fill(0)]);
  assert.deepEqual([...ipBytes("2001:db8::a:0:0:1")!], [
    0x20,
    1,
    0xd,
    0xb8,
    0,
    0,
    0,
    0,
    0,
    0xa,
    0,
    0,
    0,
    0,
    0,
    1,
  ]);
  for (const text of [":", ":::", "1:2", "[::1]", "::1::", "::g", "::1/64", "1:2:3:4:5:6:7:8:9", "host:80"]) {
    assert.equal(ipBytes(text), undefined, text);
  }
});

Deno.test("an IPv4 address that was mapped into IPv6 is the IPv4 address", () => {
  assert.deepEqual([...ipBytes("::ffff:127.0.0.1")!], [127, 0, 0, 1]);
  assert.deepEqual([...ipBytes("::FFFF:7f00:1")!], [127, 0, 0, 1]);
  assert.equal(ipText(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1)), "127.0.0.1");
  assert.equal(ipBytes("::127.0.0.1")!.length, 16);
});

Deno.test("an address that was written reads back as the same bytes", () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((bytes) => bytes[0] !== 0),
    // Runs of zeros, where the short form has its corners.
    fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 }).map((list) =>
      Uint8Array.from([1, ...list.slice(1)])
    ),
  );
  fc.assert(fc.property(address, (bytes) => assert.deepEqual([...ipBytes(ipText(bytes))!], [...bytes])));
});

Deno.test("no text makes reading an address throw", () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%]{0,45}$/));
  fc.assert(fc.property(text, (found) => [undefined, 4, 16].includes(ipBytes(found)?.length)));
});
