import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { writeJsonAscii, writeJsonString } from "../../src/log/json_string.ts";
import { anyText } from "../any_text.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What must never stand raw in a log: C0, DEL, C1, line separators, bidirectional controls. */
// deno-lint-ignore no-control-regex
const RAW_CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function jsonString(source: string): string {
  const out = new ByteWriter(1);
  writeJsonString(out, source);
  return decoder.decode(out.view());
}

function jsonAscii(bytes: Uint8Array): string | undefined {
  const out = new ByteWriter(1);
  return writeJsonAscii(out, bytes) ? decoder.decode(out.view()) : undefined;
}

Deno.test("a JSON string has the short escapes, and \\u for other controls", () => {
  assert.equal(jsonString('a"b\\c\r\n\t/'), '"a\\"b\\\\c\\r\\n\\t/"');
  assert.equal(jsonString("\0\b\f\x1b[2J"), '"\\u0000\\u0008\\u000c\\u001b[2J"');
});

Deno.test("a JSON string escapes what could drive a terminal or reorder a line", () => {
  assert.equal(jsonString("\x7f\x80\x9b\x9f\xa0"), '"\\u007f\\u0080\\u009b\\u009f\xa0"');
  assert.equal(
    jsonString("\u200d\u200e\u200f\u2010\u2027\u2028\u2029\u202a\u202e\u202f"),
    '"\u200d\\u200e\\u200f\u2010\u2027\\u2028\\u2029\\u202a\\u202e\u202f"',
  );
  assert.equal(
    jsonString("\u061b\u061c\u2065\u2066\u2069\u206a"),
    '"\u061b\\u061c\u2065\\u2066\\u2069\u206a"',
  );
});

Deno.test("a JSON string keeps text in every plane, and lone surrogates as escapes", () => {
  assert.equal(jsonString("é߿ࠀ世\ud7ff\ue000\uffff𐀀😀\u{10ffff}"), '"é߿ࠀ世\ud7ff\ue000\uffff𐀀😀\u{10ffff}"');
  assert.equal(jsonString("\ud800"), '"\\ud800"');
  assert.equal(jsonString("\udc00\ud83d"), '"\\udc00\\ud83d"');
  assert.equal(jsonString("\ud83d\ud83d\ude00a"), '"\\ud83d😀a"');
  assert.equal(jsonString("\udbffA"), '"\\udbffA"');
});

Deno.test("a surrogate pair is whole wherever it stands in a long string", () => {
  for (let before = 4090; before < 4100; before++) {
    const source = "x".repeat(before) + "😀".repeat(3000) + "\x00".repeat(5000);
    assert.equal(JSON.parse(jsonString(source)), source);
  }
});

Deno.test("any string comes back from its JSON string, which holds no raw control", () => {
  const text = fc.oneof(
    anyText(),
    fc.string({ unit: fc.nat(0xffff).map((u) => String.fromCharCode(u)) }),
  );
  fc.assert(fc.property(text, (source) => {
    const written = jsonString(source);
    assert.equal(JSON.parse(written), source);
    assert.doesNotMatch(written, RAW_CONTROL);
  }));
  for (let unit = 0; unit <= 0xffff; unit++) {
    const written = jsonString(String.fromCharCode(unit));
    assert.equal(JSON.parse(written), String.fromCharCode(unit));
    assert.doesNotMatch(written, RAW_CONTROL);
  }
});

Deno.test("ASCII bytes become the content of the same JSON string, without a string in between", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(
        9,
        10,
        13,
        ...Array.from({ length: 95 }, (_, i) => 32 + i),
      )),
      (codes) => {
        const text = String.fromCharCode(...codes);
        assert.equal(`"${jsonAscii(Uint8Array.from(codes))}"`, jsonString(text));
      },
    ),
  );
  const long = '{"a":1}\r\n'.repeat(5000);
  assert.equal(JSON.parse(`"${jsonAscii(new TextEncoder().encode(long))}"`), long);
});

Deno.test("bytes beyond ASCII and odd controls are left to the decoder, wherever they stand", () => {
  for (let byte = 0; byte < 256; byte++) {
    const plain = byte >= 32 && byte < 127 || byte === 9 || byte === 10 || byte === 13;
    for (const before of [0, 1, 4095, 4096, 9000]) {
      const bytes = new Uint8Array(before + 2).fill(97);
      bytes[before] = byte;
      assert.equal(jsonAscii(bytes) !== undefined, plain);
    }
  }
});
