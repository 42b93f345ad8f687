/** Which elements of two sequences belong together. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { align } from "../../src/diff/align.ts";

Deno.test("every element is told once, or stays where it is beside its equal", () => {
  const elements = fc.array(fc.nat({ max: 6 }), { maxLength: 40 });
  fc.assert(fc.property(elements, elements, (before, after) => {
    const aligned = align(before, after);
    const told = { before: new Set<number>(), after: new Set<number>() };
    for (const found of aligned) {
      if (found.kind === "moved") assert.equal(before[found.before], after[found.after]);
      if (found.kind === "pair") assert.notEqual(before[found.before], after[found.after]);
      if (found.kind !== "added") assert.ok(told.before.size < told.before.add(found.before).size);
      if (found.kind !== "removed") assert.ok(told.after.size < told.after.add(found.after).size);
    }
    assert.deepEqual(
      before.filter((_, i) => !told.before.has(i)),
      after.filter((_, j) => !told.after.has(j)),
    );
  }));
});

Deno.test("only elements of one group are paired", () => {
  const groups = { before: ["a", "b", "a"], after: ["b", "c", "a"] };
  assert.deepEqual(align([1, 2, 3], [4, 5, 6], groups), [
    { kind: "pair", before: 0, after: 2 },
    { kind: "pair", before: 1, after: 0 },
    { kind: "removed", before: 2 },
    { kind: "added", after: 1 },
  ]);
});

Deno.test("what is too different to be aligned in time is paired side by side", () => {
  const before = Array.from({ length: 5000 }, (_, i) => i);
  const aligned = align(before, before.map((i) => i + 10_000));
  assert.ok(aligned.every((found) => found.kind === "pair" && found.before === found.after));
  assert.equal(aligned.length, 5000);
});
