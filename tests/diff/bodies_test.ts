/** Bodies that are text or bytes, coded, cut short, or in other charsets. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { comparisonNotes } from "../../src/diff/compare_exchanges.ts";
import { diffRules } from "../../src/diff/rules.ts";
import { anyText } from "../any_text.ts";
import { bodyDifferences, differences, exchange } from "./samples.ts";

const TEXT = "text/plain";

Deno.test("texts are compared line by line", () => {
  assert.deepEqual(bodyDifferences(TEXT, "a\nb\nc\nd\n", "a\nx\nc\nd\ne\n"), [
    ["line 2", "changed", "b", "x"],
    ["line 5", "added", undefined, "e"],
  ]);
  assert.deepEqual(bodyDifferences(TEXT, "a\r\nb", "a\nb"), [["line 1", "changed", "a\r", "a"]]);
  assert.deepEqual(bodyDifferences(TEXT, "a 10:00\nb", "a 11:00\nb", String.raw`re:\d+:\d+`), []);
});

Deno.test("one line that is changed is found by its number", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{0,3}$/), { minLength: 1 }), fc.nat(), (lines, at) => {
      const index = at % lines.length;
      const after = lines.with(index, "CHANGED");
      // A leading line keeps both from being empty.
      assert.deepEqual(bodyDifferences(TEXT, `x\n${lines.join("\n")}`, `x\n${after.join("\n")}`), [
        [`line ${index + 2}`, "changed", lines[index], "CHANGED"],
      ]);
    }),
  );
});

Deno.test("long lines are told by what differs", () => {
  const long = "x".repeat(100_000);
  const [[, , before, after]] = bodyDifferences(TEXT, `${long}1${long}`, `${long}2${long}`) as string[][];
  assert.match(before, /^…x{40}1x+… \(200001 characters\)$/);
  assert.match(after, /^…x{40}2x+…/);
});

Deno.test("bytes that are no text are told by where they begin to differ, and their sizes", () => {
  const before = Uint8Array.from({ length: 100 }, (_, i) => i);
  assert.deepEqual(bodyDifferences("image/png", before, before.with(50, 255)), [[
    "byte 50",
    "changed",
    "100 bytes, 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f 40 41",
    "100 bytes, ff 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f 40 41",
  ]]);
  assert.deepEqual(bodyDifferences("image/png", before, before.subarray(0, 99)), [
    ["byte 99", "changed", "100 bytes, 63", "99 bytes, ends here"],
  ]);
});

Deno.test("a body that is there only once is added or removed", () => {
  assert.deepEqual(bodyDifferences(TEXT, "", "abc"), [[undefined, "added", undefined, "abc"]]);
  assert.deepEqual(bodyDifferences(TEXT, "abc", ""), [[undefined, "removed", "abc", undefined]]);
});

Deno.test("content codings are undone, and how a body was carried makes no difference", () => {
  const text = '{"a": [1, 2]}';
  const plain = exchange("application/json", { body: text });
  const coded = (value: string) =>
    exchange("application/json", { body: gzipSync(value), fields: [["Content-Encoding", "gzip"]] });
  assert.deepEqual(differences(plain, coded(text)), []);
  assert.deepEqual(differences(coded(text), coded('{"a":[1,2]}')), []);
  assert.deepEqual(
    differences(coded(text), coded('{"a":[1,3]}')).map(({ where, path }) => [where, path]),
    [["body", "$.a[1]"]],
  );
});

Deno.test("a coding that cannot be undone is compared byte by byte, and said", () => {
  const broken = (last: number) =>
    exchange(TEXT, { body: Uint8Array.of(1, 2, last), fields: [["Content-Encoding", "gzip"]] });
  assert.deepEqual(differences(broken(3), broken(3)), []);
  assert.deepEqual(differences(broken(3), broken(4)).map(({ path }) => path), ["byte 2"]);
  assert.match(comparisonNotes(broken(3), broken(4), diffRules([]))[0], /could not be decoded/);
});

Deno.test("the same text in another charset is the same body", () => {
  const before = exchange("text/plain; charset=utf-8", { body: "é" });
  const after = exchange("text/plain; charset=iso-8859-1", { body: Uint8Array.of(0xe9) });
  assert.deepEqual(differences(before, after).map(({ where, path }) => [where, path]), [
    ["header", "Content-Type"],
  ]);
});

Deno.test("bodies of which not all was kept are compared as far as they were, and that is said", () => {
  const cut = (body: string, bytes: number) => exchange(TEXT, { body, bytes });
  const rules = diffRules([]);
  assert.deepEqual(differences(cut("abc", 10), cut("abc", 10)), []);
  assert.deepEqual(differences(cut("abc", 6), exchange(TEXT, { body: "abcdef" })), []);
  assert.deepEqual(comparisonNotes(cut("abc", 6), exchange(TEXT, { body: "abcdef" }), rules), [
    "response body: only the first 3 bytes were kept of both, and compared",
  ]);
  const sizes = differences(cut("abc", 6), exchange(TEXT, { body: "abcdefg" }));
  assert.deepEqual(sizes.map(({ before, after }) => [before, after]), [["6 bytes", "7 bytes"]]);
  const other = differences(cut("abc", 6), exchange(TEXT, { body: "abX" }));
  assert.deepEqual(other.map(({ path, before, after }) => [path, before, after]), [["line 1", "abc", "abX"]]);
  assert.deepEqual(comparisonNotes(exchange(TEXT), exchange(TEXT), rules), []);
});

Deno.test("a hundred thousand lines that all differ are compared at once", () => {
  const lines = (by: number) => Array.from({ length: 100_000 }, (_, i) => `line ${i * 2 + by}`).join("\n");
  const found = bodyDifferences(TEXT, lines(0), lines(1)) as unknown[][];
  assert.equal(found.length, 100);
  assert.match(String(found[99][3]), /more differences/);
});

Deno.test("any two bodies can be compared, and each with itself", () => {
  const type = fc.constantFrom("application/json", "text/xml", TEXT, "image/png", "text/html; charset=x");
  const body = fc.oneof(
    fc.uint8Array(),
    anyText(),
    fc.json(),
    fc.constantFrom("<a>", "{}", "<a/>"),
  );
  fc.assert(fc.property(type, type, body, body, (type, otherType, a, b) => {
    const [before, after] = [exchange(type, { body: a }), exchange(otherType, { body: b })];
    assert.deepEqual(differences(before, before), []);
    assert.deepEqual(differences(before, exchange(type, { body: a })), []);
    differences(before, after);
  }));
});
