/** What came of files that were opened, in words. */
import type { OpenedView } from "../../api.ts";
import { numberText, sizeText } from "../exchange/units.ts";
import { counted } from "../table/words.ts";

/** What came of a file. */
export type FileOutcome =
  | { readonly kind: "opened"; readonly name: string; readonly view: OpenedView }
  /** It was refused, or could not be read; `problem`: why, one line. */
  | { readonly kind: "failed"; readonly name: string; readonly problem: string }
  | { readonly kind: "cancelled"; readonly name: string };

/** How far a file is, of which so many bytes were sent; `share` from 0 to 1, where it is not all of it. */
export function progressOf(
  sentBytes: number,
  size: number,
): { readonly detail: string; readonly share?: number } {
  if (sentBytes >= size) return { detail: `${sizeText(size)} sent, being stored…` };
  const share = sentBytes / size;
  return { detail: `${numberText(Math.floor(share * 100))} % of ${sizeText(size)}`, share };
}

/** What came of files, as a line, for example `f.har: 123 exchanges`. At least one file is there. */
export function summaryOf(outcomes: readonly FileOutcome[]): string {
  const opened = outcomes.flatMap((outcome) => outcome.kind === "opened" ? [outcome.view] : []);
  const rows = opened.reduce((sum, view) => sum + view.rows, 0);
  const cancelled = outcomes.find(({ kind }) => kind === "cancelled");
  if (cancelled !== undefined) {
    return `Cancelled: what had been read of ${cancelled.name} stays in the table`;
  }
  const isOne = outcomes.length === 1;
  const found = rows === 0 ? `no exchanges in ${isOne ? "it" : "them"}` : counted(rows, "exchange");
  if (isOne) return `${outcomes[0].name}: ${found}`;
  const files = opened.length === outcomes.length
    ? counted(outcomes.length, "file")
    : `${numberText(opened.length)} of ${counted(outcomes.length, "file")}`;
  return `${files}: ${found}`;
}

/** What went wrong with files, a line each; of several files each line names its own. */
export function problemsOf(outcomes: readonly FileOutcome[]): readonly string[] {
  return outcomes.flatMap((outcome) => {
    switch (outcome.kind) {
      case "opened":
        return outcome.view.problems.map((problem) =>
          outcomes.length === 1 ? problem : `${outcome.name}: ${problem}`
        );
      case "failed":
        return outcome.problem.includes(outcome.name)
          ? [outcome.problem]
          : [`Cannot open ${outcome.name}: ${outcome.problem}`];
      case "cancelled":
        return [];
    }
  });
}
