import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { writeHexDump } from "../../src/log/hex_dump.ts";

function dump(bytes: Uint8Array, offset = 0, indent = 0): string {
  const out = new ByteWriter(1);
  writeHexDump(bytes, offset, indent, out);
  return new TextDecoder().decode(out.view());
}

Deno.test("a dump looks as that of hexdump -C", () => {
  const bytes = Uint8Array.from([...new TextEncoder().encode("0123456789abcde"), 0, 0x1b, 0x7f, 0xff, 0x41]);
  assert.equal(
    dump(bytes),
    "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 00  |0123456789abcde.|\n" +
      "00000010  1b 7f ff 41                                       |...A|\n",
  );
  assert.equal(dump(new Uint8Array(0)), "");
});

Deno.test("offsets begin where they are told to, with more digits past 4 GiB", () => {
  assert.match(dump(Uint8Array.of(65), 0x1234, 4), /^ {4}00001234 {2}41 .*\|A\|\n$/);
  assert.match(dump(Uint8Array.of(65), 2 ** 40 + 15), /^01000000000f {2}41 /);
});

Deno.test("whatever bytes are dumped, the dump is printable and holds them all", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(2 ** 31), (bytes, offset) => {
    const lines = dump(bytes, offset, 4).split("\n");
    assert.equal(lines.pop(), "");
    assert.equal(lines.length, Math.ceil(bytes.length / 16));
    const back = lines.flatMap((line, i) => {
      assert.match(line, /^ {4}[\x20-\x7e]+$/);
      assert.equal(parseInt(line, 16), offset + i * 16);
      return line.slice(14, 63).trim().split(/ +/).map((hex) => parseInt(hex, 16));
    });
    assert.deepEqual(back, [...bytes]);
  }));
});
