/**
 * Sorts positions by numbers, stably: a radix sort of two bytes at a time, from the least to the greatest (LSD), in
 * steps between which others may work.
 */

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/**
 * Sorts.
 *
 * @param values Whole numbers from 0 to 2^53 - 1; NaN: there is none, which comes last either way.
 * @param isFalling Whether larger ones come first. Equal ones stay in their order either way.
 * @returns Positions in `values`, in order.
 */
export function* sortedPositions(values: Float64Array, isFalling: boolean): Generator<void, Int32Array> {
  let greatest = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count++;
    if (value > greatest) greatest = value;
  }
  const all = new Int32Array(values.length);
  for (let i = 0, next = 0, absent = count; i < values.length; i++) {
    all[Number.isNaN(values[i]) ? absent++ : next++] = i;
  }
  let from = all.subarray(0, count);
  let to = new Int32Array(count);
  const flip = isFalling ? DIGITS - 1 : 0;
  const starts = new Int32Array(DIGITS);
  for (let unit = 1; unit <= greatest; unit *= DIGITS) {
    yield;
    starts.fill(0);
    for (let i = 0; i < count; i++) starts[digitOf(values[from[i]], unit) ^ flip]++;
    for (let digit = 0, sum = 0; digit < DIGITS; digit++) {
      const size = starts[digit];
      starts[digit] = sum;
      sum += size;
    }
    yield;
    for (let i = 0; i < count; i++) to[starts[digitOf(values[from[i]], unit) ^ flip]++] = from[i];
    [from, to] = [to, from];
  }
  all.set(from);
  return all;
}

/** Two bytes of a number, as far as 53 bits go. */
function digitOf(value: number, unit: number): number {
  return Math.floor(value / unit) % DIGITS;
}
