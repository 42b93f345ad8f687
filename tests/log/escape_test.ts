import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteWriter } from "../../src/log/byte_writer.ts";
import { escapeLine, escapeLines, INDENT, writeLine, writePlainLines } from "../../src/log/escape.ts";
import { anyText } from "../any_text.ts";

/** Reads an escaped line back, by the rule of the docstring: an odd number of backslashes begins an escape. */
function unescape(line: string): string {
  return line.replace(
    /(\\+)(x([0-9a-f]{2})|u\{([0-9a-f]{3,4})\})/g,
    (_, slashes: string, rest: string, byte?: string, point?: string) => {
      const literal = "\\".repeat(Math.floor(slashes.length / 2));
      if (slashes.length % 2 === 0) return literal + rest;
      return literal + String.fromCharCode(parseInt(byte ?? point!, 16));
    },
  );
}

const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Text full of what needs escaping, and of what looks like an escape. */
const nasty = fc.array(
  fc.oneof(
    anyText({ maxLength: 4 }),
    fc.constantFrom(
      "\\",
      "\\\\",
      "r",
      "x1b",
      "x1",
      "u{202e}",
      "u{20",
      "\r",
      "\n",
      "\r\n",
      "\t",
      "\x1b",
      "\x9b",
      "\u202e",
      "\u2066",
    ),
    fc.constantFrom("\ud800", "\udc00", "😀", "\u2028", "\u200f", "\0", "é", "plain text"),
  ),
).map((parts) => parts.join(""));

Deno.test("controls, bidirectional controls and lone surrogates are shown escaped", () => {
  assert.equal(escapeLine("a\x1b[31mb\x07\x7f\x9b"), "a\\x1b[31mb\\x07\\x7f\\x9b");
  assert.equal(escapeLine("\u202eevil\u2066\u200f\u2028"), "\\u{202e}evil\\u{2066}\\u{200f}\\u{2028}");
  assert.equal(escapeLine("\ud800😀\udc00"), "\\u{d800}😀\\u{dc00}");
  assert.equal(escapeLine("one\r\ntwo\ttab"), "one\\x0d\\x0atwo\ttab");
  assert.equal(escapeLine("grün 日本"), "grün 日本");
});

Deno.test("a backslash is doubled only where it could be taken for an escape", () => {
  assert.equal(escapeLine('{"a":"x\\n\\"\\u00e9"}'), '{"a":"x\\n\\"\\u00e9"}');
  assert.equal(escapeLine("\\x1b"), "\\\\x1b");
  assert.equal(escapeLine("\\\x1b"), "\\\\\\x1b");
  assert.equal(escapeLine("\\u{202e}\\"), "\\\\u{202e}\\");
});

Deno.test("JSON, paths and patterns are shown as they came", () => {
  for (
    const text of [
      String.raw`{"a":"x\n\r\t\"\\","b":"\u00e9\u{1F600}","c":"C:\\xampp\\run"}`,
      String.raw`C:\run\xampp\users \u{20 \u{} \xg0 \x1B \\server\x`,
    ]
  ) {
    assert.equal(escapeLine(text), text);
    assert.equal(escapeLines(text), INDENT + text + "\n");
  }
});

Deno.test("whatever comes, an escaped line has nothing unsafe and reads back to what came", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const escaped = escapeLine(text);
      assert.doesNotMatch(escaped, UNSAFE);
      assert.equal(unescape(escaped), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("LF and CRLF end lines, each line is indented, and only a lone CR is shown", () => {
  assert.equal(escapeLines(""), "");
  assert.equal(escapeLines("a"), "    a\n");
  assert.equal(escapeLines("a\n"), "    a\n");
  assert.equal(escapeLines("a\r\nb\n\nc\r"), "    a\n    b\n    \n    c\\x0d\n");
  assert.equal(escapeLines("\n"), "    \n");
  assert.equal(escapeLines("\r\r\n"), "    \\x0d\n");
});

Deno.test("whatever comes, every line of a body is indented and reads back to the body's line", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      if (text === "") return;
      const lines = escapeLines(text).split("\n");
      assert.equal(lines.pop(), "");
      const wanted = text.split(/\r?\n/);
      if (/\n$/.test(text)) wanted.pop();
      assert.deepEqual(
        lines.map((line) => {
          assert.ok(line.startsWith(INDENT));
          assert.doesNotMatch(line, UNSAFE);
          return unescape(line.slice(INDENT.length));
        }),
        wanted,
      );
    }),
    { numRuns: 2000 },
  );
});

Deno.test("the fast ways for clean ASCII write what the slow ones do, or nothing", () => {
  const asciiish = fc.array(
    fc.constantFrom("a", "\\", "n", "r", "x", "u", "{", "\n", "\r", "\r\n", " ", "\t", "\x1b", "é"),
  )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(asciiish, (text) => {
      const bytes = new TextEncoder().encode(text);
      const out = new ByteWriter(1);
      out.byte(35);
      const done = writePlainLines(bytes, out);
      const wanted = done ? "#" + escapeLines(text) : "#";
      assert.equal(new TextDecoder().decode(out.view()), wanted);
      out.reset();
      writeLine(text, out);
      assert.equal(new TextDecoder().decode(out.view()), escapeLine(text));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("bodies longer than one piece are written alike, also where a CRLF lies across pieces", () => {
  for (const length of [4094, 4095, 4096, 4097, 8191, 8192]) {
    for (const end of ["", "\n", "\r\n", "\r\nmore\n"]) {
      const text = "x".repeat(length) + end;
      const out = new ByteWriter(1);
      assert.ok(writePlainLines(new TextEncoder().encode(text), out));
      assert.equal(new TextDecoder().decode(out.view()), escapeLines(text));
    }
  }
});

Deno.test("a body of line feeds alone does not take more room than its lines", () => {
  const out = new ByteWriter(1);
  assert.ok(writePlainLines(new Uint8Array(100_000).fill(10), out));
  assert.equal(out.length, 500_000);
  assert.ok(out.capacity < 1_100_000);
});
