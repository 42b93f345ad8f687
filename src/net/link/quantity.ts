/** Numbers with units as a link's options write them. Each reader gives `undefined` for what it cannot read. */

/** What to write for a rate. */
export const WANTED_RATE =
  "a rate such as 1600kbit, 1mbit or 200kB (bit: bits, B: bytes, a second, k is 1000)";
/** What to write for a size. */
export const WANTED_SIZE = "a size of at least 1 byte such as 1000 or 64k";
/** What to write for a duration. */
export const WANTED_DURATION = "a duration of at most 1h with its unit, such as 150ms or 2s";

const SIZE_UNITS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const RATE_UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };
const BITS_PER_BYTE = 8;
/** Less than a byte a second is no link; more than this no machine carries. */
const LEAST_BITS_PER_SECOND = 8;
const MOST_BITS_PER_SECOND = 1e12;
const MOST_MS = 3_600_000;

/** Bytes: `1000`, `64k`, `1M`; units are powers of 1024, as in every option of the program. */
export function readSize(text: string): number | undefined {
  const match = /^([0-9]{1,16})(?:([kmg])(?:i?b)?)?$/i.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * SIZE_UNITS[(match[2] ?? "").toLowerCase()];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Ms, with fraction: `150ms`, `2s`, `500us`; only 0 may stand without a unit. */
export function readDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const match = /^([0-9]{1,12}(?:\.[0-9]{1,9})?)(us|ms|s|m|h)$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * DURATION_UNITS_MS[match[2]];
  return ms <= MOST_MS ? ms : undefined;
}

/**
 * Bits a second: `1600kbit`, `1mbit`, `200kB`, also with `/s`. Prefixes are powers of 1000, as usual for rates. `kbps` and
 * `kb` are not read: to some they are bits, to others (`tc` among them) bytes.
 */
export function readRate(text: string): number | undefined {
  const match = /^([0-9]{1,12}(?:\.[0-9]{1,9})?)([kmgKMG]?)(bit|B)(?:\/s)?$/.exec(text);
  if (match === null) return undefined;
  const bits = Number(match[1]) * RATE_UNITS[match[2].toLowerCase()] * (match[3] === "B" ? BITS_PER_BYTE : 1);
  return bits >= LEAST_BITS_PER_SECOND && bits <= MOST_BITS_PER_SECOND ? bits : undefined;
}

/** Percent: `10%`, `0.5%`; more than 0, at most 100. */
export function readPercent(text: string): number | undefined {
  const match = /^([0-9]{1,3}(?:\.[0-9]{1,9})?)%$/.exec(text);
  const percent = match === null ? 0 : Number(match[1]);
  return percent > 0 && percent <= 100 ? percent : undefined;
}
