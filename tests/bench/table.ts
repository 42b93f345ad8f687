/** Aligned tables, and the wanted figures with their verdicts. */

/** One figure that tcpmon must reach. */
export interface Goal {
  /** What is measured, in the words of the table. */
  readonly what: string;
  /** Whether what is found must be at least or at most `wanted`. */
  readonly bound: "at least" | "at most";
  /** The figure to reach. */
  readonly wanted: number;
  /** `NaN` where it could not be measured, such as for a peer that is missing. */
  readonly found: number;
  /** Such as `ms`; empty for a ratio or a count. */
  readonly unit: string;
  /** Decimals to show. */
  readonly digits: number;
}

/** What became of a goal. */
export type Verdict = "met" | "missed" | "not measured";

/** A part of the benchmark, measured. */
export interface Section {
  /** What was measured. */
  readonly title: string;
  /** Headings of the table. */
  readonly columns: readonly string[];
  /** Cells of the table, a list for each line. */
  readonly rows: readonly (readonly string[])[];
  /** What must be reached here. */
  readonly goals: readonly Goal[];
  /** What the reader must know beside the figures, a sentence each. */
  readonly notes: readonly string[];
  /** The single figures of every round, as they go into the JSON file. */
  readonly raw: unknown;
}

/** Whether `goal` is met; compared unrounded. */
export function verdict(goal: Goal): Verdict {
  if (Number.isNaN(goal.found)) return "not measured";
  const met = goal.bound === "at least" ? goal.found >= goal.wanted : goal.found <= goal.wanted;
  return met ? "met" : "missed";
}

/** `value` with `digits` decimals, or `–` for what was not measured. */
export function figure(value: number, digits: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(digits);
}

/**
 * `rows` under `columns`, each column as wide as its widest cell, two spaces between; the first column is aligned
 * left, the others right. A row may be shorter than `columns`.
 */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? "").length)));
  return lines.map((line) =>
    widths.map((width, at) => at === 0 ? (line[at] ?? "").padEnd(width) : (line[at] ?? "").padStart(width))
      .join("  ").trimEnd()
  ).join("\n");
}

/** The goals of all sections as one table: what, wanted, found, verdict. */
export function goalTable(goals: readonly Goal[]): string {
  const show = (goal: Goal, value: number) => {
    const shown = figure(value, goal.digits);
    return goal.unit === "" || Number.isNaN(value) ? shown : `${shown} ${goal.unit}`;
  };
  return table(
    ["goal", "wanted", "found", "verdict"],
    goals.map((goal) => [
      goal.what,
      `${goal.bound === "at least" ? "≥" : "≤"} ${show(goal, goal.wanted)}`,
      show(goal, goal.found),
      verdict(goal),
    ]),
  );
}

/** A section as text: title, table, notes. */
export function sectionText(section: Section): string {
  return [section.title, table(section.columns, section.rows), ...section.notes.map((note) => `(${note})`)]
    .join("\n");
}
