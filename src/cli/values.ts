/** Values of options from text: sizes, durations, numbers, choices, with what was wanted where they cannot be read. */
import { quoted } from "../net/address.ts";
import type { Option, OptionName, OptionValues } from "./option.ts";
import { UsageError } from "./usage_error.ts";

/** Value of any option; `undefined` where it was switched off. */
export type OptionValue = OptionValues[OptionName];

/** A value and where it came from, as messages name it: `--max-body`, `TCPMON_MAX_BODY`, `max-body at FILE:3:15`. */
export interface Given {
  /** The value, in bytes or ms where it has a unit. */
  readonly value: OptionValue;
  /** Where it came from. */
  readonly origin: string;
}

/** The options that one source (arguments, environment or file) gives. */
export type GivenOptions = ReadonlyMap<OptionName, Given>;

const SIZE_UNITS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Words for on and off where a flag stands in the environment. */
const FLAG_WORDS: Readonly<Record<string, boolean>> = {
  "1": true,
  true: true,
  yes: true,
  on: true,
  "0": false,
  false: false,
  no: false,
  off: false,
};

/**
 * Reads a size in bytes: `65536`, `64k`, `1M`, `1G`, also `64kB` and `64KiB`; units are powers of 1024.
 *
 * @returns The size, or `undefined` where it cannot be read.
 */
export function parseSize(text: string): number | undefined {
  const match = /^([0-9]{1,16})(?:([kmg])(?:i?b)?)?$/i.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * SIZE_UNITS[(match[2] ?? "").toLowerCase()];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/**
 * Reads a duration in ms: `150ms`, `2s`, `1.5s`, `1m`, `1h`. Only `0` may stand without a unit; parts of a ms are
 * rounded, never to 0.
 *
 * @returns The duration, or `undefined` where it cannot be read.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const match = /^([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|s|m|h)$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * DURATION_UNITS_MS[match[2]];
  return ms > 0 ? Math.max(1, Math.round(ms)) : 0;
}

/** Reads a flag of the environment: 1, true, yes, on, or 0, false, no, off. */
export function parseFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return Object.hasOwn(FLAG_WORDS, word) ? FLAG_WORDS[word] : undefined;
}

/**
 * Reads the value of an option.
 *
 * @param option The option.
 * @param text Its value as written.
 * @param origin What messages call it, for example `--max-body`.
 * @throws {UsageError} where it cannot be read.
 */
export function readValue(option: Option, text: string, origin: string): OptionValue {
  switch (option.kind) {
    case "flag":
      return parseFlag(text) ?? refuse(origin, text, "1 or 0, true or false");
    case "optional-text":
      return text;
    case "list":
      return [text];
    case "text":
    case "file":
    case "folder":
      return text !== ""
        ? text
        : refuse(origin, text, option.kind === "text" ? "some text" : `the name of a ${option.kind}`);
    case "choice":
      return (option.choices as readonly string[]).includes(text)
        ? text as OptionValue
        : refuse(origin, text, `one of ${option.choices.join(", ")}`);
    case "integer":
      return inRange(option, /^[0-9]{1,16}$/.test(text) ? Number(text) : undefined) ??
        refuse(origin, text, `a number ${range(option)}`);
    case "size":
      return inRange(option, parseSize(text)) ??
        refuse(origin, text, `a size ${range(option)}such as 64k, 1M or 1048576`);
    case "duration": {
      const unit = /^[0-9]+$/.test(text) ? "with its unit, " : "";
      return inRange(option, parseDuration(text)) ??
        refuse(origin, text, `a duration ${unit}${range(option)}such as 150ms, 2s or 1m`);
    }
  }
}

/** The limits of a number. */
interface Limits {
  readonly kind: string;
  readonly least?: number;
  readonly most?: number;
}

function inRange(limits: Limits, value: number | undefined): number | undefined {
  if (value === undefined || value < (limits.least ?? 0)) return undefined;
  return value <= (limits.most ?? Number.MAX_SAFE_INTEGER) ? value : undefined;
}

function range({ kind, least, most }: Limits): string {
  if (kind === "duration") {
    const longest = most === undefined ? "" : `of at most ${Math.floor(most / 3_600_000)}h, `;
    return least === undefined ? longest : `of at least ${least}ms, ${longest}`;
  }
  if (kind === "size") return least === undefined ? "" : `of at least ${least} bytes, `;
  return most === undefined ? `of at least ${least ?? 0}` : `from ${least ?? 0} to ${most}`;
}

function refuse(origin: string, text: string, wanted: string): never {
  throw new UsageError(`cannot read ${origin}: found ${quoted(text)}, wanted ${wanted}`);
}
