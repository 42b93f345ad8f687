/** JSON bodies compared by what they hold. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseSelector, replaceSelected } from "../../src/select/selector.ts";
import { bodyDifferences } from "./samples.ts";

function diff(before: string, after: string, ...ignore: string[]): unknown[] {
  return bodyDifferences("application/json; charset=utf-8", before, after, ...ignore);
}

/** The same value, members in reverse order, with white space. */
function reordered(value: unknown): string {
  if (Array.isArray(value)) return `[ ${value.map(reordered).join(" , ")} ]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).reverse().map(([name, inner]) =>
    `${JSON.stringify(name)} :${reordered(inner)}`
  );
  return `{\n${members.join(",\n")}}`;
}

Deno.test("the order of members and white space make no difference", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => {
    assert.deepEqual(diff(text, text), []);
    assert.deepEqual(diff(text, reordered(JSON.parse(text))), []);
  }));
});

Deno.test("one value that is changed is found at its path", () => {
  const document = fc.json({ maxDepth: 4 });
  fc.assert(fc.property(document, fc.nat(), (inner, at) => {
    const before = `{"a":${inner},"b":[0,1]}`;
    const places = parseSelector("$..*").select(before);
    const { path } = places[at % places.length];
    const after = replaceSelected(before, parseSelector(path), '"something else"').text;
    const found = diff(before, after) as [string, string, string, string][];
    assert.deepEqual(found.map(([where, kind]) => [where, kind]), [[path, "changed"]]);
    assert.equal(found[0][3], '"something else"');
  }));
});

Deno.test("numbers are compared by value, however large", () => {
  assert.deepEqual(diff("[1.0, 1e2, -0, 0.10]", "[1, 100, 0, 1e-1]"), []);
  assert.deepEqual(diff('{"id":9007199254740993}', '{"id":9007199254740992}'), [
    ["$.id", "changed", "9007199254740993", "9007199254740992"],
  ]);
  assert.deepEqual(diff("[1e999]", "[1e998]").length, 1);
  assert.deepEqual(diff("[1]", '["1"]'), [["$[0]", "changed", "1", '"1"']]);
});

Deno.test("members that are added, removed or changed are told by path", () => {
  assert.deepEqual(diff('{"a":1,"b":{"c d":[1,{"e":2}]},"f":0}', '{"b":{"c d":[1,{"e":3}]},"a":1,"g":[]}'), [
    ["$.b['c d'][1].e", "changed", "2", "3"],
    ["$.f", "removed", "0", undefined],
    ["$.g", "added", undefined, "[]"],
  ]);
});

Deno.test("an element that is put in or taken out does not change the others", () => {
  const items = Array.from({ length: 50 }, (_, i) => ({ id: i }));
  const more = items.toSpliced(20, 0, { id: -1 });
  assert.deepEqual(diff(JSON.stringify(items), JSON.stringify(more)), [
    ["$[20]", "added", undefined, '{"id":-1}'],
  ]);
  assert.deepEqual(diff(JSON.stringify(more), JSON.stringify(items)), [
    ["$[20]", "removed", '{"id":-1}', undefined],
  ]);
});

Deno.test("an element that is the same in another place has moved", () => {
  assert.deepEqual(diff("[1,2,3,4]", "[4,1,2,3]"), [["$[3]", "moved", "$[3]", "$[0]"]]);
});

Deno.test("members with equal names are told apart by their order", () => {
  assert.deepEqual(diff('{"a":1,"a":2}', '{"a":1,"a":2}'), []);
  assert.deepEqual(diff('{"a":1,"a":2}', '{"a":3,"a":2}'), [["$.a", "changed", "1", "3"]]);
  assert.deepEqual(diff('{"a":1,"a":2}', '{"a":2}').length, 2);
});

Deno.test("what a JSONPath selects is left out, added and removed as well", () => {
  const before = '{"at":"10:00","items":[{"id":1,"v":1},{"id":2,"v":2},{"id":3,"v":3}]}';
  const after = '{"items":[{"id":7,"v":1},{"id":8,"v":9},{"id":9,"v":3}]}';
  assert.deepEqual(diff(before, after, "$.at", "$.items[*].id"), [["$.items[1].v", "changed", "2", "9"]]);
  assert.deepEqual(diff("[1,0,2]", "[1,2]", "$[?@ == 0]"), []);
});

Deno.test("what a regular expression matches is left out of strings and numbers", () => {
  const ignore = String.raw`re:\d\d:\d\d`;
  assert.deepEqual(diff('{"a":"at 10:00 x"}', '{"a":"at 23:59 x"}', ignore), []);
  assert.deepEqual(diff('{"a":"at 10:00 x"}', '{"a":"at 23:59 y"}', ignore).length, 1);
});

Deno.test("text that claims to be JSON is compared by lines", () => {
  assert.deepEqual(diff("{a\nb", "{a\nc"), [["line 2", "changed", "b", "c"]]);
});

Deno.test("deep, wide and hostile texts neither hang nor overflow", () => {
  const deep = (value: string) => "[".repeat(10_000) + value + "]".repeat(10_000);
  assert.equal(diff(deep("1"), deep("2")).length, 1);
  const wide = (from: number) => `{${Array.from({ length: 200_000 }, (_, i) => `"k${i + from}":1`).join()}}`;
  assert.deepEqual(diff(wide(0), wide(1)).map((found) => (found as unknown[])[0]), ["$.k0", "$.k200000"]);
  const large = (value: string) => "[".repeat(600_000) + value + ",0".repeat(600_000) + "]".repeat(600_000);
  assert.match(String(diff(large("1"), large("2"))), /too large to compare by structure/);
  const changed = (by: number) => JSON.stringify(Array.from({ length: 100_000 }, (_, i) => i * 2 + by));
  assert.equal(diff(changed(0), changed(1)).length, 100);
});
