import assert from "node:assert/strict";
import fc from "fast-check";
import { charsetOf, decodeText, displayText, encodeText, encodingOf } from "../../src/capture/charset.ts";
import { anyText } from "../any_text.ts";

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
const utf8 = (text: string) => new TextEncoder().encode(text);

Deno.test("the charset parameter is found quoted, in any case, after other parameters", () => {
  assert.equal(charsetOf(undefined), "utf-8");
  assert.equal(charsetOf("text/plain"), "utf-8");
  assert.equal(charsetOf("text/plain; charset=ISO-8859-1"), "iso-8859-1");
  assert.equal(charsetOf('text/plain;Charset = "Shift_JIS" ; x=y'), "shift_jis");
  assert.equal(charsetOf('multipart/related; boundary="a;charset=x\\";"; charset=gbk'), "gbk");
  assert.equal(charsetOf("text/plain; format; charset=big5"), "big5");
  assert.equal(charsetOf("text/plain; xcharset=big5"), "utf-8");
  assert.equal(charsetOf("text/plain; charset="), "utf-8");
  assert.equal(charsetOf('text/plain; charset="utf-16'), "utf-16");
});

Deno.test("a label is resolved as browsers do: latin1 is windows-1252, nonsense is nothing", () => {
  assert.equal(encodingOf("text/plain; charset=latin1"), "windows-1252");
  assert.equal(encodingOf("text/plain; charset=" + "x".repeat(100_000)), undefined);
  for (let i = 0; i < 2000; i++) assert.equal(encodingOf(`text/plain; charset=none-${i}`), undefined);
  assert.equal(encodingOf("text/plain; charset=koi8-r"), "koi8-r");
});

const CHARSETS = [
  ...["utf-8", "utf-16", "utf-16le", "utf-16be", "ibm866", "koi8-r", "koi8-u", "macintosh", "windows-874"],
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `windows-125${page}`),
  ...["iso-8859-8-i", "x-mac-cyrillic", "x-user-defined", "latin1", "us-ascii"],
  ...["shift_jis", "euc-jp", "euc-kr", "gbk", "gb18030", "big5", "iso-2022-jp", "no-such-charset"],
];

Deno.test("whatever bytes are read as text in any charset, the text encodes back to the same bytes", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CHARSETS), fc.uint8Array({ maxLength: 24 }), (charset, bytes) => {
      const type = `text/plain; charset=${charset}`;
      const text = decodeText(bytes, type);
      if (text !== undefined) assert.deepEqual(encodeText(text, type), bytes);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("whatever text a charset can encode is read back as it was, or not at all", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CHARSETS), anyText(), (charset, text) => {
      const type = `text/plain; charset=${charset}`;
      const bytes = encodeText(text, type);
      if (bytes === undefined) return;
      const back = decodeText(bytes, type);
      if (back !== undefined) assert.equal(back, text);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("every single byte that a single-byte charset has goes to text and back", () => {
  for (const charset of ["windows-1252", "iso-8859-5", "koi8-r", "windows-1251", "ibm866", "macintosh"]) {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const type = `text/plain; charset=${charset}`;
    const text = decodeText(all, type);
    assert.equal(text?.length, 256, charset);
    assert.deepEqual(encodeText(text!, type), all, charset);
  }
});

Deno.test("known words in two-byte charsets have their known bytes", () => {
  const cases: [string, string, number[]][] = [
    ["shift_jis", "日本aｱ", [0x93, 0xfa, 0x96, 0x7b, 0x61, 0xb1]],
    ["euc-jp", "日本aｱ", [0xc6, 0xfc, 0xcb, 0xdc, 0x61, 0x8e, 0xb1]],
    ["euc-kr", "한글", [0xc7, 0xd1, 0xb1, 0xdb]],
    ["gbk", "中文€", [0xd6, 0xd0, 0xce, 0xc4, 0x80]],
    ["big5", "中文", [0xa4, 0xa4, 0xa4, 0xe5]],
  ];
  for (const [charset, text, bytes] of cases) {
    const type = `text/plain; charset=${charset}`;
    assert.equal(decodeText(Uint8Array.from(bytes), type), text, charset);
    assert.deepEqual(encodeText(text, type), Uint8Array.from(bytes), charset);
  }
  assert.equal(encodeText("é中", "text/plain; charset=shift_jis"), undefined);
});

Deno.test("bytes with two spellings of a character are no exact text in the one that does not come back", () => {
  // U+2252 is 81 E0 and, as an NEC extension, 87 90.
  const type = "text/plain; charset=shift_jis";
  const readings = [decodeText(bytesOf(0x81, 0xe0), type), decodeText(bytesOf(0x87, 0x90), type)];
  assert.equal(readings.filter((text) => text === "≒").length, 1);
  assert.equal(readings.filter((text) => text === undefined).length, 1);
  assert.equal(displayText(bytesOf(0x87, 0x90), type), "≒");
});

Deno.test("byte order marks survive in exact text and are left out for display", () => {
  const marked = bytesOf(0xef, 0xbb, 0xbf, 0x61);
  assert.equal(decodeText(marked, undefined), "\ufeffa");
  assert.deepEqual(encodeText("\ufeffa", undefined), marked);
  assert.equal(displayText(marked, undefined), "a");
  const little = bytesOf(0xff, 0xfe, 0x61, 0);
  assert.equal(decodeText(little, "text/xml; charset=utf-16"), "\ufeffa");
  assert.equal(displayText(little, "text/xml"), "a");
  const big = bytesOf(0xfe, 0xff, 0, 0x61);
  assert.equal(decodeText(big, "text/xml; charset=utf-16"), undefined);
  assert.equal(decodeText(big, "text/xml; charset=utf-16be"), "\ufeffa");
  assert.equal(displayText(big, "text/xml; charset=utf-16"), "a");
});

Deno.test("invalid bytes, lone surrogates and odd lengths are no exact text", () => {
  assert.equal(decodeText(bytesOf(0xc3), undefined), undefined);
  assert.equal(decodeText(bytesOf(0xed, 0xa0, 0x80), undefined), undefined);
  assert.equal(decodeText(bytesOf(0, 0xd8), "a/b; charset=utf-16le"), undefined);
  assert.equal(decodeText(bytesOf(0x61), "a/b; charset=utf-16le"), undefined);
  assert.equal(encodeText("\ud800", undefined), undefined);
  assert.equal(encodeText("\ud800", "a/b; charset=utf-16le"), undefined);
  assert.equal(encodeText("a", "a/b; charset=nonsense"), undefined);
  assert.equal(encodeText("a", "a/b; charset=iso-2022-jp"), undefined);
});

Deno.test("for display binary is told from text, and an unknown charset is tried as UTF-8", () => {
  assert.equal(displayText(bytesOf(), undefined), "");
  assert.equal(displayText(utf8("a\0b"), undefined), undefined);
  assert.equal(displayText(bytesOf(1, 2, 3, 0x61), undefined), undefined);
  assert.equal(displayText(bytesOf(0x89, 0x50, 0x4e, 0x47), "image/png"), undefined);
  assert.equal(displayText(utf8("\x1b[31mred text\x1b[0m and more of it"), undefined)?.length, 32);
  assert.equal(displayText(utf8("grün"), "text/plain; charset=nonsense"), "grün");
  assert.equal(
    displayText(bytesOf(0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42), "a/b; charset=iso-2022-jp"),
    "日",
  );
});

Deno.test("a character that the end of a cut body divides is left out, and the next body is not harmed", () => {
  const cut = utf8("grü").subarray(0, 3);
  assert.equal(displayText(cut, undefined), undefined);
  assert.equal(displayText(cut, undefined, true), "gr");
  assert.equal(displayText(utf8("grün"), undefined), "grün");
});
