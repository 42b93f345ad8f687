/**
 * From the options of a link to its rules.
 *
 * Every value is a comma list of `[up:|down:]VALUE`; without a direction it holds for both. `up` is from client to target.
 * A preset gives rate and latency; `rate` and `latency` beside it replace its figures.
 */
import type { Direction } from "../../capture/record.ts";
import { parseFault } from "./fault_spec.ts";
import { PRESETS } from "./presets.ts";
import { readDuration, readRate, readSize, WANTED_DURATION, WANTED_RATE, WANTED_SIZE } from "./quantity.ts";
import {
  type ByteFaultRule,
  type DirectionRules,
  type DropRule,
  type FaultRule,
  type LinkRules,
  NO_LINK,
  type PaceFaultRule,
} from "./rules.ts";
import { LinkSpecError } from "./spec_error.ts";

export { formatRules, isPlain, type LinkRules, NO_LINK } from "./rules.ts";
export { LinkSpecError } from "./spec_error.ts";

/** The options of a link as they were written. */
export interface LinkTexts {
  /** TCPMon's pair: bytes, for example `1000`; 0 for off. Needs `delay`. */
  bytesPerPause?: string;
  /** TCPMon's pair: how long each pause lasts, for example `100ms`, or `100`, which is ms; 0 for off. */
  delay?: string;
  /** `N` or `N/EVERY`: bytes that vanish. */
  dropBytes?: string;
  /** For example `1600kbit`, `200kB`. */
  rate?: string;
  /** One way, for example `150ms`. */
  latency?: string;
  /** For example `20ms`. */
  jitter?: string;
  /** Name of a preset. */
  link?: string;
  /** Faults, `NAME[=VALUE][@PLACE]`. */
  fault?: string;
  /** Seed of all decisions, a whole number from 0; absent: one is drawn. */
  seed?: number;
}

type TextOption = Exclude<keyof LinkTexts, "seed">;
type PerDirection<T> = { readonly [direction in Direction]?: T };

/** How rules name an option in words; nothing where the value speaks for itself. */
const LABELS: Readonly<Record<TextOption, string>> = {
  link: "",
  bytesPerPause: "bytes-per-pause ",
  delay: "delay ",
  rate: "rate ",
  latency: "latency ",
  jitter: "jitter ",
  dropBytes: "drop-bytes ",
  fault: "",
};

/**
 * Reads the options of a link.
 *
 * @param texts The options, those that were given.
 * @param drawSeed Gives the seed where none is given: a whole number from 0.
 * @throws {LinkSpecError} where one cannot be read, or the two of TCPMon's pair are not given together.
 */
export function parseLink(texts: LinkTexts, drawSeed: () => number = randomSeed): LinkRules {
  const preset = readEach("link", texts.link, readPreset);
  const pauseBytes = readEach("bytesPerPause", texts.bytesPerPause, (text) => readSize(text));
  const delay = readEach("delay", texts.delay, readDelay);
  const rate = readEach("rate", texts.rate, readRate);
  const latency = readEach("latency", texts.latency, readDuration);
  const jitter = readEach("jitter", texts.jitter, readDuration);
  const drop = readEach("dropBytes", texts.dropBytes, readDrop);
  const faults = readFaults(texts.fault);
  checkPair(texts);
  const seed = readSeed(texts.seed) ?? drawSeed();

  const rulesOf = (direction: Direction): DirectionRules => {
    const named = preset[direction];
    const bitsPerSecond = rate[direction] ??
      (direction === "up" ? named?.upBitsPerSecond : named?.downBitsPerSecond);
    const [bytes, delayMs] = [pauseBytes[direction], delay[direction]];
    const dropRule = drop[direction];
    const mine = faults.filter((fault) => fault.direction === "both" || fault.direction === direction);
    return {
      ...(bytes && delayMs ? { pause: { bytes, delayMs } } : {}),
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      latencyMs: latency[direction] ?? (named?.roundTripMs ?? 0) / 2,
      jitterMs: jitter[direction] ?? 0,
      ...(dropRule === undefined ? {} : { drop: dropRule }),
      byteFaults: mine.filter(isByteFault),
      paceFaults: mine.filter(isPaceFault),
    };
  };
  const parts = (Object.keys(LABELS) as TextOption[]).flatMap((option) =>
    itemsOf(texts[option]).map((item) => LABELS[option] + item)
  );
  if (parts.length === 0) return { ...NO_LINK, seed };
  return {
    up: rulesOf("up"),
    down: rulesOf("down"),
    refuse: faults.filter((fault) => fault.kind === "refuse"),
    status: faults.filter((fault) => fault.kind === "status"),
    seed,
    parts,
  };
}

/**
 * What is wrong with the text of one option, taken alone.
 *
 * @returns One line, `found …, wanted …`, or `undefined` where it can be read.
 */
export function linkProblem(option: keyof LinkTexts, text: string): string | undefined {
  try {
    if (option === "seed") readSeed(/^[0-9]{1,16}$/.test(text) ? Number(text) : NaN, text);
    // Each alone of TCPMon's pair is read with a partner that does nothing.
    else if (option === "bytesPerPause") parseLink({ bytesPerPause: text, delay: "0" });
    else if (option === "delay") parseLink({ delay: text, bytesPerPause: "0" });
    else parseLink({ [option]: text });
    return undefined;
  } catch (error) {
    if (error instanceof LinkSpecError) return error.message;
    throw error;
  }
}

const WANTED: Readonly<Record<Exclude<TextOption, "fault">, string>> = {
  link: `one of ${[...PRESETS.keys()].join(", ")}`,
  bytesPerPause: "a size such as 1000 or 4k, 0 for off",
  delay: `${WANTED_DURATION}, 0 for off`,
  rate: WANTED_RATE,
  latency: WANTED_DURATION,
  jitter: WANTED_DURATION,
  dropBytes: `N or N/EVERY, such as 10 or 10/64k, each ${WANTED_SIZE}`,
};

/** Reads the comma list of an option into a value for each direction. */
function readEach<T>(
  option: Exclude<TextOption, "fault">,
  text: string | undefined,
  read: (text: string) => T | undefined,
): PerDirection<T> {
  const values: { [direction in Direction]?: T } = {};
  for (const item of itemsOf(text)) {
    const [direction, rest] = splitDirection(item);
    const value = read(rest);
    if (value === undefined) throw new LinkSpecError(option, item, WANTED[option]);
    for (const each of direction === "both" ? ["up", "down"] as const : [direction]) {
      if (values[each] !== undefined) {
        throw new LinkSpecError(option, text!, `one value for each direction, ${each} has two`);
      }
      values[each] = value;
    }
  }
  return values;
}

function readFaults(text: string | undefined): FaultRule[] {
  const counts = new Map<string, number>();
  const ordinal = (kind: string) => {
    const before = counts.get(kind) ?? 0;
    counts.set(kind, before + 1);
    return before;
  };
  return itemsOf(text).map((item) => {
    const [direction, rest] = splitDirection(item);
    return parseFault(rest, direction, ordinal);
  });
}

function itemsOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(",").map((item) => item.trim());
}

function splitDirection(item: string): [Direction | "both", string] {
  const match = /^(up|down):(.*)$/s.exec(item);
  return match === null ? ["both", item] : [match[1] as Direction, match[2]];
}

function readPreset(text: string) {
  return PRESETS.get(text);
}

/** TCPMon's field has no unit: a bare number is ms there. */
function readDelay(text: string): number | undefined {
  return readDuration(/^[0-9]+$/.test(text) ? `${text}ms` : text);
}

function readDrop(text: string): DropRule | undefined {
  const [bytes, every, ...more] = text.split("/").map(readSize);
  if (!bytes || more.length > 0) return undefined;
  if (!text.includes("/")) return { bytes };
  return every ? { bytes, everyBytes: every } : undefined;
}

/** The two are one option: each direction is slowed for which both are given, and not 0. */
function checkPair(texts: LinkTexts): void {
  if (texts.bytesPerPause !== undefined && texts.delay === undefined) {
    throw new LinkSpecError("bytesPerPause", texts.bytesPerPause, "a delay with it, such as 100ms");
  }
  if (texts.delay !== undefined && texts.bytesPerPause === undefined) {
    throw new LinkSpecError("delay", texts.delay, "bytes per pause with it, such as 1000");
  }
}

function readSeed(seed: number | undefined, text = String(seed)): number | undefined {
  if (seed === undefined || (Number.isSafeInteger(seed) && seed >= 0)) return seed;
  throw new LinkSpecError("seed", text, `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

function isByteFault(fault: FaultRule): fault is ByteFaultRule {
  return !isPaceFault(fault) && fault.kind !== "refuse" && fault.kind !== "status";
}

function isPaceFault(fault: FaultRule): fault is PaceFaultRule {
  return fault.kind === "slow-close" || fault.kind === "slicer";
}
