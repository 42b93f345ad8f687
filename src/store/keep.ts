/** How much of a history is kept: a count of records, a size, an age, or several of them. */

/** What is kept. Whatever is exceeded first, the oldest records go. */
export interface Keep {
  /** How many records. Whole blocks go, so up to 128 more are there at times. */
  readonly count?: number;
  /** How large the file may become, in bytes, without what is on its way into it. */
  readonly bytes?: number;
  /** How old records may become, in ms. */
  readonly ageMs?: number;
}

const BYTES = new Map([["k", 2 ** 10], ["m", 2 ** 20], ["g", 2 ** 30], ["t", 2 ** 40]]);
const MS = new Map([["s", 1000], ["min", 60_000], ["h", 3_600_000], ["d", 86_400_000]]);

/** Less than this is taken for a slip: an empty history has some dozen kB itself. */
const LEAST_BYTES = 1024 * 1024;

/**
 * Reads one value of `--keep`: `10000` records, `1G` (of 1024), `24h`. `M` is a size; minutes are `min`.
 *
 * @throws {Error} What was found and what was wanted, where it is none of them.
 */
export function parseKeep(text: string): Keep {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,3})?)([a-z]*)$/i.exec(text) ?? [];
  const number = Number(digits);
  const suffix = unit?.toLowerCase();
  if (number > 0 && suffix !== undefined) {
    if (suffix === "" && Number.isInteger(number)) return { count: number };
    const bytes = BYTES.get(suffix.replace(/i?b$/, ""));
    if (bytes !== undefined && number * bytes >= LEAST_BYTES) return { bytes: Math.round(number * bytes) };
    const ms = MS.get(suffix);
    if (ms !== undefined) return { ageMs: Math.round(number * ms) };
  }
  throw new Error(
    `found ${JSON.stringify(text)}, wanted a number of records such as 10000, a size of 1M or more such ` +
      "as 1G, or an age such as 24h",
  );
}

/**
 * Reads all of `--keep`: values joined by commas, of which the last of a kind counts.
 *
 * @throws {Error} as {@link parseKeep}.
 */
export function parseKeeps(text: string): Keep {
  let keep: Keep = {};
  for (const part of text.split(",")) keep = { ...keep, ...parseKeep(part.trim()) };
  return keep;
}
