/**
 * "Did you mean": the known word nearest to one that is not known, by optimal string alignment distance (Damerau 1964:
 * insertions, deletions, substitutions and swapped neighbours).
 */

/** Longest word that is compared: no known word comes near this, and the work stays small. */
const MAX_WORD_LENGTH = 40;

/**
 * The candidate nearest to `word`, or `undefined` where none is near: at most a third of the letters may differ, at
 * least one. A word that begins a single candidate counts as near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  if (wanted === "" || wanted.length > MAX_WORD_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best !== undefined) return best;
  const longer = wanted.length < 3 ? [] : candidates.filter((candidate) => candidate.startsWith(wanted));
  return longer.length === 1 ? longer[0] : undefined;
}

/** A question that names the nearest candidate, to append to a message, or the empty string. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ""): string {
  const found = nearest(word, candidates);
  return found === undefined ? "" : `; did you mean ${prefix}${found}?`;
}

/** How many insertions, deletions, substitutions and swaps of neighbours lead from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let distance = Math.min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        distance = Math.min(distance, beforeLast[column - 2] + 1);
      }
      current.push(distance);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length];
}
