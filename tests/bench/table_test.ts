import assert from "node:assert/strict";
import { figure, type Goal, goalTable, sectionText, table, verdict } from "./table.ts";

const goal: Goal = { what: "ratio", bound: "at least", wanted: 0.85, found: 0.9, unit: "", digits: 2 };

Deno.test("a goal is met on its bound, missed past it, and not measured where nothing was found", () => {
  assert.equal(verdict({ ...goal, found: 0.85 }), "met");
  assert.equal(verdict({ ...goal, found: 0.8499 }), "missed");
  assert.equal(verdict({ ...goal, bound: "at most", found: 0.85 }), "met");
  assert.equal(verdict({ ...goal, bound: "at most", found: 0.8501 }), "missed");
  assert.equal(verdict({ ...goal, found: NaN }), "not measured");
});

Deno.test("columns are as wide as their widest cell, the first aligned left, the others right", () => {
  assert.equal(
    table(["name", "n"], [["a", "1000"], ["longer", "1"], ["short row"]]),
    "name          n\na          1000\nlonger        1\nshort row",
  );
});

Deno.test("the goals show what was wanted, what was found, and the verdict", () => {
  const missed: Goal = { what: "memory", bound: "at most", wanted: 40, found: 41.26, unit: "MB", digits: 1 };
  const lines = goalTable([goal, missed, { ...goal, what: "peer", found: NaN }]).split("\n");
  assert.deepEqual(lines.map((line) => line.split(/ {2,}/)), [
    ["goal", "wanted", "found", "verdict"],
    ["ratio", "≥ 0.85", "0.90", "met"],
    ["memory", "≤ 40.0 MB", "41.3 MB", "missed"],
    ["peer", "≥ 0.85", "–", "not measured"],
  ]);
});

Deno.test("a section is its title, its table and its notes", () => {
  const section = { title: "T", columns: ["", "n"], rows: [["a", "1"]], goals: [], notes: ["so"], raw: null };
  assert.equal(sectionText(section), "T\n   n\na  1\n(so)");
});

Deno.test("a figure that was not measured is a dash", () => {
  assert.equal(figure(NaN, 1), "–");
  assert.equal(figure(1.26, 1), "1.3");
});
