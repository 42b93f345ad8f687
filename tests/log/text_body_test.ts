import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Record } from "../../src/capture/record.ts";
import { createTextFormat, type TextOptions } from "../../src/log/text.ts";
import { answered, exchange, responseHead, utc, utf8, written } from "./human_fixtures.ts";

/** The lines after the response's head. */
function bodyLines(record: Record, options: Partial<TextOptions> = {}): string[] {
  const format = createTextFormat({
    color: false,
    pretty: false,
    hex: false,
    limitBytes: 1000,
    zoneOffset: utc,
    ...options,
  });
  const text = written(format, record);
  return text.slice(text.indexOf("\n<\n") + 3, -2).split("\n");
}

Deno.test("a body is shown in its declared charset", () => {
  const latin = Uint8Array.of(0x67, 0x72, 0xfc, 0x6e);
  assert.deepEqual(bodyLines(answered(latin, [["content-TYPE", "text/plain; charset=ISO-8859-1"]])), [
    "    grün",
  ]);
  assert.deepEqual(bodyLines(answered("grün\n日本")), ["    grün", "    日本"]);
  const wide = Uint8Array.of(0x41, 0x4e, 0x2d, 0x4e);
  assert.deepEqual(bodyLines(answered(wide, [["Content-Type", "text/plain; charset=utf-16le"]])), [
    "    乁中",
  ]);
});

Deno.test("a binary body is dumped: sixteen lines, then how much is left", () => {
  const binary = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
  const lines = bodyLines(answered(binary));
  assert.equal(lines.length, 17);
  assert.match(lines[0], /^ {4}00000000 {2}00 01 02/);
  assert.equal(lines[16], "[44 B more, --hex shows them]");
  assert.equal(bodyLines(answered(binary.subarray(0, 256))).length, 16);
});

Deno.test("--hex shows every body whole, as it was transferred", () => {
  const lines = bodyLines(answered("a".repeat(300)), { hex: true });
  assert.equal(lines.length, 19);
  assert.match(lines[18], /^ {4}00000120 {2}61 .*\|a{12}\|$/);
  const packed = gzipSync("hello");
  const [first] = bodyLines(answered(packed, [["Content-Encoding", "gzip"]]), { hex: true });
  assert.match(first, /^ {4}00000000 {2}1f 8b 08/);
});

Deno.test("a body that was not kept whole says how much is missing, and may end inside a character", () => {
  const body = { bytes: 5000, kept: utf8("grün").subarray(0, 3) };
  const record = exchange({ response: { head: responseHead(200, "OK"), body, trailers: [] } });
  assert.deepEqual(bodyLines(record), ["    gr", "[4997 of 5000 B not kept, --max-body is the limit]"]);
  const nothing = exchange({
    response: { head: responseHead(200, "OK"), body: { bytes: 7, kept: utf8("") }, trailers: [] },
  });
  assert.deepEqual(bodyLines(nothing), ["[7 of 7 B not kept, --max-body is the limit]"]);
});

Deno.test("a redacted body, whose length tells nothing, is cut only where it says so", () => {
  const redacted = (truncated: boolean) => ({
    bytes: 9,
    kept: utf8("[redacted:0123456789]"),
    truncated,
    redacted: true,
  });
  const shown = (truncated: boolean) =>
    bodyLines(
      exchange({ response: { head: responseHead(200, "OK"), body: redacted(truncated), trailers: [] } }),
    );
  assert.deepEqual(shown(false), ["    [redacted:0123456789]"]);
  assert.deepEqual(shown(true), ["    [redacted:0123456789]", "[not all of 9 B shown, redacted]"]);
});

Deno.test("a content coding is undone and noted with both sizes", () => {
  const packed = gzipSync("hello, world");
  const fields = [["Content-Encoding", "gzip"], ["Content-Type", "text/plain"]] as const;
  assert.deepEqual(bodyLines(answered(packed, fields)), [
    `[gzip, ${packed.length} B → 12 B]`,
    "    hello, world",
  ]);
});

Deno.test("what unpacks to more than the limit is shown to the limit, and says so", () => {
  const packed = gzipSync("a".repeat(100_000));
  const lines = bodyLines(answered(packed, [["Content-Encoding", "gzip"]]), { limitBytes: 10 });
  assert.deepEqual(lines, [`[gzip, ${packed.length} B → first 10 B]`, "    aaaaaaaaaa"]);
});

Deno.test("a content coding that cannot be undone says why and shows the bytes that came", () => {
  const lines = bodyLines(answered("not gzip at all", [["Content-Encoding", "gzip"]]));
  assert.match(lines[0], /^\[gzip, 15 B: .+\]$/);
  assert.equal(lines[1], "    not gzip at all");
  const [unknown] = bodyLines(answered("x", [["Content-Encoding", "rot13\x1b"]]));
  assert.ok(!unknown.includes("\x1b"));
});

Deno.test("--pretty indents JSON and XML by their type, else by their first character", () => {
  const pretty = { pretty: true };
  assert.deepEqual(bodyLines(answered('{"a":1}', [["Content-Type", "application/problem+json"]]), pretty), [
    "    {",
    '      "a": 1',
    "    }",
  ]);
  assert.deepEqual(bodyLines(answered("<a><b/></a>"), pretty), ["    <a>", "       <b/>", "    </a>"]);
  assert.deepEqual(bodyLines(answered("[1]", [["Content-Type", "text/plain"]]), pretty), [
    "    [",
    "      1",
    "    ]",
  ]);
  const html = answered("<p><br><i/></p>", [["Content-Type", "text/html"]]);
  assert.deepEqual(bodyLines(html, pretty), ["    <p><br><i/></p>"]);
  assert.deepEqual(bodyLines(answered("plain  text"), pretty), ["    plain  text"]);
});
