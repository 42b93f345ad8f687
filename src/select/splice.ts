/** Several parts of a text replaced at once. */

/** A part of a text, in UTF-16 code units, and what comes in its place. */
export interface Replacement {
  /** Where the part begins. */
  readonly from: number;
  /** Where it ends; equal to `from` where something is put in. */
  readonly to: number;
  /** What comes in its place. */
  readonly text: string;
}

/** Replaces the parts; of those that lie one within the other only the outer one. `count` says how many. */
export function splice(text: string, parts: readonly Replacement[]): { text: string; count: number } {
  const pieces: string[] = [];
  let at = 0;
  let count = 0;
  for (const part of parts.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    if (count > 0 && part.from < at) continue;
    pieces.push(text.slice(at, part.from), part.text);
    at = part.to;
    count++;
  }
  pieces.push(text.slice(at));
  return { text: pieces.join(""), count };
}
