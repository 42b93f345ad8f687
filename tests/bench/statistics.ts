/** The few statistics the benchmark uses: medians, and ratios taken round by round. */

/**
 * The median of `values`: the middle one, or the mean of the two in the middle. `NaN` for none.
 * A median rather than a mean, since what disturbs a run on a shared machine is seldom and large.
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median over the rounds of `combine(a, b)`, `a` and `b` being measured in the same round. `NaN` for none. */
function pairedMedian(
  a: readonly number[],
  b: readonly number[],
  combine: (a: number, b: number) => number,
): number {
  const rounds = Math.min(a.length, b.length);
  return median(Array.from({ length: rounds }, (_, round) => combine(a[round], b[round])));
}

/**
 * The median over the rounds of `a[round] / b[round]`: what slows a whole round down (another job on the machine)
 * slows both sides of its ratio down.
 */
export function ratioByRound(a: readonly number[], b: readonly number[]): number {
  return pairedMedian(a, b, (x, y) => x / y);
}

/** The median over the rounds of `a[round] - b[round]`. */
export function differenceByRound(a: readonly number[], b: readonly number[]): number {
  return pairedMedian(a, b, (x, y) => x - y);
}

/** `items` starting at `by`, wrapped around: each round starts with another contender, so that no place is favoured. */
export function rotated<T>(items: readonly T[], by: number): readonly T[] {
  if (items.length === 0) return items;
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
