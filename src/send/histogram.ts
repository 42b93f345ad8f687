/**
 * Durations counted in buckets, so that ten million take no more memory than ten (after HdrHistogram: each power of two
 * is divided evenly, so that a percentile is off by less than one in 128).
 */

/** Buckets of each power of two, as a power of two. */
const SUB_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Powers of two of µs that are told apart; past the last, 2^40 µs, it is twelve days. */
const MAX_EXPONENT = 40;
const US_PER_MS = 1_000;

/** How durations are distributed, ms. */
export interface Distribution {
  /** The shortest. */
  readonly min: number;
  /** The arithmetic mean. */
  readonly mean: number;
  /** Half of them took at most so long. */
  readonly p50: number;
  /** 90 in 100. */
  readonly p90: number;
  /** 95 in 100. */
  readonly p95: number;
  /** 99 in 100. */
  readonly p99: number;
  /** The longest. */
  readonly max: number;
}

/** Counts durations. */
export class Histogram {
  readonly #counts = new Float64Array((MAX_EXPONENT - SUB_BITS + 1) * SUB_BUCKETS);
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  /** Adds a duration, ms; a negative one counts as 0. */
  add(ms: number): void {
    const duration = ms > 0 ? ms : 0;
    this.#count++;
    this.#sumMs += duration;
    if (duration < this.#minMs) this.#minMs = duration;
    if (duration > this.#maxMs) this.#maxMs = duration;
    this.#counts[Math.min(this.#counts.length - 1, indexOf(Math.round(duration * US_PER_MS)))]++;
  }

  /** So many of a hundred durations took at most the result, ms; 0 where there are none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil(this.#count * percent / 100));
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index];
      // Never outside of what there really was.
      if (seen >= wanted) return Math.min(this.#maxMs, Math.max(this.#minMs, highestOf(index) / US_PER_MS));
    }
    return this.#maxMs;
  }

  /** All of them in a few figures; `undefined` where there are none. */
  distribution(): Distribution | undefined {
    if (this.#count === 0) return undefined;
    return {
      min: this.#minMs,
      mean: this.#sumMs / this.#count,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p95: this.percentile(95),
      p99: this.percentile(99),
      max: this.#maxMs,
    };
  }
}

/** Up to 2 × SUB_BUCKETS each µs has its bucket; from there on each power of two has SUB_BUCKETS. */
function indexOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  const exponent = Math.floor(Math.log2(us)) - SUB_BITS;
  return (exponent + 1) * SUB_BUCKETS + Math.floor(us / 2 ** exponent) - SUB_BUCKETS;
}

/** The longest duration of a bucket, µs. */
function highestOf(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const exponent = Math.floor(index / SUB_BUCKETS) - 1;
  return (index % SUB_BUCKETS + SUB_BUCKETS + 1) * 2 ** exponent - 1;
}
