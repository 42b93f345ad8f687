/**
 * Which elements of two sequences belong together: equal ones by the longest common subsequence (jsdiff's, after Myers),
 * equal ones elsewhere as moved, and what is left side by side.
 */
import { diffArrays } from "diff";

/** A pair, or what has no counterpart; numbers are indexes. */
export type Aligned =
  | { readonly kind: "pair"; readonly before: number; readonly after: number }
  | { readonly kind: "moved"; readonly before: number; readonly after: number }
  | { readonly kind: "removed"; readonly before: number }
  | { readonly kind: "added"; readonly after: number };

/** Up to how many insertions and deletions the best alignment is sought; it costs their square: some 20 ms. */
const MAX_EDITS = 500;

/** A part of both sequences that is not the same. */
interface Hunk {
  readonly before: readonly [from: number, to: number];
  readonly after: readonly [from: number, to: number];
}

/**
 * Aligns two sequences. Equal pairs that stay in order are left out.
 *
 * @param before What each element is; equal ones are the same.
 * @param after The other sequence.
 * @param groups What each element of both has to have in common to be paired. Absent: any two may be.
 * @returns What is not the same, in the order of `before`; what was added stands where it was put in.
 */
export function align<T>(
  before: readonly T[],
  after: readonly T[],
  groups?: { readonly before: readonly string[]; readonly after: readonly string[] },
): Aligned[] {
  const hunks = hunksOf(before, after);
  const moves = movesOf(hunks, before, after);
  const moved = new Set(moves.values());
  const aligned: Aligned[] = [];
  for (const hunk of hunks) {
    const free = freeOf(hunk.after, moved, groups?.after);
    const taken = new Set<number>();
    for (let i = hunk.before[0]; i < hunk.before[1]; i++) {
      const to = moves.get(i);
      if (to !== undefined) {
        aligned.push({ kind: "moved", before: i, after: to });
        continue;
      }
      const queue = free.get(groups?.before[i] ?? "");
      const partner = queue?.indexes[queue.next++];
      if (partner === undefined) aligned.push({ kind: "removed", before: i });
      else {
        taken.add(partner);
        aligned.push({ kind: "pair", before: i, after: partner });
      }
    }
    for (let j = hunk.after[0]; j < hunk.after[1]; j++) {
      if (!moved.has(j) && !taken.has(j)) aligned.push({ kind: "added", after: j });
    }
  }
  return aligned;
}

interface Queue {
  readonly indexes: number[];
  next: number;
}

/** The elements of a range that have not moved, by group. */
function freeOf(
  [from, to]: readonly [number, number],
  moved: ReadonlySet<number>,
  groups: readonly string[] | undefined,
): Map<string, Queue> {
  const free = new Map<string, Queue>();
  for (let j = from; j < to; j++) {
    if (moved.has(j)) continue;
    const group = groups?.[j] ?? "";
    const queue = free.get(group);
    if (queue === undefined) free.set(group, { indexes: [j], next: 0 });
    else queue.indexes.push(j);
  }
  return free;
}

/** Equal elements in parts that are not the same: from where, to where. */
function movesOf<T>(hunks: readonly Hunk[], before: readonly T[], after: readonly T[]): Map<number, number> {
  const places = new Map<T, number[]>();
  for (const { after: [from, to] } of hunks) {
    for (let j = to - 1; j >= from; j--) {
      const known = places.get(after[j]);
      if (known === undefined) places.set(after[j], [j]);
      else known.push(j);
    }
  }
  const moves = new Map<number, number>();
  for (const { before: [from, to] } of hunks) {
    for (let i = from; i < to; i++) {
      const to = places.get(before[i])?.pop();
      if (to !== undefined) moves.set(i, to);
    }
  }
  return moves;
}

function hunksOf<T>(before: readonly T[], after: readonly T[]): Hunk[] {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
    tail++;
  }
  const middle: Hunk = { before: [start, before.length - tail], after: [start, after.length - tail] };
  if (start === before.length - tail && start === after.length - tail) return [];
  if (start === before.length - tail || start === after.length - tail) return [middle];
  const changes = diffArrays(before.slice(...middle.before), after.slice(...middle.after), {
    maxEditLength: MAX_EDITS,
  });
  if (changes === undefined) return [middle];
  const hunks: Hunk[] = [];
  let i = start;
  let j = start;
  let from: readonly [number, number] = [i, j];
  for (const { added, removed, count } of changes) {
    if (removed) i += count;
    else if (added) j += count;
    else {
      if (i > from[0] || j > from[1]) hunks.push({ before: [from[0], i], after: [from[1], j] });
      i += count;
      j += count;
      from = [i, j];
    }
  }
  if (i > from[0] || j > from[1]) hunks.push({ before: [from[0], i], after: [from[1], j] });
  return hunks;
}
