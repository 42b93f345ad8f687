import assert from "node:assert/strict";
import {
  type FileOutcome,
  problemsOf,
  progressOf,
  summaryOf,
} from "../../../../src/ui/client/opening/outcome.ts";

function opened(name: string, rows: number, ...problems: readonly string[]): FileOutcome {
  return { kind: "opened", name, view: { name, records: rows, rows, problems } };
}

Deno.test("what came of files is a line: one is named, several are counted", () => {
  assert.equal(summaryOf([opened("f.har", 1234)]), "f.har: 1,234 exchanges");
  assert.equal(summaryOf([opened("f.har", 1)]), "f.har: 1 exchange");
  assert.equal(summaryOf([opened("f.har", 0)]), "f.har: no exchanges in it");
  assert.equal(summaryOf([opened("a", 1), opened("b", 2)]), "2 files: 3 exchanges");
  assert.equal(
    summaryOf([opened("a", 1), { kind: "failed", name: "b", problem: "no capture" }]),
    "1 of 2 files: 1 exchange",
  );
  assert.equal(
    summaryOf([opened("a", 1), { kind: "cancelled", name: "b" }]),
    "Cancelled: what had been read of b stays in the table",
  );
});

Deno.test("problems name their file where there are several, and once where the program names it already", () => {
  assert.deepEqual(problemsOf([opened("a", 1, "line 2: no JSON")]), ["line 2: no JSON"]);
  assert.deepEqual(problemsOf([opened("a", 1, "line 2: no JSON"), opened("b", 1)]), ["a: line 2: no JSON"]);
  assert.deepEqual(problemsOf([{ kind: "failed", name: "x.png", problem: "a picture" }]), [
    "Cannot open x.png: a picture",
  ]);
  assert.deepEqual(problemsOf([{ kind: "failed", name: "x.png", problem: "cannot read x.png" }]), [
    "cannot read x.png",
  ]);
  assert.deepEqual(problemsOf([{ kind: "cancelled", name: "b" }]), []);
});

Deno.test("how far a file is, is said in whole percents, and at its end that it is being stored", () => {
  assert.deepEqual(progressOf(0, 2048), { detail: "0 % of 2.0 KiB", share: 0 });
  assert.deepEqual(progressOf(2047, 2048), { detail: "99 % of 2.0 KiB", share: 2047 / 2048 });
  assert.deepEqual(progressOf(2048, 2048), { detail: "2.0 KiB sent, being stored…" });
  assert.deepEqual(progressOf(0, 0), { detail: "0 B sent, being stored…" });
});
