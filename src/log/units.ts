/**
 * Sizes, durations and times of day as people read them: `31 B`, `4.2 KiB`, `2.0 ms`, `1.25 s`, `10:31:06.123`.
 * JSON lines have the exact figures.
 */
import type { ByteWriter } from "./byte_writer.ts";

const DOT = 46;
const COLON = 58;
const ZERO = 48;
const UNITS = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/** The local time at a moment: minutes to add to UTC. */
export type ZoneOffset = (at: number) => number;

/** The time zone of the machine. */
export function localZoneOffset(at: number): number {
  return -new Date(at).getTimezoneOffset();
}

/** Appends a size as {@link sizeText} has it. */
export function writeSize(bytes: number, out: ByteWriter): void {
  if (bytes >= 1024) return out.text(sizeText(bytes));
  out.integer(bytes);
  out.byte(32);
  out.byte(66);
}

/** A size: bytes below 1 KiB, else one decimal of the unit (1024 each) that leaves it below 1024. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  // 1023.95 would be rounded to 1024.0.
  for (; value >= 1023.95 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** Appends a duration given in ms: two decimals below 1 ms, one below 1 s, then seconds with two. */
export function writeDuration(ms: number, out: ByteWriter): void {
  if (!(ms > 0)) ms = 0;
  if (ms < 0.995) writeDecimals(Math.round(ms * 100), 2, out);
  else if (ms < 999.95) writeDecimals(Math.round(ms * 10), 1, out);
  else {
    writeDecimals(Math.round(ms / 10), 2, out);
    out.byte(32);
    out.byte(115);
    return;
  }
  out.byte(32);
  out.byte(109);
  out.byte(115);
}

/** Appends a whole number of tenths or hundredths as a decimal fraction. */
function writeDecimals(scaled: number, decimals: 1 | 2, out: ByteWriter): void {
  const divisor = decimals === 1 ? 10 : 100;
  const whole = Math.floor(scaled / divisor);
  const rest = scaled - whole * divisor;
  out.integer(whole);
  out.byte(DOT);
  if (decimals === 2 && rest < 10) out.byte(ZERO);
  out.integer(rest);
}

/** Writes times of day with ms. What it wrote for a second it copies for the others of that second. */
export class TimeOfDay {
  readonly #zoneOffset: ZoneOffset;
  readonly #digits = new Uint8Array(9);
  #second = NaN;

  /**
   * Makes a clock face for one zone.
   *
   * @param zoneOffset Local time at a moment, in minutes from UTC.
   */
  constructor(zoneOffset: ZoneOffset) {
    this.#zoneOffset = zoneOffset;
  }

  /**
   * Appends `hh:mm:ss.mmm`.
   *
   * @param at ms since the epoch.
   * @param out What to append to.
   */
  write(at: number, out: ByteWriter): void {
    const whole = Math.floor(at);
    const second = Math.floor(whole / 1000);
    if (second !== this.#second) this.#remember(second);
    const ms = whole - second * 1000;
    const buffer = out.reserve(12);
    const digits = this.#digits;
    let length = out.length;
    for (let i = 0; i < 9; i++) buffer[length++] = digits[i];
    buffer[length++] = ZERO + ((ms / 100) | 0);
    buffer[length++] = ZERO + (((ms / 10) | 0) % 10);
    buffer[length++] = ZERO + ms % 10;
    out.advance(12);
  }

  #remember(second: number): void {
    this.#second = second;
    const ofDay = (((second + this.#zoneOffset(second * 1000) * 60) % 86400) + 86400) % 86400;
    const parts = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60];
    for (let i = 0; i < 3; i++) {
      this.#digits[i * 3] = ZERO + Math.floor(parts[i] / 10);
      this.#digits[i * 3 + 1] = ZERO + parts[i] % 10;
      this.#digits[i * 3 + 2] = i < 2 ? COLON : DOT;
    }
  }
}
