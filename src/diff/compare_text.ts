/** Bodies compared line by line, and byte by byte. */
import { Buffer } from "node:buffer";
import { align } from "./align.ts";
import type { DifferenceList } from "./difference.ts";
import { type DiffRules, masked } from "./rules.ts";

/** How many bytes are shown from where two bodies begin to differ. */
const SHOWN_BYTES = 16;

/** Compares two texts line by line; a line is told by its number in the text before, one that was added in the one after. */
export function compareText(before: string, after: string, rules: DiffRules, list: DifferenceList): void {
  const lines = [before.split("\n"), after.split("\n")];
  const [was, is] = rules.patterns.length === 0
    ? lines
    : lines.map((texts) => texts.map((text) => masked(text, rules.patterns)));
  for (const found of align(was, is)) {
    if (list.isFull) return;
    if (found.kind === "added") list.added("body", lineName(found.after), lines[1][found.after]);
    else if (found.kind === "removed") list.removed("body", lineName(found.before), lines[0][found.before]);
    else if (found.kind === "pair") {
      list.changed("body", lineName(found.before), lines[0][found.before], lines[1][found.after]);
    } else {
      const path = lineName(found.before);
      list.add({ where: "body", path, kind: "moved", before: path, after: lineName(found.after) });
    }
  }
}

function lineName(index: number): string {
  return `line ${index + 1}`;
}

/**
 * Tells where two bodies begin to differ, their sizes, and what stands there, in hex.
 *
 * @param note Why they are not compared otherwise, where that is not plain.
 */
export function compareBytes(before: Uint8Array, after: Uint8Array, list: DifferenceList, note = ""): void {
  const at = firstDifference(before, after);
  if (at < 0) return;
  const shown = (bytes: Uint8Array) => {
    const hex = Buffer.from(bytes.subarray(at, at + SHOWN_BYTES)).toString("hex").replace(/..(?!$)/g, "$& ");
    return `${bytes.length} bytes${hex === "" ? ", ends here" : `, ${hex}`}${
      note === "" ? "" : ` (${note})`
    }`;
  };
  list.add({
    where: "body",
    path: `byte ${at}`,
    kind: "changed",
    before: shown(before),
    after: shown(after),
  });
}

/** Where two byte arrays begin to differ, or -1 where they are equal. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (isSame(a, b)) return -1;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  return at;
}

/** Whether two byte arrays are equal. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  // The runtime's comparison is twenty times as fast as a loop, where it has one.
  return a === b || a.length === b.length && Buffer.compare(a, b) === 0;
}
