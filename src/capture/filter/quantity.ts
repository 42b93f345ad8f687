/** Numbers of the filter language, with their units: reading and writing `404`, `5xx`, `64k`, `1.5s`, `2026-11-20`. */
import type { Unit } from "./keys.ts";

/** What a number as written stands for: mostly one number; `5xx`, or a day, is all from first to last. */
export interface Interval {
  /** The first number, in base units. */
  readonly from: number;
  /** The last number, itself included. */
  readonly to: number;
}

/** Bytes in each unit of size. Multiples are binary, as in the options of the program. */
const SIZES = new Map([["", 1], ["b", 1], ["k", 2 ** 10], ["m", 2 ** 20], ["g", 2 ** 30], ["t", 2 ** 40]]);

/** Ms in each unit of time. */
const DURATIONS = new Map([
  ["", 1],
  ["us", 0.001],
  ["µs", 0.001],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** The last ms that is written with four digits of year. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What is wanted where a number of that unit is, in words. */
export const WANTED: { readonly [unit in Unit]: string } = {
  count: "a whole number",
  status: "a status code such as 404, or a class such as 5xx",
  bytes: "a size such as 500, 64k, 1M or 1G",
  ms: "a duration such as 150ms, 2s or 1m",
  time: "a time such as 2026-11-20 or 2026-11-20T10:31:06Z",
};

/**
 * Reads a number.
 *
 * @param source The number as written, without an operator.
 * @param unit What it counts.
 * @param defaultSuffix Suffix to read it with where it has none of its own.
 * @returns What it stands for in base units, or `undefined` where it is not such a number, or one too large.
 */
export function readQuantity(source: string, unit: Unit, defaultSuffix = ""): Interval | undefined {
  switch (unit) {
    case "count":
      return /^\d+$/.test(source) ? single(Number(source)) : undefined;
    case "status":
      return readStatus(source.toLowerCase());
    case "bytes": {
      const number = scaled(source, defaultSuffix, SIZES);
      return number === undefined ? undefined : single(Math.round(number));
    }
    case "ms": {
      const number = scaled(source, defaultSuffix, DURATIONS);
      return number === undefined ? undefined : single(toMicroseconds(number));
    }
    case "time":
      return readTime(source.toUpperCase());
  }
}

/** Ms rounded to µs, as the log writes them: a filter gives the same answer on records and on their log. */
export function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The suffix of a number with a unit: its letters, possibly none. */
export function suffixOf(source: string): string {
  return source.replace(/^[\d.]+/, "");
}

/** Writes a number so that {@link readQuantity} gives it back. */
export function writeQuantity(number: number, unit: Unit): string {
  switch (unit) {
    case "count":
    case "status":
      return String(number);
    case "bytes":
      for (const [suffix, scale] of [["G", 2 ** 30], ["M", 2 ** 20], ["k", 2 ** 10]] as const) {
        if (number > 0 && number % scale === 0) return number / scale + suffix;
      }
      return `${number}B`;
    case "ms":
      for (const [suffix, scale] of [["h", 3_600_000], ["m", 60_000], ["s", 1000]] as const) {
        if (number > 0 && number % scale === 0) return number / scale + suffix;
      }
      return `${number}ms`;
    case "time":
      return new Date(number).toISOString();
  }
}

/** Writes from–to as a class (`5xx`) where it is one. */
export function writeStatusClass(from: number, to: number): string | undefined {
  const first = String(from).padStart(3, "0");
  if (from % 100 === 0 && to === from + 99) return `${first[0]}xx`;
  return from % 10 === 0 && to === from + 9 ? `${first.slice(0, 2)}x` : undefined;
}

/** `404`, `40x`, `5xx`. */
function readStatus(source: string): Interval | undefined {
  if (!/^\d{1,3}$|^\d\dx$|^\dxx$/.test(source)) return undefined;
  return { from: Number(source.replaceAll("x", "0")), to: Number(source.replaceAll("x", "9")) };
}

/** A decimal number times its unit. */
function scaled(
  source: string,
  defaultSuffix: string,
  units: ReadonlyMap<string, number>,
): number | undefined {
  const [, digits, written] = /^(\d+(?:\.\d+)?)(\p{L}*)$/u.exec(source) ?? [];
  if (digits === undefined) return undefined;
  let suffix = (written || defaultSuffix).toLowerCase().replace("μ", "µ");
  if (units === SIZES) suffix = suffix.replace(/(?<=[kmgt])i?b$/, "");
  const scale = units.get(suffix);
  const number = scale === undefined ? NaN : Number(digits) * scale;
  return number <= Number.MAX_SAFE_INTEGER ? number : undefined;
}

/** An RFC 3339 date, or a date with a time; where seconds, minutes or the time are left out, all of that span. Years 1970 to 9999. */
function readTime(source: string): Interval | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(
    source,
  );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const seconds = `${second ?? "00"}.${(fraction ?? "").padEnd(3, "0").slice(0, 3)}`;
  const from = Date.parse(
    `${year}-${month}-${day}T${hour ?? "00"}:${minute ?? "00"}:${seconds}${offset ?? "Z"}`,
  );
  if (Number.isNaN(from) || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  let span = 86_400_000;
  if (fraction !== undefined) span = 1;
  else if (second !== undefined) span = 1000;
  else if (minute !== undefined) span = 60_000;
  const to = from + span - 1;
  return from >= 0 && to <= LAST_MS ? { from, to } : undefined;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function single(number: number): Interval | undefined {
  return number <= Number.MAX_SAFE_INTEGER ? { from: number, to: number } : undefined;
}
